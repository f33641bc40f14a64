from __future__ import annotations

import re
from typing import Any

import pytest

from htan_kit import datasets
from htan_kit.datasets._records import Entry, manifest_rows
from htan_kit.models import htan2_components

ENTRY = Entry("HTA200_1", "B1", "D1", {"cell": "D2", "nucleus": "D3"}, "D4", "csv", "P1")
COMPONENTS = htan2_components()


def _rows(assay: str) -> dict[str, list[dict[str, Any]]]:
    entry = Entry("HTA200_1", "B1", "D1", {}) if assay == "he" else ENTRY
    return manifest_rows(entry, datasets.simulate(assay, width_px=40, height_px=40), n_objects=7)


ROWS = [
    pytest.param(component, row, id=f"{assay}-{component}-{i}")
    for assay in ("cycif", "codex", "imc", "he")
    for component, rows in _rows(assay).items()
    for i, row in enumerate(rows)
]


@pytest.mark.parametrize(("component", "row"), ROWS)
def test_rows_keep_the_model(component: str, row: dict[str, Any]) -> None:
    attributes = COMPONENTS[component]["attributes"]
    assert set(row) <= set(attributes), "an attribute the model does not have"
    missing = [name for name, a in attributes.items() if a["required"] and str(row.get(name, "")) == ""]
    assert missing == []
    for name, value in row.items():
        attribute, text = attributes[name], str(value)
        if not text:
            continue
        parts = text.split(",") if attribute.get("multiple") else [text]
        for part in parts:
            if attribute.get("values"):
                assert part in attribute["values"], name
            if attribute.get("pattern"):
                assert re.search(attribute["pattern"], part), name
            if attribute.get("minimum") is not None:
                assert float(part) >= attribute["minimum"], name
            if attribute["kind"] == "bool":
                assert part in {"true", "false"}
            if attribute["kind"] in {"int", "float"}:
                float(part)


def test_parents_lead_from_table_to_biospecimen() -> None:
    rows = _rows("cycif")
    parent = {
        row["HTAN_DATA_FILE_ID"]: row["HTAN_PARENT_ID"].split(",")
        for component in rows.values()
        for row in component
        if "HTAN_DATA_FILE_ID" in row
    }
    assert parent == {
        "HTA200_1_D1": ["HTA200_1_B1"],
        "HTA200_1_D2": ["HTA200_1_D1"],
        "HTA200_1_D3": ["HTA200_1_D1"],
        "HTA200_1_D4": ["HTA200_1_D2", "HTA200_1_D1"],
    }


def test_the_panel_of_the_image_is_listed() -> None:
    rows = _rows("imc")
    panel = rows["MultiplexMicroscopyLevel2"][0]["HTAN_PANEL_ID"]
    assert {row["HTAN_PANEL_ID"] for row in rows["ChannelMetadata"]} == {panel}
    assert len(rows["ChannelMetadata"]) == rows["MultiplexMicroscopyLevel2"][0]["SIZE_C"]


def test_an_h_and_e_is_digital_pathology_only() -> None:
    assert set(_rows("he")) == {"DigitalPathology"}


def test_files_are_named_by_their_ids() -> None:
    assert ENTRY.image_file == "level2/HTA200_1_D1.ome.tiff"
    assert ENTRY.channel_file == "level2/HTA200_1_D1_channels.csv"
    assert ENTRY.mask_file("nucleus") == "level3/HTA200_1_D3.ome.tiff"
    assert ENTRY.table_file == "level4/HTA200_1_D4.csv"
