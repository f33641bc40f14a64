from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import htan_kit as hk
from htan_kit.assemble import describe
from htan_kit.cohort import Sample
from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from htan_kit.cohort import Cohort


def test_it_says_what_reading_says_without_cells(cohort: Cohort, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = cohort["HTA200_1_D1"]
    whole = hk.read(sample)
    monkeypatch.setattr("htan_kit.io.image.Image.read", lambda *_, **__: pytest.fail("pixels were read"))
    adata = describe(sample)
    assert adata.shape == (0, 16)
    assert hk.miti(adata) == hk.miti(whole)
    assert adata.uns["htan"]["HTA200_1_D1"]["level4"] == whole.uns["htan"]["HTA200_1_D1"]["level4"]


def test_without_image_and_channels_there_is_still_the_record(cohort: Cohort) -> None:
    adata = describe(replace(cohort["HTA200_1_D1"], image=None, channels=None))
    assert adata.shape == (0, 0)
    assert hk.miti(adata)["clinical"]["participant_id"] == "HTA200_1"
    assert describe(Sample("A", "A", Path())).uns["miti"] == {"A": {"json": "{}"}}


def test_what_is_odd_is_collected(cohort: Cohort) -> None:
    found = Findings()
    describe(cohort["HTA200_2_D1"], findings=found)
    assert found.errors
    with pytest.raises(InputError):
        describe(Sample("A", "A", Path(), image=Path("none.ome.tiff")))
