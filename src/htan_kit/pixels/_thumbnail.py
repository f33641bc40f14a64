"""Small pictures of large images and masks, at a scale that is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.pixels._measurement import measured
from htan_kit.pixels._picture import Plan, label_places, plan_picture, shrink_level

if TYPE_CHECKING:
    import numpy as np

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask

__all__ = ["mask_thumbnail", "thumbnail"]


def thumbnail(image: Image, max_px: int = 1024) -> tuple[np.ndarray, float]:
    """Shrink an image by block means, from the smallest pyramid level that is large enough.

    Parameters
    ----------
    image
        The image; one without a pyramid is gone over by all cores.
    max_px
        Longest side of the result.

    Returns
    -------
    pixels
        float32 (channels, h, w), or (h, w, 3) for RGB.
    scale
        Thumbnail pixels per level-0 pixel (1 where the image is small already).

    Raises
    ------
    InputError
        A tile cannot be decoded.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import thumbnail
    >>> small, scale = thumbnail(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"), 100)
    >>> max(small.shape[1:]) <= 100
    True
    """
    from htan_kit.findings import Findings
    from htan_kit.pixels._measure import measure

    plan = plan_picture(image, max_px)
    if plan.level:
        return shrink_level(image, plan), plan.scale
    found = measure(image, channels=False, focus=False, tissue=False, picture=plan, findings=Findings())
    return measured(measured(found.picture).pixels), plan.scale


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

    Raises
    ------
    InputError
        A tile cannot be decoded, or values are no labels.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import mask_thumbnail
    >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    >>> mask_thumbnail(mask, 0.1, (20, 30)).shape
    (20, 30)
    """
    import numpy as np

    from htan_kit.pixels._labels_at import labels_at

    rows, columns = label_places(Plan(0, 1, scale, shape), mask.shape)
    return labels_at(mask, np.stack([columns, rows], axis=1).astype(np.float64)).reshape(shape)
