"""Names paired by equality: exact first, then folded; what is not unique is paired only where nothing is left open."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from htan_kit.io._channel_role import metal_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["fold", "is_generic", "metal_in", "pair"]

_GREEK = {"α": "a", "β": "b", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "κ": "k", "λ": "l", "μ": "u", "ϵ": "e"}
_SPELT = re.compile(r"alpha|beta|gamma|delta|epsilon|zeta|kappa|lambda")
_GENERIC = re.compile(r"(channel|ch)?[ _:\-]?\d*(:\d+)*", re.IGNORECASE)


def fold(text: str) -> str:
    """Fold a channel's name: case, blanks and punctuation do not count, and Greek letters are their Latin ones.

    Examples
    --------
    >>> from htan_kit.channels._labels import fold
    >>> fold("CD3ε") == fold("cd3-epsilon") == fold("CD3e")
    True
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(_GREEK.get(c, c) for c in plain if c.isalnum())
    return _SPELT.sub(lambda found: found[0][0], letters)


def is_generic(name: str | None) -> bool:
    """Tell whether a name only counts channels (``Channel 3``), as writers make them up."""
    return name is None or _GENERIC.fullmatch(name.strip()) is not None


def metal_in(name: str | None) -> str | None:
    """Find the one metal isotope in a name: ``Cytoker_651((3356))Pr141`` is ``Pr141``, ``107Ag`` is ``Ag107``."""
    words = re.split(r"[\s_\-:/()]+", (name or "")[:200])
    found = {tag for word in words if (tag := metal_tag(word))}
    return "{}{}".format(*found.pop()) if len(found) == 1 else None


def pair(
    rows: Sequence[str | None],
    planes: Sequence[str | None],
    done: dict[int, int],
    likely: Mapping[int, int],
) -> bool:
    """Pair rows with planes of the same name; add to ``done``.

    Parameters
    ----------
    rows, planes
        A name each, or None.
    done
        Row -> plane so far; what is in it is left alone.
    likely
        Row -> plane by id; it tells planes of one name apart.

    Returns
    -------
    Whether planes of one name were paired by their order.
    """
    by_order = False
    for folded in (str.strip, fold):
        groups = _groups(rows, set(done), folded)
        taken = _groups(planes, set(done.values()), folded)
        for label, mine in groups.items():
            theirs = taken.get(label, [])
            if len(mine) == len(theirs) == 1:
                done[mine[0]] = theirs[0]
                continue
            known = {row: likely[row] for row in mine if likely.get(row) in theirs}
            if len(set(known.values())) == len(known):
                done.update(known)
            left, free = [r for r in mine if r not in done], [p for p in theirs if p not in done.values()]
            if left and len(left) == len(free):
                by_order = by_order or len(left) > 1
                done.update(zip(left, free, strict=True))
    return by_order


def _groups(names: Sequence[str | None], done: set[int], folded: Callable[[str], str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        label = folded(name) if name else ""
        if label and position not in done:
            groups.setdefault(label, []).append(position)
    return groups
