from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import htan_kit.pl as pl
import htan_kit.tl as tl

if TYPE_CHECKING:
    import anndata


def test_a_panel_a_marker_with_its_gate(slide: anndata.AnnData) -> None:
    figure = pl.gates(slide)
    table = slide.uns["gates"].set_index("marker")
    for ax, marker in zip(figure.axes, slide.var_names, strict=True):
        assert ax.get_title(loc="left").startswith(f"{marker} · ")
        if np.isfinite(table.loc[marker, "gate"]):
            lines = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2]
            assert lines == [pytest.approx(table.loc[marker, "gate"])]
        else:
            assert "no gate" in ax.get_title(loc="left")
            assert ax.texts[0].get_text()


def test_bars_above_the_gate_are_the_positive_cells(slide: anndata.AnnData) -> None:
    ax = pl.gates(slide).axes[0]
    gate = slide.uns["gates"]["gate"].iloc[0]
    positive = sum(bar.get_height() for bar in ax.patches if bar.get_x() + bar.get_width() / 2 > gate)
    share = slide.uns["gates"]["share_positive"].iloc[0]
    # The outermost 0.1 % on either side lie beyond the axes.
    assert positive / slide.n_obs == pytest.approx(share, abs=0.005)


def test_gates_by_hand_are_marked(tissue: anndata.AnnData) -> None:
    tl.normalize(tissue)
    tl.phenotype(tissue, gates={"CD3": 1.2})
    assert pl.gates(tissue).axes[0].get_title(loc="left") == "CD3 · 60 % positive · by hand"


def test_before_phenotyping_and_without_cells_it_says_so(tissue: anndata.AnnData) -> None:
    assert "hk.tl.phenotype" in pl.gates(tissue).axes[0].texts[1].get_text()
    empty = tissue[:0].copy()
    tl.normalize(empty)
    tl.phenotype(empty)
    assert "no cells" in pl.gates(empty).axes[0].texts[1].get_text()
