from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import htan_kit.pl as pl
import htan_kit.tl as tl
from htan_kit.tl._statistics import frame

if TYPE_CHECKING:
    import anndata


def test_matrix_is_symmetric_and_shows_the_effects(slide: anndata.AnnData) -> None:
    ax = pl.nhood_enrichment(slide).axes[0]
    shown = ax.images[0].get_array()
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["Epithelial", "B cell", "Stromal"]  # 4 macrophages are too few
    np.testing.assert_array_equal(shown, shown.T)
    rows = slide.uns["spatial_statistics"]
    for row in rows.loc[rows["log2fc"].notna()].itertuples():
        assert shown[names.index(row.type_a), names.index(row.type_b)] == pytest.approx(row.log2fc)
    low, high = ax.images[0].get_clim()
    assert low == -high


def test_dots_mark_small_q_only(slide: anndata.AnnData) -> None:
    ax = pl.nhood_enrichment(slide).axes[0]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    rows = slide.uns["spatial_statistics"]
    small = rows.loc[rows["q"] < 0.05]
    assert len(dots) == sum(1 if row.type_a == row.type_b else 2 for row in small.itertuples())


def test_left_out_types_are_named(slide: anndata.AnnData) -> None:
    figure = pl.nhood_enrichment(slide)
    assert "too few cells: Unknown (" in figure.get_supxlabel()
    assert "50 permutations" in figure.get_supxlabel()


def test_pair_never_seen_is_at_the_end_of_the_scale() -> None:
    base = {"library_id": "a", "statistic": "nhood_enrichment", "graph": "delaunay", "n_perm": 9, "n_a": 30, "n_b": 30}
    rows = frame(
        [
            {**base, "type_a": "A", "type_b": "A", "value": 10, "log2fc": 0.4, "q": 0.5},
            {**base, "type_a": "A", "type_b": "B", "value": 0, "q": 0.01, "reason": "no such neighbours"},
            {**base, "type_a": "B", "type_b": "B", "value": 10, "log2fc": 0.4, "q": 0.5},
        ]
    )
    ax = pl.nhood_enrichment(rows).axes[0]
    assert ax.images[0].get_array()[0, 1] == ax.images[0].get_clim()[0]
    assert [text.get_text() for text in ax.texts] == ["0.4", "none", "none", "0.4"]


def test_reasons_are_said(tissue: anndata.AnnData, slide: anndata.AnnData) -> None:
    assert "hk.tl.nhood_enrichment" in pl.nhood_enrichment(tissue).axes[0].texts[1].get_text()
    tl.spatial_graph(tissue)
    tl.nhood_enrichment(tissue, n_perms=5)
    assert "20 are needed" in pl.nhood_enrichment(tissue).axes[0].texts[1].get_text()
    rows = slide.uns["spatial_statistics"].astype({"library_id": object})
    rows.loc[rows.index[-1], "library_id"] = "other"
    assert "choose one" in pl.nhood_enrichment(rows).axes[0].texts[1].get_text()
