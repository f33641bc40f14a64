from __future__ import annotations

import pytest
from defusedxml import ElementTree

from htan_kit.datasets._ome import OmeChannel, OmeImage, ome_xml

NS = {"ome": "http://www.openmicroscopy.org/Schemas/OME/2016-06"}
TWO = OmeImage(
    'a <"&> b',
    (30, 40),
    "uint16",
    (OmeChannel("DNA & <co>", 1, 395, 438, "Hoechst"), OmeChannel("CD3")),
    0.65,
    (20, 0.75),
)
RGB = OmeImage("he", (30, 40), "uint8", (OmeChannel("RGB", 3),), 0.5)


def test_what_is_written_can_be_read_back() -> None:
    root = ElementTree.fromstring(ome_xml(TWO))
    pixels = root.find("ome:Image/ome:Pixels", NS)
    assert root.find("ome:Image", NS).get("Name") == 'a <"&> b'
    assert (pixels.get("SizeX"), pixels.get("SizeY"), pixels.get("SizeC")) == ("40", "30", "2")
    assert (pixels.get("PhysicalSizeX"), pixels.get("PhysicalSizeXUnit")) == ("0.65", "µm")
    assert [c.get("Name") for c in pixels.findall("ome:Channel", NS)] == ["DNA & <co>", "CD3"]
    assert [c.get("ID") for c in pixels.findall("ome:Channel", NS)] == ["Channel:0:0", "Channel:0:1"]
    assert [t.get("IFD") for t in pixels.findall("ome:TiffData", NS)] == ["0", "1"]


def test_colours_are_samples_of_one_channel() -> None:
    pixels = ElementTree.fromstring(ome_xml(RGB)).find("ome:Image/ome:Pixels", NS)
    assert pixels.get("SizeC") == "3"
    assert [c.get("SamplesPerPixel") for c in pixels.findall("ome:Channel", NS)] == ["3"]


@pytest.mark.parametrize("image", [TWO, RGB], ids=["two", "rgb"])
def test_it_holds_nothing_that_htan_forbids(image: OmeImage) -> None:
    text = ome_xml(image).decode()
    for word in ("AcquisitionDate", "StructuredAnnotations", "Experimenter", "UUID", "Email"):
        assert word not in text


@pytest.mark.parametrize("image", [TWO, RGB], ids=["two", "rgb"])
def test_it_is_valid_ome(image: OmeImage) -> None:
    ome_types = pytest.importorskip("ome_types")
    parsed = ome_types.from_xml(ome_xml(image).decode())
    assert parsed.images[0].pixels.size_x == 40
    assert parsed.images[0].pixels.channels[0].samples_per_pixel == image.channels[0].samples
