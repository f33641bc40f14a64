"""Objects of a mask: where they are, how large, and how bright in each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit.errors import InputError
from htan_kit.pixels._pieces import in_pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from htan_kit.io.image import Image, Window
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
    objects = _merge([_block_objects(window, labels) for window, labels in mask.blocks()], mask.shape)
    if len(objects) == 1 and in_pieces(mask):
        value = objects["label"].iloc[0]
        message = (
            f"The mask holds only 0 and {value} over several separate objects: it is binary, objects have no labels."
        )
        hint = "Label it first: skimage.measure.label(mask), or export the instance mask of the segmentation."
        raise InputError.of("mask.binary", mask.path, message, hint, "HTAN Manual, Level 3")
    return objects


def _block_objects(window: Window, labels: np.ndarray) -> pd.DataFrame:
    y, x = np.nonzero(labels)
    ids, inverse = np.unique(labels[y, x], return_inverse=True)
    n = len(ids)
    y, x = y + window[0], x + window[2]
    low, high = np.full((2, n), np.iinfo(np.int64).max), np.full((2, n), -1)
    for axis, values in enumerate((y, x)):
        np.minimum.at(low[axis], inverse, values)
        np.maximum.at(high[axis], inverse, values)
    return pd.DataFrame(
        {
            "label": ids,
            "area_px": np.bincount(inverse, minlength=n),
            "sum_x": np.bincount(inverse, x, n),
            "sum_y": np.bincount(inverse, y, n),
            "y0": low[0],
            "y1": high[0] + 1,
            "x0": low[1],
            "x1": high[1] + 1,
        }
    )


def _merge(parts: list[pd.DataFrame], shape: tuple[int, int]) -> pd.DataFrame:
    how = {"area_px": "sum", "sum_x": "sum", "sum_y": "sum", "y0": "min", "y1": "max", "x0": "min", "x1": "max"}
    merged = pd.concat(parts, ignore_index=True).groupby("label", sort=True).agg(how).reset_index()
    at_border = (merged["y0"] == 0) | (merged["x0"] == 0) | (merged["y1"] == shape[0]) | (merged["x1"] == shape[1])
    return pd.DataFrame(
        {
            "label": merged["label"].astype(np.int64),
            "area_px": merged["area_px"].astype(np.int64),
            "x_px": merged["sum_x"] / merged["area_px"],
            "y_px": merged["sum_y"] / merged["area_px"],
            "touches_border": at_border,
            **{side: merged[side].astype(np.int64) for side in ("y0", "y1", "x0", "x1")},
        }
    )


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
    wanted = np.unique(np.fromiter(labels, np.int64)) if labels is not None else mask_objects(mask)["label"].to_numpy()
    totals = np.zeros((len(wanted), image.n_channels))
    counts = np.zeros(len(wanted), np.int64)
    window_now: Window | None = None
    for window, channels, pixels in image.blocks():
        if window != window_now:
            window_now = window
            block = mask.read(window)
            inside = np.isin(block, wanted) if labels is not None else block > 0
            ids, inverse = np.unique(block[inside], return_inverse=True)
            rows = np.searchsorted(wanted, ids)
            counts[rows] += np.bincount(inverse, minlength=len(ids))
        for plane, channel in zip(pixels, channels, strict=True):
            totals[rows, channel] += np.bincount(inverse, plane[inside], len(ids))
    with np.errstate(invalid="ignore"):
        return wanted, totals / counts[:, np.newaxis]
