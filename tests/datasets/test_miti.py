from __future__ import annotations

import json
import re
from typing import Any

import pytest

from htan_kit import datasets
from htan_kit.datasets._miti import miti_record
from htan_kit.datasets._records import Entry
from htan_kit.models import miti_sections

SECTIONS = miti_sections()
ENTRY = Entry("HTA200_1", "B1", "D1", {"cell": "D2", "nucleus": "D3"}, "D4", "csv", "P1")
PYTHON = {"string": str, "filename": str, "doi": str, "rrid": str, "integer": int, "float": float, "boolean": bool}
# One assay cannot have a metal and a fluorophore; a number has no "Not Applicable".
IMPOSSIBLE = {"metal_isotope_mass"}
# The model knows uint16 and float only; uint8 is what an H&E has.
NARROW = {("ome_tiff_header", "type")}


def _record(assay: str) -> dict[str, Any]:
    entry = Entry("HTA200_1", "B1", "D1", {}) if assay == "he" else ENTRY
    return miti_record(entry, datasets.simulate(assay, width_px=40, height_px=40))


def _parts(record: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name.replace("-", "_"), part)
        for name, section in record.items()
        for part in (section if isinstance(section, list) else [section])
    ]


PARTS = [
    pytest.param(section, part, id=f"{assay}-{section}-{i}")
    for assay in ("cycif", "imc", "he")
    for i, (section, part) in enumerate(_parts(_record(assay)))
]


@pytest.mark.parametrize(("section", "part"), PARTS)
def test_sections_keep_the_model(section: str, part: dict[str, Any]) -> None:
    attributes = SECTIONS[section]
    assert set(part) <= set(attributes)
    required = {key for key, a in attributes.items() if a["significance"] == "required"}
    assert required - set(part) - IMPOSSIBLE == set()
    for key, value in part.items():
        attribute = attributes[key]
        assert type(value) is PYTHON[attribute["type"]], key
        if attribute.get("values") and (section, key) not in NARROW:
            assert value in attribute["values"], key
        if attribute.get("minimum") is not None:
            assert value >= attribute["minimum"], key


def test_all_eight_sections_are_there() -> None:
    assert {name.replace("-", "_") for name in _record("cycif")} == set(SECTIONS)


def test_a_slide_without_cells_has_no_sections_about_cells() -> None:
    assert set(_record("he")) == {"clinical", "biospecimen", "file", "channel", "ome-tiff-header"}
    assert _record("he")["channel"] == []


def test_there_is_no_date_and_it_is_json() -> None:
    text = json.dumps(_record("cycif"))
    assert re.search(r"\b(19|20)\d\d-\d\d", text) is None
    assert json.loads(text) == _record("cycif")


def test_channels_are_those_of_the_image() -> None:
    record = _record("imc")
    assert len(record["channel"]) == record["ome-tiff-header"]["size_c"] == 16
    assert record["channel"][2]["metal_isotope_element"] == "Nd"
    assert record["channel"][2]["metal_isotope_mass"] == 143
