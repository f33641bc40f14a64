"""A manifest that describes another file is found out, attribute by attribute."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from htan_kit.checks._files import open_files
from htan_kit.checks._record import _sizes, check_records, count_objects
from htan_kit.cohort import open_cohort
from htan_kit.io.manifest import Record
from htan_kit.lineage import Unit

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Delivery

    from htan_kit.cohort import Sample


def messages(delivery: Delivery, rule: str) -> list[str]:
    return [f.message for f in delivery.all() if f.rule == rule]


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("SIZE_X", "63", "SIZE_X is 63, the image has 64."),
        ("SIZE_Y", "64", "SIZE_Y is 64, the image has 48."),
        ("SIZE_C", "4", "SIZE_C is 4, the image has 3."),
        ("SIZE_Z", "5", "SIZE_Z is 5, the image has 1."),
        ("SIZE_T", "2", "SIZE_T is 2, the image has 1."),
    ],
)
def test_sizes(delivery: Delivery, attribute: str, value: str, said: str) -> None:
    delivery.row(2)[attribute] = value
    assert messages(delivery, "manifest.size") == [said]


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ("0", "0.5", "is not above 0"),
        ("-0.5", "0.5", "is not above 0"),
        ("64", "0.5", "is the width or height of the image"),
        ("650", "0.5", "is above 10 µm"),
        ("half a micron", "0.5", "is not a length"),
        ("0.5", "0.65", "The pixel height is 0.65 µm, the header says 0.5 µm."),
    ],
)
def test_pixel_sizes_that_cannot_be_one(delivery: Delivery, x: str, y: str, said: str) -> None:
    delivery.row(2).update(PHYSICAL_SIZE_X=x, PHYSICAL_SIZE_Y=y)
    (message,) = messages(delivery, "manifest.pixel-size")
    assert said in message


def test_a_pyramid_that_is_none(delivery: Delivery) -> None:
    delivery.row(2)["PYRAMID"] = "false"
    assert messages(delivery, "manifest.pyramid") == ["PYRAMID is 'false', the image has 2 level(s)."]


@pytest.mark.parametrize(("n", "found"), [("3", False), ("4", False), ("7", False), ("5", True), ("30", True)])
def test_the_number_of_features_in_any_way_of_counting(delivery: Delivery, n: str, *, found: bool) -> None:
    delivery.row(4)["NUMBER_OF_FEATURES"] = n  # 3 markers, 4 with Area, 6 with centroids, 7 columns in all
    assert bool(messages(delivery, "manifest.n-features")) == found


def test_the_number_of_objects(delivery: Delivery) -> None:
    delivery.row(4)["NUMBER_OF_OBJECTS"] = "1000"
    assert messages(delivery, "manifest.n-objects") == ["Number of objects is 1,000, HTA200_1_D3.csv has 2 rows."]


def test_the_number_of_objects_in_the_mask(delivery: Delivery) -> None:
    record = Record(
        "Imaging Level 3 Segmentation", 1, "3", "HTA1_1_2", ("HTA1_1_1",), "HTA200_1_D2.ome.tif",
        {"Number of Objects": "3"}, "m.csv row 2",
    )  # fmt: skip
    files = open_files(_with_unit(delivery, Unit(level3=(record,))))
    assert [f.message for f in count_objects(files, 2)] == ["Number of objects is 3, the mask has 2."]
    assert len(count_objects(files, 3)) == 0


def test_the_file_format(delivery: Delivery) -> None:
    delivery.row(4)["FILE_FORMAT"] = "h5ad"
    assert messages(delivery, "manifest.file-format") == [
        "The file format is 'h5ad', the file is called 'HTA200_1_D3.csv'."
    ]


@pytest.mark.parametrize(
    ("rule", "attributes"),
    [
        ("manifest.pixel-type", {"PixelType": "uint16"}),
        ("manifest.dimension-order", {"DimensionOrder": "XYZCT"}),
        ("manifest.image-id", {"Image ID": "Image:7"}),
        ("manifest.pyramid", {"Pyramid": "No"}),
        ("manifest.size", {"SizeX": "65"}),
        ("manifest.pixel-size", {"PhysicalSizeX": "0.5", "PhysicalSizeXUnit": "pixel"}),
        ("manifest.pixel-size", {"PhysicalSizeX": "64", "PhysicalSizeXUnit": "µm", "SizeX": "64"}),
    ],
)
def test_what_only_phase_1_records(delivery: Delivery, rule: str, attributes: dict[str, str]) -> None:
    good = {
        "PixelType": "uint8", "DimensionOrder": "XYCZT", "Image ID": "Image:0", "Pyramid": "Yes", "SizeX": "64",
        "PhysicalSizeX": "500", "PhysicalSizeXUnit": "nm", "PhysicalSizeY": "0.5", "PhysicalSizeYUnit": "<U+00B5>m",
    }  # fmt: skip
    for said, expected in ((good, set()), (good | attributes, {rule})):
        record = Record("Imaging Level 2", 1, "2", "HTA1_1_1", (), "HTA200_1_D1.ome.tif", said, "m.csv row 2")
        found = check_records(open_files(_with_unit(delivery, Unit(level2=record))))
        assert {f.rule for f in found} == expected


def test_real_records_that_put_the_field_where_the_pixel_belongs() -> None:
    said = {"PhysicalSizeX": "429", "PhysicalSizeXUnit": "<U+00B5>m", "SizeX": "429"}
    record = Record("Imaging Level 2", 1, "2", "HTA12_1_1", (), "a.ome.tiff", said, "m.csv row 2")
    (finding,) = _sizes(record)
    assert "is the width or height of the image" in finding.message


def _with_unit(delivery: Delivery, unit: Unit) -> Sample:
    folder: Path = delivery.write()
    return replace(open_cohort(folder).samples[0], unit=unit)
