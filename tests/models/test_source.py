from __future__ import annotations

import pytest

from htan_kit.models._source import read_source


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [("0.65", "µm", 0.65), ("650", "nm", 0.65), ("0.65", None, 0.65), ("1", "pixel", None), ("x", "µm", None)],
)
def test_lengths_are_in_um(value: str, unit: str | None, expected: float | None) -> None:
    given = {"PhysicalSizeX": value} | ({"PhysicalSizeXUnit": unit} if unit else {})
    said = read_source("ome", "", given)
    assert said.length_um("Pixels/@PhysicalSizeX", said.value("Pixels/@PhysicalSizeX")) == expected


def test_what_follows_from_others() -> None:
    said = read_source("ome", "", {"SizeX": "100", "PhysicalSizeX": "0.5", "SizeZ": "2", "SizeT": "1"})
    assert said.value("Pixels/@SizeX * Pixels/@PhysicalSizeX") == 50.0
    assert said.value("Pixels/@SizeZ > 1") is True
    assert said.value("Pixels/@SizeT > 1") is False
    assert said.value("Pixels/@SizeY * Pixels/@PhysicalSizeY") is None
    assert read_source("ome", "", {}).value("Pixels/@SizeZ > 1") is None


def test_words_for_nothing_are_nothing() -> None:
    said = read_source("htan1", "Imaging Level 2", {"Comment": "None", "LensNA": "NA", "Microscope": "Not Applicable"})
    assert said.values == {"Microscope": "Not Applicable"}


def test_units_belong_to_their_lengths() -> None:
    said = read_source("htan1", "Imaging Level 2", {})
    assert said.is_unit("PhysicalSizeXUnit")
    assert said.is_unit("FOVXUnit")
    assert not said.is_unit("PhysicalSizeX")
