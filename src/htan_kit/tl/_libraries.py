"""The images inside an AnnData: nothing in this room mixes the cells of two images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit._keys import Key
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["NO_PIXEL_SIZE", "image_size_um", "libraries", "pixel_size_um", "spatial_um"]

NO_PIXEL_SIZE = "the pixel size is unknown, so there are no distances in µm"


def libraries(adata: AnnData) -> dict[str, NDArray[np.int64]]:
    """Give the row numbers of each image, in order of first appearance.

    An image without cells is known from ``uns["htan_kit"]`` and has no rows.
    """
    key = Key.obs.library_id
    if key not in adata.obs:
        raise InputError.of(
            "adata.library-id",
            f"obs[{key!r}]",
            f"The table does not say which image a cell is from; columns: {list(adata.obs.columns)}.",
            f'For one image: adata.obs["{key}"] = "name".',
        )
    codes, names = pd.factorize(adata.obs[key].astype(str))
    rows = {str(name): np.flatnonzero(codes == code) for code, name in enumerate(names)}
    for name in adata.uns.get(Key.uns.kit, {}):
        rows.setdefault(str(name), np.empty(0, dtype=np.int64))
    return rows


def spatial_um(adata: AnnData) -> NDArray[np.float64]:
    """Give the coordinates in µm, or say how to give a pixel size; it is never taken to be 1."""
    if Key.obsm.spatial_um not in adata.obsm:
        raise InputError.of(
            "adata.pixel-size",
            f"obsm[{Key.obsm.spatial_um!r}]",
            f"{NO_PIXEL_SIZE[0].upper()}{NO_PIXEL_SIZE[1:]}.",
            'Give it when reading, hk.read(sample, pixel_size_um=0.65) or "--pixel-size-um 0.65", or set '
            f'adata.obsm["{Key.obsm.spatial_um}"] = adata.obsm["{Key.obsm.spatial}"] * pixel_size_um.',
        )
    return np.asarray(adata.obsm[Key.obsm.spatial_um], dtype=float).reshape(adata.n_obs, 2)


def pixel_size_um(adata: AnnData, library_id: str) -> float | None:
    """Give µm per level-0 pixel: what the metadata say, else what the two sets of coordinates say, else None."""
    metadata = adata.uns.get(Key.uns.spatial, {}).get(library_id, {}).get("metadata", {})
    stated = metadata.get("pixel_size_um")
    if stated is not None and np.isfinite(stated):
        return float(stated)
    if Key.obsm.spatial_um not in adata.obsm or Key.obsm.spatial not in adata.obsm:
        return None
    rows = libraries(adata).get(library_id, np.empty(0, dtype=int))
    px = np.asarray(adata.obsm[Key.obsm.spatial])[rows]
    um = np.asarray(adata.obsm[Key.obsm.spatial_um])[rows]
    good = np.isfinite(px).all(axis=1) & np.isfinite(um).all(axis=1)
    # 0/0 says nothing: one cell at the origin, or no cells.
    return float(np.abs(um[good]).sum() / np.abs(px[good]).sum()) if np.abs(px[good]).sum() else None


def image_size_um(adata: AnnData, library_id: str) -> tuple[float, float] | None:
    """Give height and width of the image in µm; None when there is no image or no pixel size."""
    entry = adata.uns.get(Key.uns.spatial, {}).get(library_id, {})
    size = pixel_size_um(adata, library_id)
    images, scales = entry.get("images", {}), entry.get("scalefactors", {})
    if size is None or "hires" not in images or not scales.get("tissue_hires_scalef"):
        return None
    height, width = images["hires"].shape[:2]
    factor = size / float(scales["tissue_hires_scalef"])
    return height * factor, width * factor
