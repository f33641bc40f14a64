"""Labels of a window: which cell, if any, has each pixel.

A pixel belongs to the cell in whose ellipse it lies deepest, so that labels cannot overlap and two neighbours share a
wall; smooth noise bends the plane first, so that walls are not conics. Every pixel is a function of its place alone:
windows agree wherever they meet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.datasets._random import grid_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from htan_kit.datasets._shapes import Shapes

    Floats = NDArray[np.float64]
    Window = tuple[int, int, int, int]

__all__ = ["cells_of_window", "halo_px"]

_WARP: Final = ((9.0, 1.1), (3.6, 0.45))  # (scale, amplitude) in µm


def halo_px(shapes: Shapes, pixel_size_um: float) -> int:
    """How far outside a window one must look for what happens inside it."""
    return int((shapes.reach_um + sum(a for _, a in _WARP)) / pixel_size_um) + 2


def cells_of_window(
    shapes: Shapes, window: Window, *, seed: int, pixel_size_um: float
) -> tuple[NDArray[np.int64], Floats]:
    """Find the cell of each pixel.

    Parameters
    ----------
    shapes
        All cells, ordered by y.
    window
        (y0, y1, x0, x1) in pixels.
    seed
        Of the tissue.
    pixel_size_um
        Edge of a pixel.

    Returns
    -------
    (h, w) index of the cell, -1 outside; (h, w) depth in its nucleus (below 1: inside; inf outside any cell).
    """
    y0, y1, x0, x1 = window
    halo = halo_px(shapes, pixel_size_um)
    # A piece that a neighbour cut off is given up; to know it, the whole of every cell that reaches in must be seen.
    outer = (y0 - 2 * halo, y1 + 2 * halo, x0 - 2 * halo, x1 + 2 * halo)
    wx, wy = _bent_plane(outer, seed, pixel_size_um)
    index = _nearest(shapes, outer, wx, wy, pixel_size_um)
    index = _largest_pieces(index)
    inner = np.s_[2 * halo : 2 * halo + y1 - y0, 2 * halo : 2 * halo + x1 - x0]
    index, wx, wy = index[inner], wx[inner], wy[inner]
    return index, _nuclear_depth(shapes, index, wx, wy)


def _bent_plane(window: Window, seed: int, pixel: float) -> tuple[Floats, Floats]:
    y0, y1, x0, x1 = window
    x: Floats = np.arange(x0, x1, dtype=np.float64) * pixel
    y: Floats = np.arange(y0, y1, dtype=np.float64) * pixel
    wx, wy = np.tile(x, (len(y), 1)), np.repeat(y[:, None], len(x), axis=1)
    for i, (scale, amplitude) in enumerate(_WARP):
        wx += amplitude * grid_noise(x, y, scale, seed * 97 + 41 + i)
        wy += amplitude * grid_noise(x, y, scale, seed * 97 + 51 + i)
    return wx, wy


def _nearest(shapes: Shapes, window: Window, wx: Floats, wy: Floats, pixel: float) -> NDArray[np.int64]:
    y0, y1, x0, x1 = window
    reach = halo_px(shapes, pixel)
    index = np.full(wx.shape, -1, dtype=np.int64)
    best = np.ones(wx.shape)
    first, last = np.searchsorted(shapes.y, [(y0 - reach) * pixel, (y1 + reach) * pixel])
    xs = shapes.x[first:last]
    near = first + np.flatnonzero((xs > (x0 - reach) * pixel) & (xs < (x1 + reach) * pixel))
    for i in near:
        a, b, c = shapes.cell[i]
        cx, cy = shapes.x[i], shapes.y[i]
        # Half extents of the ellipse's box: sqrt(c / det), sqrt(a / det).
        det = a * c - 0.25 * b * b
        ex, ey = (c / det) ** 0.5 + 1.6, (a / det) ** 0.5 + 1.6
        top, bottom = max(int((cy - ey) / pixel), y0) - y0, min(int((cy + ey) / pixel) + 2, y1) - y0
        left, right = max(int((cx - ex) / pixel), x0) - x0, min(int((cx + ex) / pixel) + 2, x1) - x0
        if top >= bottom or left >= right:
            continue
        dx, dy = wx[top:bottom, left:right] - cx, wy[top:bottom, left:right] - cy
        depth = a * dx * dx + b * dx * dy + c * dy * dy
        mine = best[top:bottom, left:right]
        won = depth < mine
        mine[won] = depth[won]
        index[top:bottom, left:right][won] = i
    return index


def _largest_pieces(index: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keep of every cell only its largest connected piece (ties: the first in reading order)."""
    from skimage.measure import label

    pieces = label(index, background=-1, connectivity=1)
    flat, owner = pieces.ravel(), index.ravel()
    size = np.bincount(flat)
    size[0] = 0
    first = np.zeros(len(size), dtype=np.int64)
    first[flat[::-1]] = np.arange(len(flat))[::-1]
    cell = owner[first]
    order = np.lexsort((np.arange(len(size)), -size, cell))
    best = np.zeros(len(size), dtype=bool)
    head = np.ones(len(order), dtype=bool)
    head[1:] = cell[order][1:] != cell[order][:-1]
    best[order[head]] = True
    best[0] = False
    return np.where(best[pieces], index, -1)


def _nuclear_depth(shapes: Shapes, index: NDArray[np.int64], wx: Floats, wy: Floats) -> Floats:
    depth = np.full(index.shape, np.inf)
    inside = index >= 0
    i = index[inside]
    a, b, c = shapes.nucleus[i].T
    dx, dy = wx[inside] - shapes.nucleus_x[i], wy[inside] - shapes.nucleus_y[i]
    depth[inside] = a * dx * dx + b * dx * dy + c * dy * dy
    return depth
