"""An image made small: by how much, and from which level of its pyramid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from htan_kit.io.image import Image

__all__ = ["Picture", "Plan", "label_places", "plan_picture", "shrink_level"]


@dataclass(frozen=True)
class Picture:
    """A small picture of an image and of its mask.

    Parameters
    ----------
    pixels
        float32 (channels, h, w), or (h, w, 3) for RGB: means of blocks; None where there is no image.
    labels
        int64 (h, w): the label at the centre of each block; None where there is no mask.
    scale
        Its pixels per level-0 pixel.
    """

    pixels: np.ndarray | None
    labels: np.ndarray | None
    scale: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How a picture is made: from which level, of blocks of how many of its pixels, at what scale and size."""

    level: int
    step: int
    scale: float
    shape: tuple[int, int]


def plan_picture(image: Image, max_px: int, *, pyramid: bool = True) -> Plan:
    """Choose the smallest pyramid level that is large enough.

    Parameters
    ----------
    image
        The image.
    max_px
        Longest side of the picture.
    pyramid
        Whether levels other than 0 may be used.

    Returns
    -------
    The plan; level 0 means that all of the image must be gone over.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels._picture import plan_picture
    >>> plan_picture(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"), 300).level
    1
    """
    step = max(1, -(-max(image.height, image.width) // max_px))  # whole level-0 pixels per pixel of the picture
    levels = image.levels if pyramid else image.levels[:1]
    level = max(i for i, size in enumerate(levels) if size.downsample <= step + 1e-6)
    size = image.levels[level]
    inner = max(1, math.ceil(step / size.downsample - 1e-6))
    return Plan(level, inner, 1 / (inner * size.downsample), (-(-size.height // inner), -(-size.width // inner)))


def label_places(plan: Plan, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Give row and column of the mask's pixel at the centre of each of the picture's: two int64 (h * w,).

    Parameters
    ----------
    plan
        Scale and size of the picture.
    shape
        (height, width) of the mask.
    """
    rows, columns = (
        np.minimum((np.arange(n) + 0.5) / plan.scale, side - 1).astype(np.int64)
        for n, side in zip(plan.shape, shape, strict=True)
    )
    return np.repeat(rows, len(columns)), np.tile(columns, len(rows))


def shrink_level(image: Image, plan: Plan) -> np.ndarray:
    """Shrink the level of the pyramid that a plan names, by means of blocks.

    Parameters
    ----------
    image
        The image.
    plan
        The plan.

    Returns
    -------
    float32 (channels, h, w), or (h, w, 3) for RGB.

    Raises
    ------
    InputError
        A tile cannot be decoded.
    """
    inner, n = plan.step, 3 if image.is_rgb else image.n_channels
    size = image.levels[plan.level]
    sums = np.zeros((n, *plan.shape), np.float32)
    for (y0, y1, x0, x1), channels, pixels in image.blocks(plan.level):
        planes = np.moveaxis(pixels, -1, 0) if image.is_rgb else pixels
        rows, columns = slice(y0 // inner, -(-y1 // inner)), slice(x0 // inner, -(-x1 // inner))
        for channel, plane in zip(range(n) if image.is_rgb else channels, planes, strict=True):
            sums[channel, rows, columns] += _block_sums(plane, y0 % inner, x0 % inner, inner)
    high, wide = (
        np.diff(np.minimum(np.arange(k + 1) * inner, side))
        for k, side in zip(plan.shape, (size.height, size.width), strict=True)
    )
    sums /= np.outer(high, wide).astype(np.float32)
    return np.moveaxis(sums, 0, -1) if image.is_rgb else sums


def _block_sums(plane: np.ndarray, top: int, left: int, step: int) -> np.ndarray:
    """Add up blocks of a plane of which ``top`` rows and ``left`` columns are missing from the first."""
    if step == 1:
        return plane
    below, beside = -(top + plane.shape[0]) % step, -(left + plane.shape[1]) % step
    whole = np.pad(plane.astype(np.float32), ((top, below), (left, beside)))
    tall = np.add.reduce([whole[i::step] for i in range(step)])
    return np.asarray(np.add.reduce([tall[:, i::step] for i in range(step)]))
