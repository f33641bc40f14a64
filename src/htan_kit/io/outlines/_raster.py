"""Outlines to labels: a pixel belongs to the polygon that its centre lies in.

A line through the centres of a row of pixels crosses each ring an even number of times; what lies between the first
and the second crossing, the third and the fourth ... is inside. Holes, and polygons inside holes, come by themselves.
An edge that two polygons share is crossed at the same place for both: no pixel is in both or in none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from htan_kit.io._store import Window
    from htan_kit.io.outlines._shapes import Shapes

__all__ = ["Raster", "rasterise"]

_MAX_CROSSINGS = 4_000_000  # held at a time, about 100 bytes each
_MAX_PIXELS = 4_000_000  # written at a time


class Raster(NamedTuple):
    """A window of labels, and how often a pixel was claimed by an object after the first."""

    labels: np.ndarray
    n_contested: int


def rasterise(shapes: Shapes, window: Window, parts: np.ndarray, dtype: np.dtype) -> Raster:
    """Draw polygons. Where objects overlap, the one that comes first in the file keeps the pixel.

    Parameters
    ----------
    shapes
        The outlines.
    window
        y0, y1, x0, x1 in px.
    parts
        The parts to draw, sorted; those that do not meet the window cost time and no more.
    dtype
        Type of the labels.

    Returns
    -------
    (height, width) labels, 0 for background, and the number of contested pixels.
    """
    y0, y1, x0, x1 = window
    corners, owner = _corners(shapes, parts)
    edges = ~shapes.last[corners]
    a, b = shapes.xy[corners[edges]], shapes.xy[corners[edges] + 1]
    labels = np.zeros((y1 - y0, x1 - x0), dtype)
    contested = _draw(labels, _upward(a, b), owner[edges], shapes.labels[shapes.owner[parts]], (y0, x0))
    return Raster(labels, contested)


def _corners(shapes: Shapes, parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the corners of some parts, and for each the place of its part in ``parts``."""
    first, n = shapes.start[parts], shapes.start[parts + 1] - shapes.start[parts]
    owner = np.repeat(np.arange(len(parts)), n)
    return _ranges(first, n), owner


def _ranges(first: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Write first, first + 1, ... (n of them) one after the other."""
    before = np.cumsum(n) - n
    counted: np.ndarray = np.arange(int(n.sum())) + np.repeat(first - before, n)
    return counted


def _upward(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Let each edge begin at the same end whichever way it was drawn, so that rounding is the same too."""
    turn = (a[:, 1] > b[:, 1])[:, None]
    return np.where(turn, b, a), np.where(turn, a, b)


def _draw(
    labels: np.ndarray, edges: tuple[np.ndarray, np.ndarray], owner: np.ndarray, names: np.ndarray, at: tuple[int, int]
) -> int:
    """Draw into an array whose first pixel is ``at``; rows are halved until what is in memory is bounded."""
    (height, width), (top, left), (low, high) = labels.shape, at, edges
    # The centres of rows are at .5; a row is crossed from the lower end on, the upper one excluded.
    first = np.clip(np.ceil(low[:, 1] - 0.5), top, top + height).astype(np.int64)
    n = np.clip(np.ceil(high[:, 1] - 0.5), top, top + height).astype(np.int64) - first
    crossed = np.flatnonzero(n > 0)
    first, n, owner, (low, high) = first[crossed], n[crossed], owner[crossed], (low[crossed], high[crossed])
    if n.sum() > _MAX_CROSSINGS and height > 1:
        half = height // 2
        upper = _draw(labels[:half], (low, high), owner, names, at)
        return upper + _draw(labels[half:], (low, high), owner, names, (top + half, left))
    slope = (high[:, 0] - low[:, 0]) / (high[:, 1] - low[:, 1])
    row, edge = _ranges(first, n), np.repeat(np.arange(len(n)), n)
    x = low[edge, 0] + (row + 0.5 - low[edge, 1]) * slope[edge]
    column = np.clip(np.ceil(x - 0.5) - left, 0, width).astype(np.int64)
    # One number a crossing, which sorts by part, row and column.
    crossing = (owner[edge] * height + (row - top)) * (width + 1) + column
    crossing.sort()
    line, begin = np.divmod(crossing[0::2], width + 1)
    length = crossing[1::2] - crossing[0::2]
    part, row = np.divmod(line[length > 0], height)
    return _fill(labels, row * width + begin[length > 0], length[length > 0], names[part])


def _fill(labels: np.ndarray, begin: np.ndarray, length: np.ndarray, names: np.ndarray) -> int:
    """Write runs of pixels from the last to the first, so that the first object keeps what it claims."""
    pixels = labels.reshape(-1)  # rows of a whole array: a view
    begin, length, names = begin[::-1], length[::-1], names[::-1]
    batch = np.cumsum(length) // _MAX_PIXELS
    cuts = np.flatnonzero(np.diff(batch)) + 1
    for some in np.split(np.arange(len(begin)), cuts) if len(cuts) else [slice(None)]:
        pixels[_ranges(begin[some], length[some])] = np.repeat(names[some], length[some])
    return int(length.sum()) - int(np.count_nonzero(pixels))
