"""OME-XML is read leniently, and never lets a file reach outside itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from htan_kit.errors import InputError
from htan_kit.io.ome import read_ome_xml

if TYPE_CHECKING:
    from pathlib import Path


def test_a_doctype_is_refused() -> None:
    bomb = '<!DOCTYPE OME [<!ENTITY a "b">]><OME><Image><Pixels SizeX="1"/></Image></OME>'
    with pytest.raises(InputError, match="DOCTYPE"):
        read_ome_xml(bomb, "x")


@pytest.mark.parametrize("name", ["../secret.tif", "a/b.tif", "c\\d.tif", "/etc/passwd"])
def test_files_outside_the_folder_are_refused(name: str) -> None:
    xml = f'<OME><Image><Pixels><TiffData><UUID FileName="{name}">u</UUID></TiffData></Pixels></Image></OME>'
    with pytest.raises(InputError, match="outside its folder"):
        read_ome_xml(xml, "x")


@pytest.mark.parametrize("xml", ["<OME>", "no xml", "<OME/>", "<OME><Image/></OME>"])
def test_what_is_no_header_is_one_message(xml: str) -> None:
    with pytest.raises(InputError) as caught:
        read_ome_xml(xml, "the file")
    assert "the file" in str(caught.value)


def test_annotations_and_logical_channels() -> None:
    xml = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2008-02">
      <Image ID="I"><LogicalChannel ID="C" Name="DAPI"/>
      <Pixels SizeX="7" SizeY="x"/></Image><StructuredAnnotations/></OME>"""
    header = read_ome_xml(xml, "x")
    assert header.annotations
    assert header.channels[0].name == "DAPI"
    assert header.size("X") == 7
    assert header.size("Y") is None


def test_real_documents(real: Path) -> None:
    folder = real / "awkward" / "ome_xml"
    read = {p.name: read_ome_xml(p.read_text(encoding="utf-8"), p.name) for p in sorted(folder.glob("*.ome.xml"))}
    assert len(read) >= 7
    assert read["tubhiswt.ome.xml"].size("X") == 512


def test_one_file_of_a_set_names_the_file_that_describes_it() -> None:
    xml = '<OME><BinaryOnly MetadataFile="a.companion.ome" UUID="urn:uuid:1"/></OME>'
    with pytest.raises(InputError, match=r"only points to 'a\.companion\.ome'"):
        read_ome_xml(xml, "x")
