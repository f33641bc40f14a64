"""Sharpness, mean and saturation of every tile of every channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block, Grid

__all__ = ["Focus"]

_COLUMNS = {
    "channel_index": np.int64, "y0": np.int64, "y1": np.int64, "x0": np.int64, "x1": np.int64, "mean": np.float64,
    "saturated_share": np.float64, "laplacian_variance": np.float64, "tenengrad": np.float64,
}  # fmt: skip


@kernel
def _sharpness(pixels, zero, y0, y1, x0, x1):  # type: ignore[no-untyped-def]
    """Sum the Laplacian, its square and the squared Sobel gradient over the pixels with all eight neighbours inside.

    ``zero`` is 0 of the type to count in: int32 holds these of 16-bit pixels exactly.
    """
    lap, lap2, ten = zero * np.int64(1), zero * np.int64(1), zero * np.int64(1)
    n = x1 - x0 - 2
    for y in range(y0 + 1, y1 - 1):
        a0, a1, a2 = pixels[y - 1, x0 : x0 + n], pixels[y - 1, x0 + 1 : x0 + 1 + n], pixels[y - 1, x0 + 2 : x0 + 2 + n]
        b0, b1, b2 = pixels[y, x0 : x0 + n], pixels[y, x0 + 1 : x0 + 1 + n], pixels[y, x0 + 2 : x0 + 2 + n]
        c0, c1, c2 = pixels[y + 1, x0 : x0 + n], pixels[y + 1, x0 + 1 : x0 + 1 + n], pixels[y + 1, x0 + 2 : x0 + 2 + n]
        for i in range(n):
            nw, no, ne = zero + a0[i], zero + a1[i], zero + a2[i]
            we, me, ea = zero + b0[i], zero + b1[i], zero + b2[i]
            sw, so, se = zero + c0[i], zero + c1[i], zero + c2[i]
            value = no + so + we + ea - 4 * me
            gx = ne - nw + se - sw + 2 * (ea - we)
            gy = sw - nw + se - ne + 2 * (so - no)
            lap += value
            lap2 += value * value
            ten += gx * gx + gy * gy
    return lap, lap2, ten


@kernel
def _brightness(pixels, y0, y1, x0, x1, top):  # type: ignore[no-untyped-def]
    total, saturated = 0.0, 0
    for y in range(y0, y1):
        line = pixels[y, x0:x1]
        s, t = line[0] * np.int64(0), 0
        for i in range(len(line)):
            s += line[i]
            t += line[i] >= top
        total += s
        saturated += t
    return total, saturated


def _of_finite(window: np.ndarray) -> tuple[float, float, float, float]:
    """Measure a window of floats in which some are not finite: without these, and what has them for a neighbour."""
    from scipy import ndimage

    values = window.astype(np.float64)
    good = np.isfinite(values)
    values[~good] = 0
    whole = ndimage.binary_erosion(good, np.ones((3, 3), bool))  # the rim of the window is no neighbour either
    lap = ndimage.laplace(values)[whole]
    squared = (ndimage.sobel(values, 0) ** 2 + ndimage.sobel(values, 1) ** 2)[whole]
    mean = values[good].mean() if good.any() else np.nan
    return mean, np.nan, lap.var() if lap.size else np.nan, squared.mean() if squared.size else np.nan


class Focus:
    """Measures of sharpness in windows of about 512 px; what lies on their rim is left out, so none depends on others.

    Parameters
    ----------
    grid
        How the image is cut.
    dtype
        The type pixels are measured in.
    stored
        The type they are stored in, whose maximum is saturation.
    """

    def __init__(self, grid: Grid, dtype: np.dtype[Any], stored: np.dtype[Any]) -> None:
        self._grid = grid
        self._whole = dtype.kind in "iu"
        self._zero = np.int64(0) if self._whole else np.float64(0)
        self._top: Any = dtype.type(np.iinfo(stored).max) if stored.kind in "iu" else dtype.type(np.inf)
        self._floats = stored.kind not in "iu"
        self._rows: list[tuple[float, ...]] = []

    def start(self) -> list[tuple[float, ...]]:
        """Give the empty list of a segment."""
        return []

    def see(self, local: list[tuple[float, ...]], pixels: np.ndarray, block: Block) -> None:
        """Measure the windows of a block."""
        for window in self._grid.cells(block):
            inside = (window[0] - block.y0, window[1] - block.y0, window[2] - block.x0, window[3] - block.x0)
            total, saturated = _brightness(pixels, *inside, self._top)
            if not abs(total) < np.inf:
                local.append((*window, *_of_finite(pixels[inside[0] : inside[1], inside[2] : inside[3]])))
                continue
            size = (inside[1] - inside[0]) * (inside[3] - inside[2])
            n = (inside[1] - inside[0] - 2) * (inside[3] - inside[2] - 2)
            variance = tenengrad = np.nan
            if inside[1] - inside[0] > 2 and inside[3] - inside[2] > 2:
                lap, lap2, ten = _sharpness(pixels, self._zero, *inside)
                variance, tenengrad = max(lap2 / n - (lap / n) ** 2, 0.0), ten / n
            share = np.nan if self._floats else saturated / size
            local.append((*window, total / size, share, variance, tenengrad))

    def merge(self, channel: int, local: list[tuple[float, ...]]) -> None:
        """Keep the windows of a segment."""
        self._rows.extend((channel, *row) for row in local)

    def table(self) -> pd.DataFrame:
        """Give one row a channel and window, in channel and reading order."""
        frame = pd.DataFrame(self._rows, columns=list(_COLUMNS)).astype(_COLUMNS)
        return frame.sort_values(["channel_index", "y0", "x0"], ignore_index=True)
