"""Whether the cycles lie on each other: correlation and shift of each nuclear channel against the first, per tile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block

__all__ = ["Cycles", "phase_shift"]

_CROP = 256
_COLUMNS = {
    "channel_index": np.int64, "y0": np.int64, "y1": np.int64, "x0": np.int64, "x1": np.int64, "r": np.float64,
    "shift_y_px": np.float64, "shift_x_px": np.float64, "peak": np.float64,
}  # fmt: skip


def phase_shift(reference: np.ndarray, moved: np.ndarray) -> tuple[float, float, float]:
    """Find how far one picture is displaced from another, by phase correlation.

    Parameters
    ----------
    reference, moved
        float32 (height, width), of the same size.

    Returns
    -------
    dy, dx
        Displacement of ``moved``, px, positive down and to the right, to about 0.1 px; NaN where one is flat.
    peak
        Height of the correlation's peak, 0 (no match) to 1 (the same picture, displaced by whole pixels).

    References
    ----------
    Kuglin & Hines 1975; the peak is refined by a parabola through its neighbours.

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.pixels._cycles import phase_shift
    >>> picture = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    >>> [round(d) for d in phase_shift(picture, np.roll(picture, (3, -2), (0, 1)))[:2]]
    [3, -2]
    """
    from scipy import fft

    height, width = reference.shape
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1]).astype(np.float32)
    spectra = []
    for picture in (reference, moved):
        if not np.isfinite(picture).all() or np.ptp(picture) == 0:
            return np.nan, np.nan, np.nan
        spectra.append(fft.rfft2((picture - picture.mean()) * window))
    cross = spectra[1] * np.conj(spectra[0])
    size = np.abs(cross)
    cross /= np.maximum(size, size.max() * 1e-6)
    surface = fft.irfft2(cross, s=(height, width))
    y, x = np.unravel_index(int(np.argmax(surface)), surface.shape)
    dy = y + _vertex(surface[y - 1, x], surface[y, x], surface[(y + 1) % height, x])
    dx = x + _vertex(surface[y, x - 1], surface[y, x], surface[y, (x + 1) % width])
    wrap = [d - n if d > n / 2 else d for d, n in ((dy, height), (dx, width))]
    return float(wrap[0]), float(wrap[1]), float(surface[y, x])


def _vertex(before: float, at: float, after: float) -> float:
    bend = before - 2 * at + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0


class Cycles:
    """Compares channels block by block with the first of them.

    Parameters
    ----------
    channels
        Nuclear channels, one a cycle; the first is the reference.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        self.channels = channels
        self._rows: list[tuple[float, ...]] = []

    def compare(self, channel: int, reference: np.ndarray, pixels: np.ndarray, block: Block) -> None:
        """Compare a block of a channel with that of the reference."""
        height, width = block.shape
        a, b = (p[:height, :width].astype(np.float32) for p in (reference, pixels))
        good = np.isfinite(a) & np.isfinite(b)
        r = np.nan
        if good.sum() > 1 and np.ptp(a[good]) > 0 and np.ptp(b[good]) > 0:
            r = float(np.corrcoef(a[good], b[good])[0, 1])
        top, left = max(0, (height - _CROP) // 2), max(0, (width - _CROP) // 2)
        cut = slice(top, top + _CROP), slice(left, left + _CROP)
        shift = phase_shift(a[cut], b[cut]) if min(height, width) >= 32 else (np.nan,) * 3
        self._rows.append((channel, block.y0, block.y1, block.x0, block.x1, r, *shift))  # one call, so threads may

    def table(self) -> pd.DataFrame:
        """Give one row a channel and block, in channel and reading order."""
        frame = pd.DataFrame(self._rows, columns=list(_COLUMNS)).astype(_COLUMNS)
        return frame.sort_values(["channel_index", "y0", "x0"], ignore_index=True)
