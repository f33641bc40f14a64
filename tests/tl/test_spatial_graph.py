from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial import Delaunay

import htan_kit.tl as tl
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from conftest import MakeAdata


def test_square_with_centre_has_eight_edges(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=[[0, 0], [10, 0], [10, 10], [0, 10], [5, 5]])
    tl.spatial_graph(adata)
    connected = adata.obsp["spatial_connectivities"].toarray()
    expected = np.zeros((5, 5))
    for a, b in [(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 4), (2, 4), (3, 4)]:
        expected[a, b] = expected[b, a] = 1
    np.testing.assert_array_equal(connected, expected)
    distances = adata.obsp["spatial_distances"].toarray()
    assert distances[0, 1] == pytest.approx(10)
    assert distances[0, 4] == pytest.approx(np.sqrt(50))


def test_long_edges_are_removed(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=[[0, 0], [10, 0], [0, 10], [60, 60]])
    tl.spatial_graph(adata, max_edge_um=20)
    assert adata.obsp["spatial_distances"].max() <= 20
    assert adata.obsp["spatial_connectivities"].toarray()[3].sum() == 0
    assert adata.uns["spatial_neighbors"]["params"] == {"method": "delaunay", "max_edge_um": 20.0}
    assert adata.uns["spatial_neighbors"]["unit"] == "um"


def test_equals_scipys_triangulation_and_never_crosses_images(make_adata: MakeAdata) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0, 200, (150, 2)), rng.uniform(0, 200, (120, 2))
    order = rng.permutation(270)
    names = np.array(["a"] * 150 + ["b"] * 120)[order]
    xy = np.r_[a, b][order]
    adata = make_adata(xy=xy, library_id=list(names))
    tl.spatial_graph(adata, max_edge_um=40)
    graph = adata.obsp["spatial_connectivities"].tocoo()
    assert np.all(names[graph.row] == names[graph.col])
    for name in "ab":
        rows = np.flatnonzero(names == name)
        indptr, indices = Delaunay(xy[rows]).vertex_neighbor_vertices
        pairs = {
            (rows[i], rows[j])
            for i in range(len(rows))
            for j in indices[indptr[i] : indptr[i + 1]]
            if np.linalg.norm(xy[rows[i]] - xy[rows[j]]) <= 40
        }
        mine = {(i, j) for i, j in zip(graph.row, graph.col, strict=True) if names[i] == name}
        assert mine == pairs


@pytest.mark.parametrize(
    ("xy", "reason"),
    [
        ([[0, 0], [1, 0], [0, 1]], "3 cells at different places"),
        ([[0, 0], [1, 1], [2, 2], [3, 3], [4, 4]], "one line"),
        ([[1, 1]] * 6, "1 cells at different places"),
        ([[np.nan, 0]] * 6, "no cell has coordinates in µm"),
    ],
)
def test_image_without_triangulation_keeps_the_reason_and_the_others(
    make_adata: MakeAdata, xy: list[list[float]], reason: str
) -> None:
    good = [[0, 0], [10, 0], [10, 10], [0, 10], [5, 5]]
    adata = make_adata(xy=[*xy, *good], library_id=["bad"] * len(xy) + ["good"] * 5)
    tl.spatial_graph(adata)
    assert reason in adata.uns["spatial_neighbors"]["reason"]["bad"]
    assert "good" not in adata.uns["spatial_neighbors"]["reason"]
    assert adata.obsp["spatial_connectivities"].nnz == 16


def test_no_cells_is_legal(make_adata: MakeAdata) -> None:
    adata = make_adata(n=0, xy=np.empty((0, 2)))
    tl.spatial_graph(adata)
    assert adata.obsp["spatial_connectivities"].shape == (0, 0)
    assert "no cell has coordinates" in adata.uns["spatial_neighbors"]["reason"]["image"]


def test_cells_without_coordinates_have_no_edges(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=[[0, 0], [10, 0], [10, 10], [0, 10], [5, 5], [np.nan, np.nan]])
    tl.spatial_graph(adata)
    assert adata.obsp["spatial_connectivities"].toarray()[5].sum() == 0
    assert adata.obsp["spatial_connectivities"].nnz == 16


def test_unknown_pixel_size_is_an_error(make_adata: MakeAdata) -> None:
    adata = make_adata(n=5)
    adata.obsm["spatial"] = np.random.default_rng(0).uniform(size=(5, 2))
    with pytest.raises(InputError, match="pixel size is unknown"):
        tl.spatial_graph(adata)


def test_unknown_pixel_size_can_be_a_reason(make_adata: MakeAdata) -> None:
    adata = make_adata(n=5, types=["A"] * 5)
    tl.spatial_graph(adata, strict=False)
    assert adata.obsp["spatial_connectivities"].nnz == 0
    assert "pixel size is unknown" in adata.uns["spatial_neighbors"]["reason"]["image"]
    assert "pixel size is unknown" in tl.nhood_enrichment(adata, n_perms=5)["reason"].iloc[0]


def test_no_cells_and_no_coordinates_is_legal(make_adata: MakeAdata) -> None:
    adata = make_adata(n=0)
    tl.spatial_graph(adata)
    assert "no cell has coordinates" in adata.uns["spatial_neighbors"]["reason"]["image"]


@pytest.mark.parametrize("limit", [0, -1.0, float("nan"), float("inf")])
def test_impossible_limit(make_adata: MakeAdata, limit: float) -> None:
    with pytest.raises(InputError, match="max_edge_um"):
        tl.spatial_graph(make_adata(xy=[[0, 0]] * 5), max_edge_um=limit)


def test_nothing_is_printed(make_adata: MakeAdata, capfd: pytest.CaptureFixture[str]) -> None:
    tl.spatial_graph(make_adata(xy=[[0, 0], [10, 0], [10, 10], [0, 10], [5, 5]]))
    assert capfd.readouterr().out == ""


def test_copy_leaves_the_original(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=[[0, 0], [10, 0], [10, 10], [0, 10]])
    changed = tl.spatial_graph(adata, copy=True)
    assert changed is not None
    assert "spatial_connectivities" in changed.obsp
    assert "spatial_connectivities" not in adata.obsp
