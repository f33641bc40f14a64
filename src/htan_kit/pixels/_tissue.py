"""Where the tissue lies: small pictures of every channel, and a threshold on what they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._kernel import kernel
from htan_kit.pixels._otsu import otsu_threshold

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block

__all__ = ["Tissue", "TissueSums"]

_SIDE = 256


@dataclass(frozen=True)
class Tissue:
    """Tissue at low resolution.

    Parameters
    ----------
    mask
        bool (h, w).
    step_px
        Side in px of what one of its pixels stands for.
    area_px
        Pixels of the image that are tissue.
    share
        The same, of all pixels (0 to 1); NaN for an image that is flat everywhere.
    """

    mask: np.ndarray
    step_px: int
    area_px: int
    share: float


@kernel
def _add(pixels, height, width, y0, x0, step, total, count):  # type: ignore[no-untyped-def]
    for y in range(height):
        line, at = pixels[y, :width], (y0 + y) // step
        x = 0
        while x < width:
            cell = (x0 + x) // step
            end = min(width, (cell + 1) * step - x0)
            part = line[x:end]
            s = part[0] * np.int64(0)
            for i in range(len(part)):
                s += part[i]
            if abs(s) < np.inf:
                total[at, cell] += s
                count[at, cell] += end - x
            x = end


class TissueSums:
    """Block means of every channel, at most 256 px a side: bounded whatever the image.

    Parameters
    ----------
    n_channels
        Channels.
    height, width
        Of the image, in px.
    """

    def __init__(self, n_channels: int, height: int, width: int) -> None:
        self.step = max(1, -(-max(height, width) // _SIDE))
        self._size = (height, width)
        shape = (n_channels, -(-height // self.step), -(-width // self.step))
        self._total, self._count = np.zeros(shape), np.zeros(shape, np.int32)

    def start(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the empty sums of a segment."""
        return np.zeros(self._total.shape[1:]), np.zeros(self._count.shape[1:], np.int32)

    def see(self, local: tuple[np.ndarray, np.ndarray], pixels: np.ndarray, block: Block) -> None:
        """Add a block."""
        _add(pixels, *block.shape, block.y0, block.x0, self.step, *local)

    def merge(self, channel: int, local: tuple[np.ndarray, np.ndarray]) -> None:
        """Add the sums of a segment."""
        self._total[channel] += local[0]
        self._count[channel] += local[1]

    def result(self, *, bright: bool = False) -> Tissue:
        """Decide what is tissue.

        Parameters
        ----------
        bright
            Whether the background is bright (a colour image of stained tissue).
        """
        from scipy import ndimage

        shown, n = np.zeros(self._total.shape[1:]), 0
        for total, count in zip(self._total, self._count, strict=True):
            with np.errstate(invalid="ignore", divide="ignore"):
                plane = total / count
            plane = -plane if bright else np.sign(plane) * np.log1p(np.abs(plane))
            seen = plane[np.isfinite(plane)]
            low, top = np.quantile(seen, [0.01, 0.99]) if seen.size else (0.0, 0.0)
            if top > low:
                shown += np.nan_to_num(np.clip((plane - low) / (top - low), 0, 1))
                n += 1
        if not n:
            return Tissue(np.zeros(shown.shape, bool), self.step, 0, float("nan"))
        shown /= n
        levels, counts = np.unique(np.round(shown * 1023).astype(int), return_counts=True)
        threshold = otsu_threshold(counts, levels.astype(np.float64))[0]
        mask = np.round(shown * 1023) > threshold
        mask = ndimage.binary_closing(np.pad(mask, 2, mode="edge"), iterations=2)[2:-2, 2:-2]
        high, wide = (
            np.diff(np.minimum(np.arange(n + 1) * self.step, side))
            for n, side in zip(mask.shape, self._size, strict=True)
        )
        area = int((mask * high[:, np.newaxis] * wide).sum())
        return Tissue(mask, self.step, area, area / (self._size[0] * self._size[1]))
