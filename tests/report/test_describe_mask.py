"""Whether an image is a mask is said, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from htan_kit.report import describe

if TYPE_CHECKING:
    from pathlib import Path

LABELS = np.kron(np.arange(1, 101).reshape(10, 10), np.ones((8, 8), int))


@pytest.mark.parametrize(
    ("values", "options", "said"),
    [
        (LABELS / 100, {}, "fractions from 0 to 1"),
        (np.where(LABELS % 3, LABELS, -1).astype(np.int16), {}, "negative values, such as -1"),
        (LABELS.astype(np.uint8), {"compression": "jpeg", "tile": (80, 80)}, "compressed with loss"),
        (np.random.default_rng(0).poisson(99, (80, 80)).astype(np.uint16), {}, "change from pixel to pixel"),
    ],
)
def test_why_it_is_no_mask(tmp_path: Path, values: np.ndarray, options: dict[str, object], said: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", values, **options)
    found = describe(tmp_path / "a.tif")
    assert "Level 2" in found.kind
    assert said in found.facts["as a mask"]


def test_masks_that_need_a_word(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "f.tif", LABELS.astype(np.float32))
    found = describe(tmp_path / "f.tif")
    assert found.facts["labels"] == 100
    assert [f.rule for f in found.findings] == ["mask.float"]
    tifffile.imwrite(tmp_path / "b.tif", (LABELS % 2 * 255).astype(np.uint8))
    assert "binary" in describe(tmp_path / "b.tif").facts["objects"]


def test_channels_called_after_objects_are_a_mask_and_after_markers_are_not(tmp_path: Path) -> None:
    for names, level in ((["Whole Cell", "nuclei"], "Level 3"), (["DNA", "CD3"], "Level 2")):
        both = np.stack([LABELS, LABELS]).astype(np.uint16)
        tifffile.imwrite(tmp_path / "a.ome.tif", both, metadata={"axes": "CYX", "Channel": {"Name": names}})
        found = describe(tmp_path / "a.ome.tif")
        assert level in found.kind
        assert ("object types" in found.facts) == (level == "Level 3")
