"""What a marker's name means: a curated table of antigens, their spellings and HGNC symbols."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from htan_kit.io._marker_name import bare, fold

__all__ = ["Antigen", "antigen"]

_SLASH = re.compile(r"\s*[/|,]\s*|\s+\(|\)")


@dataclass(frozen=True, slots=True)
class Antigen:
    """What an antibody binds.

    Parameters
    ----------
    symbol
        HGNC symbol of the gene; empty for a family or complex (pan-cytokeratin).
    name
        Its common name; one for each form (``S6`` and ``pS6`` have one gene).
    """

    symbol: str
    name: str


@lru_cache(maxsize=1)
def _table() -> dict[str, Antigen]:
    text = files("htan_kit.io").joinpath("data/antigens.csv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {fold(row["alias"]): Antigen(row["symbol"], row["name"]) for row in csv.DictReader(lines)}


@lru_cache(maxsize=4096)
def antigen(name: str) -> Antigen | None:
    """Look an antigen up by any of its names.

    Parameters
    ----------
    name
        A channel's, target's or antibody's name; case, blanks, punctuation, Greek letters, dyes and clones in brackets
        do not count.

    Returns
    -------
    The antigen, or None for a name that is not in the table, or that says two different ones.

    References
    ----------
    Curated from HGNC (genenames.org) and HLDA (hcdm.org); see the head of ``io/data/antigens.csv``.

    Examples
    --------
    >>> from htan_kit.channels import antigen
    >>> antigen("a-SMA (1A4)"), antigen("CD20/MS4A1")
    (Antigen(symbol='ACTA2', name='SMA'), Antigen(symbol='MS4A1', name='CD20'))
    >>> antigen("panCK") == antigen("Pan-Cytokeratin AF647"), antigen("CD8") == antigen("CD4")
    (True, False)
    """
    known = _table()
    text = name[:200]
    for form in (text, bare(text)):
        if found := known.get(fold(form)):
            return found
    parts = [part for part in _SLASH.split(text) if part.strip()]
    meant = {found for part in parts if len(parts) > 1 and (found := known.get(fold(bare(part))))}
    return meant.pop() if len(meant) == 1 and _same(parts, known) else None


def _same(parts: list[str], known: dict[str, Antigen]) -> bool:
    """Tell whether the other parts say nothing else: numbers of lots and of clones do not."""
    return all(known.get(fold(bare(part))) or not part.strip()[:1].isalpha() for part in parts)
