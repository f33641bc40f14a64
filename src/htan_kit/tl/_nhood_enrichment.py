"""Which types are neighbours more, or less, often than they would be if the types were dealt at random."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.tl._edges import count_pairs, expected_pairs, permuted_pairs, two_sided_p
from htan_kit.tl._labels import images_of_types
from htan_kit.tl._squidpy import import_squidpy
from htan_kit.tl._statistics import append, reasoned

if TYPE_CHECKING:
    from anndata import AnnData
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["nhood_enrichment"]

_STATISTIC = "nhood_enrichment"


def nhood_enrichment(
    adata: AnnData,
    *,
    cluster_key: str = "phenotype",
    n_perms: int = 1000,
    seed: int = 0,
    min_cells: int = 20,
) -> pd.DataFrame:
    """Compare, for each pair of types, the neighbours seen with those expected under random labelling.

    The graph is kept and the types are dealt anew among the cells of the same image. Every pair is in the table once
    (the graph has no direction); types with fewer than ``min_cells`` cells get NA and the reason.

    Parameters
    ----------
    adata
        With types in ``obs`` and a graph (:func:`htan_kit.tl.spatial_graph`). Cells without a type (NA) are left out.
    cluster_key
        The column of types.
    n_perms
        Random dealings, at least 1. The smallest p is 2 / (n_perms + 1).
    seed
        Of the dealings; a sample gets the same numbers alone and inside a cohort.
    min_cells
        Fewest cells of a type for a number.

    Returns
    -------
    Rows of the long table (``statistic = "nhood_enrichment"``), also put into ``uns["spatial_statistics"]``:
    ``value`` neighbour pairs seen (i of type a, j of type b; within one type each edge counts twice, as in squidpy),
    ``expected`` their mean under random labelling (closed form), ``log2fc`` of the two (the effect; comparable
    between images), ``z`` from squidpy (grows with the number of cells: not comparable), ``p`` two-sided
    permutation p, ``q`` Benjamini-Hochberg over all pairs and images of this call.

    Raises
    ------
    InputError
        There is no graph, or no such column, or ``n_perms`` is below 1.

    References
    ----------
    Palla et al. 2022, Nat. Methods 19:171 (z); Schapiro et al. 2017, Nat. Methods 14:873 (permutation of types);
    Phipson & Smyth 2010, doi 10.2202/1544-6115.1585 (p).

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.tl as tl
    >>> xy = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), -1).reshape(-1, 2) * 10
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": np.where(xy[:, 0] < 40, "left", "right")})
    >>> adata = anndata.AnnData(obs=obs.set_axis([f"c{i}" for i in range(64)]), obsm={"spatial_um": xy})
    >>> tl.spatial_graph(adata)
    >>> rows = tl.nhood_enrichment(adata, n_perms=100)
    >>> rows[["type_a", "type_b"]].values.tolist(), (rows["log2fc"] > 0).tolist()
    ([['left', 'left'], ['left', 'right'], ['right', 'right']], [True, False, True])
    """
    if n_perms < 1:
        raise InputError.of("tl.n-perms", "n_perms", f"At least one permutation is needed; got {n_perms}.")
    if Key.obsp.connectivities not in adata.obsp:
        message = "There is no graph of neighbours."
        raise InputError.of("tl.graph", f"obsp[{Key.obsp.connectivities!r}]", message, "Run tl.spatial_graph.")
    notes = adata.uns.get(Key.uns.neighbors, {})
    graph_name = _graph_name(notes.get("params", {}))
    rows: list[dict[str, Any]] = []
    for library_id, cells, codes, types in images_of_types(adata, cluster_key):
        base: dict[str, Any] = {
            "library_id": library_id,
            "statistic": _STATISTIC,
            "variant": "random_labelling",
            "graph": graph_name,
        }
        graph = _graph(adata, cells)
        reason = notes.get("reason", {}).get(library_id, "") if graph.nnz == 0 else ""
        if not len(cells):
            reason = "no cells"
        elif graph.nnz == 0:
            reason = reason or "the graph has no edges"
        elif len(set(codes)) == 1:
            reason = f"all cells are of one type ({types[codes[0]]}): there is nothing to compare"
        if reason:
            rows.append(reasoned(reason=reason, **base))
            continue
        base |= {"n_perm": n_perms, "seed": seed}
        rows += [{**base, **row} for row in _pairs(graph, codes, types, library_id, n_perms, seed, min_cells)]
    _adjust(rows)
    return append(adata, rows)


def _graph_name(parameters: dict[str, Any]) -> str:
    method = parameters.get("method", "unknown")
    limit = parameters.get("max_edge_um")
    return f"{method}, max {limit:g} µm" if limit is not None else str(method)


def _graph(adata: AnnData, cells: NDArray[np.int64]) -> csr_matrix:
    """Give the graph of these cells as 0/1, without edges from a cell to itself."""
    from scipy.sparse import csr_matrix

    graph = csr_matrix(adata.obsp[Key.obsp.connectivities][cells][:, cells])
    graph = graph - csr_matrix((graph.diagonal(), (range(len(cells)), range(len(cells)))), shape=graph.shape)
    graph = csr_matrix(graph)
    graph.eliminate_zeros()
    graph.data[:] = 1
    return graph


def _pairs(
    graph: csr_matrix,
    codes: NDArray[np.int64],
    types: list[str],
    library_id: str,
    n_perms: int,
    seed: int,
    min_cells: int,
) -> list[dict[str, Any]]:
    counts = np.bincount(codes, minlength=len(types))
    edges = graph.tocoo()
    observed = count_pairs(edges.row.astype(np.int64), edges.col.astype(np.int64), codes, len(types))
    expected = expected_pairs(graph, counts)
    # The image's name is part of the seed: images must not share their dealings, and order must not matter.
    own_seed = (seed, zlib.crc32(library_id.encode()))
    permuted = permuted_pairs(graph, codes, len(types), n_perms=n_perms, seed=own_seed)
    p, z = two_sided_p(observed, permuted), _squidpy_z(graph, codes, types, library_id, n_perms, seed)
    directed = (graph != graph.T).nnz > 0
    rows = []
    for a, name_a in enumerate(types):
        for b in range(0 if directed else a, len(types)):
            row: dict[str, Any] = {"type_a": name_a, "type_b": types[b], "n_a": counts[a], "n_b": counts[b]}
            few = [f"{types[i]}: {counts[i]} cells" for i in dict.fromkeys((a, b)) if counts[i] < min_cells]
            if few:
                row["reason"] = f"{', '.join(few)}; {min_cells} are needed"
            else:
                row |= {"value": observed[a, b], "expected": expected[a, b], "p": p[a, b]}
                row["z"] = z[a, b] if np.isfinite(z[a, b]) else None
                if observed[a, b]:
                    row["log2fc"] = np.log2(observed[a, b] / expected[a, b])
                else:
                    row["reason"] = "no such neighbours were seen: log2 of 0 is not a number"
            rows.append(row)
    return rows


def _squidpy_z(
    graph: csr_matrix, codes: NDArray[np.int64], types: list[str], library_id: str, n_perms: int, seed: int
) -> NDArray[np.float64]:
    import anndata

    z = np.full((len(types), len(types)), np.nan)
    present = np.unique(codes)
    names = pd.Categorical([str(code) for code in codes], categories=[str(code) for code in present])
    obs = pd.DataFrame({"type": names, Key.obs.library_id: pd.Categorical([library_id] * len(codes))})
    obs.index = obs.index.astype(str)
    bare = anndata.AnnData(obs=obs, obsp={Key.obsp.connectivities: graph})
    with np.errstate(invalid="ignore", divide="ignore"):  # a pair that never varies has no z
        result = import_squidpy().gr.nhood_enrichment(
            bare,
            cluster_key="type",
            library_key=Key.obs.library_id,
            n_perms=n_perms,
            seed=seed,
            copy=True,
            n_jobs=1,  # more jobs fail on large inputs (squidpy#867)
            show_progress_bar=False,
        )
    z[np.ix_(present, present)] = result.zscore
    return z


def _adjust(rows: list[dict[str, Any]]) -> None:
    """Give every p its q (Benjamini & Hochberg 1995), over all rows together."""
    from scipy.stats import false_discovery_control

    tested = [row for row in rows if row.get("p") is not None]
    if tested:
        for row, q in zip(tested, false_discovery_control([row["p"] for row in tested]), strict=True):
            row["q"] = float(q)
