"""Comments and application data inside compressed tiles: they may hold a camera's EXIF, a name or a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JPEG", "JPEG_2000", "Stripped", "strip_markers"]

JPEG: Final = frozenset({7})
JPEG_2000: Final = frozenset({33003, 33004, 33005, 34712})
_ALONE = {0x01, 0xD8, *range(0xD0, 0xD8)}  # markers without a length
_COMMENT, _SCAN, _END = 0xFE, 0xDA, 0xD9
_J2K_COMMENT, _J2K_TILE, _J2K_DATA = 0x64, 0x90, 0x93


class Stripped(NamedTuple):
    """A compressed piece without its comments, and the comments."""

    piece: bytes
    removed: tuple[bytes, ...]


def strip_markers(piece: bytes, compression: int) -> Stripped:
    """Take comments and application segments out of a JPEG or JPEG 2000 stream; the coded pixels stay as they are.

    Parameters
    ----------
    piece
        A tile or strip, or the JPEG tables, as stored.
    compression
        The TIFF compression scheme; another than JPEG (7) or JPEG 2000 is given back untouched.

    Returns
    -------
    The stream without COM and, for JPEG, APP1 to APP13 and APP15 (JFIF and Adobe's, which say how colours are coded,
    stay); and what was taken out. A stream that cannot be understood is given back untouched.

    References
    ----------
    ITU-T T.81 annex B; ITU-T T.800 annex A.

    Examples
    --------
    >>> from htan_kit.io._markers import strip_markers
    >>> stream = bytes.fromhex("ffd8 fffe0005414243 ffda0002 00 ffd9")
    >>> strip_markers(stream, 7).piece.hex(), strip_markers(stream, 7).removed
    ('ffd8ffda000200ffd9', (b'ABC',))
    """
    if compression in JPEG and piece[:2] == b"\xff\xd8":
        return _strip(piece, _jpeg_goes, {_SCAN, _END})
    if compression in JPEG_2000 and piece[:2] == b"\xff\x4f":
        return _strip(piece, lambda marker, _: marker == _J2K_COMMENT, {_J2K_TILE, _J2K_DATA})
    return Stripped(piece, ())


def _jpeg_goes(marker: int, content: bytes) -> bool:
    if marker == 0xE0:
        return not content.startswith(b"JFIF\0")
    if marker == 0xEE:
        return not content.startswith(b"Adobe")
    return marker == _COMMENT or 0xE1 <= marker <= 0xEF


def _strip(piece: bytes, goes: Callable[[int, bytes], bool], stop: set[int]) -> Stripped:
    kept, removed, at = [piece[:2]], [], 2
    while at + 4 <= len(piece) and piece[at] == 0xFF:
        marker = piece[at + 1]
        if marker in stop:
            break
        if marker == 0xFF or marker in _ALONE:
            length = 1 if marker == 0xFF else 2
            kept.append(piece[at : at + length])
            at += length
            continue
        end = at + 2 + int.from_bytes(piece[at + 2 : at + 4])
        content = piece[at + 4 : end]
        if end > len(piece):
            break
        if goes(marker, content):
            removed.append(content)
        else:
            kept.append(piece[at:end])
        at = end
    return Stripped(b"".join([*kept, piece[at:]]), tuple(removed)) if removed else Stripped(piece, ())
