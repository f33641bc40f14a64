"""Solidity: area over the area of the convex hull, from the few corners that are kept of each object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._runs import Segment

__all__ = ["Hulls"]


@kernel
def _heights(ends, members, y0, first, last):  # type: ignore[no-untyped-def]
    """Widen the rows that each member spans."""
    for line in range(len(ends) - 1):
        for k in range(ends[line], ends[line + 1]):
            member = members[k]
            first[member] = min(first[member], y0 + line)
            last[member] = max(last[member], y0 + line)


@kernel
def _extremes(ends, starts, lengths, members, y0, x0, first, offset, left, right):  # type: ignore[no-untyped-def]
    """Widen the leftmost and rightmost pixel of each row of each member."""
    for line in range(len(ends) - 1):
        for k in range(ends[line], ends[line + 1]):
            x, at = x0 + starts[k], offset[members[k]] + y0 + line - first[members[k]]
            left[at] = min(left[at], x)
            right[at] = max(right[at], x + lengths[k] - 1)


@kernel
def _chain(ys, xs, n, y, x, sign):  # type: ignore[no-untyped-def]
    """Add a point to one side of a hull whose points come with rising y; sign 1: the left side, -1: the right."""
    while n >= 2:
        turn = (ys[n - 1] - ys[n - 2]) * (x - xs[n - 2]) - (xs[n - 1] - xs[n - 2]) * (y - ys[n - 2])
        if turn * sign > 0:
            break
        n -= 1
    ys[n], xs[n] = y, x
    return n + 1


@kernel
def _corners(first, last, offset, left, right, counts, out):  # type: ignore[no-untyped-def]
    """Write the corners of the hull of each member's pixel centres, one member after the other; y, x."""
    tallest = np.int64(0)
    for member in range(len(first)):
        tallest = max(tallest, np.int64(last[member]) - first[member] + 1)
    ys, xs = np.empty(tallest + 1, np.int64), np.empty(tallest + 1, np.int64)
    k = 0
    for member in range(len(first)):
        before = k
        for side in range(2):
            n = 0
            for i in range(last[member] - first[member] + 1):
                at = offset[member] + i
                if left[at] > right[at]:
                    continue
                n = _chain(
                    ys, xs, n, np.int64(first[member] + i), np.int64(right[at] if side else left[at]), 1 - 2 * side
                )
            for i in range(n):
                out[k, 0], out[k, 1] = ys[i], xs[i]
                k += 1
        counts[member] = k - before
    return k


@kernel
def _place(places, counts, points, cursor, out):  # type: ignore[no-untyped-def]
    """Move the corners of some objects to where the object's others are."""
    k = 0
    for i in range(len(places)):
        for _ in range(counts[i]):
            out[cursor[places[i]]] = points[k]
            cursor[places[i]] += 1
            k += 1


@kernel
def _pixels_inside(ends, points, y0, y1):  # type: ignore[no-untyped-def]
    """Count pixel centres inside or on the hull of the edge middles of an object's pixels.

    In half pixels everything is a whole number: a pixel (y, x) has its centre at (2y, 2x), its edges' middles one off.
    """
    areas = np.zeros(len(ends) - 1, np.int64)
    tallest = np.int64(0)
    for i in range(len(areas)):
        tallest = max(tallest, np.int64(y1[i] - y0[i]))
    far = np.int64(1) << 40
    left, right = np.empty(2 * tallest + 3, np.int64), np.empty(2 * tallest + 3, np.int64)
    ys, xs = np.empty((2, 2 * tallest + 4), np.int64), np.empty((2, 2 * tallest + 4), np.int64)
    for i in range(len(areas)):
        height = 2 * (y1[i] - y0[i]) + 1
        left[:height], right[:height] = far, -far
        for k in range(ends[i], ends[i + 1]):
            y, x = 2 * (np.int64(points[k, 0]) - y0[i]) + 1, 2 * np.int64(points[k, 1])
            left[y], right[y] = min(left[y], x - 1), max(right[y], x + 1)
            for other in (y - 1, y + 1):
                left[other], right[other] = min(left[other], x), max(right[other], x)
        n, m = 0, 0
        for y in range(height):
            if left[y] <= right[y]:
                n = _chain(ys[0], xs[0], n, np.int64(y), left[y], 1)
                m = _chain(ys[1], xs[1], m, np.int64(y), right[y], -1)
        a, b = 0, 0
        for y in range(1, height, 2):
            while ys[0, a + 1] < y:
                a += 1
            while ys[1, b + 1] < y:
                b += 1
            # Ceiling on the left, floor on the right, of a crossing that is a fraction.
            over = ys[0, a + 1] - ys[0, a]
            at = xs[0, a] * over + (xs[0, a + 1] - xs[0, a]) * (y - ys[0, a])
            lowest = -((-at) // (2 * over))
            over = ys[1, b + 1] - ys[1, b]
            at = xs[1, b] * over + (xs[1, b + 1] - xs[1, b]) * (y - ys[1, b])
            areas[i] += at // (2 * over) - lowest + 1
    return areas


class Hulls:
    """The corners of every object's hull, kept piece by piece: about 100 bytes an object."""

    def __init__(self) -> None:
        self._rows: list[np.ndarray] = []
        self._counts: list[np.ndarray] = []
        self._points: list[np.ndarray] = []

    def add(self, segment: Segment) -> None:
        """Add the objects of a segment."""
        cells = segment.members["cell"]
        if not cells.n:
            return
        first, last = np.full(cells.n, np.iinfo(np.int32).max, np.int32), np.full(cells.n, -1, np.int32)
        for block, runs in zip(segment.blocks, cells.runs, strict=True):
            _heights(runs.ends, runs.members, block.y0, first, last)
        heights = (last - first + 1).astype(np.int64)
        offset = heights.cumsum() - heights
        left = np.full(heights.sum(), np.iinfo(np.int32).max, np.int32)
        right = np.full(heights.sum(), -1, np.int32)
        for block, runs in zip(segment.blocks, cells.runs, strict=True):
            _extremes(*runs, block.y0, block.x0, first, offset, left, right)
        counts, points = np.empty(cells.n, np.int32), np.empty((2 * len(left), 2), np.int32)
        n = _corners(first, last, offset, left, right, counts, points)
        self._rows.append(cells.rows)
        self._counts.append(counts)
        self._points.append(points[:n].copy())

    def areas(self, order: np.ndarray, y0: np.ndarray, y1: np.ndarray) -> np.ndarray:
        """Count the pixels of each object's convex hull, as scikit-image's ``area_convex`` does.

        Parameters
        ----------
        order
            Rows of the table in the order wanted.
        y0, y1
            First and last row (exclusive) of each, in that order.

        Returns
        -------
        int64, in px.
        """
        if not self._rows:
            return np.zeros(len(order), np.int64)
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        ends = np.zeros(len(order) + 1, np.int64)
        for rows, counts in zip(self._rows, self._counts, strict=True):
            ends[place[rows] + 1] += counts
        np.cumsum(ends, out=ends)
        points, cursor = np.empty((ends[-1], 2), np.int32), ends[:-1].copy()
        while self._rows:  # each piece is let go as soon as it is in its place
            _place(place[self._rows.pop()], self._counts.pop(), self._points.pop(), cursor, points)
        return _pixels_inside(ends, points, y0, y1)
