"""Medians and percentiles of objects: exact, from the pixels of the objects that the pass is in the middle of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._runs import Members, Runs, Segment

__all__ = ["LARGEST_PX", "Quantiles"]

LARGEST_PX = 1 << 22
"""Objects of more pixels (regions rather than cells) get no quantiles: their pixels would have to be kept."""

_Piece = tuple[
    np.ndarray, np.ndarray, np.ndarray
]  # rows of the table, pixels of each, their values one after the other


@kernel
def _tally(members, lengths, skip, counts):  # type: ignore[no-untyped-def]
    for k in range(len(members)):
        if not skip[members[k]]:
            counts[members[k]] += lengths[k]


@kernel
def _gather(pixels, ends, starts, lengths, members, skip, cursor, out):  # type: ignore[no-untyped-def]
    for y in range(len(ends) - 1):
        for k in range(ends[y], ends[y + 1]):
            member = members[k]
            if skip[member]:
                continue
            at = cursor[member]
            for i in range(lengths[k]):
                out[at + i] = pixels[y, starts[k] + i]
            cursor[member] = at + lengths[k]


@kernel
def _move(starts, counts, values, targets, out):  # type: ignore[no-untyped-def]
    """Copy slices of values to other places."""
    for piece in range(len(starts)):
        for i in range(counts[piece]):
            out[targets[piece] + i] = values[starts[piece] + i]


@kernel
def _whole(ends, values, shares, out):  # type: ignore[no-untyped-def]
    """Find order statistics of up to 16 bits by counting, from the object's lowest level on.

    Most objects span less than 1,024 levels; those of others are counted in wider steps first, then one step in detail.
    """
    steps, inside = np.zeros(1024, np.int32), np.zeros(1024, np.int32)
    for i in range(len(ends) - 1):
        own = values[ends[i] : ends[i + 1]]
        n = len(own)
        if n == 0:
            continue
        low, high = own[0], own[0]
        for j in range(n):
            low, high = min(low, own[j]), max(high, own[j])
        lowest, span, shift = np.int64(low), np.int64(high) - np.int64(low), np.int64(0)
        while span >> shift >= len(steps):
            shift += 1
        steps[: (span >> shift) + 1] = 0
        for j in range(n):
            steps[(np.int64(own[j]) - lowest) >> shift] += 1
        counted = np.int64(-1)  # the step that is counted in detail
        for k in range(len(shares)):
            place = (n - 1) * shares[k]
            found = np.zeros(2)
            for side in range(2):
                rank, level = min(np.int64(place) + side, n - 1), np.int64(0)
                while rank >= steps[level]:
                    rank -= steps[level]
                    level += 1
                if shift > 0:
                    step, level = level, np.int64(0)
                    if step != counted:
                        counted = step
                        inside[: 1 << shift] = 0
                        for j in range(n):
                            value = np.int64(own[j]) - lowest
                            if value >> shift == step:
                                inside[value - (step << shift)] += 1
                    while rank >= inside[level]:
                        rank -= inside[level]
                        level += 1
                    level += step << shift
                found[side] = lowest + level
            out[i, k] = found[0] + (found[1] - found[0]) * (place - np.floor(place))


@kernel
def _real(ends, values, shares, out):  # type: ignore[no-untyped-def]
    for i in range(len(ends) - 1):
        own = values[ends[i] : ends[i + 1]]
        kept = np.sort(own[np.abs(own) < np.inf])
        n = len(kept)
        for k in range(len(shares)):
            if n > 0:
                place = (n - 1) * shares[k]
                below = np.int64(place)
                above = below + 1 if below + 1 < n else below
                out[i, k] = kept[below] + (np.float64(kept[above]) - kept[below]) * (place - below)


class Quantiles:
    """Quantiles of one compartment of every object, channel by channel; exact, linear between pixels as numpy's.

    The values of an object are kept from its first to its last band. Memory: 2 to 8 bytes a channel for every pixel of
    the objects that cross the lower border of a band (about width x object height).

    Parameters
    ----------
    n_channels
        Channels.
    dtype
        The type pixels are measured in.
    shares
        Which quantiles, 0 to 1.
    last_row
        int64: the last row (exclusive) of each object, by row of the table; -1 for objects that are too large.
    width
        Of the image, in px.
    """

    def __init__(
        self, n_channels: int, dtype: np.dtype[Any], shares: tuple[float, ...], last_row: np.ndarray, width: int
    ) -> None:
        self.shares, self._last_row, self._width, self._dtype = shares, last_row, width, dtype
        self._pending: list[list[_Piece]] = [[] for _ in range(n_channels)]
        self._out = np.full((n_channels, len(last_row), len(shares)), np.nan)

    def start(self, members: Members) -> tuple[np.ndarray, ...]:
        """Give the place for a segment's values: which members are left out, first index, cursor, values."""
        skip = self._last_row[members.rows] < 0
        counts = np.zeros(members.n, np.int64)
        for runs in members.runs:
            _tally(runs.members, runs.lengths, skip, counts)
        first = counts.cumsum() - counts
        return skip, first, first.copy(), np.empty(int(counts.sum()), self._dtype)

    def see(self, local: tuple[np.ndarray, ...], pixels: np.ndarray, runs: Runs) -> None:
        """Take the pixels of a block."""
        skip, _, cursor, values = local
        _gather(pixels, *runs, skip, cursor, values)

    def merge(self, channel: int, members: Members, local: tuple[np.ndarray, ...], segment: Segment) -> None:
        """Keep the values of a segment; at the end of a band, finish the objects that end in it."""
        _, first, cursor, values = local
        pending = self._pending[channel]
        counts = cursor - first
        # A block that could not be decoded left gaps at the end of its members' slices: close them.
        packed = np.empty(int(counts.sum()), self._dtype)
        _move(first, counts, values, counts.cumsum() - counts, packed)
        pending.append((members.rows, counts, packed))
        if segment.blocks[-1].x1 < self._width:
            return
        rows, counts = (np.concatenate([piece[i] for piece in pending]) for i in (0, 1))
        values = np.concatenate([piece[2] for piece in pending])
        starts = counts.cumsum() - counts
        done = self._last_row[rows] <= segment.blocks[0].y1
        self._finish(channel, rows[done], counts[done], starts[done], values)
        rows, counts, starts = rows[~done], counts[~done], starts[~done]
        kept = np.empty(int(counts.sum()), self._dtype)
        _move(starts, counts, values, counts.cumsum() - counts, kept)
        self._pending[channel] = [(rows, counts, kept)]

    def _finish(
        self, channel: int, rows: np.ndarray, counts: np.ndarray, starts: np.ndarray, values: np.ndarray
    ) -> None:
        objects, owner = np.unique(rows, return_inverse=True)
        by_owner = np.argsort(owner, kind="stable")
        counts, starts = counts[by_owner], starts[by_owner]
        targets = counts.cumsum() - counts
        ends = np.zeros(len(objects) + 1, np.int64)
        np.cumsum(np.bincount(owner[by_owner], counts, len(objects)).astype(np.int64), out=ends[1:])
        grouped = np.empty(int(ends[-1]), self._dtype)
        _move(starts, counts, values, targets, grouped)
        out = np.full((len(objects), len(self.shares)), np.nan)
        shares = np.array(self.shares, np.float64)
        if self._dtype.kind in "iu":
            _whole(ends, grouped, shares, out)
        else:
            _real(ends, grouped, shares, out)
        self._out[channel, objects] = out

    def result(self, order: np.ndarray) -> dict[float, np.ndarray]:
        """Give, for each quantile, float64 (objects, channels) for rows of the table in the order wanted."""
        return {share: self._out[:, order, i].T for i, share in enumerate(self.shares)}
