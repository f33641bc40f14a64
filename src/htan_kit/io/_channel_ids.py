"""Which plane a channel id means: ids count from 0, from 1 or from anywhere, and some count within a cycle."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Pair", "Planes", "is_counted", "is_paired", "pair_of_id", "planes_of_ids"]

_OME = re.compile(r"channel:(\d{1,6}):(\d{1,6})", re.IGNORECASE | re.ASCII)
_COUNT = re.compile(r"(?:channel|sample|chan|ch|c|plane|page|#)?[:_ \-.]?(\d{1,6})(?:\.0+)?", re.IGNORECASE | re.ASCII)
_CYCLE = r"(?:r|rd|round|cyc|cycle|hyb)[ _.:\-]?(\d{1,4})q?[ _.:\-]*"
_PAIRS: Final = [
    re.compile(_CYCLE + r"(?:c|ch|chan|channel)?[ _.:\-]+(\d{1,3})", re.IGNORECASE),
    re.compile(_CYCLE + r"(?:c|ch|chan|channel)[ _.:\-]*(\d{1,3})", re.IGNORECASE),
]
_OF = re.compile(r"(?:c|ch|chan|channel)?[ _.:\-]?(\d{1,3})\s*(?:/|of)\s*(\d{1,3})", re.IGNORECASE | re.ASCII)


class Planes(NamedTuple):
    """0-based plane by row (None where the id does not say) and the number the ids start from."""

    planes: list[int | None]
    base: int | None


class Pair(NamedTuple):
    """The cycle (None where the id does not say it), the channel in it, and how many a cycle has where it is said."""

    cycle: int | None
    channel: int
    of: int | None


def pair_of_id(text: str | None) -> Pair | None:
    """Read an id that counts within a cycle.

    Parameters
    ----------
    text
        The id.

    Returns
    -------
    Cycle and channel, both as written, or None for an id of another kind.

    Examples
    --------
    >>> from htan_kit.io._channel_ids import pair_of_id
    >>> pair_of_id("R6-5"), pair_of_id("c 3/4"), pair_of_id("Channel:7:2"), pair_of_id("Ir191")
    (Pair(cycle=6, channel=5, of=None), Pair(cycle=None, channel=3, of=4), Pair(cycle=7, channel=2, of=None), None)
    """
    text = (text or "").strip()[:40]
    if found := _OME.fullmatch(text):
        return Pair(int(found[1]), int(found[2]), None)
    for pattern in _PAIRS:
        if found := pattern.fullmatch(text):
            return Pair(int(found[1]), int(found[2]), None)
    if (found := _OF.fullmatch(text)) and 0 < int(found[1]) <= int(found[2]):
        return Pair(None, int(found[1]), int(found[2]))
    return None


def is_paired(text: str) -> bool:
    """Tell whether an id names cycle and channel; OME's own ids, which look alike, are counted ones."""
    return pair_of_id(text) is not None and _OME.fullmatch(text.strip()) is None


def is_counted(text: str) -> bool:
    """Tell whether an id counts the channels of an image."""
    text = text.strip()[:40]
    return _COUNT.fullmatch(text) is not None or _OME.fullmatch(text) is not None


def planes_of_ids(ids: list[str | None]) -> Planes:
    """Read 0-based planes from a whole column of channel ids.

    Parameters
    ----------
    ids
        Ids as written, one a row; a plane may have several rows.

    Returns
    -------
    ``Channel:0:3`` is OME's own id and means plane 3; where its first number varies (cycle and channel) it means no
    plane by itself. Integers are counted from their base: 0 if a 0 is there; else 1 if a 1 is there; else the
    smallest, if the column has no gap. Anything else (metals, ``c 2/4``) means no plane.

    Examples
    --------
    >>> from htan_kit.io._channel_ids import planes_of_ids
    >>> planes_of_ids(["Channel:0:0", "Channel:0:2"])
    Planes(planes=[0, 2], base=0)
    >>> planes_of_ids(["21", "22", "22", "23"])
    Planes(planes=[0, 1, 1, 2], base=21)
    >>> planes_of_ids(["Ir191", "Ir193"])
    Planes(planes=[None, None], base=None)
    """
    texts = [(text or "").strip() for text in ids]
    nothing = Planes([None] * len(ids), None)
    given = [text for text in texts if text]
    if not given:
        return nothing
    if all(_OME.fullmatch(text) for text in given):
        parts = [_OME.fullmatch(text) for text in texts]
        if len({part[1] for part in parts if part}) > 1:
            return nothing
        return Planes([int(part[2]) if part else None for part in parts], 0)
    counts = [_COUNT.fullmatch(text) for text in texts]
    if any(text and not count for text, count in zip(texts, counts, strict=True)):
        return nothing
    numbers = [int(count[1]) if count else None for count in counts]
    known = sorted({number for number in numbers if number is not None})
    gapless = known[-1] - known[0] == len(known) - 1
    base = known[0] if gapless else 0 if known[0] == 0 else 1 if known[0] == 1 else None
    if base is None:
        return nothing
    return Planes([None if number is None else number - base for number in numbers], base)
