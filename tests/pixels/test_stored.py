"""A measurement on disk is the same measurement, and a damaged one is none."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from htan_kit.findings import Findings
from htan_kit.io.image import read_image
from htan_kit.io.mask import read_mask
from htan_kit.pixels import measure
from htan_kit.pixels._picture import plan_picture
from htan_kit.pixels._stored import load_measurement, save_measurement

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.pixels import Measurement

MADE_FROM = {"image": "a", "quantiles": [0.5]}


@pytest.fixture(scope="module")
def whole(sample_dir: Path) -> Measurement:
    image = read_image(sample_dir / "level2" / "HTA200_1_D1.ome.tiff", findings=Findings())
    mask = read_mask(sample_dir / "level3" / "HTA200_1_D2.ome.tiff", findings=Findings())
    return measure(
        image, mask, nuclei=mask, ring_px=2, quantiles=[0.5, 0.123456789], cycles=[0, 4],
        picture=plan_picture(image, 300), findings=Findings(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def stored(whole: Measurement, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stored") / "measure"
    save_measurement(whole, folder, MADE_FROM)
    return folder


def same(left: object, right: object) -> None:
    if isinstance(left, pd.DataFrame):
        pd.testing.assert_frame_equal(left, right)
    elif isinstance(left, dict):
        assert left.keys() == right.keys()  # type: ignore[attr-defined]
        for key in left:
            same(left[key], right[key])  # type: ignore[index]
    elif isinstance(left, np.ndarray):
        np.testing.assert_array_equal(left, right)  # type: ignore[arg-type]
        assert left.dtype == right.dtype  # type: ignore[attr-defined]
    elif hasattr(left, "__dataclass_fields__"):
        for field in fields(left):
            same(getattr(left, field.name), getattr(right, field.name))
    else:
        assert left == right


def test_what_is_read_is_what_was_written(whole: Measurement, stored: Path) -> None:
    found = load_measurement(stored, MADE_FROM)
    assert found is not None
    same(whole, found)
    assert isinstance(found.compartments["cell"].sum, np.memmap)  # nothing is read before it is needed


def test_files_are_arrays_and_one_text(stored: Path) -> None:
    head = json.loads((stored / "measurement.json").read_text())
    assert {path.name for path in stored.iterdir()} == {"measurement.json", *(f"{name}.npy" for name in head["arrays"])}
    for path in stored.glob("*.npy"):
        np.load(path, allow_pickle=False)


@pytest.mark.parametrize("shape", [(0, 0), (40, 30)])
def test_a_mask_alone_and_an_empty_one(tmp_path: Path, shape: tuple[int, int]) -> None:
    import tifffile

    labels = np.zeros((50, 50), np.uint8)
    labels[: shape[0], : shape[1]] = 7
    tifffile.imwrite(tmp_path / "m.tif", labels)
    found = measure(None, read_mask(tmp_path / "m.tif", findings=Findings()))
    save_measurement(found, tmp_path / "x", {})
    back = load_measurement(tmp_path / "x", {})
    assert back is not None
    same(found, back)


def test_another_origin_is_another_measurement(stored: Path) -> None:
    assert load_measurement(stored, {**MADE_FROM, "image": "b"}) is None
    assert load_measurement(stored / "nowhere", MADE_FROM) is None


def _damage(path: Path, how: str) -> None:
    if how == "gone":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "short":
        path.write_bytes(path.read_bytes()[:-9])
    elif how == "other":
        path.write_bytes(b"\x00garbage" * 99)
    elif how == "shape":
        np.save(path, np.zeros((3, 3)))


@pytest.mark.parametrize("how", ["gone", "empty", "short", "other", "shape"])
@pytest.mark.parametrize("name", ["objects", "compartments.cell.sum", "compartments.ring.q0.5", "tissue", "labels"])
def test_a_damaged_array_is_no_measurement(stored: Path, tmp_path: Path, name: str, how: str) -> None:
    shutil.copytree(stored, tmp_path / "x")
    _damage(tmp_path / "x" / f"{name}.npy", how)
    assert load_measurement(tmp_path / "x", MADE_FROM) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"layout": 1}', '{"layout": 99, "made_from": {}}'])
def test_a_damaged_head_is_no_measurement(stored: Path, tmp_path: Path, text: str) -> None:
    shutil.copytree(stored, tmp_path / "x")
    (tmp_path / "x" / "measurement.json").write_text(text)
    assert load_measurement(tmp_path / "x", MADE_FROM) is None


def test_an_array_of_objects_is_not_unpickled(stored: Path, tmp_path: Path) -> None:
    shutil.copytree(stored, tmp_path / "x")
    np.save(tmp_path / "x" / "labels.npy", np.array([{"a": 1}], object), allow_pickle=True)
    assert load_measurement(tmp_path / "x", MADE_FROM) is None
