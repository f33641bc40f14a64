from __future__ import annotations

import pytest

from htan_kit.errors import InputError
from htan_kit.models import miti_sections
from htan_kit.models._load import models
from htan_kit.models._spec import CHECKS, component_of, slug

EVERY = [(model, name) for model, names in models().items() for name in names]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Imaging Level 3 Segmentation", "imaging-level-3-segmentation"),
        ("DigitalPathology", "digital-pathology"), ("ome_tiff_header", "ome-tiff-header"), ("LensNA", "lens-na"),
        ("FOVX", "fovx"), ("NominalMagnification", "nominal-magnification"), ("Frame_ Averaging", "frame-averaging"),
        ("DE_IDENTIFICATION_METHOD_TYPE", "de-identification-method-type"), ("Commit SHA", "commit-sha"),
    ],
)  # fmt: skip
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_every_rule_has_an_id_of_its_own() -> None:
    ids = [
        component_of(*which).rule(attribute, check)
        for which in EVERY
        for attribute in component_of(*which).attributes
        for check in CHECKS
    ]
    assert len(ids) == len(set(ids)) == 564 * len(CHECKS)


def test_every_attribute_is_described_in_one_line() -> None:
    for which in EVERY:
        for attribute in component_of(*which).attributes.values():
            assert attribute.description.endswith("."), attribute.name
            assert "\n" not in attribute.description
            assert len(attribute.description) <= 100


def test_conditions_are_those_of_the_sources() -> None:
    said = {which: [(str(c), c.then, c.severity) for c in component_of(*which).conditions] for which in EVERY}
    assert said["htan1", "Imaging Level 4"] == [
        ("Imaging Object Class is Imaging Object Class Other", ("Imaging Object Class Description",), "error")
    ]
    # Phase 1 makes these apply, but does not enforce them.
    assert said["htan1", "SRRS Imaging Level 2"] == [("Passed QC is No - Channels QC", ("Comment",), "info")]
    assert said["htan1", "Imaging Level 3 Channels"][1] == (
        "Channel QC Failure Type is Other/multiple channel QC faliure types", ("Channel QC Failure Comment",), "info"
    )  # fmt: skip
    assert [condition for condition, _, _ in said["htan2", "DigitalPathology"]] == [
        "HAS_ANNOTATIONS is True",
        "DE_IDENTIFICATION_METHOD_TYPE is one of Automatic, Manual, Semiautomatic",
        "HAS_SLIDE_LABEL is True",
    ]
    assert said["htan2", "ChannelMetadata"] == []
    assert said["miti", "ome_tiff_header"] == [
        ("size_z is more than 1", ("physical_size_z", "physical_size_zunit"), "error")
    ]
    # Written with curly quotes, and with another case than the attribute's own.
    assert ("data_type is image", ("passed_qc",), "error") in said["miti", "processed_data"]


def test_every_condition_of_miti_is_read() -> None:
    conditional = {
        (section, key)
        for section, attributes in miti_sections().items()
        for key, attribute in attributes.items()
        if attribute["significance"] == "conditional"
    }
    read = {(name, key) for model, name in EVERY if model == "miti"
            for condition in component_of(model, name).conditions for key in condition.then}  # fmt: skip
    assert read == conditional


def test_phase_1_has_the_severities_of_its_rules() -> None:
    level2 = component_of("htan1", "Imaging Level 2")
    assert level2.severity("HTAN Data File ID", "pattern") == "warning"  # the rule says so
    assert level2.severity("Filename", "pattern") == "error"
    assert level2.severity("NominalMagnification", "type") == "error"  # required, rule num
    assert level2.severity("LensNA", "type") == "warning"  # not required, rule num
    assert level2.severity("PhysicalSizeX", "type") == "warning"  # a number by its description only
    assert level2.severity("SizeX", "range") == "warning"  # limits are in descriptions only
    assert level2.severity("Immersion", "value") == "error"
    assert component_of("htan1", "Imaging Level 3 Channels").severity("RRID identifier", "pattern") == "error"


@pytest.mark.parametrize("name", ["ImagingLevel2", "imaging level 2", "Imaging_Level_2"])
def test_components_are_found_in_any_spelling(name: str) -> None:
    assert component_of("htan1", name).name == "Imaging Level 2"


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match="Known: htan1, htan2, miti"):
        component_of("htan9", "Imaging Level 2")
    with pytest.raises(InputError, match="MultiplexMicroscopyLevel2"):
        component_of("htan2", "Imaging Level 2" + "x" * 999)
