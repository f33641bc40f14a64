"""Comments leave JPEG and JPEG 2000 streams; what is decoded stays the same."""

from __future__ import annotations

import struct

import imagecodecs
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io._markers import strip_markers


def with_segment(stream: bytes, at: int, marker: int, content: bytes) -> bytes:
    return stream[:at] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + stream[at:]


def test_jpeg() -> None:
    pixels = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    stream = imagecodecs.jpeg_encode(pixels)
    marked = with_segment(with_segment(stream, 2, 0xFE, b"Ada"), 2, 0xE1, b"Exif\0\0Ada")
    stripped = strip_markers(marked, 7)
    assert stripped.removed == (b"Exif\0\0Ada", b"Ada")
    assert stripped.piece == strip_markers(stream, 7).piece
    np.testing.assert_array_equal(imagecodecs.jpeg_decode(stripped.piece), imagecodecs.jpeg_decode(marked))


def test_what_tells_the_colours_stays() -> None:
    stream = imagecodecs.jpeg_encode(np.zeros((8, 8, 3), np.uint8))
    adobe = with_segment(stream, 2, 0xEE, b"Adobe\0d\0\0\0\0\0\0")
    assert b"Adobe" in strip_markers(adobe, 7).piece
    assert strip_markers(with_segment(stream, 2, 0xEE, b"Ada"), 7).removed == (b"Ada",)


def test_jpeg_2000() -> None:
    pixels = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64)
    stream = imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0)
    end_of_siz = 4 + int.from_bytes(stream[4:6])
    marked = with_segment(stream, end_of_siz, 0x64, b"\0\1Ada")
    stripped = strip_markers(marked, 34712)
    assert b"\0\1Ada" in stripped.removed
    assert b"Ada" not in stripped.piece
    np.testing.assert_array_equal(imagecodecs.jpeg2k_decode(stripped.piece), pixels)


@given(st.binary(max_size=60), st.sampled_from([1, 5, 7, 34712]))
def test_any_bytes(content: bytes, compression: int) -> None:
    for start in (b"", b"\xff\xd8", b"\xff\x4f"):
        stripped = strip_markers(start + content, compression)
        assert len(stripped.piece) <= len(start + content)
        if not stripped.removed:
            assert stripped.piece == start + content
