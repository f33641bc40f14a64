"""Small pictures of large images and masks, at a scale that is written down."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask

__all__ = ["mask_thumbnail", "thumbnail"]


def thumbnail(image: Image, max_px: int = 1024) -> tuple[np.ndarray, float]:
    """Shrink an image by block means, from the smallest pyramid level that is large enough.

    Parameters
    ----------
    image
        The image.
    max_px
        Longest side of the result.

    Returns
    -------
    pixels
        float32 (channels, h, w), or (h, w, 3) for RGB.
    scale
        Thumbnail pixels per level-0 pixel (1 where the image is small already).

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import thumbnail
    >>> small, scale = thumbnail(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"), 100)
    >>> max(small.shape[1:]) <= 100
    True
    """
    longest = max(image.height, image.width)
    step = max(1, -(-longest // max_px))  # whole level-0 pixels per thumbnail pixel
    level = max(i for i, size in enumerate(image.levels) if size.downsample <= step + 1e-6)
    size = image.levels[level]
    inner = max(1, math.ceil(step / size.downsample - 1e-6))
    scale = 1 / (inner * size.downsample)
    rgb = image.is_rgb
    height, width = -(-size.height // inner), -(-size.width // inner)
    sums = np.zeros((height, width, 3) if rgb else (image.n_channels, height, width))
    counts = np.zeros((height, width))
    for (y0, y1, x0, x1), channels, pixels in image.blocks(level):
        rows, columns = np.arange(y0, y1) // inner, np.arange(x0, x1) // inner
        target = np.ix_(np.unique(rows), np.unique(columns))
        if channels[0] == 0:
            counts[target] += _block_sums(np.ones((1, y1 - y0, x1 - x0)), rows, columns)[0]
        if rgb:
            sums[target] += np.moveaxis(_block_sums(np.moveaxis(pixels, -1, 0), rows, columns), 0, -1)
        else:
            for channel, plane in zip(channels, pixels, strict=True):
                sums[channel][target] += _block_sums(plane[np.newaxis], rows, columns)[0]
    return (sums / (counts[..., np.newaxis] if rgb else counts)).astype(np.float32), scale


def _block_sums(planes: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    starts = [np.flatnonzero(np.diff(index, prepend=-1)) for index in (rows, columns)]
    wide = np.add.reduceat(planes.astype(np.float64), starts[0], axis=1)
    return np.add.reduceat(wide, starts[1], axis=2)


def mask_thumbnail(mask: Mask, scale: float, shape: tuple[int, int]) -> np.ndarray:
    """Shrink a mask by nearest neighbour, so that every value is still a label.

    Parameters
    ----------
    mask
        The mask.
    scale
        Thumbnail pixels per mask pixel, as :func:`thumbnail` gave it.
    shape
        (height, width) of the image's thumbnail, which this one overlays.

    Returns
    -------
    int64 (height, width) labels: the one at the centre of each thumbnail pixel.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import mask_thumbnail
    >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    >>> mask_thumbnail(mask, 0.1, (20, 30)).shape
    (20, 30)
    """
    centres = [
        np.minimum((np.arange(n) + 0.5) / scale, side - 1).astype(np.int64)
        for n, side in zip(shape, mask.shape, strict=True)
    ]
    small = np.zeros(shape, np.int64)
    for (y0, y1, x0, x1), labels in mask.blocks():
        rows = np.flatnonzero((centres[0] >= y0) & (centres[0] < y1))
        columns = np.flatnonzero((centres[1] >= x0) & (centres[1] < x1))
        small[np.ix_(rows, columns)] = labels[np.ix_(centres[0][rows] - y0, centres[1][columns] - x0)]
    return small
