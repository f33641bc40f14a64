from __future__ import annotations

import numpy as np
import pytest

from htan_kit.datasets._panel import ASSAYS, MARKERS, assay_channels, expression_levels
from htan_kit.datasets._types import PHENOTYPES


@pytest.mark.parametrize("assay", ASSAYS)
def test_names_are_unique(assay: str) -> None:
    names = [c.name for c in assay_channels(assay)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("assay", "cycles"), [("cycif", 4), ("codex", 6)])
def test_every_cycle_has_one_dna_channel(assay: str, cycles: int) -> None:
    channels = assay_channels(assay)
    assert [c.cycle for c in channels if c.marker == "DNA"] == list(range(1, cycles + 1))
    assert len(channels) == 4 * cycles


def test_codex_begins_and_ends_with_blanks() -> None:
    blanks = {c.cycle for c in assay_channels("codex") if c.marker == "blank"}
    assert blanks == {1, 6}
    assert all(expression_levels(c).max() == 0 for c in assay_channels("codex") if c.marker == "blank")


def test_imc_has_metals_in_rising_mass_and_no_cycles() -> None:
    channels = assay_channels("imc")
    masses = [c.metal[1] for c in channels if c.metal]
    assert len(masses) == len(channels)
    assert masses == sorted(masses)
    assert {c.cycle for c in channels} == {0}


def test_an_h_and_e_has_no_channels_of_its_own() -> None:
    assert assay_channels("he") == ()


def test_markers_are_positive_in_known_types_only() -> None:
    for marker in MARKERS.values():
        assert set(marker.positive) <= set(PHENOTYPES)
        assert marker.place in {"membrane", "nucleus", "cytoplasm", "fibre"}


def test_levels_of_a_lineage_marker_are_all_or_nearly_nothing() -> None:
    cd20 = next(c for c in assay_channels("cycif") if c.name == "CD20")
    levels = dict(zip(PHENOTYPES, expression_levels(cd20), strict=True))
    assert levels.pop("B cell") == cd20.signal
    np.testing.assert_allclose(list(levels.values()), 0.02 * cd20.signal)
