from __future__ import annotations

import json
import re

import pytest

from htan_kit import models


def test_the_counts_are_those_of_the_sources() -> None:
    htan2 = models.htan2_components()
    counts = {
        name: (len(c["attributes"]), sum(a["required"] for a in c["attributes"].values())) for name, c in htan2.items()
    }
    assert counts["MultiplexMicroscopyLevel2"] == (38, 27)
    assert counts["MultiplexMicroscopyLevel3"] == (32, 20)
    assert counts["MultiplexMicroscopyLevel4"] == (34, 21)
    assert counts["ChannelMetadata"] == (22, 3)
    assert counts["DigitalPathology"] == (28, 19)
    htan1 = {name: len(c["attributes"]) for name, c in models.htan1_components().items()}
    assert (htan1["Imaging Level 2"], htan1["Imaging Level 3 Segmentation"], htan1["Imaging Level 4"]) == (46, 12, 14)
    sections = {name: len(attributes) for name, attributes in models.miti_sections().items()}
    assert sections == {
        "clinical": 35, "biospecimen": 35, "file": 24, "channel": 25, "ome_tiff_header": 18,
        "processed_data": 27, "cell": 23, "cell_state": 11,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        ("HTAN_DATA_FILE_ID", "HTA200_1_D1", "HTA200_1_B1"),
        ("HTAN_PARENT_ID", "HTA229_0000_B12", "HTA230_1_B1"),
        ("HTAN_PANEL_ID", "HTA200_1_P1", "syn123"),
        ("FILENAME", "level2/a.ome.tiff", "a.csv"),
    ],
)
def test_patterns_are_regular_expressions_that_say_what_the_manual_says(attribute: str, good: str, bad: str) -> None:
    pattern = models.htan2_components()["MultiplexMicroscopyLevel2"]["attributes"][attribute]["pattern"]
    assert re.search(pattern, good)
    assert not re.search(pattern, bad)


def test_conditions_name_attributes_of_their_component() -> None:
    for component in models.htan2_components().values():
        for condition in component["conditions"]:
            assert condition["if"]["attribute"] in component["attributes"]
            assert set(condition["then_required"]) <= set(component["attributes"])


def test_the_crosswalk_names_attributes_that_exist() -> None:
    known = {name for component in models.components().values() for name in component["attributes"]}
    # Phase 1 biospecimen attributes are not held by name yet.
    known |= {"Acquisition Method Type", "Preservation Method", "Section Thickness Value", "Slicing Method",
              "Slide Charge Type", "Shipping Condition Type"}  # fmt: skip
    sections = models.miti_sections()
    for section, mapping in models.htan_to_miti().items():
        assert set(mapping) <= set(sections[section])
        for names in mapping.values():
            assert set(names) <= known


def test_versions_are_those_of_the_data_files() -> None:
    for name, version in models.MODEL_VERSIONS.items():
        text = models._load.files("htan_kit.models").joinpath("data", f"{name}.json").read_text(encoding="utf-8")
        meta = json.loads(text)["_meta"]
        assert meta["repository"] in version
        assert meta["version"] in version


def test_what_is_handed_out_is_the_callers_own() -> None:
    models.htan2_components()["ChannelMetadata"]["attributes"].clear()
    models.miti_sections()["channel"].clear()
    models.components().clear()
    assert models.htan2_components()["ChannelMetadata"]["attributes"]
    assert models.miti_sections()["channel"]
    assert models.components()
