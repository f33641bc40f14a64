from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import triu

import htan_kit.pl as pl
import htan_kit.tl as tl

if TYPE_CHECKING:
    import anndata


def test_edges_join_their_cells(tissue: anndata.AnnData) -> None:
    tl.spatial_graph(tissue)
    ax = pl.graph(tissue).axes[0]
    edges = triu(tissue.obsp["spatial_distances"]).tocoo()
    xy = tissue.obsm["spatial_um"]
    drawn = {tuple(map(tuple, segment)) for segment in ax.collections[0].get_segments()}
    assert drawn == {(tuple(xy[i]), tuple(xy[j])) for i, j in zip(edges.row, edges.col, strict=True)}
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


def test_histograms_count_every_edge_once_and_every_cell(slide: anndata.AnnData) -> None:
    _, lengths, neighbours = pl.graph(slide).axes
    assert sum(bar.get_height() for bar in lengths.patches) == slide.obsp["spatial_connectivities"].nnz / 2
    assert sum(bar.get_height() for bar in neighbours.patches) == slide.n_obs
    assert lengths.lines[0].get_xdata()[0] == 50


def test_large_images_show_their_densest_part() -> None:
    import anndata as ad
    import pandas as pd

    rng = np.random.default_rng(0)
    xy = np.r_[rng.uniform(0, 4000, (3000, 2)), rng.normal([3000, 1000], 60, (600, 2))]
    obs = pd.DataFrame({"library_id": ["big"] * 3600}, index=[str(i) for i in range(3600)])
    adata = ad.AnnData(obs=obs, obsm={"spatial_um": xy})
    tl.spatial_graph(adata)
    ax = pl.graph(adata).axes[0]
    assert ax.get_title(loc="left").startswith("the densest part, ")
    x0, x1 = ax.get_xlim()
    y1, y0 = ax.get_ylim()
    assert x0 < 3000 < x1
    assert y0 < 1000 < y1
    assert x1 - x0 < 3000


def test_reasons_are_said(tissue: anndata.AnnData) -> None:
    assert "hk.tl.spatial_graph" in pl.graph(tissue).axes[0].texts[1].get_text()
    three = tissue[:3].copy()
    tl.spatial_graph(three)
    assert "3 cells at different places" in pl.graph(three).axes[0].texts[1].get_text()
    tl.spatial_graph(tissue, max_edge_um=1.0)
    assert "no two cells" in pl.graph(tissue).axes[0].texts[1].get_text()
