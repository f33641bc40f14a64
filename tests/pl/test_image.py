from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import htan_kit.pl as pl

if TYPE_CHECKING:
    import anndata


def test_picture_is_shown_as_it_is(tissue: anndata.AnnData) -> None:
    figure = pl.image(tissue)
    ax = figure.axes[0]
    shown = ax.images[0]
    np.testing.assert_array_equal(shown.get_array(), tissue.uns["spatial"]["s1"]["images"]["hires"])
    assert shown.origin == "upper"
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_title(loc="left") == "s1 · 80 × 50 px · 40 × 25 µm"


def test_size_and_bar_are_of_level_0(tissue: anndata.AnnData) -> None:
    tissue.uns["spatial"]["s1"]["scalefactors"]["tissue_hires_scalef"] = 0.5
    ax = pl.image(tissue).axes[0]
    assert ax.get_title(loc="left") == "s1 · 160 × 100 px · 80 × 50 µm"
    # One thumbnail px is 1 µm now.
    bar = next(text.get_text() for text in ax.texts if text.get_text().endswith("µm"))
    np.testing.assert_allclose(np.ptp(ax.lines[0].get_xdata()), float(bar.removesuffix(" µm")))


def test_colours_are_named(tissue: anndata.AnnData) -> None:
    texts = [text.get_text() for text in pl.image(tissue).axes[0].texts]
    assert "grey: DNA <1> · magenta: CD3" in texts


def test_no_image_is_said(tissue: anndata.AnnData) -> None:
    del tissue.uns["spatial"]
    assert "no image" in pl.image(tissue).axes[0].texts[1].get_text()


def test_image_without_cells(tissue: anndata.AnnData) -> None:
    assert pl.image(tissue[:0].copy()).axes[0].images
