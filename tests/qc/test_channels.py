from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import htan_kit as hk

if TYPE_CHECKING:
    from conftest import MakeSample

    from htan_kit.cohort import Cohort


def test_known_numbers(make_sample: MakeSample) -> None:
    planes = np.zeros((2, 20, 50), np.uint16)
    planes[0] = np.arange(1000).reshape(20, 50)
    planes[1, :, :5] = 65535  # a tenth is saturated, the rest is 0
    table = hk.qc.channels(make_sample(planes, names=("DNA_1", "CD3")))
    assert table["marker"].tolist() == ["DNA_1", "CD3"]
    assert table["role"].tolist() == ["nuclear", "marker"]
    first, second = table.iloc[0], table.iloc[1]
    assert (first["min"], first["max"]) == (0, 999)
    assert first["median"] == pytest.approx(499.5, abs=0.5)
    assert first["p99_9"] == pytest.approx(999, abs=1)
    assert first["zero_share"] == 0.001
    assert first["saturated_share"] == 0
    # Two halves of a ramp: mean of 500..999 over mean of 0..499.
    assert first["snr_otsu_ratio"] == pytest.approx(749.5 / 249.5, rel=0.01)
    assert (second["zero_share"], second["saturated_share"]) == (0.9, 0.1)
    assert np.isnan(second["snr_otsu_ratio"])  # over 0


def test_colour_image_has_three_rows(make_sample: MakeSample) -> None:
    picture = np.zeros((10, 12, 3), np.uint8)
    picture[..., 1] = 40
    picture[..., 2] = 255
    table = hk.qc.channels(make_sample(picture))
    assert table["marker"].tolist() == ["red", "green", "blue"]
    assert table["median"].tolist() == [0, 40, 255]
    assert table["saturated_share"].tolist() == [0, 0, 1]


def test_cycles_come_from_the_channel_table(cohort: Cohort) -> None:
    table = hk.qc.channels(cohort["HTA200_1_D1"])
    dna = table.loc[table["role"] == "nuclear"]
    assert dna["cycle"].tolist() == [1, 2, 3, 4]
    imc = next(s for s in cohort.samples if s.assay == "IMC")
    assert hk.qc.channels(imc)["cycle"].isna().all()


def test_without_image_it_says_so(make_sample: MakeSample, two_cells) -> None:
    table = hk.qc.channels(make_sample(table=two_cells[2]))
    assert table.empty
    assert "saturated_share" in table
    assert "no image" in table.attrs["reason"]
