"""Directories as tifffile sees them, and files that lie about them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.io._ifds import map_tiff

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"byteorder": ">"}, {"byteorder": ">", "bigtiff": True}])
def test_the_same_tags_as_tifffile(tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, **options) as writer:
        for _ in range(2):
            writer.write(np.ones((40, 40), np.uint16), subifds=1, tile=(16, 16), software="x", metadata=None)
            writer.write(np.ones((20, 20), np.uint16), subfiletype=1, tile=(16, 16), metadata=None)
    with map_tiff(path) as mapped, tifffile.TiffFile(path) as tiff:
        pages = [tiff.pages[i] for i in range(2)]
        assert [d.place for p in mapped.pages for d in p.all()] == [
            "page 1", "page 1, level 1", "page 2", "page 2, level 1",
        ]  # fmt: skip
        for mine, page in zip(mapped.pages, pages, strict=True):
            assert {e.code for e in mine.entries} == {t.code for t in page.aspage().tags.values()}
            offsets, counts = mapped.pieces(mine)
            assert (offsets.tolist(), counts.tolist()) == (list(page.dataoffsets), list(page.databytecounts))
            assert mapped.whole_numbers(mine[256]).tolist() == [40]
        assert mapped.text(mapped.pages[0][305]) == "x"


def with_gps(path: Path) -> Path:
    """Write a TIFF of one pixel whose tag 34853 leads to a directory of one entry, GPSLatitudeRef."""
    pixel, gps = 8, 100
    values = [
        (256, 1),
        (257, 1),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, pixel),
        (277, 1),
        (278, 1),
        (279, 1),
        (34853, gps),
    ]
    page = b"".join(struct.pack("<HHII", code, 4, 1, value) for code, value in values)
    head = struct.pack("<2sHI", b"II", 42, 10) + b"\x01\0" + struct.pack("<H", len(values)) + page + bytes(4)
    after = struct.pack("<HHHI4sI", 1, 1, 2, 2, b"N\0\0\0", 0)
    gps = len(head)
    head = head.replace(struct.pack("<HHII", 34853, 4, 1, 100), struct.pack("<HHII", 34853, 4, 1, gps))
    path.write_bytes(head + after)
    return path


def test_exif_and_gps(tmp_path: Path) -> None:
    with map_tiff(with_gps(tmp_path / "a.tif")) as mapped:
        assert [d.place for p in mapped.pages for d in p.all()] == ["page 1", "page 1, GPS"]


def test_directories_that_loop(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(np.ones((8, 8), np.uint8), subifds=1, metadata=None)
        writer.write(np.ones((4, 4), np.uint8), subfiletype=1, metadata=None)
    with tifffile.TiffFile(path) as tiff:
        tag, own = tiff.pages.first.tags["SubIFDs"], tiff.pages.first.offset
    with path.open("r+b") as file:
        file.seek(tag.offset + 8)
        file.write(struct.pack("<I", own))
    with pytest.raises(InputError, match="lead back"), map_tiff(path):
        pass


@given(st.binary(max_size=200), st.sampled_from([b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b""]))
def test_any_bytes_are_a_map_or_an_input_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.tif"
    path.write_bytes(head + content)
    try:
        with map_tiff(path) as mapped:
            for page in mapped.pages:
                mapped.pieces(page)
    except InputError:
        pass
