from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import htan_kit as hk

if TYPE_CHECKING:
    from conftest import MakeSample

    from htan_kit.cohort import Cohort

NAMES = ("DNA_1", "CD3")


def test_facts_of_a_written_image(make_sample: MakeSample) -> None:
    sample = make_sample(np.zeros((2, 20, 30), np.uint16), names=NAMES)
    table = hk.qc.images(sample)
    assert len(table) == 1
    row = table.iloc[0]
    assert row["library_id"] == "s1"
    assert row["assay"] == "CyCIF"
    assert (row["height_px"], row["width_px"], row["n_channels"]) == (20, 30, 2)
    assert (row["height_um"], row["width_um"]) == (10.0, 15.0)
    assert (row["dtype"], row["levels"], bool(row["tiled"]), row["compression"]) == ("uint16", 1, False, "none")
    assert row["file_size_bytes"] == sample.image.stat().st_size


def test_unknown_pixel_size_gives_no_um(make_sample: MakeSample) -> None:
    row = hk.qc.images(make_sample(np.zeros((2, 20, 30), np.uint16), names=NAMES, pixel_size_um=None)).iloc[0]
    assert np.isnan([row["pixel_size_um"], row["width_um"], row["height_um"]]).all()


def test_without_image_it_says_so(make_sample: MakeSample, two_cells) -> None:
    table = hk.qc.images(make_sample(table=two_cells[2]))
    assert table.empty
    assert table.attrs["reason"] == "the sample has no image (Level 2)"


def test_colour_image_has_one_channel(cohort: Cohort) -> None:
    row = hk.qc.images(next(s for s in cohort.samples if s.assay == "H&E")).iloc[0]
    assert row["n_channels"] == 1
    assert row["dtype"] == "uint8"
