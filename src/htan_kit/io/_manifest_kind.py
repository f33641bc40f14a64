"""What the rows of a manifest describe: by their Component, else by the columns, else by the file's name."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.models import components, key, match, parse_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Kind", "Kinds", "is_service", "phase_of"]

# What Synapse, the portal and BigQuery add to a manifest's columns, folded.
_SERVICE = {
    "entityid", "synapseid", "id", "uuid", "etag", "rowid", "rowversion", "rowetag", "manifestid", "manifestversion",
    "htancenter", "center", "datarelease", "cdsrelease", "filesize", "md5", "basefilename", "sourcefilename",
    "sourceentityid", "filedrsuri", "drsuri",
}  # fmt: skip


class Kind(NamedTuple):
    """A component of either phase: its name, level, and attributes by their own names."""

    name: str
    phase: int
    level: str
    attributes: tuple[str, ...]
    called: frozenset[str]
    keys: frozenset[str]


@cache
def _all() -> tuple[Kind, ...]:
    kinds = []
    for model in components().values():
        attributes = tuple(model["attributes"])
        called = frozenset(key(name) for name in (model["name"], *model["also_called"]))
        keys = frozenset(map(key, attributes))
        kinds.append(Kind(model["name"], model["phase"], model["level"], attributes, called, keys))
    return tuple(kinds)


def is_service(column: str) -> bool:
    """Tell whether a column is one that Synapse, the portal or BigQuery add, and no model has."""
    return key(column) in _SERVICE


def phase_of(cells: Iterable[str], columns: Sequence[str]) -> int:
    """Tell the phase by an identifier among some cells, else by the spelling of the header."""
    for cell in cells:
        if cell.startswith("HTA") and (found := parse_identifier(re.split(r"[,;|\s]", cell, maxsplit=1)[0])):
            return found.phase
    return 2 if any(column.isupper() and "_" in column for column in columns) else 1


class Kinds:
    """What the rows of one table describe.

    Parameters
    ----------
    columns
        The header.
    phase
        1 or 2.
    names
        Of the sheet and the file, which may say it where the columns do not.
    """

    def __init__(self, columns: Sequence[str], phase: int, names: Iterable[str]) -> None:
        self._phase = phase
        self._columns = columns
        self.column = next((column for column in columns if key(column) == "component"), None)
        self._by_component: dict[tuple[str, int], Kind | None] = {}
        self._attributes: dict[Kind, dict[str, str]] = {}
        of_columns = self._of_columns()
        of_name = next((kind for name in names if (kind := self._of_name(name))), None)
        self.guessed = self.column is None and of_columns is None
        self.whole = None if self.column else of_columns or of_name
        self._blank = of_columns

    def of_row(self, written: str, cells: Iterable[str]) -> Kind | None:
        """Give what a row describes, None when that is not imaging."""
        if self.whole is not None:
            return self.whole
        if not written:
            return self._blank
        folded = key(written)
        named = [kind for kind in _all() if folded in kind.called]
        if len({kind.phase for kind in named}) > 1:  # Biospecimen is the name in both phases
            phase = phase_of(cells, self._columns)
            named = [kind for kind in named if kind.phase == phase]
        return named[0] if named else None

    def attribute(self, kind: Kind, column: str) -> str:
        """Give the model's own name of a column, the column where the model does not know it."""
        names = self._attributes.get(kind)
        if names is None:
            names = {header: match(kind.attributes, header) or header for header in self._columns}
            self._attributes[kind] = names
        return names[column]

    @staticmethod
    def near(written: str) -> str:
        """Give the component that a name nobody knows may mean, ``""`` for none."""
        called = {name: kind.name for kind in _all() for name in kind.called}
        close = get_close_matches(key(written), called, n=1, cutoff=0.85)
        return called[close[0]] if close else ""

    def _of_columns(self) -> Kind | None:
        """Choose the component that has most of the columns, if no component of another level has as many."""
        present = {key(column) for column in self._columns}
        mine = [kind for kind in _all() if kind.phase == self._phase]
        best = max(mine, key=lambda kind: (len(kind.keys & present), -len(kind.keys - present), kind.name))
        rivals = [len(kind.keys & present) for kind in mine if kind.level != best.level]
        return best if len(best.keys & present) > max(rivals) else None

    def _of_name(self, name: str) -> Kind | None:
        stem = key(name.split(".")[0])
        found = [(len(called), kind) for kind in _all() for called in kind.called if called in stem]
        if found:
            longest = max(length for length, _ in found)
            named = [kind for length, kind in found if length == longest]
            return next((kind for kind in named if kind.phase == self._phase), named[0])
        digit = re.search(r"level([1-4])", stem)
        fitting = [kind for kind in _all() if digit and kind.level == digit[1] and kind.phase == self._phase]
        # Level 3 of phase 1 has images and masks; released data have masks only.
        return next((kind for kind in fitting if "Segmentation" in kind.name), fitting[0] if fitting else None)
