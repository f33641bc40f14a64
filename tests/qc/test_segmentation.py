from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import htan_kit as hk

if TYPE_CHECKING:
    from conftest import MakeSample


def test_known_objects(make_sample: MakeSample, two_cells) -> None:
    image, mask, _ = two_cells
    row = hk.qc.segmentation(make_sample(image, mask, names=("DNA_1", "CD3"))).iloc[0]
    assert (row["n_objects"], row["n_touching_border"], row["border_share"]) == (2, 1, 0.5)
    assert row["area_px_median"] == 37  # 24 and 50
    assert row["area_um2_median"] == pytest.approx(37 / 4)
    assert row["area_px_p5"] == pytest.approx(24 + 0.05 * 26)
    assert row["coverage_share"] == pytest.approx(74 / 600)
    assert row["objects_per_mm2"] == pytest.approx(2 / (600 * 0.25 / 1e6))


def test_unknown_pixel_size_leaves_px(make_sample: MakeSample, two_cells) -> None:
    row = hk.qc.segmentation(make_sample(mask=two_cells[1], pixel_size_um=None)).iloc[0]
    assert row["area_px_median"] == 37
    assert np.isnan([row["area_um2_median"], row["objects_per_mm2"]]).all()


def test_mask_without_objects(make_sample: MakeSample) -> None:
    row = hk.qc.segmentation(make_sample(mask=np.zeros((20, 30), np.uint16))).iloc[0]
    assert row["n_objects"] == 0
    assert row["coverage_share"] == 0
    assert np.isnan([row["area_px_median"], row["border_share"]]).all()


def test_without_mask_it_says_so(make_sample: MakeSample, two_cells) -> None:
    table = hk.qc.segmentation(make_sample(two_cells[0], names=("DNA_1", "CD3")))
    assert table.empty
    assert table.attrs["reason"] == "the sample has no mask (Level 3)"
