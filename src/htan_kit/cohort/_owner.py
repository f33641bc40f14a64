"""Whose file is it: images know their masks and tables by whole parts of the name, never by letters in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Owner", "owner_of"]

_WORDS = re.compile(
    r"(seg(ment(s|ed|ation)?)?|label(led|s)?|masks?|(whole)?cells?|nuc(lei|lear|leus)?|cyto(plasm)?|membranes?|"
    r"(cell|nuclei|nucleus|cyto)masks?|objects?|outlines?|tissues?|regions?|rois?|annotations?|"
    r"quant(ification)?|tables?|features?|intensit(y|ies)|means?|measurements?|single|sc|data|results?|out(put)?|"
    r"channels?|markers?|metadata|panel|final|ome|zarr|level|l[234]|level[234]|v\d+|\d+(x|um)|"
    r"(19|20)\d{6}|cellpose\d*|unmicst\d*|unet\d*|stardist(2d)?|mesmer\d*|deepcell|ilastik\d*|s3seg|cypository|mcquant|qupath)"
)
"""Parts of a name that say what a file is, not whose."""


class Owner(NamedTuple):
    """The image a file belongs to, None for none; and what is doubtful about that, ``""`` for nothing."""

    stem: str | None
    doubt: str = ""


def owner_of(name: str, stems: Sequence[str]) -> Owner:
    """Find the image that a file is named after.

    Parameters
    ----------
    name
        The file's name without its format suffix.
    stems
        The images' names without theirs.

    Returns
    -------
    The image all whose parts (what stands between ``_ - .`` and blanks) stand side by side in the name; the longest,
    where one image's name is part of another's. Nobody's with a doubt, where a number beside those parts speaks of
    another image (``roi_1_mask`` beside ``roi``), or two images are named. The only image has every file that is not
    named like it with other numbers; with a doubt, where the name has words that say neither what it is nor whose.

    Examples
    --------
    >>> from htan_kit.cohort._owner import owner_of
    >>> owner_of("roi10_mask", ["roi1", "roi2"])
    Owner(stem=None, doubt='')
    >>> owner_of("mask-roi1", ["roi1", "roi2"]).stem
    'roi1'
    >>> owner_of("roi_1_mask", ["roi", "other"]).doubt
    "after 'roi' it says '1'"
    """
    exact = dict.fromkeys(stems)
    if name in exact:
        return Owner(name)
    parts = _parts(name)
    for fold in (str, str.casefold):
        named = {stem: found for stem in exact if (found := _places(_parts(fold(stem)), _parts(fold(name))))}
        if named:
            return _of_named(parts, named)
    if len(exact) == 1:
        return _of_only(parts, next(iter(exact)))
    return Owner(None)


def _of_named(parts: list[str], named: dict[str, list[range]]) -> Owner:
    """Choose among the images that the name has the parts of."""
    longest = max(named, key=lambda stem: len(named[stem][0]))
    mine = named[longest]
    if any(not _covers(mine, place) for places in named.values() for place in places):
        both = " and ".join(repr(stem[:100]) for stem in sorted(named)[:2])
        return Owner(None, f"it has the names of {both}")
    rest = [part for i, part in enumerate(parts) if not any(i in place for place in mine)]
    other = next((part for part in rest if _is_number(part)), "")
    return Owner(None, f"after {longest[:100]!r} it says {other[:100]!r}") if other else Owner(longest)


def _of_only(parts: list[str], stem: str) -> Owner:
    """Give the only image what does not speak of another one."""
    mine = [part.casefold() for part in _parts(stem)]
    rest = [part for part in parts if not _WORDS.fullmatch(part.casefold()) and part.casefold() not in mine]
    if not rest:
        return Owner(stem)
    shapes = {_shape(part) for part in mine}
    other = next((part for part in rest if _shape(part) in shapes), "")
    return Owner(None if other else stem, f"it says {(other or rest[0])[:100]!r}, the only image is {stem[:100]!r}")


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\W_]+", name) if part]


def _places(wanted: list[str], parts: list[str]) -> list[range]:
    """Say where some parts stand side by side."""
    n = len(wanted)
    starts = range(len(parts) - n + 1) if n else range(0)
    return [range(i, i + n) for i in starts if parts[i : i + n] == wanted]


def _covers(mine: list[range], place: range) -> bool:
    return any(place.start >= own.start and place.stop <= own.stop for own in mine)


def _is_number(part: str) -> bool:
    """Tell whether a part counts images: a number, a letter, or a word with a number that is no program's."""
    return not _WORDS.fullmatch(part.casefold()) and (len(part) == 1 or any(letter.isdigit() for letter in part))


def _shape(part: str) -> str:
    return re.sub(r"\d+", "#", part).casefold()
