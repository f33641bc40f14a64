from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import htan_kit.pl as pl
import htan_kit.tl as tl

if TYPE_CHECKING:
    from pathlib import Path

    import anndata


def test_bars_are_the_shares_in_the_types_colours(tissue: anndata.AnnData) -> None:
    tl.composition(tissue)
    ax = pl.composition(tissue).axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([20, 40, 20, 20])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Epithelial", "T cell", "B cell", "Unknown"]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == list(pl.type_colors(names).values())
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first type is on top


def test_several_images_are_stacked_to_100(tissue: anndata.AnnData) -> None:
    tissue.obs["library_id"] = ["a", "a", "a", "b", "b"]
    tissue.uns["htan_kit"] = {"a": {}, "b": {}}
    ax = pl.composition(tl.composition(tissue)).axes[0]
    for row in (0, 1):
        bars = [bar for bar in ax.patches if np.isclose(bar.get_y() + bar.get_height() / 2, row)]
        assert sum(bar.get_width() for bar in bars) == pytest.approx(100)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert [text.get_text() for text in ax.texts] == ["3", "2"]
    assert pl.composition(tissue, library_id="b").axes[0].get_title(loc="left") == "b · composition of 2 cells"


def test_images_that_are_not_shown_are_named(tissue: anndata.AnnData) -> None:
    tissue.obs["library_id"] = ["a", "a", "a", "b", "b"]
    tissue.uns["htan_kit"] = {"a": {}, "b": {}, "empty": {}}
    assert pl.composition(tl.composition(tissue)).get_supxlabel() == "not shown, no cells: empty"


def test_read_back_from_csv(tissue: anndata.AnnData, tmp_path: Path) -> None:
    tl.composition(tissue).to_csv(tmp_path / "statistics.csv", index=False)
    ax = pl.composition(pd.read_csv(tmp_path / "statistics.csv")).axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([20, 40, 20, 20])


def test_nothing_computed_and_no_cells_are_said(tissue: anndata.AnnData) -> None:
    assert "hk.tl.composition(adata)" in pl.composition(tissue).axes[0].texts[1].get_text()
    empty = tissue[:0].copy()
    tl.composition(empty)
    assert "no cells" in pl.composition(empty).axes[0].texts[1].get_text()
