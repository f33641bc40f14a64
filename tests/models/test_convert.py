from __future__ import annotations

import pytest

from htan_kit.errors import InputError
from htan_kit.models import Conversion, components, convert, validate_record
from htan_kit.models._load import models

LEVEL2 = ("htan1", "Imaging Level 2")
MICROSCOPY = ("htan2", "MultiplexMicroscopyLevel2")
# In the form of a released MIBI record.
MIBI = {
    "Component": "ImagingLevel2", "Filename": "mibi_level_2/x/Point16.ome.tiff", "File_Format": "OME-TIFF",
    "HTAN_Data_File_ID": "HTA1_225_1", "Imaging_Assay_Type": "MIBI", "Microscope": "MIBI (own)", "FOVX": "500",
    "Protocol_Link": "dx.doi.org/10.17504/protocols.io.x", "FOVXUnit": "µm", "FOVY": "0.5", "FOVYUnit": "mm",
    "NominalMagnification": "Not Applicable", "Immersion": "None", "Pyramid": "No", "Zstack": "no", "Tseries": "No",
    "PhysicalSizeX": "488.28125", "PhysicalSizeXUnit": "nm", "PhysicalSizeY": "0.48828125",
    "PhysicalSizeYUnit": "<U+00B5>m", "SizeC": "49", "SizeX": "1024", "Passed_QC": "Yes", "FOV_number": "1",
    "Channel_Metadata_Filename": "mibi/panel.csv", "entityId": "syn1", "SizeZ": "1",
}  # fmt: skip


def test_phase_1_fills_miti() -> None:
    done = convert(MIBI, source=LEVEL2, target=("miti", "file"))
    assert done.values == {
        "data_file_id": "HTA1_225_1", "filename": "Point16.ome.tiff", "file_format": "OME-TIFF",
        "channel_level_metadata_csv_filename": "panel.csv", "assay_type": "MIBI", "microscope": "MIBI (own)",
        "protocol_ids": "https://doi.org/10.17504/protocols.io.x", "fov_number": 1, "fov_sizex": 500.0,
        "fov_sizey": 500.0, "pyramid": False, "z_stack": False, "t_series": False,
    }  # fmt: skip
    assert done.missing == ("imaging_modality",)
    assert done.dropped["SizeC"] == "file has no place for it."
    assert "FOVXUnit" not in done.dropped


def test_phase_1_and_ome_xml_fill_the_header_of_miti() -> None:
    header = {"ID": "Image:0", "BigEndian": "false", "DimensionOrder": "XYCZT", "Type": "uint16", "SizeX": "9"}
    first = convert(MIBI, source=LEVEL2, target=("miti", "ome-tiff-header"))
    done = convert(header, source=("ome", ""), target=("miti", "ome_tiff_header"), known=first.values)
    assert done.values["physical_size_x"] == done.values["physical_size_y"] == 0.48828125
    assert done.values["physical_size_xunit"] == "µm"
    assert done.values["pixels_big_endian"] is False
    assert done.values["size_x"] == 1024  # what is known is kept
    assert done.missing == ("size_t", "size_y", "plane_count", "channel_name")
    assert first.missing == (
        "image_id", "pixels_big_endian", "dimension_order", "size_t", "size_y", "type", "plane_count", "channel_name"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "given", "target", "expected"),
    [
        (LEVEL2, {"NominalMagnification": "20x"}, MICROSCOPY, {"NOMINAL_MAGNIFICATION": 20}),
        (LEVEL2, {"NominalMagnification": "20"}, ("miti", "file"), {"nominal_magnification": "20X"}),
        (("miti", "file"), {"Nominal Magnification": "40X"}, LEVEL2, {"NominalMagnification": 40.0}),
        (LEVEL2, {"WorkingDistance": "0.6", "WorkingDistanceUnit": "mm"}, MICROSCOPY, {"WORKING_DISTANCE": "600"}),
        (MICROSCOPY, {"WORKING_DISTANCE": "600"}, LEVEL2, {"WorkingDistance": 600.0, "WorkingDistanceUnit": "µm"}),
        (MICROSCOPY, {"PHYSICAL_SIZE_X": "0.65"}, LEVEL2, {"PhysicalSizeX": 0.65, "PhysicalSizeXUnit": "µm"}),
        (LEVEL2, {"PhysicalSizeX": "1", "PhysicalSizeXUnit": "pixel"}, MICROSCOPY, {}),
        (LEVEL2, {"PhysicalSizeXUnit": "nm"}, ("miti", "ome_tiff_header"), {}),
        (LEVEL2, {"Passed QC": "No - Channels QC"}, MICROSCOPY, {"PASSED_QC": False}),
        (MICROSCOPY, {"PASSED_QC": "false"}, LEVEL2, {"Passed QC": "No - Channels QC"}),
        (MICROSCOPY, {"PYRAMID": "true", "IMMERSION": "Glycerol"}, LEVEL2, {"Pyramid": "Yes", "Immersion": "Other"}),
        (MICROSCOPY, {"IMMERSION": "Glycerol"}, ("miti", "file"), {"immersion_medium": "Glycerin"}),
        (LEVEL2, {"Immersion": "Other"}, ("miti", "file"), {}),
        (LEVEL2, {"PixelType": "uint8"}, ("miti", "ome_tiff_header"), {"type": "uint8"}),
        (LEVEL2, {"Microscope": "Orion"}, MICROSCOPY, {}),
        (LEVEL2, {"HTAN Data File ID": "HTA7_1_1"}, MICROSCOPY, {}),
        (("htan1", "Imaging Level 3 Channels"), {"RRID identifier": "AB_12"}, ("htan2", "ChannelMetadata"),
         {"RRID_IDENTIFIER": "RRID:AB_12"}),
        (("htan2", "ChannelMetadata"), {"RRID_IDENTIFIER": "RRID:AB_12"}, ("htan1", "Imaging Level 3 Channels"),
         {"RRID identifier": "AB_12"}),
        (("miti", "channel"), {"Sub-Cycle #": 2, "passed_qc": False}, ("htan1", "Imaging Level 3 Channels"),
         {"Sub Cycle Number": 2, "Channel Passed QC": "No - Channel Failed QC"}),
        (("htan1", "Imaging Level 3 Segmentation"), {"Imaging Object Class": "whole cell"}, ("miti", "processed_data"),
         {"object_class": "cell"}),
        (("htan2", "MultiplexMicroscopyLevel3"), {"SEGMENTATION_ANNOTATION_TYPE": "Nucleus"},
         ("htan1", "Imaging Level 3 Segmentation"), {"Imaging Object Class": "nucleus"}),
        (("htan1", "Imaging Level 4"), {"Imaging Object Class": "nucleus, whole cell"}, ("miti", "cell"),
         {"object_classes_included": "nuclei, cell"}),
        # Between levels of one model, what names the file stays.
        (MICROSCOPY, {"OBJECTIVE": "x", "SPECIES": "9606 (Homo sapiens)", "FILENAME": "a.tiff", "SIZE_X": "3"},
         ("htan2", "MultiplexMicroscopyLevel4"), {"OBJECTIVE": "x", "SPECIES": "9606 (Homo sapiens)"}),
        (("ome", ""), {"SizeX": "100", "PhysicalSizeX": "650", "PhysicalSizeXUnit": "nm", "SizeZ": "3"},
         ("miti", "file"), {"fov_sizex": 65.0, "z_stack": True}),
        (("ome", ""), {"Objective/@LensNA": "0.75", "Objective/@Immersion": "WaterDipping"}, MICROSCOPY,
         {"LENS_NUMERICAL_APERTURE": 0.75, "IMMERSION": "Water"}),
        (("ome", "Channel"), {"ID": "Channel:0:1", "Name": "1.10", "EmissionWavelength": "520"},
         ("htan2", "ChannelMetadata"),
         {"CHANNEL_ID": "Channel:0:1", "CHANNEL_NAME": "1.10", "EMISSION_WAVELENGTH": 520.0}),
    ],
)  # fmt: skip
def test_values_take_the_targets_form(
    source: tuple[str, str], given: dict[str, object], target: tuple[str, str], expected: dict[str, object]
) -> None:
    done = convert(given, source=source, target=target)
    assert done.values == expected
    assert {type(value) for value in done.values.values()} == {type(value) for value in expected.values()}


def test_what_the_target_cannot_say_is_dropped_with_the_reason() -> None:
    done = convert(
        {"Imaging Assay Type": "RareCyte Orion", "Immersion": "Other"}, source=LEVEL2, target=("miti", "file")
    )
    assert done.values == {}
    assert done.dropped == {
        "Imaging Assay Type": "'RareCyte Orion' is not what Assay Type can be in file.",
        "Immersion": "'Other' is not what Immersion Medium can be in file.",
    }


def test_dates_are_not_carried_over() -> None:
    done = convert({"AcquisitionDate": "2020-05-03"}, source=("ome", ""), target=("miti", "file"))
    assert done.values == {}
    assert "2020" not in str(done.dropped)


def test_what_a_condition_asks_for_is_missing_too() -> None:
    given = {"SizeZ": "3"}
    done = convert(given, source=LEVEL2, target=MICROSCOPY)
    assert "PHYSICAL_SIZE_Z" in done.missing
    assert "PHYSICAL_SIZE_Z" not in convert({"SizeZ": "1"}, source=LEVEL2, target=MICROSCOPY).missing


def test_ome_xml_says_only_what_is_meant() -> None:
    with pytest.raises(InputError):
        convert({}, source=("ome", "Plane"), target=MICROSCOPY)
    # "Model" could be the microscope's or the objective's.
    assert convert({"Model": "x"}, source=("ome", ""), target=("miti", "file")).values == {}


@pytest.mark.parametrize(
    "source", [("htan1", "Imaging Level 2"), ("htan2", "MultiplexMicroscopyLevel2"), ("miti", "file")]
)
def test_what_comes_out_is_what_the_target_allows(source: tuple[str, str]) -> None:
    given: dict[str, object] = {}
    model = {"htan1": 1, "htan2": 2}.get(source[0])
    if model:
        for name, attribute in components()[f"{source[1]}/{model}"]["attributes"].items():
            given[name] = attribute.get("values", ["1"])[0]
    else:
        for name, attribute in models()["miti"][source[1]]["attributes"].items():
            given[name] = attribute.get("values", ["1"])[0]
    for target_model, names in models().items():
        for name in names:
            done = convert(given, source=source, target=(target_model, name))
            assert isinstance(done, Conversion)
            bad = [
                f for f in validate_record(target_model, name, done.values, subject="x")
                if f.rule.endswith((".value", ".type", ".pattern", ".range")) and f.severity == "error"
            ]  # fmt: skip
            assert bad == []
