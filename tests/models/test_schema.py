from __future__ import annotations

import json

import pytest
from jsonschema import Draft7Validator

from htan_kit.models import schema
from htan_kit.models._load import models

EVERY = [(model, name) for model, names in models().items() for name in names]


@pytest.mark.parametrize(("model", "component"), EVERY)
def test_every_component_is_a_valid_schema(model: str, component: str) -> None:
    content = schema(model, component)
    Draft7Validator.check_schema(content)
    assert json.loads(json.dumps(content)) == content
    assert set(content["required"]) <= set(content["properties"])


def test_phase_2_is_as_published() -> None:
    # Written off the published schema, HTAN.MultiplexMicroscopyLevel2-v2.0.0.
    level2 = schema("htan2", "MultiplexMicroscopyLevel2")
    assert sorted(level2["required"]) == sorted([
        "FILE_FORMAT", "FILENAME", "IMAGING_ASSAY_TYPE", "PHYSICAL_SIZE_X", "PHYSICAL_SIZE_Y", "SIZE_C", "SIZE_T",
        "SIZE_X", "SIZE_Y", "SIZE_Z", "HTAN_PANEL_ID", "EXPERIMENTAL_STRATEGY_AND_DATA_SUBTYPES",
        "DE_IDENTIFICATION_METHOD_TYPE", "LICENSE", "IMAGE_MODALITY", "IMAGING_EQUIPMENT_MANUFACTURER",
        "CITATION_OR_DOI", "STAINING_METHOD", "OBJECTIVE", "NOMINAL_MAGNIFICATION", "PASSED_QC", "QC_COMMENT",
        "SPECIES", "HAS_SLIDE_LABEL", "DE_IDENTIFIED", "HTAN_DATA_FILE_ID", "HTAN_PARENT_ID",
    ])  # fmt: skip
    kinds = {name: content["type"] for name, content in level2["properties"].items()}
    assert {name for name, kind in kinds.items() if kind == "integer"} == {
        "SIZE_C", "SIZE_T", "SIZE_X", "SIZE_Y", "SIZE_Z", "NOMINAL_MAGNIFICATION",
    }  # fmt: skip
    assert {name for name, kind in kinds.items() if kind == "number"} == {
        "PHYSICAL_SIZE_X", "PHYSICAL_SIZE_Y", "PHYSICAL_SIZE_Z", "LENS_NUMERICAL_APERTURE",
    }  # fmt: skip
    assert {name for name, kind in kinds.items() if kind == "boolean"} == {
        "PYRAMID", "PASSED_QC", "HAS_SLIDE_LABEL", "SLIDE_LABEL_REDACTED", "DE_IDENTIFIED",
    }  # fmt: skip
    assert {name for name, kind in kinds.items() if kind == "array"} == {"HTAN_PARENT_ID"}
    assert kinds["WORKING_DISTANCE"] == "string"
    assert level2["properties"]["NOMINAL_MAGNIFICATION"]["minimum"] == 0
    assert len(level2["allOf"]) == 3


@pytest.mark.parametrize(
    ("record", "valid"),
    [
        ({"SIZE_Z": 1}, True), ({"SIZE_Z": 2}, False), ({"SIZE_Z": 2, "PHYSICAL_SIZE_Z": 0.5}, True), ({}, True),
        ({"SIZE_Z": "many"}, True), ({"HAS_SLIDE_LABEL": True}, False), ({"HAS_SLIDE_LABEL": False}, True),
        ({"DE_IDENTIFICATION_METHOD_TYPE": "Manual"}, False),
        ({"DE_IDENTIFICATION_METHOD_TYPE": "Not Applicable"}, True),
    ],
)  # fmt: skip
def test_conditions_by_hand(record: dict[str, object], valid: bool) -> None:
    conditions = {"allOf": schema("htan2", "MultiplexMicroscopyLevel2")["allOf"]}
    assert Draft7Validator(conditions).is_valid(record) == valid


def test_a_pattern_that_is_matched_is_anchored_at_its_beginning_only() -> None:
    # Phase 1 applies it with re.match: the first branch has no end.
    rrid = Draft7Validator(schema("htan1", "Imaging Level 3 Channels")["properties"]["RRID identifier"])
    assert rrid.is_valid("AB_394606")
    assert rrid.is_valid("AB_394606 (Abcam)")
    assert rrid.is_valid("Not Applicable")
    assert not rrid.is_valid("RRID: AB_394606")
    assert not rrid.is_valid("Not Applicable here")


def test_one_way_of_labelling_is_enough_in_miti() -> None:
    one_of = Draft7Validator({"allOf": schema("miti", "channel")["allOf"]})
    assert one_of.is_valid({"fluorophore": "FITC"})
    assert one_of.is_valid({"metal_isotope_element": "Yb", "metal_isotope_mass": 176})
    assert not one_of.is_valid({"metal_isotope_element": "Yb"})
    assert not one_of.is_valid({})
