"""Where the pixels of objects lie in a block: as runs along its rows, which sum up fast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block

__all__ = ["Members", "Places", "Runs", "Segment", "find_members"]


class Runs(NamedTuple):
    """Pixels of a block that belong to one object each, all int32.

    Those of row y are at ``ends[y]`` to ``ends[y + 1]``; each has its first column in the block, its length and its
    member.
    """

    ends: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    members: np.ndarray


@dataclass(frozen=True, slots=True)
class Members:
    """The objects that have pixels in a segment: their rows in the table, and their runs block by block."""

    rows: np.ndarray
    runs: list[Runs]

    @property
    def n(self) -> int:
        """How many objects."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring blocks of a band that one task goes through, with the objects in each compartment."""

    index: int
    blocks: list[Block]
    n_rows: int  # objects that are known so far
    members: dict[str, Members] = field(default_factory=dict)


@kernel
def _count(rows, ends):  # type: ignore[no-untyped-def]
    n = 0
    for y in range(rows.shape[0]):
        here, before = rows[y, 1:], rows[y, : rows.shape[1] - 1]
        n += rows[y, 0] != 0
        for x in range(len(here)):
            n += (here[x] != before[x]) & (here[x] != 0)
        ends[y + 1] = n


@kernel
def _find(rows, place, stamp, found, n, starts, lengths, members):  # type: ignore[no-untyped-def]
    """Fill the runs; ``place`` holds stamp + member of each row of the table that was met in this segment."""
    k = 0
    for y in range(rows.shape[0]):
        line = rows[y]
        width = len(line)
        x = 0
        while x < width:
            row = line[x]
            begin = x
            x += 1
            while x < width and line[x] == row:
                x += 1
            if row == 0:
                continue
            member = place[row - 1] - stamp
            if member < 0:
                member = np.int64(n)
                place[row - 1] = stamp + member
                found[n] = row - 1
                n += 1
            starts[k], lengths[k], members[k] = begin, x - begin, member
            k += 1
    return n


class Places:
    """Which member of the current segment a row of the table is, without clearing a table each time."""

    def __init__(self) -> None:
        self.place = np.full(1024, -1, np.int64)
        self.stamp = 0


def find_members(
    rows: np.ndarray, origin: tuple[int, int], blocks: list[Block], places: Places, n_rows: int
) -> Members:
    """Find the objects of some blocks.

    Parameters
    ----------
    rows
        int32 labels of the band as rows of the table + 1.
    origin
        y, x in px of the first pixel of ``rows``.
    blocks
        The blocks, which lie inside.
    places
        Kept from call to call for speed.
    n_rows
        Rows of the table so far.

    Returns
    -------
    The members, in the order in which they are met, and their runs.
    """
    if len(places.place) < n_rows:
        places.place = np.full(2 * n_rows, -1, np.int64)
        places.stamp = 0
    cuts = [rows[b.y0 - origin[0] : b.y1 - origin[0], b.x0 - origin[1] : b.x1 - origin[1]] for b in blocks]
    found = np.empty(n_rows, np.int32)
    n, runs = 0, []
    for cut in cuts:
        ends = np.zeros(len(cut) + 1, np.int32)
        _count(cut, ends)
        starts, lengths, members = np.empty((3, ends[-1]), np.int32)
        n = _find(cut, places.place, places.stamp, found, n, starts, lengths, members)
        runs.append(Runs(ends, starts, lengths, members))
    places.stamp += n
    return Members(found[:n].copy(), runs)
