"""Where the tissue lies: small pictures of every channel, and a threshold on what they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._otsu import otsu_threshold

if TYPE_CHECKING:
    from htan_kit.pixels._block_means import BlockMeans

__all__ = ["TISSUE_PX", "Tissue", "tissue_of"]

TISSUE_PX = 256
"""Longest side of the picture on which tissue is found."""


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


def tissue_of(pictures: BlockMeans, size: tuple[int, int], *, bright: bool = False) -> Tissue:
    """Decide what is tissue: Otsu's threshold on the mean of all channels, each from its 1st to its 99th percentile.

    Parameters
    ----------
    pictures
        Block means of every channel.
    size
        (height, width) of the image in px.
    bright
        Whether the background is bright (a colour image of stained tissue).

    Returns
    -------
    The tissue, closed over gaps of four blocks.
    """
    from scipy import ndimage

    means, step, n = pictures.means, pictures.step, 0
    shown = np.zeros(means.shape[1:])
    for mean in means:
        plane = -mean if bright else np.sign(mean) * np.log1p(np.abs(mean))
        seen = plane[np.isfinite(plane)]
        low, top = np.quantile(seen, [0.01, 0.99]) if seen.size else (0.0, 0.0)
        if top > low:
            shown += np.nan_to_num(np.clip((plane - low) / (top - low), 0, 1))
            n += 1
    if not n:
        return Tissue(np.zeros(shown.shape, bool), step, 0, float("nan"))
    shown /= n
    levels, counts = np.unique(np.round(shown * 1023).astype(int), return_counts=True)
    threshold = otsu_threshold(counts, levels.astype(np.float64))[0]
    mask = np.round(shown * 1023) > threshold
    mask = ndimage.binary_closing(np.pad(mask, 2, mode="edge"), iterations=2)[2:-2, 2:-2]
    high, wide = (np.diff(np.minimum(np.arange(n + 1) * step, side)) for n, side in zip(mask.shape, size, strict=True))
    area = int((mask * high[:, np.newaxis] * wide).sum())
    return Tissue(mask, step, area, area / (size[0] * size[1]))
