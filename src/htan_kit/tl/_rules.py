"""The rules that turn positive and negative markers into cell types, read from a CSV."""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Finding, error

if TYPE_CHECKING:
    import os

__all__ = ["UNKNOWN", "Rule", "fold", "read_rules"]

UNKNOWN = "Unknown"
_COLUMNS = ("parent", "phenotype", "positive", "negative")
_SOURCE = Path(__file__).parent / "data" / "phenotypes.csv"


@dataclass(frozen=True, slots=True)
class Rule:
    """One type: what a cell of ``parent`` must and must not express.

    Parameters
    ----------
    parent
        The type the cell must have been given before; ``"Unknown"`` for a rule at the root.
    phenotype
        The type it is given.
    positive
        Markers that must be positive, each as its alternative names: one positive alternative is enough.
    negative
        Markers that must not be positive, each as its alternative names: none of them may be.
    """

    parent: str
    phenotype: str
    positive: tuple[tuple[str, ...], ...]
    negative: tuple[tuple[str, ...], ...]


def read_rules(path: str | os.PathLike[str] = "") -> list[Rule]:
    """Read phenotype rules, in the order in which they are tried.

    Parameters
    ----------
    path
        CSV with the columns ``parent, phenotype, positive, negative``. Markers are separated by ``;`` (all needed),
        the alternative names of one marker by ``|`` (one is enough). ``""`` is the table that comes with the kit.

    Returns
    -------
    The rules.

    Raises
    ------
    InputError
        The file is not such a table; every problem is named with its line.

    Examples
    --------
    >>> from htan_kit.tl import read_rules
    >>> [rule.phenotype for rule in read_rules() if rule.parent == "T cell"]
    ['Cytotoxic T cell', 'Helper T cell']
    """
    source = Path(path) if path else _SOURCE
    try:
        text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError.of("rules.unreadable", source.name, f"The rules cannot be read: {problem}.") from problem
    reader = csv.DictReader(text.splitlines())
    if set(reader.fieldnames or ()) != set(_COLUMNS):
        found = f"The columns must be {', '.join(_COLUMNS)}; found {', '.join(map(str, reader.fieldnames or ()))}."
        raise InputError.of("rules.columns", source.name, found)
    rules: list[Rule] = []
    problems: list[Finding] = []
    known = {UNKNOWN}
    for row in reader:
        place = f"{source.name} line {reader.line_num}"
        cells = {column: (row[column] or "").strip() for column in _COLUMNS}
        if not any(cells.values()):
            continue
        parent = cells["parent"] or UNKNOWN
        rule = Rule(parent, cells["phenotype"], _markers(cells["positive"]), _markers(cells["negative"]))
        if None in row:
            problems.append(error("rules.cells", place, "More cells than columns."))
        if not rule.phenotype or rule.phenotype == UNKNOWN:
            problems.append(error("rules.phenotype", place, f"A rule needs a phenotype other than {UNKNOWN!r}."))
        if parent not in known:
            text = f"No line above makes the parent {parent!r}."
            problems.append(error("rules.parent", place, text, "Parents come before their children."))
        if not rule.positive and not rule.negative:
            problems.append(error("rules.markers", place, "The rule names no marker."))
        known.add(rule.phenotype)
        rules.append(rule)
    if not rules:
        problems.append(error("rules.empty", source.name, "There is no rule in the file."))
    if problems:
        raise InputError(*problems)
    return rules


def fold(name: str) -> str:
    """Fold a marker's name: case, accents, spaces and punctuation do not tell markers apart; Greek is spelt out.

    Examples
    --------
    >>> from htan_kit.tl._rules import fold
    >>> fold("CD3ε") == fold("CD3 e"), fold("Pan-Cytokeratin") == fold("panCytokeratin")
    (True, True)
    """
    text = unicodedata.normalize("NFKD", name.translate(_GREEK)).casefold()
    return "".join(letter for letter in text if letter.isalnum())


_GREEK = str.maketrans({"α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "κ": "k", "ζ": "z"})


def _markers(cell: str) -> tuple[tuple[str, ...], ...]:
    groups = (tuple(name.strip() for name in group.split("|") if name.strip()) for group in cell.split(";"))
    return tuple(group for group in groups if group)
