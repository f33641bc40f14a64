"""Who is beside whom: a Delaunay graph whose edges have a length in µm and a limit."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.tl._libraries import NO_PIXEL_SIZE, libraries, spatial_um
from htan_kit.tl._squidpy import import_squidpy

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["spatial_graph"]

_MIN_CELLS = 4


def spatial_graph(
    adata: AnnData, *, max_edge_um: float = 50.0, strict: bool = True, copy: bool = False
) -> AnnData | None:
    """Connect each cell with its Delaunay neighbours that are no further than ``max_edge_um``.

    Cells of different images are never connected. Where no triangulation exists (fewer than 4 cells, all of them on
    one line, no finite coordinates) the image has no edges, and the reason is kept.

    Parameters
    ----------
    adata
        Reads ``obsm["spatial_um"]`` and ``obs["library_id"]``.
    max_edge_um
        Longer edges are removed, in µm: they cross empty regions, or run along the outline of the tissue.
    strict
        Whether an unknown pixel size is an error. Without, the images have no edges, and the reason is kept: for pages
        that are to say what could not be assessed.
    copy
        Return a changed copy in place of changing ``adata``.

    Returns
    -------
    The copy, or None. Written: ``obsp["spatial_connectivities"]`` (float32, 1 for an edge),
    ``obsp["spatial_distances"]`` (float64, µm), ``uns["spatial_neighbors"]`` (keys, ``params`` with method and
    limit, ``unit``, ``reason`` by image where there is no graph).

    Raises
    ------
    InputError
        The pixel size is unknown (and ``strict``), or the limit is not a positive number.

    References
    ----------
    ``squidpy.gr.spatial_neighbors_delaunay`` (Palla et al. 2022, Nat. Methods 19:171), run on µm with ``library_key``.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.tl as tl
    >>> obs = pd.DataFrame({"library_id": ["image"] * 4}, index=list("abcd"))
    >>> adata = anndata.AnnData(obs=obs, obsm={"spatial_um": np.array([[0, 0], [10, 0], [0, 10], [90, 90.0]])})
    >>> tl.spatial_graph(adata)
    >>> adata.obsp["spatial_distances"].toarray().max().round(2)
    np.float64(14.14)
    """
    from scipy.sparse import csr_matrix

    if not (np.isfinite(max_edge_um) and max_edge_um > 0):
        raise InputError.of("tl.max-edge", "max_edge_um", f"A length in µm above 0 is needed; got {max_edge_um!r}.")
    adata = adata.copy() if copy else adata
    if strict and adata.n_obs:
        spatial_um(adata)
    known = Key.obsm.spatial_um in adata.obsm
    xy = spatial_um(adata) if known else np.full((adata.n_obs, 2), np.nan)
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(xy).all(axis=1))
    usable: list[NDArray[np.int64]] = []
    reasons: dict[str, str] = {}
    for library_id, rows in libraries(adata).items():
        rows = rows[finite[rows]]
        reason = _why_not(xy[rows]) if known or not adata.n_obs else NO_PIXEL_SIZE
        if reason:
            reasons[library_id] = reason
        else:
            usable.append(rows)
    shape = (adata.n_obs, adata.n_obs)
    connectivities, distances = csr_matrix(shape, dtype=np.float32), csr_matrix(shape, dtype=np.float64)
    if usable:
        connectivities, distances = _delaunay(adata, xy, np.sort(np.concatenate(usable)), max_edge_um)
    adata.obsp[Key.obsp.connectivities] = connectivities
    adata.obsp[Key.obsp.distances] = distances
    adata.uns[Key.uns.neighbors] = {
        "connectivities_key": Key.obsp.connectivities,
        "distances_key": Key.obsp.distances,
        "params": {"method": "delaunay", "max_edge_um": float(max_edge_um)},
        "unit": "um",
        "reason": reasons,
    }
    return adata if copy else None


def _why_not(xy: NDArray[np.float64]) -> str:
    if not len(xy):
        return "no cell has coordinates in µm"
    different = np.unique(xy, axis=0)
    if len(different) < _MIN_CELLS:
        return f"{len(different)} cells at different places; a triangulation needs {_MIN_CELLS}"
    spread = np.linalg.svd(different - different.mean(axis=0), compute_uv=False)
    return "all cells lie on one line" if spread[1] <= 1e-9 * spread[0] else ""


def _delaunay(adata: AnnData, xy: NDArray[np.float64], rows: NDArray[np.int64], max_edge_um: float) -> tuple[Any, Any]:
    import anndata
    from scipy.sparse import csr_matrix

    squidpy = import_squidpy()  # first: its import sets the level of the logger below
    library = adata.obs[Key.obs.library_id].iloc[rows].astype(str).astype("category")
    # squidpy logs each call through a logger of spatialdata that writes colour codes into executed notebooks.
    chatter = logging.getLogger("spatialdata._logging")
    level = chatter.level
    chatter.setLevel(logging.WARNING)
    # A bare copy: squidpy sees only what it needs, and an image that cannot be triangulated cannot stop the others.
    bare = anndata.AnnData(obs=library.to_frame(), obsm={Key.obsm.spatial_um: xy[rows]})
    try:
        result = squidpy.gr.spatial_neighbors_delaunay(
            bare,
            spatial_key=Key.obsm.spatial_um,
            library_key=Key.obs.library_id,
            radius=max_edge_um,
            copy=True,
        )
    finally:
        chatter.setLevel(level)
    full = []
    for matrix in (result.connectivities, result.distances):
        part = matrix.tocoo()
        keep = part.data != 0
        place = (rows[part.row[keep]], rows[part.col[keep]])
        full.append(csr_matrix((part.data[keep], place), shape=(adata.n_obs, adata.n_obs)))
    return full[0], full[1]
