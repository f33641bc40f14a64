"""How many cells of each type there are per mm² of tissue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.tl._labels import images_of_types
from htan_kit.tl._libraries import image_size_um
from htan_kit.tl._statistics import append, reasoned

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["density", "disc_area_um2"]

_MAX_PIXELS = 4_000_000
_FINEST_UM = 0.5


def density(adata: AnnData, *, cluster_key: str = "phenotype", radius_um: float = 25.0) -> pd.DataFrame:
    """Divide the cells of each type by the area of the tissue that the cells cover, image by image.

    Parameters
    ----------
    adata
        With the types of cells in ``obs`` and ``obsm["spatial_um"]``.
    cluster_key
        The column of types.
    radius_um
        The tissue is the union of discs of this radius (µm) around all cells of the image, clipped to the image:
        what is further than this from any cell is not counted as tissue.

    Returns
    -------
    Rows of the long table. ``statistic = "area"``, ``variant = "discs_mm2"``: ``value`` the area in mm², ``n_a`` all
    cells. ``statistic = "density"``, ``variant = "cells_per_mm2"``: ``type_a`` (NA: all cells), ``value`` cells per
    mm², ``n_a`` cells. Where the pixel size is unknown, NA and the reason. They are also put into
    ``uns["spatial_statistics"]``.

    Raises
    ------
    InputError
        The column is not there, or the radius is not a positive number.

    Notes
    -----
    The discs are rasterised with a step of at least 0.5 µm, coarser on large images (at most 4 million points). The
    image's size is known from its thumbnail; a table without an image is not clipped, so that its area reaches up to
    one radius beyond the outermost cells. Densities with other radii or other tissue masks are not comparable.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.tl as tl
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": ["A"]}, index=["1"])
    >>> adata = anndata.AnnData(obs=obs, obsm={"spatial_um": np.array([[100.0, 100.0]])})
    >>> tl.density(adata)[["statistic", "value"]].round(4).values.tolist()  # the area is pi * 25² µm²
    [['area', 0.002], ['density', 510.0089], ['density', 510.0089]]
    """
    if not (np.isfinite(radius_um) and radius_um > 0):
        raise InputError.of("tl.radius", "radius_um", f"A length in µm above 0 is needed; got {radius_um!r}.")
    rows: list[dict[str, Any]] = []
    for library_id, cells, codes, types in images_of_types(adata, cluster_key):
        xy, reason = _places(adata, cells)
        if reason:
            rows += [
                reasoned(library_id, "area", reason, variant="discs_mm2", radius_um=radius_um),
                reasoned(library_id, "density", reason, variant="cells_per_mm2", radius_um=radius_um),
            ]
            continue
        area_mm2 = disc_area_um2(xy, radius_um=radius_um, size_um=image_size_um(adata, library_id)) / 1e6
        counts = np.bincount(codes, minlength=len(types))
        base = {"library_id": library_id, "radius_um": radius_um}
        rows.append({**base, "statistic": "area", "variant": "discs_mm2", "value": area_mm2, "n_a": len(cells)})
        rows += [
            {
                **base,
                "statistic": "density",
                "variant": "cells_per_mm2",
                "type_a": name,
                "value": count / area_mm2,
                "n_a": count,
            }
            for name, count in [(None, len(cells)), *zip(types, counts, strict=True)]
        ]
    return append(adata, rows)


def _places(adata: AnnData, cells: NDArray[np.int64]) -> tuple[NDArray[np.float64], str]:
    if not len(cells):
        return np.empty((0, 2)), "no cells"
    if Key.obsm.spatial_um not in adata.obsm:
        return np.empty((0, 2)), "the pixel size is unknown, so there is no area in µm²"
    xy = np.asarray(adata.obsm[Key.obsm.spatial_um], dtype=float)[cells]
    xy = xy[np.isfinite(xy).all(axis=1)]
    return xy, "" if len(xy) else "no cell has coordinates"


def disc_area_um2(xy_um: NDArray[np.float64], *, radius_um: float, size_um: tuple[float, float] | None = None) -> float:
    """Give the area in µm² of the union of discs around points, clipped to the image.

    Parameters
    ----------
    xy_um
        Points, shape (n, 2), x and y in µm, n ≥ 1.
    radius_um
        Radius of the discs.
    size_um
        Height and width of the image; None is not clipped.
    """
    from scipy.ndimage import distance_transform_edt

    low, high = xy_um.min(axis=0) - radius_um, xy_um.max(axis=0) + radius_um
    if size_um is not None:
        low, high = np.maximum(low, 0.0), np.minimum(high, np.array([size_um[1], size_um[0]]))
        # A cell outside the image (its table is wrong) must not make the area empty or negative.
        low, high = np.minimum(low, xy_um.min(axis=0)), np.maximum(high, xy_um.max(axis=0))
    extent = np.maximum(high - low, _FINEST_UM)
    step = max(_FINEST_UM, float(np.sqrt(extent[0] * extent[1] / _MAX_PIXELS)))
    n = np.maximum(np.round(extent / step).astype(int), 1)
    pitch = extent / n  # whole pixels fill the window exactly
    empty = np.ones((n[1], n[0]), dtype=bool)
    column, row = np.clip(((xy_um - low) / pitch).astype(int), 0, n - 1).T
    empty[row, column] = False
    near = distance_transform_edt(empty, sampling=(pitch[1], pitch[0])) <= radius_um
    return float(near.sum() * pitch[0] * pitch[1])
