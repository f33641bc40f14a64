"""Names paired: exactly, folded, bare of dye and clone, as synonyms; what is not unique only where nothing is open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.io._antigen import antigen
from htan_kit.io._channel_role import metal_tag
from htan_kit.io._marker_name import bare, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["fold", "is_generic", "metal_in", "pair", "pair_alike"]

_GENERIC = re.compile(r"(channel|ch|plane|page|image|slice)?[ _:\-]?\d*(:\d+)*", re.IGNORECASE)


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
    rules: dict[int, str],
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
    rules
        Row -> the rule that paired it, ``exact`` or ``normalised``; is added to.

    Returns
    -------
    Whether planes of one name were paired by their order.
    """
    by_order = False
    for rule, folded in (("exact", str.strip), ("normalised", fold)):
        groups = _groups(rows, set(done), folded)
        taken = _groups(planes, set(done.values()), folded)
        for label, mine in groups.items():
            theirs = taken.get(label, [])
            if len(mine) == len(theirs) == 1:
                done[mine[0]] = theirs[0]
                continue
            there = set(theirs)
            known = {row: likely[row] for row in mine if likely.get(row) in there}
            if len(set(known.values())) == len(known):
                done.update(known)
                there -= set(known.values())
            left, free = [r for r in mine if r not in done], sorted(there)
            if left and len(left) == len(free):
                by_order = by_order or len(left) > 1
                done.update(zip(left, free, strict=True))
        rules.update({row: rule for row in done if row not in rules})
    return by_order


def pair_alike(
    rows: Sequence[str | None], planes: Sequence[str | None], done: dict[int, int], rules: dict[int, str]
) -> None:
    """Pair what is left by names bare of dye, clone and cycle, then by synonyms; only one with one.

    Parameters
    ----------
    rows, planes
        A name each, or None.
    done
        Row -> plane so far; is added to.
    rules
        Row -> ``bare`` or ``synonym``; is added to.
    """
    for rule, folded in (("bare", lambda name: fold(bare(name))), ("synonym", _meaning)):
        groups = _groups(rows, set(done), folded)
        taken = _groups(planes, set(done.values()), folded)
        for label, mine in groups.items():
            theirs = taken.get(label, [])
            if len(mine) == len(theirs) == 1:
                done[mine[0]] = theirs[0]
                rules[mine[0]] = rule


def _meaning(name: str) -> str:
    found = antigen(name)
    return found.name if found else ""


def _groups(names: Sequence[str | None], done: set[int], folded: Callable[[str], str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        label = folded(name) if name else ""
        if label and position not in done:
            groups.setdefault(label, []).append(position)
    return groups
