"""Windows of an image that are worth looking at, and how to show their grey values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Window", "clamp_window", "contrast", "grey", "grid_windows", "sharpest_windows"]

Window = tuple[int, int, int, int]


def clamp_window(y: float, x: float, side: int, height: int, width: int) -> Window:
    """Give the square window around a place, moved so that it lies inside the image; y0, y1, x0, x1."""
    h, w = min(side, height), min(side, width)
    y0 = int(np.clip(round(y - h / 2), 0, height - h))
    x0 = int(np.clip(round(x - w / 2), 0, width - w))
    return y0, y0 + h, x0, x0 + w


def grid_windows(height: int, width: int, side: int, *, seed: int = 0) -> list[Window]:
    """Give the windows of a grid with a random origin, clipped into the image, each once."""
    h, w = min(side, height), min(side, width)
    start_y, start_x = np.random.default_rng(seed).integers(0, [max(h, 1), max(w, 1)])
    ys = sorted({int(np.clip(y, 0, height - h)) for y in range(int(start_y) - h, height, h)})
    xs = sorted({int(np.clip(x, 0, width - w)) for x in range(int(start_x) - w, width, w)})
    return [(y, y + h, x, x + w) for y in ys for x in xs]


def contrast(plane: NDArray[np.floating[Any]]) -> tuple[float, float]:
    """Give the 0.1st and the 99.9th percentile of the finite values, apart even where all values are one."""
    finite = plane[np.isfinite(plane)]
    if not len(finite):
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(finite, [0.1, 99.9]))
    return (low, high) if high > low else (low, low + 1.0)


def sharpest_windows(plane: NDArray[np.floating[Any]], windows: list[Window]) -> list[int]:
    """Give the numbers of the windows, the highest standard deviation first, hot pixels cut off."""
    low, high = contrast(plane)
    clipped = np.clip(np.nan_to_num(plane, nan=low), low, high)
    spread = np.array([clipped[y0:y1, x0:x1].std() for y0, y1, x0, x1 in windows])
    return [int(i) for i in np.argsort(-spread, kind="stable")]


def grey(plane: NDArray[np.generic], low: float, high: float) -> NDArray[np.float64]:
    """Scale to 0..1 between two values."""
    return np.clip((np.nan_to_num(np.asarray(plane, dtype=float), nan=low) - low) / (high - low), 0, 1)
