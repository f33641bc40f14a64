"""Objects of a mask: where they are, how large, and how bright in each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.pixels._measure import measure
from htan_kit.pixels._measurement import measured

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask

__all__ = ["mask_objects", "object_means"]


def mask_objects(mask: Mask) -> pd.DataFrame:
    """Measure every object of a mask in one pass.

    Parameters
    ----------
    mask
        The opened mask.

    Returns
    -------
    One row an object, sorted by label: ``label`` int64, ``area_px`` int64, ``x_px`` and ``y_px`` float64 (centroid,
    origin at the centre of the first pixel), ``touches_border`` bool, and the bounding box ``y0, y1, x0, x1`` int64
    (ends exclusive).

    Raises
    ------
    InputError
        The values are no labels, or only 0 and one other value over several objects (a binary mask).

    References
    ----------
    Area and centroid as in scikit-image ``regionprops``.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import mask_objects
    >>> objects = mask_objects(hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff"))
    >>> bool(objects["label"].is_unique)
    True
    """
    return measure(None, mask, shapes=False).objects


def object_means(image: Image, mask: Mask, labels: Iterable[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Measure the mean intensity of every object in every channel.

    Parameters
    ----------
    image
        The Level 2 image, (channels, height, width).
    mask
        The Level 3 mask of the same height and width.
    labels
        Only these objects; None for all of the mask.

    Returns
    -------
    labels
        int64 (objects,), sorted.
    means
        float64 (objects, channels): sum of the pixels' values over the number of pixels.

    Raises
    ------
    InputError
        The mask has another size than the image, or the image is RGB.

    References
    ----------
    ``mean_intensity`` of scikit-image ``regionprops``, as in MCMICRO's quantification.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import object_means
    >>> folder = hk.datasets.sample()
    >>> image = hk.read_image(folder / "level2" / "HTA200_1_D1.ome.tiff")
    >>> labels, means = object_means(image, hk.read_mask(folder / "level3" / "HTA200_1_D2.ome.tiff"))
    >>> means.shape == (len(labels), image.n_channels)
    True
    """
    if image.is_rgb:
        raise InputError.of(
            "quantify.rgb", image.path, "A colour image has no markers to measure.", "Give a multiplexed image."
        )
    if mask.shape != (image.height, image.width):
        message = f"The mask is {mask.shape[0]} x {mask.shape[1]} px, the image {image.height} x {image.width} px."
        raise InputError.of("mask.size", mask.path, message, "Give the mask that was made from this image.")
    found = measure(
        image, mask, spread=False, shapes=False, channels=False, focus=False, tissue=False, findings=Findings()
    )
    means = measured(found.mean)
    if labels is None:
        return found.labels, means
    wanted = np.unique(np.fromiter(labels, np.int64))
    place = np.searchsorted(found.labels, wanted)
    there = np.isin(wanted, found.labels)
    out = np.full((len(wanted), means.shape[1]), np.nan)
    out[there] = means[place[there]]
    return wanted, out
