from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import htan_kit.pl as pl
import htan_kit.tl as tl

if TYPE_CHECKING:
    import anndata


def test_bars_are_the_densities(tissue: anndata.AnnData) -> None:
    rows = tl.density(tissue)
    found = rows.loc[(rows["statistic"] == "density") & rows["type_a"].notna()]
    ax = pl.density(tissue).axes[0]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(found["value"].tolist())
    # The whole image, 40 x 25 µm, lies within 25 µm of a cell.
    assert ax.get_title(loc="left") == "s1 · density on 0.001 mm² of tissue"
    assert "within 25 µm of a cell" in ax.get_xlabel()


def test_one_dot_an_image(tissue: anndata.AnnData) -> None:
    tissue.obs["library_id"] = ["a", "a", "a", "b", "b"]
    tissue.uns["htan_kit"] = {"a": {}, "b": {}}
    del tissue.uns["spatial"]
    ax = pl.density(tl.density(tissue)).axes[0]
    assert [len(dots.get_offsets()) for dots in ax.collections] == [2, 2, 2, 2]


def test_unknown_pixel_size_is_said(tissue: anndata.AnnData) -> None:
    del tissue.obsm["spatial_um"]
    tl.density(tissue)
    assert "pixel size" in pl.density(tissue).axes[0].texts[1].get_text()
