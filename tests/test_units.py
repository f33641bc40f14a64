"""Lengths in µm: every spelling seen in released metadata, and nothing that is no length."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.units import to_um


@pytest.mark.parametrize("unit", ["µm", "μm", "um", "UM", " um ", "<U+00B5>m", "micron", "Microns", "micrometer"])
def test_spellings_of_micrometre(unit: str) -> None:
    assert to_um(0.65, unit) == 0.65


@pytest.mark.parametrize(
    ("value", "unit", "um"), [(650, "nm", 0.65), (0.00065, "mm", 0.65), (6.5e-5, "cm", 0.65), (6500, "Å", 0.65)]
)
def test_other_units(value: float, unit: str, um: float) -> None:
    assert math.isclose(to_um(value, unit), um, rel_tol=1e-9)


@pytest.mark.parametrize("unit", ["pixel", "reference frame", "", "px", "µm²"])
def test_no_length(unit: str) -> None:
    with pytest.raises(ValueError, match="not a unit of length"):
        to_um(1.0, unit)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_not_finite(value: float) -> None:
    with pytest.raises(ValueError, match="not a finite length"):
        to_um(value)


@given(st.floats(1e-6, 1e6), st.sampled_from(["nm", "µm", "mm", "cm"]))
def test_round_trip(value: float, unit: str) -> None:
    assert math.isclose(to_um(value, unit) / to_um(1.0, unit), value, rel_tol=1e-5, abs_tol=1e-9)
