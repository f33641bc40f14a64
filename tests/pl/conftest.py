"""A small tissue without symmetry, so that a flipped or turned figure is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest
import tifffile

import htan_kit.tl as tl
from htan_kit.cohort import Sample

if TYPE_CHECKING:
    from pathlib import Path

TYPES = ["Epithelial", "T cell", "T cell", "B cell", "Unknown"]
#: x, y of the five cells in level-0 px; the first lies at the upper left, the last at the lower right.
PLACES = [(8, 6), (30, 10), (52, 14), (20, 30), (70, 44)]


@pytest.fixture
def tissue() -> anndata.AnnData:
    """Five square cells of 10 x 10 px on an image of 80 x 50 px, pixel size 0.5 µm."""
    labels = np.zeros((50, 80), np.int32)
    hires = np.zeros((50, 80, 3), np.uint8)
    for i, (x, y) in enumerate(PLACES):
        labels[y - 5 : y + 5, x - 5 : x + 5] = (i + 1) * 10  # labels with gaps
        hires[y - 5 : y + 5, x - 5 : x + 5] = 40 * (i + 1)
    obs = pd.DataFrame(
        {
            "CellID": (np.arange(5) + 1) * 10,
            "library_id": pd.Categorical(["s1"] * 5),
            "phenotype": pd.Categorical(TYPES, categories=["Epithelial", "T cell", "B cell", "Unknown"]),
        },
        index=[f"s1_{i}" for i in range(1, 6)],
    )
    x = np.float32([[5], [1], [2], [3], [4]])
    adata = anndata.AnnData(x, obs=obs, var=pd.DataFrame({"role": ["marker"]}, index=["CD3"]))
    adata.obsm["spatial"] = np.array(PLACES, dtype=float)
    adata.obsm["spatial_um"] = adata.obsm["spatial"] * 0.5
    adata.uns["spatial"] = {
        "s1": {
            "images": {"hires": hires, "segmentation": labels},
            "scalefactors": {"tissue_hires_scalef": 1.0, "spot_diameter_fullres": 10.0},
            "metadata": {"pixel_size_um": 0.5, "magenta": "CD3", "grey": "DNA <1>"},
        }
    }
    adata.uns["htan_kit"] = {"s1": {"levels": [2, 3, 4]}}
    return adata


@pytest.fixture
def slide() -> anndata.AnnData:
    """600 cells with gated types, a graph and all statistics; tumour on the left."""
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 400, (600, 2))
    truth = np.where(xy[:, 0] < 200, "Epithelial", rng.choice(["B cell", "Stromal"], 600))
    truth[:4] = "Macrophage"
    markers = ["panCK", "CD20", "CD68", "SMA"]
    own = {"Epithelial": 0, "B cell": 1, "Macrophage": 2, "Stromal": 3}
    x = rng.lognormal(0, 0.3, (600, 4)) * 100
    x[np.arange(600), [own[name] for name in truth]] *= 40
    obs = pd.DataFrame({"CellID": np.arange(600) + 1, "library_id": pd.Categorical(["s1"] * 600)})
    adata = anndata.AnnData(
        x.astype(np.float32), obs=obs.set_axis([f"s1_{i}" for i in range(600)]), var=pd.DataFrame(index=markers)
    )
    adata.obsm["spatial_um"] = xy
    adata.uns["htan_kit"] = {"s1": {}}
    tl.normalize(adata)
    tl.phenotype(adata)
    tl.spatial_graph(adata)
    tl.composition(adata)
    tl.density(adata)
    tl.nhood_enrichment(adata, n_perms=50)
    return adata


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Image (60 x 90 px; channel 1 has one bright corner), mask and mcquant's table of twelve square cells."""
    y, x = np.mgrid[:60, :90]
    image = np.stack([(y + x) % 7 + 10, np.full((60, 90), 5)]).astype(np.uint16)
    image[1, 40:55, 70:85] = np.indices((15, 15)).sum(axis=0) % 2 * 900
    mask = np.zeros((60, 90), np.uint16)
    for i in range(12):
        top, left = 20 * (i // 4) + 1, 22 * (i % 4)
        mask[top : top + 12, left : left + 12] = i + 1
    paths = {"image": tmp_path / "s1.ome.tiff", "mask": tmp_path / "mask.tiff", "table": tmp_path / "s1.csv"}
    metadata = {"axes": "CYX", "Channel": {"Name": ["DNA_1", "CD3"]}}
    tifffile.imwrite(paths["image"], image, ome=True, metadata=metadata, photometric="minisblack")
    tifffile.imwrite(paths["mask"], mask)
    rows = []
    for label in range(1, 13):
        inside = mask == label
        means = {name: plane[inside].mean() for name, plane in zip(("DNA_1", "CD3"), image, strict=True)}
        place = {"X_centroid": x[inside].mean(), "Y_centroid": y[inside].mean(), "Area": inside.sum()}
        rows.append({"CellID": label, **means, **place})
    pd.DataFrame(rows).to_csv(paths["table"], index=False)
    return paths


@pytest.fixture
def sample(files: dict[str, Path]) -> Sample:
    """The files as a sample, pixel size 0.5 µm."""
    return Sample(
        library_id="s1",
        name="s1",
        root=files["image"].parent,
        image=files["image"],
        masks={"cell": files["mask"]},
        mask_name="cell",
        table=(files["table"],),
        pixel_size_um=0.5,
    )
