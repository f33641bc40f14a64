"""Each of HTAN's requirements on files is broken once and found; those that no program can judge are said to be so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit import models
from htan_kit.checks import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Delivery

ANNOTATION = (
    '<StructuredAnnotations><CommentAnnotation ID="Annotation:0"><Value>{}</Value></CommentAnnotation>'
    "</StructuredAnnotations></OME>"
)

ACQUIRED = "<AcquisitionDate>2021-05-17T10:20:30</AcquisitionDate>"
PERSON = '<Experimenter ID="Experimenter:0" FirstName="Ada" LastName="Byron"/>'


def no_channel_table(d: Delivery) -> None:
    d.channels = []


def channel_table_of_another_image(d: Delivery) -> None:
    d.channels = [("Channel:0:0", "DNA"), ("Channel:0:1", "CD8"), ("Channel:0:2", "CD3")]


def no_ome_xml(d: Delivery) -> None:
    tifffile.imwrite(d.image, np.zeros(d.shape, np.uint8), ome=False, **d.options)


def two_images(d: Delivery, *, second: tuple[int, ...]) -> None:
    with tifffile.TiffWriter(d.image, ome=True) as tiff:
        for shape in (d.shape, second):
            tiff.write(np.zeros(shape, np.uint8), metadata={"axes": "CYX", "Channel": {"Name": d.names}}, **d.options)


def planes_in_two_files(d: Delivery) -> None:
    uuid = "urn:uuid:00000000-0000-0000-0000-00000000000"

    def edit(xml: str) -> str:
        start, end = xml.index("<TiffData"), xml.rindex("</Pixels>")
        files = [d.image.name, d.image.name, "b.ome.tif"]
        planes = "".join(
            f'<TiffData IFD="{min(i, 1) if name == d.image.name else 0}" FirstC="{i}" PlaneCount="1">'
            f'<UUID FileName="{name}">{uuid}{name == d.image.name:d}</UUID></TiffData>'
            for i, name in enumerate(files)
        )
        return xml[:start] + planes + xml[end:]

    d.edit = edit
    tifffile.imwrite(d.folder / "b.ome.tif", np.zeros((48, 64), np.uint8), metadata=None, **d.options)


def edited(old: str, new: str) -> Callable[[Delivery], None]:
    def plant(d: Delivery) -> None:
        d.edit = lambda xml: xml.replace(old, new)

    return plant


def with_options(**options: Any) -> Callable[[Delivery], None]:
    def plant(d: Delivery) -> None:
        d.options |= options

    return plant


def no_pyramid(d: Delivery) -> None:
    d.levels = 0


def strips(d: Delivery) -> None:
    d.options.pop("tile")


def no_names(d: Delivery) -> None:
    d.names = None


def names_that_tell_nothing(d: Delivery) -> None:
    d.names = ["Channel 0", "Channel 1", "Channel 2"]


def mask_that_is_none(d: Delivery) -> None:
    d.mask.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))


def outlines_for_a_mask(d: Delivery) -> None:
    d.row(3)["FILENAME"] = "HTA200_1_D2.geojson"
    ring = [[1, 1], [5, 1], [5, 5], [1, 5], [1, 1]]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    (d.folder / "HTA200_1_D2.geojson").write_text(json.dumps([feature]))


def float_labels(d: Delivery) -> None:
    d.labels = d.labels.astype(np.float32)


def two_object_types(d: Delivery) -> None:
    pixels = np.stack([d.labels, d.labels])
    metadata = {"axes": "CYX", "Channel": {"Name": ["cell", "nucleus"]}}
    tifffile.imwrite(d.mask, pixels, ome=True, metadata=metadata, photometric="minisblack")


def date_in_the_mask(d: Delivery) -> None:
    tifffile.imwrite(d.mask, d.labels, datetime="2021:05:17 10:20:30", metadata=None)


def tab_table(d: Delivery) -> None:
    d.row(4)["FILENAME"] = "HTA200_1_D3.txt"


def without(*columns: str) -> Callable[[Delivery], None]:
    def plant(d: Delivery) -> None:
        for column in columns:
            d.columns.pop(column)

    return plant


def renamed(**names: str) -> Callable[[Delivery], None]:
    def plant(d: Delivery) -> None:
        d.columns = {names.get(column, column): cells for column, cells in d.columns.items()}

    return plant


def ids(*values: object) -> Callable[[Delivery], None]:
    def plant(d: Delivery) -> None:
        d.columns["CellID"] = list(values)

    return plant


def neither_place_nor_name(d: Delivery) -> None:
    without("X_centroid", "Y_centroid")(d)
    renamed(CD3="score")(d)


def two_parents(d: Delivery) -> None:
    d.row(4)["HTAN_PARENT_ID"] = "HTA200_1_D2,HTA200_1_D9"


def two_parents_in_a_column(d: Delivery) -> None:
    d.columns = {"imageid": ["HTA200_1_D1", "HTA200_1_D8"], **d.columns}


def _as_pathology(d: Delivery) -> None:
    row = d.rows.pop("MultiplexMicroscopyLevel2")[0]
    kept = {
        name: value
        for name, value in row.items()
        if not name.startswith(("SIZE", "PHYS", "IMAGING_A", "PYR", "HTAN_PAN"))
    }
    d.rows["DigitalPathology"] = [{**kept, "HAS_ANNOTATIONS": "false", "STAINING_METHOD": "H&E"}]


def grey_brightfield(d: Delivery) -> None:
    d.shape, d.names, d.channels = (1, 48, 64), ["H&E"], []
    _as_pathology(d)


def brightfield_of_three_channels(d: Delivery) -> None:
    d.names = ["Red", "Green", "Blue"]
    _as_pathology(d)


def brightfield_as_level_3(d: Delivery) -> None:
    tifffile.imwrite(d.mask, np.zeros((48, 64, 3), np.uint8), photometric="rgb", ome=True)
    d.row(3)["STAINING_METHOD"] = "H&E"


PLANTED: list[tuple[str, Callable[[Delivery], None]]] = [
    ("htan2.channels.csv", no_channel_table),
    ("htan2.channels.match-header", channel_table_of_another_image),
    ("htan2.l2.ome-tiff", no_ome_xml),
    ("htan2.l2.one-scene", lambda d: two_images(d, second=(3, 32, 64))),
    ("htan2.l2.one-field", lambda d: two_images(d, second=d.shape)),
    ("htan2.l2.one-file", planes_in_two_files),
    ("htan2.l2.de-identified", edited("<Pixels ", "<Description>ask ada@example.org</Description><Pixels ")),
    ("htan2.l2.no-dates", with_options(datetime="2021:05:17 10:20:30")),
    ("htan2.l2.pyramid", no_pyramid),
    ("htan2.l2.tiled", strips),
    ("htan2.l2.smallest-level", with_options(tile=(48, 48))),
    ("htan2.l2.ome-xml-valid", edited('PhysicalSizeXUnit="µm"', 'PhysicalSizeXUnit="um"')),
    ("htan2.l2.ome-xml-valid", edited('DimensionOrder="XYCZT"', 'DimensionOrder="YXC"')),
    ("htan2.l2.channel-names", no_names),
    ("htan2.l2.channel-names", names_that_tell_nothing),
    ("htan2.l2.channel-names", edited('Name="CD3"', 'Name="FITC"')),
    ("htan2.l2.no-annotations", edited("</OME>", ANNOTATION.format("stitched"))),
    ("htan2.l2.no-acquisition-date", edited("<Pixels ", f"{ACQUIRED}<Pixels ")),
    ("htan2.l2.no-annotation-dates", edited("</OME>", ANNOTATION.format("acquired 2021-05-17"))),
    ("htan2.l2.no-experimenter", edited("<Image ", f"{PERSON}<Image ")),
    ("htan2.l3.tiff", mask_that_is_none),
    ("htan2.l3.tiff", outlines_for_a_mask),
    ("htan2.l3.labels", float_labels),
    ("htan2.l3.object-types", two_object_types),
    ("htan2.l3.de-identified", date_in_the_mask),
    ("htan2.l4.format", tab_table),
    ("htan2.l4.centroid", without("X_centroid", "Y_centroid")),
    ("htan2.l4.centroid-names", renamed(X_centroid="X_position", Y_centroid="Y_position")),
    ("htan2.l4.object-id", ids(1, 1)),
    ("htan2.l4.object-id", ids(1, "")),
    ("htan2.l4.object-id", without("CellID")),
    ("htan2.l4.object-id-matches", ids(1, 7)),
    ("htan2.l4.cellid", renamed(CellID="Object")),
    ("htan2.l4.marker-names", renamed(CD3="CD99")),
    ("htan2.l4.morphology", without("Area")),
    ("htan2.l4.marker-columns", neither_place_nor_name),
    ("htan2.l4.several-parents", two_parents_in_a_column),
    ("htan2.l4.parent-column", two_parents),
    ("htan2.dp.rgb", grey_brightfield),
    ("htan2.dp.three-channels", brightfield_of_three_channels),
    ("htan2.dp.level2", brightfield_as_level_3),
]  # fmt: skip


def test_a_delivery_that_keeps_all_rules_has_no_findings(delivery: Delivery) -> None:
    assert list(delivery.all(pixels=True)) == []


@pytest.mark.parametrize(("rule", "plant"), PLANTED, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(PLANTED)])
def test_a_planted_defect_is_found(delivery: Delivery, rule: str, plant: Callable[[Delivery], None]) -> None:
    plant(delivery)
    finding = delivery.found(pixels=rule == "htan2.l4.object-id-matches")[rule]
    word = models.file_requirements().set_index("rule").loc[rule, "word"].split()[0]
    small = rule in {"htan2.l2.pyramid", "htan2.l2.tiled"}  # of an image below 2048 px
    assert finding.severity == ("info" if small else {"MUST": "error", "SHOULD": "warning", "MAY": "info"}[word])
    assert "HTAN Manual" in finding.source
    assert len(finding.message) < 1000


def test_every_requirement_is_planted_or_said_not_to_be_assessable() -> None:
    table = rules(attributes=False)
    requirements = table[table["rule"].isin(models.file_requirements()["rule"])]
    assert len(requirements) == 37
    assert set(requirements[requirements["assessable"]]["rule"]) == {rule for rule, _ in PLANTED}
    assert (requirements[~requirements["assessable"]]["reason"] != "").all()


@pytest.mark.parametrize("secret", ["2021", "Ada", "Byron", "778812"])
def test_what_identifies_is_never_repeated(delivery: Delivery, secret: str) -> None:
    instrument = '<Instrument ID="Instrument:0"><Microscope SerialNumber="MX-778812"/></Instrument>'
    wrong = ACQUIRED.replace("T10", "T25")  # no hour: the model refuses it, and its message would quote it
    delivery.edit = lambda xml: xml.replace("<Image ", f"{instrument}{PERSON}<Image ").replace(
        "<Pixels ", f"{wrong}<Pixels "
    )
    findings = delivery.all()
    assert "htan2.l2.no-acquisition-date" in {f.rule for f in findings}
    assert secret not in findings.to_json()


def test_without_records_a_must_is_a_warning_and_a_should_a_note(delivery: Delivery) -> None:
    delivery.options |= {"datetime": "2021:05:17 10:20:30"}
    delivery.edit = lambda xml: xml.replace('PhysicalSizeXUnit="µm"', 'PhysicalSizeXUnit="um"').replace(
        "</OME>", ANNOTATION.format("stitched")
    )
    delivery.write_image()
    found = {f.rule: str(f.severity) for f in hk.check(delivery.image)}
    assert found["htan2.l2.ome-xml-valid"] == "warning"
    assert found["htan2.l2.no-annotations"] == "info"
    assert "error" not in found.values()


def test_a_pyramid_of_before_subifds_is_one_scene(delivery: Delivery) -> None:
    two_images(delivery, second=(3, 24, 32))
    assert not {"htan2.l2.one-scene", "htan2.l2.one-field"} & set(delivery.found())
