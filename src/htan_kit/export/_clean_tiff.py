"""Writing a TIFF from pieces of others: encoded tiles as they are, only tags that say how pixels are stored."""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from htan_kit.errors import InputError
from htan_kit.io._markers import JPEG, JPEG_2000, strip_markers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from htan_kit.io._ifds import Directory, Entry, TiffMap

__all__ = ["Page", "digest_of", "needs_big", "write_tiff"]

_KEPT: Final = frozenset(
    {
        254, 255, 256, 257, 258, 259, 262, 263, 266, 274, 277, 278, 280, 281, 282, 283, 284, 286, 287, 290, 291, 292,
        293, 296, 297, 317, 318, 319, 320, 322, 323, 338, 339, 340, 341, 347, 529, 530, 531, 532, 32997, 32998, 50674,
    }
)  # fmt: skip
"""How pixels are stored, TIFF 6.0; no text. The colour profile, EXIF, XMP, IPTC and every vendor's tag go."""

_PLAIN: Final = frozenset({1, 2, 3, 4, 5, 8, 32773, 32946, 34887, 34925, 50000, 34926}) | JPEG | JPEG_2000
"""Compressions whose pieces hold pixels only, or whose comments can be taken out."""

_DESCRIPTION, _SOFTWARE, _COMPRESSION, _SUB_IFDS, _JPEG_TABLES, _NO_DATA = 270, 305, 259, 330, 347, 42113
_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?|nan", re.IGNORECASE)
_MAX_VALUE: Final = 2**24  # bytes of one tag that is copied
_CHUNK: Final = 2**20
_MAX_PIECE: Final = 2**29  # a JPEG piece is held in memory
_CLASSIC: Final = 4_000_000_000
_REPEATED: Final = 4  # how many times larger than the file its pieces may be together


@dataclass(slots=True)
class Page:
    """A directory to write, from a directory of a source.

    Parameters
    ----------
    source
        The file the pixels come from.
    directory
        The directory in it.
    description
        ImageDescription, None for none.
    software
        Software, where readers need it to know the format.
    tail
        Bytes after the last piece that belong to it: planes that ImageJ and tifffile leave without directories.
    levels
        Directories of smaller levels (SubIFDs).
    """

    source: TiffMap
    directory: Directory
    description: bytes | None = None
    software: bytes | None = None
    tail: int = 0
    levels: list[Page] = field(default_factory=list)

    @property
    def compression(self) -> int:
        """The compression scheme."""
        found = self.source.whole_numbers(self.directory[_COMPRESSION])
        return int(found[0]) if len(found) else 1


def needs_big(pages: Sequence[Page]) -> bool:
    """Tell whether the pages do not fit into offsets of 32 bits; raise InputError where the pieces repeat without end.

    Parameters
    ----------
    pages
        The pages to write.

    Returns
    -------
    True where BigTIFF is needed.

    Raises
    ------
    InputError
        All pieces together are over four times the size of the files they lie in.
    """
    total, size = 0, sum({page.source.path: page.source.size for page in _all(pages)}.values())
    for page in _all(pages):
        offsets, counts = page.source.pieces(page.directory)
        if len(offsets) != len(counts) or not len(offsets):
            message = f"{page.directory.place} does not say where its pixels are."
            raise InputError.of("clean.pieces", page.source.path, message, "Write the image again.")
        if bool(((offsets + counts) > page.source.size).any()):
            message = f"The pixels of {page.directory.place} lie beyond the end of the file."
            raise InputError.of("image.truncated", page.source.path, message, "Copy or export the file again.")
        total += int(counts.sum()) + page.tail + sum(entry.n_bytes + 20 for entry in page.directory.entries)
    if total > _REPEATED * size + _CHUNK:
        message = "Its tiles lie on top of each other: together they are far larger than the file."
        raise InputError.of("clean.pieces", pages[0].source.path, message, "Write the image again.")
    return total > _CLASSIC


def _all(pages: Sequence[Page]) -> Iterator[Page]:
    for page in pages:
        yield page
        yield from _all(page.levels)


def write_tiff(file: BinaryIO, pages: Sequence[Page], *, order: str, big: bool) -> tuple[int, str]:
    """Write pages: all pixels first, in the order of the pages, then the directories.

    Parameters
    ----------
    file
        Open for writing, empty.
    pages
        What to write.
    order
        ``<`` or ``>``: the byte order of all sources, for pixels are not touched.
    big
        Whether to write BigTIFF.

    Returns
    -------
    How many pieces were written, and the digest of their bytes, for :func:`digest_of`.

    Raises
    ------
    InputError
        A compression whose pieces may hold text, or tiles too large to look into.

    References
    ----------
    TIFF 6.0; BigTIFF.
    """
    writer = _Writer(file, order, big=big)
    placed = {id(page): writer.pieces(page) for page in _all(pages)}
    writer.directories(pages, placed)
    return writer.n_pieces, writer.digest.hexdigest()


def digest_of(tiff: TiffMap, pages: Sequence[Page]) -> str:
    """Digest the stored pieces of all pages and levels, in order, as :func:`write_tiff` did when writing them.

    Parameters
    ----------
    tiff
        The directories of the written file.
    pages
        What was to be written: as many directories, in the same order.

    Returns
    -------
    The digest (BLAKE2b of all lengths and bytes).
    """
    digest = hashlib.blake2b()
    written = [directory for page in tiff.pages for directory in page.all()]
    for directory, page in zip(written, _all(pages), strict=True):
        offsets, counts = tiff.pieces(directory)
        last = 0
        for offset, count in zip(offsets.tolist(), counts.tolist(), strict=True):
            last = offset + count
            digest.update(struct.pack("<Q", count))
            for block in _blocks(tiff, offset, count):
                digest.update(block)
        for block in _blocks(tiff, last, page.tail):
            digest.update(block)
    return digest.hexdigest()


def _blocks(tiff: TiffMap, offset: int, count: int) -> Iterator[bytes]:
    tiff.handle.seek(offset)
    while count > 0:
        block = tiff.handle.read(min(_CHUNK, count))
        if not block:
            raise InputError.of("image.truncated", tiff.path, "The file ends inside a tile.", "Copy it again.")
        yield block
        count -= len(block)


class _Writer:
    def __init__(self, file: BinaryIO, order: str, *, big: bool) -> None:
        self.file, self.order, self.big = file, order, big
        self.digest, self.n_pieces = hashlib.blake2b(), 0
        mark = b"II" if order == "<" else b"MM"
        file.write(mark + struct.pack(f"{order}HHHQ", 43, 8, 0, 0) if big else mark + struct.pack(f"{order}HI", 42, 0))
        self.link = 8 if big else 4  # where the offset of the next directory is to be written

    def pieces(self, page: Page) -> tuple[list[int], list[int]]:
        """Copy the pieces of a page; give where they are now and how long."""
        compression, source = page.compression, page.source
        if compression not in _PLAIN:
            message = f"Pixels are compressed by scheme {compression}; whether its tiles hold text cannot be told."
            raise InputError.of("clean.compression", source.path, message, "Convert it to OME-TIFF first.")
        old_offsets, old_counts = source.pieces(page.directory)
        offsets, counts = [], []
        looked_into = compression in JPEG | JPEG_2000
        for offset, count in zip(old_offsets.tolist(), old_counts.tolist(), strict=True):
            if not offset or not count:  # a tile that was left out
                offsets.append(0)
                counts.append(0)
                self.digest.update(struct.pack("<Q", 0))
                continue
            offsets.append(self.file.tell())
            if looked_into:
                counts.append(self._copy_coded(source, offset, count, compression))
            else:
                self.digest.update(struct.pack("<Q", count))
                self._copy(source, offset, count)
                counts.append(count)
            self.n_pieces += 1
        if page.tail:
            self._copy(source, int(old_offsets[-1] + old_counts[-1]), page.tail)
        return offsets, counts

    def _copy(self, source: TiffMap, offset: int, count: int) -> None:
        for block in _blocks(source, offset, count):
            self.file.write(block)
            self.digest.update(block)

    def _copy_coded(self, source: TiffMap, offset: int, count: int, compression: int) -> int:
        if count > _MAX_PIECE:
            message = f"A compressed tile has {count:,} bytes; it is not looked into beyond {_MAX_PIECE:,}."
            raise InputError.of("clean.compression", source.path, message, "Convert it to OME-TIFF first.")
        stored = b"".join(_blocks(source, offset, count))
        if stored.startswith(b"\0\0\0\x0cjP  "):
            message = "Its tiles are JP2 files, which may hold text, not bare JPEG 2000 streams."
            raise InputError.of("clean.compression", source.path, message, "Convert it to OME-TIFF first.")
        piece = strip_markers(stored, compression).piece
        self.file.write(piece)
        self.digest.update(struct.pack("<Q", len(piece)) + piece)
        return len(piece)

    def directories(self, pages: Sequence[Page], placed: dict[int, tuple[list[int], list[int]]]) -> None:
        """Write the directories and chain them."""
        for page in pages:
            offset, link = self._directory(page, placed)
            self._patch(self.link, offset)
            self.link = link

    def _directory(self, page: Page, placed: dict[int, tuple[list[int], list[int]]]) -> tuple[int, int]:
        levels = [self._directory(level, placed)[0] for level in page.levels]
        entries = [
            (e.code, e.kind, e.count, self._value(page, e)) for e in _first_of_each(page.directory) if e.code in _KEPT
        ]
        offsets, counts = placed[id(page)]
        codes = (324, 325) if page.directory[324] is not None else (273, 279)
        long = (16, "Q") if self.big else (4, "I")
        for code, numbers in zip(codes, (offsets, counts), strict=True):
            entries.append((code, long[0], len(numbers), struct.pack(f"{self.order}{len(numbers)}{long[1]}", *numbers)))
        if levels:
            kind = 18 if self.big else 13
            entries.append((_SUB_IFDS, kind, len(levels), struct.pack(f"{self.order}{len(levels)}{long[1]}", *levels)))
        empty = page.source.text(page.directory[_NO_DATA], 64).strip()
        no_data = empty.encode() if _NUMBER.fullmatch(empty) else None  # what pieces without bytes are read as
        texts = {_DESCRIPTION: page.description, _SOFTWARE: page.software, _NO_DATA: no_data}
        for code, text in texts.items():
            if text is not None:
                entries.append((code, 2, len(text) + 1, text + b"\0"))
        return self._block(sorted(entries))

    def _value(self, page: Page, entry: Entry) -> bytes:
        raw = page.source.raw(entry)
        return strip_markers(raw, 7).piece if entry.code == _JPEG_TABLES else raw

    def _block(self, entries: list[tuple[int, int, int, bytes]]) -> tuple[int, int]:
        """Write the values, then the directory; give its offset and where the offset of the next one stands."""
        inline = 8 if self.big else 4
        block = struct.pack(self.order + ("Q" if self.big else "H"), len(entries))
        for code, kind, count, value in entries:
            if code == _JPEG_TABLES:
                count = len(value)
            if len(value) <= inline:
                where = value.ljust(inline, b"\0")
            else:
                self._align()
                where = struct.pack(self.order + ("Q" if self.big else "I"), self.file.tell())
                self.file.write(value)
            block += struct.pack(self.order + ("HHQ" if self.big else "HHI"), code, kind, count) + where
        self._align()
        offset = self.file.tell()
        self.file.write(block + bytes(inline))
        return offset, offset + len(block)

    def _align(self) -> None:
        self.file.write(bytes(-self.file.tell() % 8))

    def _patch(self, where: int, offset: int) -> None:
        end = self.file.tell()
        self.file.seek(where)
        self.file.write(struct.pack(self.order + ("Q" if self.big else "I"), offset))
        self.file.seek(end)


def _first_of_each(directory: Directory) -> list[Entry]:
    """Leave out tags that are there twice, and those whose type can hold text."""
    found: dict[int, Entry] = {}
    for entry in directory.entries:
        if not 0 < entry.n_bytes <= _MAX_VALUE:
            continue
        if entry.kind != 2 and (entry.kind not in (1, 6, 7) or entry.code in (_JPEG_TABLES, 255)):
            found.setdefault(entry.code, entry)
    return list(found.values())
