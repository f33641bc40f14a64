from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.models._load import models
from htan_kit.models._spec import component_of
from htan_kit.models._understand import Understood, understand

LEVEL2, CHANNELS = ("htan1", "Imaging Level 2"), ("htan1", "Imaging Level 3 Channels")
MICROSCOPY = ("htan2", "MultiplexMicroscopyLevel2")


def read(which: tuple[str, str], attribute: str, written: object) -> Understood:
    return understand(component_of(*which).attributes[attribute], written, model=which[0])


@pytest.mark.parametrize(
    ("which", "attribute", "written", "value", "respelt"),
    [
        (LEVEL2, "Pyramid", "Yes", "Yes", False), (LEVEL2, "Pyramid", "yes", "Yes", True),
        (LEVEL2, "Pyramid", True, "Yes", True), (LEVEL2, "Pixels BigEndian", "false", "False", True),
        (LEVEL2, "Passed QC", "No", "No - Channels QC", True), (LEVEL2, "NominalMagnification", "20x", 20.0, True),
        (LEVEL2, "NominalMagnification", "40 X", 40.0, True), (LEVEL2, "NominalMagnification", "20xx", "20xx", False),
        (LEVEL2, "PhysicalSizeXUnit", "<U+00B5>m", "µm", True), (LEVEL2, "PhysicalSizeXUnit", "μm", "µm", True),
        (LEVEL2, "PhysicalSizeXUnit", "um", "µm", True), (LEVEL2, "PhysicalSizeXUnit", "nm", "nm", False),
        (LEVEL2, "PhysicalSizeXUnit", "pixel", "pixel", False),
        (LEVEL2, "Imaging Assay Type", "Orion", "RareCyte Orion", True),
        (LEVEL2, "SizeX", "1024.0", 1024, False), (LEVEL2, "SizeX", "35,520", "35,520", False),
        (LEVEL2, "PhysicalSizeX", "0.5 µm", 0.5, True), (LEVEL2, "PhysicalSizeX", "650 nm", "650 nm", False),
        (LEVEL2, "SizeX", 7, 7, False), (LEVEL2, "SizeX", float("inf"), "inf", False),
        (LEVEL2, "Objective", 40, "40", False),
        (CHANNELS, "Channel Passed QC", "No", "No - Channel Failed QC", True),
        (CHANNELS, "Metal Isotope Element", "YB", "Yb", True), (CHANNELS, "Metal Isotope Element", "Na", "Na", False),
        (MICROSCOPY, "PASSED_QC", "TRUE", True, False), (MICROSCOPY, "PASSED_QC", "Yes", True, True),
        (MICROSCOPY, "PASSED_QC", "maybe", "maybe", False), (MICROSCOPY, "FILE_FORMAT", "OME-TIFF", "ome-tiff", True),
        (MICROSCOPY, "FILE_FORMAT", "tif", "tiff", True), (MICROSCOPY, "IMMERSION", "Glycerin", "Glycerol", True),
        (MICROSCOPY, "HTAN_PARENT_ID", "HTA200_1_B1, HTA200_1_B2", ["HTA200_1_B1", "HTA200_1_B2"], False),
        (MICROSCOPY, "HTAN_PARENT_ID", '["HTA200_1_B1"]', ["HTA200_1_B1"], False),
        (MICROSCOPY, "HTAN_PARENT_ID", ["HTA200_1_B1"], ["HTA200_1_B1"], False),
        (MICROSCOPY, "QC_COMMENT", "None", "None", False),
        (("miti", "file"), "z_stack", False, False, False), (("miti", "channel"), "lot", 12, "12", False),
        (("htan1", "Imaging Level 4"), "Imaging Object Class", "Nuclei, whole cell", ["nucleus", "whole cell"], True),
        (("htan1", "Imaging Level 4"), "Imaging Object Class", "Other", ["Imaging Object Class Other"], True),
    ],
)  # fmt: skip
def test_values(which: tuple[str, str], attribute: str, written: object, value: object, respelt: bool) -> None:
    found = read(which, attribute, written)
    assert (found.value, found.respelt, found.absent) == (value, respelt, "")
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    ("which", "attribute", "written", "absent"),
    [
        (LEVEL2, "SizeX", "", "empty"), (LEVEL2, "SizeX", None, "empty"), (LEVEL2, "SizeX", float("nan"), "empty"),
        (LEVEL2, "SizeX", "nan", "empty"), (LEVEL2, "SizeX", "Not Applicable", "said"),
        (LEVEL2, "Immersion", "None", "said"),
        (LEVEL2, "Microscope", "Not Applicable", ""), (CHANNELS, "RRID identifier", "Not Applicable", ""),
        (CHANNELS, "RRID identifier", "NA", "said"), (CHANNELS, "Metal Isotope Element", "NA", "said"),
        (("htan1", "Imaging Level 1"), "Pre-processing Completed", "None", ""),
        (MICROSCOPY, "HTAN_PARENT_ID", " , ", "empty"), (MICROSCOPY, "HTAN_PARENT_ID", [], "empty"),
    ],
)  # fmt: skip
def test_no_value(which: tuple[str, str], attribute: str, written: object, absent: str) -> None:
    assert read(which, attribute, written).absent == absent


def test_the_models_own_words_are_read_as_they_are() -> None:
    for model, names in models().items():
        for name in names:
            for spec in component_of(model, name).attributes.values():
                for word in spec.words:
                    found = understand(spec, word, model=model)
                    assert found == Understood([word] if spec.multiple else word), (model, name, spec.name)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text())))
def test_anything_can_be_read(written: object) -> None:
    for attribute in ("SIZE_X", "PASSED_QC", "IMMERSION", "HTAN_PARENT_ID", "OBJECTIVE", "PHYSICAL_SIZE_X"):
        assert read(MICROSCOPY, attribute, written).absent in {"", "empty", "said"}
