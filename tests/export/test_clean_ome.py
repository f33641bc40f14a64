"""What of an OME-XML document stays: structure and instruments, no people, no dates, no free text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.export._clean_ome import Planes, clean_ome, planes_of
from htan_kit.io._private_text import parse_xml
from htan_kit.io.ome import read_ome_xml

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'


def cleaned(xml: str) -> str:
    root = parse_xml(xml, "x")
    return clean_ome(root, lambda _: True, lambda _: [Planes("", 0, 1, (("FirstC", "0"),))]).decode()


def test_elements_that_nobody_thought_of_go() -> None:
    new = cleaned(
        f"{HEAD}<Secret who='Ada'>Ada</Secret><Image ID='Image:0' Owner='Ada'>Ada"
        "<Pixels ID='Pixels:0' SizeX='4' Note='Ada'>"
        "<Channel ID='Channel:0:0' Name='DNA'>Ada<AnnotationRef ID='A:0'/></Channel></Pixels></Image></OME>"
    )
    assert "Ada" not in new
    assert "AnnotationRef" not in new
    assert read_ome_xml(new, "x").channels[0].name == "DNA"


def test_values_that_are_no_numbers_or_words_go() -> None:
    new = cleaned(
        f"{HEAD}<Image><Pixels SizeX='4' PhysicalSizeX='0.5' PhysicalSizeXUnit='µm' PhysicalSizeY='me@home.org' "
        "SizeY='2021-03-05' Type='uint8; drop'><Channel Name='a@b.org'/></Pixels></Image></OME>"
    )
    pixels = read_ome_xml(new, "x").pixels
    assert pixels == {"SizeX": "4", "PhysicalSizeX": "0.5", "PhysicalSizeXUnit": "µm"}
    assert "Name" not in new


def test_markers_keep_their_names() -> None:
    names = [
        "CD8a (144B)",
        "HLA-DR",
        "β-actin",
        "Pr141_Cytokeratin 5",
        "PD-L1/CD274",
        "<script>",
        "a" * 900,
        "Ki67_20x",
    ]
    from xml.sax.saxutils import quoteattr

    channels = "".join(f"<Channel Name={quoteattr(name)}/>" for name in names)
    new = cleaned(f"{HEAD}<Image><Pixels>{channels}</Pixels></Image></OME>")
    assert [channel.name for channel in read_ome_xml(new, "x").channels] == names


def test_ids_that_tell_are_numbered_and_references_follow() -> None:
    new = cleaned(
        f"{HEAD}<Instrument ID='urn:lsid:ada.org:I:1'><Objective ID='urn:lsid:ada.org:O:1' LensNA='1'/>"
        "<Objective ID='Objective:0' LensNA='2'/></Instrument><Image ID='Image:0'>"
        "<InstrumentRef ID='urn:lsid:ada.org:I:1'/><ObjectiveSettings ID='urn:lsid:ada.org:O:1'/>"
        "<ObjectiveSettings ID='gone'/><Pixels/></Image></OME>"
    )
    assert "ada.org" not in new
    root = parse_xml(new, "x")
    ids = {e.get("LensNA"): e.get("ID") for e in root.iter() if e.get("LensNA")}
    assert ids == {"1": "Objective:1", "2": "Objective:0"}
    references = [e.get("ID") for e in root.iter() if e.tag.endswith(("Ref", "Settings"))]
    assert references == ["Instrument:0", "Objective:1"]


def test_old_releases_keep_their_namespace_and_their_lens() -> None:
    old = "http://www.openmicroscopy.org/Schemas/OME/2008-09"
    new = cleaned(
        f"<OME xmlns='{old}'><Instrument ID='Instrument:0'><Objective ID='Objective:0'><LensNA>1.2</LensNA>"
        "<Correction>UV</Correction></Objective></Instrument><Image><CreationDate>2008-01-01T10:00:00</CreationDate>"
        "<LogicalChannel ID='LogicalChannel:0' Name='DNA'/><Pixels/></Image></OME>"
    )
    assert f'xmlns="{old}"' in new
    assert "<LensNA>1.2</LensNA><Correction>UV</Correction>" in new
    assert "CreationDate" not in new
    assert read_ome_xml(new, "x").channels[0].name == "DNA"


def test_a_namespace_of_others_is_not_written() -> None:
    assert "ada" not in cleaned("<OME xmlns='http://ada.org/2021'><Image><Pixels/></Image></OME>")


def test_the_pages_of_the_planes() -> None:
    xml = f"""{HEAD}<Image Name="macro image"><Pixels><TiffData/></Pixels></Image>
    <Image Name="Macro"><Pixels><TiffData IFD="2" FirstC="1"/><TiffData IFD="4" PlaneCount="3"/></Pixels></Image>
    <Image><Pixels><MetadataOnly/></Pixels></Image></OME>"""
    images = planes_of(parse_xml(xml, "x"))
    assert [(label, blocks) for _, blocks, label in images] == [
        (False, [Planes("", 0, None, ())]),  # the first image is the image, whatever its name
        (True, [Planes("", 2, 1, (("FirstC", "1"),)), Planes("", 4, 3, ())]),
    ]


def test_real_documents(real: Path) -> None:
    for path in sorted((real / "awkward" / "ome_xml").glob("*.xml")):
        text = path.read_text(encoding="utf-8")
        new = cleaned(text)
        before, after = read_ome_xml(text, path), read_ome_xml(new, path)
        assert not after.annotations
        assert after.n_images == before.n_images
        assert [c.name for c in after.channels] == [c.name for c in before.channels]
        assert {k: v for k, v in before.pixels.items() if k.startswith(("Size", "Physical"))} == {
            k: v for k, v in after.pixels.items() if k.startswith(("Size", "Physical"))
        }
        for secret in ("SerialNumber", "mnasim", "Nasim", "wisc.edu", "L3-1234", "U629762"):
            assert secret not in new
