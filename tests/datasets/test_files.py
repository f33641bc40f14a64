from __future__ import annotations

import hashlib
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import tifffile

from htan_kit import datasets
from htan_kit.datasets._files import header

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.datasets import Tissue


def test_the_image_has_every_channel_by_name(tissue: Tissue, image: Path) -> None:
    with tifffile.TiffFile(image) as tiff:
        text = tiff.pages[0].description
        assert tiff.series[0].shape == (16, 380, 420)
        assert tiff.series[0].dtype == np.uint16
        assert len(tiff.series[0].levels) > 1
    positions = [text.index(f'ID="Channel:0:{i}" Name="{c.name}"') for i, c in enumerate(tissue.channels)]
    assert positions == sorted(positions)


@pytest.mark.parametrize("assay", ["cycif", "imc", "he"])
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, assay: str) -> None:
    digests = set()
    for name in ("a", "b"):
        tissue = datasets.simulate(assay, width_px=150, height_px=140, seed=3)
        (tmp_path / name).mkdir()
        datasets.write_image(tissue, tmp_path / name / "x.ome.tiff")
        datasets.write_mask(tissue, tmp_path / name / "m.ome.tiff")
        content = [(tmp_path / name / f).read_bytes() for f in ("x.ome.tiff", "m.ome.tiff")]
        digests.add(hashlib.sha256(b"".join(content)).hexdigest())
    assert len(digests) == 1


def test_masks_hold_the_labels(tissue: Tissue, tmp_path: Path) -> None:
    datasets.write_mask(tissue, tmp_path / "cell.ome.tiff")
    datasets.write_mask(tissue, tmp_path / "nucleus.ome.tiff", object_class="nucleus")
    cell, nucleus = (tifffile.imread(tmp_path / f"{n}.ome.tiff") for n in ("cell", "nucleus"))
    assert cell.dtype == np.uint32
    np.testing.assert_array_equal(cell, tissue.labels())
    np.testing.assert_array_equal(nucleus, tissue.nuclei())
    assert cell.max() > len(np.unique(cell)) - 1  # gaps


def test_the_truth_lists_every_cell(tissue: Tissue, tmp_path: Path) -> None:
    datasets.write_truth(tissue, tmp_path / "truth.csv")
    truth = pd.read_csv(tmp_path / "truth.csv")
    assert list(truth["CellID"]) == list(tissue.cells["cell_id"])
    assert list(truth["phenotype"]) == list(tissue.cells["phenotype"])


def test_headers_know_the_lens() -> None:
    assert header(datasets.simulate("cycif", width_px=40, height_px=40)).objective == (20.0, 0.75)
    assert header(datasets.simulate("imc", width_px=40, height_px=40)).objective is None


def test_memory_does_not_grow_with_the_image(tmp_path: Path) -> None:
    def peak(height: int) -> float:
        tissue = datasets.simulate("cycif", width_px=280, height_px=height, n_channels=1, seed=1)
        tracemalloc.start()
        datasets.write_image(tissue, tmp_path / "x.ome.tiff")
        datasets.write_mask(tissue, tmp_path / "m.ome.tiff")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(64)  # imports
    assert peak(2048) < 1.3 * peak(1024)
