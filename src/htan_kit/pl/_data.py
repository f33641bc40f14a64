"""What figures need from an AnnData: one image, its picture, its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.tl._libraries import image_size_um, libraries, pixel_size_um

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["Cells", "Picture", "cells_of", "one_image", "picture_of"]


@dataclass(frozen=True, slots=True)
class Picture:
    """The thumbnail of an image and of its mask, at one scale.

    Parameters
    ----------
    pixels
        uint8 (h, w, 3).
    labels
        (h, w) integer labels, or None without a mask.
    scale
        Thumbnail px per level-0 px.
    um_per_px
        µm per thumbnail px; None where the pixel size is unknown.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    scale: float
    um_per_px: float | None


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one image that have coordinates.

    Parameters
    ----------
    rows
        Their rows in the AnnData.
    xy
        x and y, in µm where ``is_um``, else in px.
    is_um
        Whether the coordinates are in µm.
    extent
        x0, x1, y0, y1 of the image, or of the cells where the image is not known; same unit.
    """

    rows: NDArray[np.int64]
    xy: NDArray[np.float64]
    is_um: bool
    extent: tuple[float, float, float, float]


def one_image(adata: AnnData, library_id: str | None = None) -> tuple[str, NDArray[np.int64]]:
    """Give the name and the rows of the image to draw; an AnnData of several images must be told which."""
    images = libraries(adata)
    if library_id is None and len(images) == 1:
        return next(iter(images.items()))
    if library_id is None or library_id not in images:
        message = f"The figure shows one image; there are {list(images)}."
        raise InputError.of("pl.library-id", f"library_id={library_id!r}", message, "Choose with library_id=.")
    return library_id, images[library_id]


def picture_of(adata: AnnData, library_id: str) -> Picture | None:
    """Give the thumbnail in ``uns["spatial"]``; None where there is none."""
    entry = adata.uns.get(Key.uns.spatial, {}).get(library_id, {})
    images = entry.get("images", {})
    scale = entry.get("scalefactors", {}).get("tissue_hires_scalef")
    if "hires" not in images or not scale:
        return None
    labels = images.get("segmentation")
    size = pixel_size_um(adata, library_id)
    return Picture(
        np.asarray(images["hires"]),
        None if labels is None else np.asarray(labels),
        float(scale),
        None if size is None else size / float(scale),
    )


def cells_of(adata: AnnData, library_id: str, rows: NDArray[np.int64]) -> Cells | None:
    """Give the places of an image's cells, in µm if possible; None where there are no coordinates."""
    is_um = Key.obsm.spatial_um in adata.obsm
    key = Key.obsm.spatial_um if is_um else Key.obsm.spatial
    if key not in adata.obsm:
        return None
    xy = np.asarray(adata.obsm[key], dtype=float)[rows, :2]
    good = np.isfinite(xy).all(axis=1)
    if not good.any():
        return None
    xy = xy[good]
    picture = picture_of(adata, library_id)
    size: tuple[float, float] | None = None
    if is_um:
        size = image_size_um(adata, library_id)
    elif picture is not None:
        size = (picture.pixels.shape[0] / picture.scale, picture.pixels.shape[1] / picture.scale)
    if size is not None:
        # Coordinates count from the centre of the first pixel: the picture begins half a pixel before.
        half = (pixel_size_um(adata, library_id) or 1.0) / 2 if is_um else 0.5
        extent = (-half, size[1] - half, -half, size[0] - half)
    else:
        (x0, y0), (x1, y1) = xy.min(axis=0), xy.max(axis=0)
        pad = 0.03 * max(x1 - x0, y1 - y0, 1.0)
        extent = (x0 - pad, x1 + pad, y0 - pad, y1 + pad)
    return Cells(rows[good], xy, is_um, extent)
