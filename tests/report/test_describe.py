"""What a file is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
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


def test_labels_of_the_whole_mask_are_counted_also_where_its_corner_is_empty(tmp_path: Path) -> None:
    labels = np.zeros((5000, 5000), np.uint16)
    labels[4200:4210, 10:30], labels[4900:4910, 4800:4900] = 3, 9
    tifffile.imwrite(tmp_path / "m.tif", labels, metadata=None, compression="zlib", tile=(512, 512))
    found = describe(tmp_path / "m.tif")
    assert "Level 3" in found.kind
    assert (found.facts["labels"], found.facts["largest label"]) == (2, 9)


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


@pytest.mark.parametrize("text", ["", "[1]", '{"cells": null}', '{"cells": [1]}', '{"cells": "ab"}', "[" * 100_000])
@pytest.mark.parametrize("suffix", ["ipynb", "json", "h5ad", "csv"])
def test_nothing_inside_a_file_breaks_it(tmp_path: Path, text: str, suffix: str) -> None:
    (tmp_path / f"a.{suffix}").write_text(text)
    with pytest.raises(InputError):
        describe(tmp_path / f"a.{suffix}")


@pytest.mark.parametrize("name", ["a.ipynb", "a.h5ad", "a.csv", "a.json", "a"])
def test_a_folder_is_a_folder_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="Nothing here is recognised"):
        describe(tmp_path / name)


def test_an_h5ad_of_nonsense_is_refused_in_one_line(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5ad", "w") as store:
        store.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        store["obs"] = 3
    with pytest.raises(InputError, match="cannot be read as h5ad") as refused:
        describe(tmp_path / "a.h5ad")
    assert [len(finding.message.splitlines()) for finding in refused.value.findings] == [1]


@pytest.mark.parametrize("name", ["text.ome.tif", "a.h5ad", "a.ipynb", "a.csv"])
def test_what_is_broken_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")
    with pytest.raises(InputError):
        describe(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        describe(tmp_path / f"missing-{name}")
