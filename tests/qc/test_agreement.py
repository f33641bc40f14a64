from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.pixels import _sampled

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeSample

NAMES = ("DNA_1", "CD3")
Files = tuple[np.ndarray, np.ndarray, pd.DataFrame]


def test_a_table_of_this_mask_and_image_agrees(make_sample: MakeSample, two_cells: Files) -> None:
    row = hk.qc.agreement(make_sample(*two_cells, names=NAMES)).iloc[0]
    assert (row["n_in_both"], row["n_only_in_mask"], row["n_only_in_table"]) == (2, 0, 0)
    assert row["centroid_in_own_label_share"] == 1
    assert row["area_px_max_abs_difference"] == 0
    assert (row["n_means_recomputed"], row["means_equal_share"]) == (4, 1)


def test_what_disagrees_is_counted(make_sample: MakeSample, two_cells: Files) -> None:
    image, mask, table = two_cells
    wrong = table.copy()
    wrong.loc[0, ["X_centroid", "Area", "DNA_1"]] = [25.0, 30.0, 9999.0]  # 24 px are inside
    wrong.loc[1, "CellID"] = 9  # there is no such label, and 7 has no row
    row = hk.qc.agreement(make_sample(image, mask, wrong, names=NAMES)).iloc[0]
    assert (row["n_in_both"], row["n_only_in_mask"], row["n_only_in_table"]) == (1, 1, 1)
    assert row["centroid_in_own_label_share"] == 0
    assert row["area_px_max_abs_difference"] == 6
    assert (row["n_means_recomputed"], row["means_equal_share"]) == (2, 0.5)


def test_windows_of_a_large_image_give_the_same_means(
    make_sample: MakeSample, two_cells: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = make_sample(*two_cells, names=NAMES)
    in_one_pass = hk.qc.agreement_cells(sample)
    monkeypatch.setattr(_sampled, "_SMALL", 0)
    pd.testing.assert_frame_equal(hk.qc.agreement_cells(sample), in_one_pass)


def test_pairs_are_the_tables_and_the_pixels(make_sample: MakeSample, two_cells: Files) -> None:
    pairs = hk.qc.agreement_cells(make_sample(*two_cells, names=NAMES)).set_index(["quantity", "CellID"])
    assert pairs.loc[("area_px", 3)].tolist() == [24, 24]
    assert pairs.loc[("CD3", 7), "pixels"] == 522  # 500 + the mean of 20..24


def test_without_image_means_are_not_compared(make_sample: MakeSample, two_cells: Files) -> None:
    row = hk.qc.agreement(make_sample(mask=two_cells[1], table=two_cells[2])).iloc[0]
    assert row["n_means_recomputed"] == 0
    assert np.isnan(row["means_equal_share"])
    assert row["area_px_max_abs_difference"] == 0


@pytest.mark.parametrize(("missing", "reason"), [("mask", "no mask"), ("table", "no table")])
def test_missing_level_is_said(make_sample: MakeSample, two_cells: Files, missing: str, reason: str) -> None:
    files = dict(zip(("image", "mask", "table"), two_cells, strict=True))
    del files[missing]
    for table in (hk.qc.agreement(sample := make_sample(**files, names=NAMES)), hk.qc.agreement_cells(sample)):
        assert table.empty
        assert reason in table.attrs["reason"]


def test_real_tables_agree(real: Path) -> None:
    cohort = hk.open_cohort(real / "imc_bodenmiller" / "steinbock", mask="deepcell")
    table = pd.concat([hk.qc.agreement(sample) for sample in cohort.samples[:4]])
    assert (table["means_equal_share"] == 1).all()
    assert (table["area_px_max_abs_difference"] == 0).all()
    assert (table["n_only_in_mask"] + table["n_only_in_table"] == 0).all()
