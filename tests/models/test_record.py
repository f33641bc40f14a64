from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from htan_kit.errors import InputError
from htan_kit.findings import Severity
from htan_kit.models import record_rules, schema, validate_record

# Rows in the forms that released manifests have; identifiers and names are made up.
PHASE1 = {
    "Component": "ImagingLevel2", "Filename": "imc_level_2/batch_1/ROI_01.ome.tiff", "File Format": "OME-TIFF",
    "HTAN Participant ID": "HTA12_2", "HTAN Parent Biospecimen ID": "HTA12_2_102", "HTAN Data File ID": "HTA12_2_1112",
    "Channel Metadata Filename": "imc_level_2/batch_1/ROI_01.csv", "Imaging Assay Type": "IMC",
    "Protocol Link": "https://www.protocols.io/view/x", "Software and Version": "custom scripts",
    "Microscope": "Not Applicable", "NominalMagnification": "20", "Pyramid": "No", "Zstack": "No", "Tseries": "No",
    "Passed QC": "Yes", "Image ID": "Image:0", "DimensionOrder": "XYCZT", "PhysicalSizeX": "1",
    "PhysicalSizeXUnit": "µm", "PhysicalSizeY": "1", "PhysicalSizeYUnit": "µm", "PhysicalSizeZ": "Not Applicable",
    "PhysicalSizeZUnit": "µm", "Pixels BigEndian": "False", "PlaneCount": "1", "SizeC": "28", "SizeT": "1",
    "SizeX": "429", "SizeY": "208", "SizeZ": "1", "PixelType": "float",
}  # fmt: skip
PHASE2 = {
    "FILENAME": "level2/HTA200_1_D1.ome.tiff", "FILE_FORMAT": "ome-tiff", "HTAN_DATA_FILE_ID": "HTA200_1_D1",
    "HTAN_PARENT_ID": "HTA200_1_B1", "IMAGING_ASSAY_TYPE": "CyCIF", "PYRAMID": "true", "PHYSICAL_SIZE_X": "0.65",
    "PHYSICAL_SIZE_Y": "0.65", "SIZE_C": "16", "SIZE_T": "1", "SIZE_X": "672", "SIZE_Y": "560", "SIZE_Z": "1",
    "HTAN_PANEL_ID": "HTA200_1_P1", "EXPERIMENTAL_STRATEGY_AND_DATA_SUBTYPES": "Pathological",
    "DE_IDENTIFICATION_METHOD_TYPE": "Not Applicable", "LICENSE": "CC BY 4.0", "IMAGE_MODALITY": "SM",
    "IMAGING_EQUIPMENT_MANUFACTURER": "x", "CITATION_OR_DOI": "https://doi.org/10.1038/s41592-022-01415-4",
    "STAINING_METHOD": "CyCIF", "OBJECTIVE": "20x 0.75 NA", "NOMINAL_MAGNIFICATION": "20", "PASSED_QC": "true",
    "QC_COMMENT": "None", "SPECIES": "9606 (Homo sapiens)", "HAS_SLIDE_LABEL": "false", "DE_IDENTIFIED": "true",
}  # fmt: skip
CHANNEL = {
    "channel_id": "Channel:0:1", "channel_name": "CD3", "target_name": "CD3", "antibody_name": "Anti-CD3",
    "rrid_identifier": "RRID:AB_394606", "fluorophore": "FITC", "clone": "x", "lot": "Not Applicable", "vendor": "x",
    "catalog_number": 12, "passed_qc": True, "excitation_wavelength": 488.0,
}  # fmt: skip
RECORDS = {
    ("htan1", "Imaging Level 2"): PHASE1,
    ("htan2", "MultiplexMicroscopyLevel2"): PHASE2,
    ("miti", "channel"): CHANNEL,
}
PREFIX = {
    ("htan1", "Imaging Level 2"): "htan1.imaging-level-2.",
    ("htan2", "MultiplexMicroscopyLevel2"): "htan2.multiplex-microscopy-level-2.",
    ("miti", "channel"): "miti.channel.",
}
L1, L2, MITI = RECORDS


def rules_of(
    which: tuple[str, str], change: dict[str, Any], *, context: dict[str, Any] | None = None
) -> dict[str, str]:
    """Validate a good record with some values changed (None takes one away): rule without its beginning -> severity."""
    record = {name: value for name, value in {**RECORDS[which], **change}.items() if value is not None}
    found = validate_record(*which, record, subject="manifest.csv row 2", context=context)
    assert {f.subject for f in found} <= {"manifest.csv row 2"}
    return {f.rule.removeprefix(PREFIX[which]): str(f.severity) for f in found}


@pytest.mark.parametrize("which", RECORDS)
def test_a_good_record_has_no_findings(which: tuple[str, str]) -> None:
    assert rules_of(which, {}) == {}


@pytest.mark.parametrize(
    ("which", "change", "expected"),
    [
        (L1, {"SizeX": None}, {"size-x.required": "error"}),
        (L1, {"SizeX": "wide"}, {"size-x.type": "error"}),
        (L1, {"SizeX": "0"}, {"size-x.range": "warning"}),
        (L1, {"LensNA": "high"}, {"lens-na.type": "warning"}),
        (L1, {"Filename": "ROI_01.ome.tiff"}, {"filename.pattern": "error"}),
        (L1, {"HTAN Data File ID": "HTA200_1_D1"}, {"htan-data-file-id.pattern": "warning"}),
        (L1, {"Immersion": "Glycerin"}, {"immersion.value": "error"}),
        (L1, {"Immersion": "oil"}, {"immersion.spelling": "info"}),
        (L1, {"Pyramid": "maybe"}, {"pyramid.value": "error"}),
        # What the model has no word for, and released records write all the same.
        (L1, {"NominalMagnification": "Not Applicable"}, {"nominal-magnification.type": "warning"}),
        (L1, {"Immersion": "Not Applicable", "LensNA": "None"}, {}),
        (L1, {"PhysicalSizeZ": "0"}, {"physical-size-z.range": "warning"}),
        (L1, {"PhysicalSizeXUnit": "<U+00B5>m"}, {"physical-size-x-unit.spelling": "info"}),
        (L1, {"PhysicalSizeXUnit": "pixel"}, {"physical-size-x-unit.value": "error"}),
        (L1, {"FOVX": "500"}, {"fovx-unit.condition": "info"}),
        (L1, {"FOVX": "500", "FOVXUnit": "µm"}, {}),
        (L1, {"Passed QC": "No"}, {"passed-qc.spelling": "info", "comment.condition": "info"}),
        (L1, {"Passed QC": "No - Channels QC", "Comment": "Blurred."}, {}),
        (L1, {"entityId": "syn1", "md5": "x", "Uuid": "y"}, {}),
        (L2, {"SIZE_Z": "2"}, {"physical-size-z.condition": "error"}),
        (L2, {"SIZE_Z": "2", "PHYSICAL_SIZE_Z": "0.5"}, {}),
        (L2, {"SIZE_Z": "2.5"}, {"size-z.type": "error"}),
        (L2, {"SIZE_Z": "0"}, {"size-z.range": "error"}),
        (L2, {"PHYSICAL_SIZE_X": "-1"}, {"physical-size-x.range": "error"}),
        (L2, {"NOMINAL_MAGNIFICATION": "Not Applicable"}, {"nominal-magnification.type": "error"}),
        (L2, {"IMMERSION": "Not Applicable"}, {"immersion.value": "error"}),
        (L2, {"HAS_SLIDE_LABEL": "Yes"},
         {"has-slide-label.spelling": "info", "slide-label-redacted.condition": "error"}),
        (L2, {"HTAN_PARENT_ID": "HTA200_1_B1, HTA200_1"}, {"htan-parent-id.pattern": "error"}),
        (L2, {"HTAN_PARENT_ID": ""}, {"htan-parent-id.required": "error"}),
        (L2, {"CITATION_OR_DOI": "10.1038/x"}, {"citation-or-doi.pattern": "error"}),
        (L2, {"CITATION_OR_DOI": "http://" + ":" * 10**6}, {"citation-or-doi.pattern": "error"}),
        (L2, {"NOMINAL_MAGNIFICATION": "1" * 10**6 + "x"}, {"nominal-magnification.type": "error"}),
        (L2, {"FILE_FORMAT": "czi"}, {"file-format.value": "error"}),
        (L2, {"HTAN_PANEL_ID": "syn1"}, {"htan-panel-id.pattern": "error"}),
        (L2, {"DE_IDENTIFICATION_METHOD_TYPE": "Manual"}, {"de-identification-method-description.condition": "error"}),
        (MITI, {"fluorophore": None}, {"fluorophore.required": "error"}),
        (MITI, {"fluorophore": None, "metal_isotope_element": "Yb", "metal_isotope_mass": 176}, {}),
        (MITI, {"fluorophore": None, "Metal isotope: Element": "Yb"}, {"fluorophore.required": "error"}),
        (MITI, {"clone": ""}, {"clone.required": "error"}),
        (MITI, {"cycle_number": 0}, {"cycle-number.range": "warning"}),
        (MITI, {"excitation_wavelength": "452 ORION"}, {"excitation-wavelength.type": "warning"}),
        (MITI, {"excitation_wavelength": "Not Applicable"}, {}),
        (MITI, {"rrid_identifier": "an antibody"}, {"rrid-identifier.pattern": "warning"}),
    ],
)  # fmt: skip
def test_planted_defects(which: tuple[str, str], change: dict[str, Any], expected: dict[str, str]) -> None:
    assert rules_of(which, change) == expected


def test_all_problems_are_found_at_once() -> None:
    found = rules_of(L2, {"SIZE_X": "x", "LICENSE": None, "SPECIES": "mouse", "SIZE_C": "0"})
    assert found == dict.fromkeys(["size-x.type", "license.required", "species.value", "size-c.range"], "error")


@pytest.mark.parametrize(
    "write",
    [str.lower, str.upper, lambda name: name.replace(" ", "_"), lambda name: f"\ufeff{name} "],
    ids=["lower", "upper", "underscores", "blanks"],
)
def test_names_are_read_in_any_spelling(write: Any) -> None:
    record = {write(name): value for name, value in PHASE1.items()}
    assert len(validate_record("htan1", "imaging_level_2", record, subject="x")) == 0


def test_a_misspelt_name_is_read_and_said() -> None:
    found = validate_record("htan1", "Imaging Level 3 Channels", {"Flurophore": "FITC"}, subject="x")
    said = [f for f in found if f.rule.endswith(".name")]
    assert [(f.rule, f.severity) for f in said] == [
        ("htan1.imaging-level-3-channels.fluorophore.name", Severity.info)
    ]  # fmt: skip
    assert "'Flurophore'" in said[0].message


def test_two_columns_that_say_one_thing() -> None:
    assert rules_of(L2, {"Size X": "672"}) == {}
    assert rules_of(L2, {"Size X": "673"}) == {"size-x.name": "warning"}
    assert rules_of(L2, {"Size X": ""}) == {}


def test_the_name_of_an_earlier_release_is_mentioned() -> None:
    record = PHASE2 | {"HTAN_PANEL_ID": "", "CHANNEL_METADATA_ID": "syn123"}
    [found] = validate_record("htan2", "MultiplexMicroscopyLevel2", record, subject="x")
    assert found.rule.endswith("htan-panel-id.required")
    assert "CHANNEL_METADATA_ID" in found.hint


def test_conditions_look_at_what_is_known_from_elsewhere() -> None:
    record = {"data_type": "mask", "object_class": "cell"}

    def conditions(context: dict[str, object]) -> set[str]:
        found = validate_record("miti", "processed-data", record, subject="x", context=context)
        return {f.rule.rpartition("processed-data.")[2] for f in found if f.rule.endswith("condition")}

    assert conditions({}) == set()
    assert conditions({"Z_Stack": "yes"}) == {"physical-size-z.condition", "physical-size-zunit.condition"}
    # What the record itself says goes first.
    assert conditions({"data type": "image"}) == set()


def test_values_from_files_are_bounded_and_on_one_line() -> None:
    record = PHASE2 | {"SPECIES": "mouse\n\x1b[31m<script>" + "x" * 5000}
    [found] = validate_record("htan2", "MultiplexMicroscopyLevel2", record, subject="x")
    assert len(found.message) < 200
    assert found.message.isprintable()


def test_dates_are_not_repeated() -> None:
    found = validate_record("miti", "file", {"Image Acquisition Date": "3 May 1987"}, subject="x")
    said = [f for f in found if "image-acquisition-date" in f.rule]
    assert [f.rule for f in said] == ["miti.file.image-acquisition-date.pattern"]
    assert "1987" not in said[0].message


def test_a_wrong_word_is_shown_with_the_right_one() -> None:
    [found] = validate_record("htan1", "Imaging Level 2", PHASE1 | {"DimensionOrder": "XYCZTT"}, subject="x")
    assert found.hint == "Is XYCZT meant?"
    assert "XYZCT" in found.message
    assert found.source.startswith("ncihtan/data-models f77ac86f")


def test_there_is_no_such_component() -> None:
    with pytest.raises(InputError):
        validate_record("htan2", "Imaging Level 2", {}, subject="x")


# Typed values, so that the record is a JSON record too; "" stands for none.
_VALUES: dict[str, list[Any]] = {
    "SIZE_Z": [1, 2, 0, "x"], "PHYSICAL_SIZE_Z": ["", 0.5, -1], "HAS_SLIDE_LABEL": [True, False, ""],
    "SLIDE_LABEL_REDACTED": [True, "", "?"], "DE_IDENTIFICATION_METHOD_TYPE": ["Manual", "Not Applicable", "By hand"],
    "DE_IDENTIFICATION_METHOD_DESCRIPTION": ["", "x"], "HTAN_PARENT_ID": [["HTA200_1_B1"], ["HTA200_1"], ""],
    "LICENSE": ["CC BY 4.0", "MIT", ""], "WORKING_DISTANCE": ["600", ""],
    "HTAN_DATA_FILE_ID": ["HTA200_1_D1", "HTA7_1_1"],
}  # fmt: skip
_TYPED = PHASE2 | {
    "HTAN_PARENT_ID": ["HTA200_1_B1"], "PYRAMID": True, "PHYSICAL_SIZE_X": 0.65, "PHYSICAL_SIZE_Y": 0.65, "SIZE_C": 16,
    "SIZE_T": 1, "SIZE_X": 672, "SIZE_Y": 560, "SIZE_Z": 1, "NOMINAL_MAGNIFICATION": 20, "PASSED_QC": True,
    "HAS_SLIDE_LABEL": False, "DE_IDENTIFIED": True,
}  # fmt: skip


@given(st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in _VALUES.items()}))
def test_the_verdict_is_that_of_the_schema_and_of_the_rules_by_hand(change: dict[str, Any]) -> None:
    record = {name: value for name, value in (_TYPED | change).items() if value != ""}
    found = validate_record("htan2", "MultiplexMicroscopyLevel2", record, subject="x")
    rules = {f.rule.removeprefix(PREFIX[L2]) for f in found}
    assert (rules == set()) == Draft7Validator(schema(*L2)).is_valid(record)

    def given_(name: str) -> bool:
        return name in record

    size_z = record.get("SIZE_Z")
    expected = {
        "physical-size-z.condition": isinstance(size_z, int) and size_z >= 2 and not given_("PHYSICAL_SIZE_Z"),
        "physical-size-z.range": record.get("PHYSICAL_SIZE_Z") == -1,
        "size-z.range": size_z == 0,
        "size-z.type": size_z == "x",
        "has-slide-label.required": not given_("HAS_SLIDE_LABEL"),
        "slide-label-redacted.condition": record.get("HAS_SLIDE_LABEL") is True and not given_("SLIDE_LABEL_REDACTED"),
        "slide-label-redacted.type": record.get("SLIDE_LABEL_REDACTED") == "?",
        "de-identification-method-type.value": record["DE_IDENTIFICATION_METHOD_TYPE"] == "By hand",
        "de-identification-method-description.condition": record["DE_IDENTIFICATION_METHOD_TYPE"] == "Manual"
        and not given_("DE_IDENTIFICATION_METHOD_DESCRIPTION"),
        "htan-parent-id.required": not given_("HTAN_PARENT_ID"),
        "htan-parent-id.pattern": record.get("HTAN_PARENT_ID") == ["HTA200_1"],
        "license.required": not given_("LICENSE"),
        "license.value": record.get("LICENSE") == "MIT",
        "htan-data-file-id.pattern": record["HTAN_DATA_FILE_ID"] == "HTA7_1_1",
    }
    assert rules == {rule for rule, broken in expected.items() if broken}


_KNOWN = set(record_rules()["rule"])


@given(
    st.sampled_from(list(RECORDS)),
    st.dictionaries(st.sampled_from([*PHASE1, *PHASE2, *CHANNEL, "Fluorophores", "x"]), st.one_of(
        st.text(), st.sampled_from(["", "Not Applicable", "yes", "2", "-1", "HTA1_1"]), st.integers(),
        st.floats(), st.none(),
    )),
)  # fmt: skip
def test_every_rule_that_is_found_is_listed(which: tuple[str, str], change: dict[str, Any]) -> None:
    found = validate_record(*which, RECORDS[which] | change, subject="x")
    assert {f.rule for f in found} <= _KNOWN
    assert all(f.message and f.source for f in found)
