"""Masks hold whole numbers, one an object; everything else is refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.mask import read_mask
from htan_kit.pixels import mask_objects

if TYPE_CHECKING:
    from pathlib import Path


def test_labels_beyond_16_bits_stay_what_they_are(tmp_path: Path) -> None:
    labels = np.zeros((40, 50), np.uint32)
    labels[2:5, 3:9], labels[20:22, 7:8] = 70_001, 4_000_000_000
    tifffile.imwrite(tmp_path / "m.tif", labels)
    mask = read_mask(tmp_path / "m.tif", findings=Findings())
    np.testing.assert_array_equal(mask.read(), labels)
    assert mask_objects(mask)["label"].tolist() == [70_001, 4_000_000_000]


def test_whole_numbers_stored_as_floats_are_labels(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "m.tif", np.array([[0, 1, 1], [2, 2, 0]], np.float32))
    assert read_mask(tmp_path / "m.tif", findings=Findings()).read().tolist() == [[0, 1, 1], [2, 2, 0]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[0, 0.5], [1, 2]], np.float32), "0.5"),
        (np.array([[0, np.nan], [1, 2]], np.float32), "nan"),
        (np.array([[0, -3], [1, 2]], np.int16), "-3"),
    ],
)
def test_values_that_are_no_labels(tmp_path: Path, values: np.ndarray, message: str) -> None:
    tifffile.imwrite(tmp_path / "m.tif", values)
    with pytest.raises(InputError, match=message):
        read_mask(tmp_path / "m.tif", findings=Findings()).read()


@pytest.mark.parametrize("value", [1, 255])
def test_a_binary_mask_is_refused_and_one_object_is_not(tmp_path: Path, value: int) -> None:
    one = np.zeros((60, 60), np.uint8)
    one[3:9, 4:9] = value
    two = one.copy()
    two[30:34, 40:44] = value
    tifffile.imwrite(tmp_path / "one.tif", one)
    tifffile.imwrite(tmp_path / "two.tif", two)
    assert len(mask_objects(read_mask(tmp_path / "one.tif", findings=Findings()))) == 1
    with pytest.raises(InputError, match="binary"):
        mask_objects(read_mask(tmp_path / "two.tif", findings=Findings()))


def test_pictures_and_stacks_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "rgb.tif", np.zeros((9, 9, 3), np.uint8), photometric="rgb")
    tifffile.imwrite(tmp_path / "two.ome.tif", np.zeros((2, 9, 9), np.uint8), ome=True, metadata={"axes": "CYX"})
    with pytest.raises(InputError, match="colour picture"):
        read_mask(tmp_path / "rgb.tif", findings=Findings())
    with pytest.raises(InputError, match="2 channels"):
        read_mask(tmp_path / "two.ome.tif", findings=Findings())
