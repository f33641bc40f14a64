"""Chains of directories that never end, pieces without bytes, and headers that promise too much."""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io import _directories
from htan_kit.io.image import read_image
from htan_kit.io.mask import read_mask
from htan_kit.io.ome import read_ome_xml

if TYPE_CHECKING:
    from pathlib import Path

XML = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Image ID="Image:0"><Pixels ID="P" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" {sizes}>
<Channel ID="C:0"/><TiffData {data}/></Pixels></Image>{more}</OME>"""


def chain(path: Path, n_pages: int, back_to: int) -> Path:
    """Write a TIFF of n tiny pages whose last leads back to an earlier one; -1 ends it."""
    tifffile.imwrite(path, np.zeros((n_pages, 4, 4), np.uint8), photometric="minisblack", metadata=None)
    with tifffile.TiffFile(path) as tiff:
        offsets = [page.offset for page in tiff.pages]
    if back_to >= 0:
        with path.open("r+b") as file:
            file.seek(offsets[-1])
            (n,) = struct.unpack("<H", file.read(2))
            file.seek(offsets[-1] + 2 + 12 * n)
            file.write(struct.pack("<I", offsets[back_to]))
    return path


@pytest.mark.parametrize(("n_pages", "back_to"), [(1, 0), (3, 1), (150, 0), (150, 120)])
def test_a_loop_of_pages_is_refused_at_once(tmp_path: Path, n_pages: int, back_to: int) -> None:
    start = time.monotonic()
    with pytest.raises(InputError, match="lead back to an earlier one"):
        read_image(chain(tmp_path / "a.tif", n_pages, back_to), findings=Findings())
    assert time.monotonic() - start < 20


def test_a_chain_beyond_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = chain(tmp_path / "a.tif", 6, -1)
    assert read_image(path, findings=Findings()).n_channels == 6
    monkeypatch.setattr(_directories, "MAX_PAGES", 5)
    with pytest.raises(InputError, match="more than 5 pages"):
        read_image(path, findings=Findings())


def test_a_subifd_that_is_its_own_page_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(np.ones((32, 32), np.uint8), subifds=1, metadata=None)
        writer.write(np.ones((16, 16), np.uint8), subfiletype=1, metadata=None)
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages.first.tags["SubIFDs"]
        place, own = tag.offset + 8, tiff.pages.first.offset
    with path.open("r+b") as file:
        file.seek(place)
        file.write(struct.pack("<I", own))
    image = read_image(path, findings=Findings())
    assert image.read().shape == (1, 32, 32)


def test_a_looping_companion_is_refused(tmp_path: Path) -> None:
    xml = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1">
    <Image ID="Image:0"><Pixels ID="P" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" SizeC="2" SizeZ="1"
    SizeT="1"><Channel ID="C:0"/><Channel ID="C:1"/>
    <TiffData FirstC="0" IFD="0" PlaneCount="1"><UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData>
    <TiffData FirstC="1" IFD="0" PlaneCount="1"><UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData>
    </Pixels></Image></OME>"""
    tifffile.imwrite(tmp_path / "a.ome.tif", np.ones((8, 8), np.uint8), description=xml, metadata=None)
    chain(tmp_path / "b.ome.tif", 150, 120)
    with pytest.raises(InputError, match="lead back"):
        read_image(tmp_path / "a.ome.tif", findings=Findings())
    (tmp_path / "b.ome.tif").unlink()
    (tmp_path / "elsewhere").mkdir()
    tifffile.imwrite(tmp_path / "elsewhere" / "b.ome.tif", np.ones((8, 8), np.uint8), metadata=None)
    (tmp_path / "b.ome.tif").symlink_to(tmp_path / "elsewhere" / "b.ome.tif")
    with pytest.raises(InputError, match="outside the folder"):
        read_image(tmp_path / "a.ome.tif", findings=Findings())
    (tmp_path / "b.ome.tif").unlink()
    (tmp_path / "elsewhere" / "b.ome.tif").replace(tmp_path / "b.ome.tif")
    assert read_image(tmp_path / "a.ome.tif", findings=Findings()).n_channels == 2


def holes(path: Path, values: np.ndarray, *pieces: int) -> Path:
    """Write 16 x 16 px tiles and take the bytes of some away, as sparse writers do."""
    tifffile.imwrite(path, values, tile=(16, 16), metadata=None)
    with tifffile.TiffFile(path) as tiff:
        tag = tiff.pages.first.tags["TileByteCounts"]
        place, size = tag.valueoffset, {3: 2, 4: 4}[int(tag.dtype)]
    with path.open("r+b") as file:
        for piece in pieces:
            file.seek(place + piece * size)
            file.write(b"\0" * size)
    return path


def test_tiles_without_bytes_are_reported_once(tmp_path: Path) -> None:
    found = Findings()
    image = read_image(holes(tmp_path / "a.tif", np.full((40, 40), 7, np.uint16), 0, 4), findings=found)
    sparse = [f for f in found if f.rule == "image.sparse-tiles"]
    assert [f.severity for f in sparse] == ["warning"]
    assert "2 of 9 tiles" in sparse[0].message
    assert "read as 0" in sparse[0].message
    assert not image.read()[0, :16, :16].any()
    found = Findings()
    read_mask(holes(tmp_path / "m.tif", np.full((40, 40), 7, np.uint16), 8), findings=found)
    assert "1 of 9 tiles" in next(f.message for f in found if f.rule == "image.sparse-tiles")


def test_whole_images_have_no_sparse_finding(tmp_path: Path) -> None:
    found = Findings()
    read_mask(holes(tmp_path / "m.tif", np.full((40, 40), 7, np.uint16)), findings=found)
    assert "image.sparse-tiles" not in {f.rule for f in found}


ONE = 'SizeC="1" SizeZ="1" SizeT="1"'
MODULO = """<StructuredAnnotations><XMLAnnotation ID="A" Namespace="openmicroscopy.org/omero/dimension/modulo"><Value>
<Modulo><ModuloAlongZ Type="lifetime" Start="0" End="{end}" Step="{step}"/></Modulo></Value></XMLAnnotation>
</StructuredAnnotations>"""


@pytest.mark.parametrize(
    ("sizes", "data", "more"),
    [
        (ONE, 'IFD="0" PlaneCount="99999999999"', ""),
        (ONE, 'IFD="0" NumPlanes="9_999_999_999"', ""),
        (ONE, f'IFD="0" PlaneCount="{"0" * 50}9999999999"', ""),
        (ONE, 'FirstC="99999999999"', ""),
        ('SizeC="99999999999" SizeZ="1" SizeT="1"', "", ""),
        ('SizeC="50000" SizeZ="50000" SizeT="1"', "", ""),
        (ONE, "", MODULO.format(end="1e12", step="1")),
        (ONE, "", MODULO.format(end="1", step="1e-12")),
        (ONE, "", MODULO.format(end="inf", step="1")),
        (ONE, "", MODULO.format(end="1", step="0")),
    ],
)
def test_a_header_that_promises_too_much(tmp_path: Path, sizes: str, data: str, more: str) -> None:
    with pytest.raises(InputError, match="promises too much"):
        read_ome_xml(XML.format(sizes=sizes, data=data, more=more), "x")
    tifffile.imwrite(
        tmp_path / "a.ome.tif",
        np.ones((8, 8), np.uint8),
        description=XML.format(sizes=sizes, data=data, more=more),
        metadata=None,
    )
    with pytest.raises(InputError, match="promises too much"):
        read_image(tmp_path / "a.ome.tif", findings=Findings())


def test_a_second_image_far_larger_than_its_page(tmp_path: Path) -> None:
    more = """<Image ID="Image:1"><Pixels ID="Q" DimensionOrder="XYZCT" Type="uint8" SizeX="2000000000"
    SizeY="2000000000" SizeC="1" SizeZ="1" SizeT="1"><TiffData IFD="0" PlaneCount="1"/></Pixels></Image>"""
    text = XML.format(sizes=ONE, data='IFD="0"', more=more)
    tifffile.imwrite(tmp_path / "a.ome.tif", np.ones((8, 8), np.uint8), description=text, metadata=None)
    with pytest.raises(InputError, match="pages as small as 64 px"):
        read_image(tmp_path / "a.ome.tif", findings=Findings())
