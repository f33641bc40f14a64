from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tifffile
from skimage.measure import regionprops_table

from htan_kit import datasets
from htan_kit.datasets import _measure
from htan_kit.datasets._measure import MORPHOLOGY, object_table

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from htan_kit.datasets import Tissue


def test_the_table_is_what_regionprops_gives(tissue: Tissue, image: Path) -> None:
    table = object_table(tissue, image)
    labels, pixels = tissue.labels().astype(int), tifffile.imread(image, level=0)
    names = ["label", "centroid", *(v for v in MORPHOLOGY.values() if not v.startswith("centroid"))]
    whole = regionprops_table(labels, properties=names)
    np.testing.assert_array_equal(table["CellID"], whole["label"])
    for column, name in MORPHOLOGY.items():
        np.testing.assert_allclose(table[column], whole[name], rtol=1e-9, atol=1e-9, err_msg=column)
    means = regionprops_table(labels, np.moveaxis(pixels, 0, -1), properties=["intensity_mean"])
    for i, channel in enumerate(tissue.channels):
        np.testing.assert_array_equal(table[channel.name], means[f"intensity_mean-{i}"])


def test_the_header_is_mcquants(tissue: Tissue, image: Path) -> None:
    header = list(object_table(tissue, image).columns)
    assert header == ["CellID", *(c.name for c in tissue.channels), *MORPHOLOGY]
    after_the_markers = (
        "X_centroid,Y_centroid,Area,MajorAxisLength,MinorAxisLength,Eccentricity,Solidity,Extent,Orientation"
    )
    assert ",".join(header[-9:]) == after_the_markers


def test_blocks_give_what_the_whole_gives(tissue: Tissue, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = object_table(tissue, image)
    monkeypatch.setattr(_measure, "_BLOCK", 100)
    blocks = object_table(tissue, image)
    np.testing.assert_array_equal(blocks["CellID"], whole["CellID"])
    np.testing.assert_allclose(blocks.to_numpy(), whole.to_numpy(), rtol=1e-9, atol=1e-9)


def test_no_cell_no_row(tmp_path: Path) -> None:
    tissue = datasets.simulate("imc", width_px=2, height_px=2, seed=1)
    assert tissue.n_cells == 0
    datasets.write_image(tissue, tmp_path / "x.ome.tiff")
    assert len(object_table(tissue, tmp_path / "x.ome.tiff")) == 0
