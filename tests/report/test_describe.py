"""What a file is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from htan_kit.batch import notebooks_folder
from htan_kit.errors import InputError
from htan_kit.report import describe

if TYPE_CHECKING:
    from pathlib import Path


def _labels() -> np.ndarray:
    labels = np.zeros((60, 80), np.uint16)
    for i in range(20):
        y, x = divmod(i, 5)
        labels[y * 15 : y * 15 + 10, x * 15 : x * 15 + 11] = 3 * i + 1
    return labels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_labels_are_told_from_intensities(tmp_path: Path, dtype: type) -> None:
    tifffile.imwrite(tmp_path / "mask.tif", _labels().astype(dtype), metadata=None)
    found = describe(tmp_path / "mask.tif")
    assert "Level 3" in found.kind
    assert (found.facts["labels"], found.facts["largest label"]) == (20, 58)
    noise = np.random.default_rng(0).integers(0, 200, (60, 80))
    tifffile.imwrite(tmp_path / "image.tif", noise.astype(dtype), metadata=None)
    assert "Level 2" in describe(tmp_path / "image.tif").kind


@pytest.mark.parametrize("pixels", [np.zeros((9, 9), np.uint16), np.full((9, 9), -1, np.int16), np.eye(9, dtype="f4")])
def test_what_cannot_be_labels_is_an_image(tmp_path: Path, pixels: np.ndarray) -> None:
    tifffile.imwrite(tmp_path / "x.tif", pixels, metadata=None)
    assert "Level 2" in describe(tmp_path / "x.tif").kind


def test_an_image_tells_its_channels(sample_dir: Path) -> None:
    found = describe(sample_dir / "level2" / "HTA200_1_D1.ome.tiff")
    assert found.facts["pixel size, µm"] == 0.65
    assert found.table is not None
    assert found.table["name"].tolist()[:2] == ["DNA_1", "panCK"]


def test_notebooks_are_known() -> None:
    assert describe(notebooks_folder() / "1_qc.ipynb").facts["code cells"] > 10


@pytest.mark.parametrize("name", ["text.ome.tif", "a.h5ad", "a.ipynb", "a.csv"])
def test_what_is_broken_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")
    with pytest.raises(InputError):
        describe(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        describe(tmp_path / f"missing-{name}")
