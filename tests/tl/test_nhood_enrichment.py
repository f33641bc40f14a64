from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import squidpy
from scipy.sparse import csr_matrix
from scipy.stats import false_discovery_control

import htan_kit.tl as tl
from htan_kit.errors import InputError

if TYPE_CHECKING:
    import anndata
    from conftest import MakeAdata


@pytest.fixture
def halves(make_adata: MakeAdata) -> anndata.AnnData:
    """400 cells on a jittered grid: A on the left, B on the right, some C everywhere."""
    rng = np.random.default_rng(0)
    xy = np.stack(np.meshgrid(np.arange(20.0), np.arange(20.0)), -1).reshape(-1, 2) * 10 + rng.uniform(-2, 2, (400, 2))
    types = np.where(rng.random(400) < 0.2, "C", np.where(xy[:, 0] < 100, "A", "B"))
    adata = make_adata(xy=xy, types=list(types))
    tl.spatial_graph(adata)
    return adata


def pair(rows: pd.DataFrame, a: str, b: str) -> pd.Series:
    return rows.loc[(rows["type_a"] == a) & (rows["type_b"] == b)].iloc[0]


def test_path_of_four_by_hand(make_adata: MakeAdata) -> None:
    adata = make_adata(n=4, types=["a", "a", "b", "b"])
    adata.obsp["spatial_connectivities"] = csr_matrix(
        np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], dtype=float)
    )
    rows = tl.nhood_enrichment(adata, n_perms=200, min_cells=1)
    # 6 directed edges, 4 cells: expected 6 · 2·1/12 = 1 inside a type, 6 · 2·2/12 = 2 between (one way).
    assert rows["value"].tolist() == [2, 1, 2]
    assert rows["expected"].tolist() == [1, 2, 1]
    assert rows["log2fc"].tolist() == [1, -1, 1]
    assert rows["n_a"].tolist() == [2, 2, 2]


def test_known_structure_is_found(halves: anndata.AnnData) -> None:
    rows = tl.nhood_enrichment(halves, n_perms=200)
    assert pair(rows, "A", "A")["log2fc"] > 0.5
    assert pair(rows, "A", "B")["log2fc"] < -1
    assert pair(rows, "A", "B")["q"] < 0.02
    assert pair(rows, "C", "C")["q"] > 0.05
    assert len(rows) == 6
    assert set(rows["graph"]) == {"delaunay, max 50 µm"}


def test_agrees_with_squidpy(halves: anndata.AnnData) -> None:
    rows = tl.nhood_enrichment(halves, n_perms=1000, seed=0)
    result = squidpy.gr.nhood_enrichment(
        halves, "phenotype", library_key="library_id", n_perms=1000, seed=0, copy=True, n_jobs=1,
        show_progress_bar=False,
    )  # fmt: skip
    for row in rows.itertuples():
        i, j = "ABC".index(row.type_a), "ABC".index(row.type_b)
        assert row.value == result.counts[i, j]
        assert row.z == pytest.approx(result.zscore[i, j])
        # The closed form and squidpy's permutations give one effect: z and log2fc have one sign.
        assert np.sign(row.z) == np.sign(row.log2fc) or abs(row.z) < 0.2


def test_p_and_q_follow_their_definitions(halves: anndata.AnnData) -> None:
    rows = tl.nhood_enrichment(halves, n_perms=99)
    smallest = 2 / 100
    assert rows["p"].min() == pytest.approx(smallest)
    assert np.allclose(rows["p"] * 50, np.round(rows["p"] * 50)) or rows["p"].max() == 1
    np.testing.assert_allclose(rows["q"], false_discovery_control(rows["p"]))


def test_random_labels_are_not_called_enriched(make_adata: MakeAdata) -> None:
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 300, (500, 2))
    rejected = []
    for seed in range(40):
        adata = make_adata(xy=xy, types=list(np.random.default_rng(seed).choice(["A", "B"], 500, p=[0.3, 0.7])))
        tl.spatial_graph(adata)
        rejected.append(tl.nhood_enrichment(adata, n_perms=99)["p"].iloc[0] <= 0.05)
    assert sum(rejected) <= 7  # 40 trials at 0.05: P(more than 7) < 0.001


def test_rare_types_are_na_with_the_reason(halves: anndata.AnnData) -> None:
    types = halves.obs["phenotype"].astype(str).to_numpy()
    types[:3] = "rare"
    halves.obs["phenotype"] = pd.Categorical(types)
    rows = tl.nhood_enrichment(halves, n_perms=20, min_cells=20)
    rare = rows.loc[(rows["type_a"] == "rare") | (rows["type_b"] == "rare")]
    assert len(rare) == 4
    assert rare[["value", "log2fc", "z", "p", "q"]].isna().all(axis=None)
    assert all("rare: 3 cells; 20 are needed" in reason for reason in rare["reason"])
    assert rows.loc[~rows.index.isin(rare.index), "p"].notna().all()


def test_pairs_never_seen_have_p_but_no_log(make_adata: MakeAdata) -> None:
    rng = np.random.default_rng(0)
    xy = np.r_[rng.uniform(0, 80, (60, 2)), rng.uniform(0, 80, (60, 2)) + [500, 0]]
    adata = make_adata(xy=xy, types=["A"] * 60 + ["B"] * 60)
    tl.spatial_graph(adata)
    row = pair(tl.nhood_enrichment(adata, n_perms=99), "A", "B")
    assert row["value"] == 0
    assert np.isnan(row["log2fc"])
    assert row["p"] == pytest.approx(0.02)
    assert "log2 of 0" in row["reason"]


def test_an_image_has_the_same_numbers_alone_and_in_a_cohort(make_adata: MakeAdata) -> None:
    rng = np.random.default_rng(0)
    xy, types = rng.uniform(0, 150, (200, 2)), list(rng.choice(["A", "B"], 200))
    other_xy, other_types = rng.uniform(0, 150, (100, 2)), list(rng.choice(["A", "B"], 100))
    alone = make_adata(xy=xy, types=types, library_id="x")
    both = make_adata(xy=np.r_[other_xy, xy], types=other_types + types, library_id=["w"] * 100 + ["x"] * 200)
    numbers = []
    for adata in (alone, both):
        tl.spatial_graph(adata)
        rows = tl.nhood_enrichment(adata, n_perms=50, seed=3)
        rows = rows.loc[rows["library_id"] == "x", ["value", "expected", "log2fc", "z", "p"]]
        numbers.append(rows.to_numpy())
    np.testing.assert_array_equal(numbers[0], numbers[1])


def test_one_type_has_nothing_to_be_compared_with(make_adata: MakeAdata) -> None:
    adata = make_adata(xy=np.random.default_rng(0).uniform(0, 100, (50, 2)), types=["A"] * 50)
    tl.spatial_graph(adata)
    rows = tl.nhood_enrichment(adata, n_perms=20)
    assert rows["reason"].tolist() == ["all cells are of one type (A): there is nothing to compare"]
    assert rows["value"].isna().all()


def test_untyped_cells_are_left_out(make_adata: MakeAdata) -> None:
    xy = np.random.default_rng(0).uniform(0, 100, (80, 2))
    adata = make_adata(xy=xy, types=[None] * 20 + ["A", "B"] * 30)
    tl.spatial_graph(adata)
    rows = tl.nhood_enrichment(adata, n_perms=20)
    inner = adata.obsp["spatial_connectivities"][20:][:, 20:]
    a_b = pair(rows, "A", "B")["value"]
    assert pair(rows, "A", "A")["value"] + 2 * a_b + pair(rows, "B", "B")["value"] == inner.nnz


@pytest.mark.parametrize(("n", "reason"), [(0, "no cells"), (3, "3 cells at different places")])
def test_images_without_a_graph(make_adata: MakeAdata, n: int, reason: str) -> None:
    adata = make_adata(n=n, xy=np.random.default_rng(0).uniform(size=(n, 2)), types=["A"] * n)
    tl.spatial_graph(adata)
    rows = tl.nhood_enrichment(adata, n_perms=5)
    assert len(rows) == 1
    assert reason in rows["reason"].iloc[0]


def test_needs_a_graph_and_permutations(make_adata: MakeAdata, halves: anndata.AnnData) -> None:
    with pytest.raises(InputError, match=r"Run tl\.spatial_graph"):
        tl.nhood_enrichment(make_adata(types=["A"]))
    with pytest.raises(InputError, match="n_perms"):
        tl.nhood_enrichment(halves, n_perms=0)


def test_squidpys_own_result_is_not_left_behind(halves: anndata.AnnData) -> None:
    before = set(halves.uns)
    tl.nhood_enrichment(halves, n_perms=5)
    assert set(halves.uns) - before == {"spatial_statistics"}
