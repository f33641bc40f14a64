"""Every directory of a TIFF file, SubIFDs, EXIF and GPS included, with where each value lies; nothing is decoded."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from htan_kit.errors import InputError
from htan_kit.io._directories import MAX_PAGES
from htan_kit.io._paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from tifffile import TiffFile

__all__ = ["Directory", "Entry", "PieceSums", "TiffMap", "map_open", "map_tiff"]

_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by its type: TIFF 6.0 section 2, BigTIFF."""

_WHOLE = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_SUB_IFDS = 330
_NESTED = {34665: "Exif", 34853: "GPS", 40965: "Interoperability"}
_MAX_DEPTH = 3
_PIECES = ((324, 325), (273, 279))  # offsets and byte counts of tiles, of strips


class Entry(NamedTuple):
    """One value of a directory: tag, type, how many, and the bytes it takes in the file."""

    code: int
    kind: int
    count: int  # type: ignore[assignment]  # what TIFF calls it; nobody counts in an Entry
    offset: int
    n_bytes: int


class PieceSums(NamedTuple):
    """What the tables of tiles or strips of a directory come to.

    How many have a place, and how many a length too; how many of these are left out; bytes of the largest, and of all;
    where the last of them ends.
    """

    n_places: int
    n: int
    n_missing: int
    largest: int
    total: int
    end: int


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory: ``place`` says where in words, ``entries`` are in file order, ``levels`` its SubIFDs."""

    place: str
    offset: int
    entries: tuple[Entry, ...]
    levels: tuple[Directory, ...] = ()
    nested: tuple[Directory, ...] = ()

    def __getitem__(self, code: int) -> Entry | None:
        for entry in self.entries:
            if entry.code == code:
                return entry
        return None

    def all(self) -> Iterator[Directory]:
        """Go over this directory and all below it."""
        yield self
        for below in (*self.levels, *self.nested):
            yield from below.all()


@dataclass(frozen=True)
class TiffMap:
    """The directories of an open file.

    Parameters
    ----------
    path
        The file.
    handle
        The open file.
    order
        ``<`` or ``>``, as in :mod:`struct`.
    is_big
        Whether offsets have 64 bits (BigTIFF).
    size
        Bytes of the file.
    pages
        The directories of the main chain.
    """

    path: Path
    handle: BinaryIO
    order: str
    is_big: bool
    size: int
    pages: tuple[Directory, ...]
    _sums: dict[int, PieceSums] = field(init=False, default_factory=dict, compare=False, repr=False)

    def raw(self, entry: Entry, limit: int = 2**27) -> bytes:
        """Read a value as it lies in the file, at most ``limit`` bytes of it."""
        self.handle.seek(entry.offset)
        return self.handle.read(min(entry.n_bytes, limit))

    def sums(self, directory: Directory) -> PieceSums:
        """Sum up the tables of tiles or strips of a directory; they are read once, for there may be millions."""
        import numpy as np

        found = self._sums.get(directory.offset)
        if found is None:
            offsets, counts = self.pieces(directory)
            n = min(len(offsets), len(counts))
            ends = offsets[:n] + counts[:n]  # a sum that wraps around is of a count beyond the file
            missing = int(np.count_nonzero((offsets[:n] == 0) | (counts[:n] == 0))) if n else 0
            largest, end = (int(counts.max()), int(max(ends.max(), counts.max()))) if n else (0, 0)
            found = PieceSums(len(offsets), n, missing, largest, int(counts.sum()), end)
            self._sums[directory.offset] = found
        return found

    def number(self, directory: Directory, code: int, default: int) -> int:
        """Read a tag's first whole number; the default where it is absent or no such number."""
        entry = directory[code]
        if entry is None or entry.kind not in _WHOLE or not entry.count:
            return default
        return int(self.whole_numbers(entry._replace(count=1, n_bytes=_BYTES[entry.kind]))[0])

    def whole_numbers(self, entry: Entry | None) -> np.ndarray:
        """Read a value of whole numbers as uint64; empty where there is none or it is of another type."""
        import numpy as np

        if entry is None or entry.kind not in _WHOLE:
            return np.zeros(0, np.uint64)
        raw = self.raw(entry, 2**30)
        return np.frombuffer(raw, self.order + _WHOLE[entry.kind], len(raw) // _BYTES[entry.kind]).astype(np.uint64)

    def text(self, entry: Entry | None, limit: int = 2**27) -> str:
        """Read a value as text, UTF-8 where it is, else Latin-1; empty where there is none."""
        if entry is None:
            return ""
        raw = self.raw(entry, limit).rstrip(b"\0")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    def pieces(self, directory: Directory) -> tuple[np.ndarray, np.ndarray]:
        """Give offsets and byte counts of the tiles or strips of a directory (uint64, same length)."""
        import numpy as np

        for offsets, counts in _PIECES:
            if directory[offsets] is not None:
                where, long = self.whole_numbers(directory[offsets]), self.whole_numbers(directory[counts])
                return where, long if len(long) == len(where) else np.zeros(0, np.uint64)
        return np.zeros(0, np.uint64), np.zeros(0, np.uint64)


@contextmanager
def map_tiff(path: Path) -> Iterator[TiffMap]:
    """Open a TIFF file and find all its directories.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    The map; the file is closed at the end of the block.

    Raises
    ------
    InputError
        The file is missing or no TIFF, its directories loop, lie beyond its end, or are more than 100,000.

    References
    ----------
    TIFF 6.0 section 2; BigTIFF; TIFF Technical Note 1 (SubIFDs); Exif 2.3.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._ifds import map_tiff
    >>> with map_tiff(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff") as tiff:
    ...     tiff.pages[0].place, tiff.pages[0].levels[0].place
    ('page 1', 'page 1, level 1')
    """
    if not is_file(path):
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    with path.open("rb") as handle:
        try:
            walker = _Walker(path, handle)
            yield TiffMap(path, handle, walker.order, walker.is_big, walker.size, walker.pages())
        except struct.error:
            message = "The TIFF file is damaged or cut off: a directory does not end."
            raise InputError.of("image.truncated", path, message, "Copy or export the file again.") from None


def map_open(tiff: TiffFile, path: Path) -> TiffMap:
    """Find the directories of a TIFF that is open: its pages and their levels, each once.

    Parameters
    ----------
    tiff
        The open file.
    path
        Its name, for messages.

    Returns
    -------
    The map; EXIF and its like are left out, and so is a level that leads back to a directory seen before.

    Raises
    ------
    InputError
        A value or a directory lies beyond the end of the file.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._ifds import map_open
    >>> from htan_kit.io._tiff import open_tiff
    >>> path = hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"
    >>> with open_tiff(path) as tiff:
    ...     tiff_map = map_open(tiff, path)
    ...     tiff_map.number(tiff_map.pages[0], 256, 0) == tiff.pages.first.imagewidth
    True
    """
    handle: Any = tiff.filehandle
    try:
        walker = _Walker(path, handle, pixels_only=True)
        return TiffMap(path, handle, walker.order, walker.is_big, walker.size, walker.pages())
    except struct.error:
        message = f"The TIFF file is damaged or cut off: a directory or its values reach beyond byte {handle.size:,}."
        raise InputError.of("image.truncated", path, message, "Copy or download the file again.") from None


class _Walker:
    def __init__(self, path: Path, handle: BinaryIO, *, pixels_only: bool = False) -> None:
        self.path, self.handle, self.pixels_only = path, handle, pixels_only
        self.size = handle.seek(0, 2)
        handle.seek(0)
        head = handle.read(16)
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        version = struct.unpack(f"{self.order}H", head[2:4])[0] if self.order and len(head) >= 8 else 0
        if version not in (42, 43):
            raise InputError.of("image.tiff", path, "This is not a TIFF file.", "An OME-TIFF is expected.")
        self.is_big = version == 43
        self.first = struct.unpack_from(f"{self.order}{'Q' if self.is_big else 'I'}", head, 8 if self.is_big else 4)[0]
        self.seen: set[int] = set()

    def pages(self) -> tuple[Directory, ...]:
        found: list[Directory] = []
        offset = self.first
        while offset:
            directory, offset = self._read(offset, f"page {len(found) + 1}", _MAX_DEPTH if self.pixels_only else 0)
            found.append(directory)
        if self.pixels_only:  # what leads back to a page is no level of another
            found = [replace(page, levels=self._below(page.entries, page.place, 0)[0]) for page in found]
        return tuple(found)

    def _read(self, offset: int, place: str, depth: int) -> tuple[Directory, int]:
        self._check(offset)
        number, size, form, inline = ("Q", 20, "HHQQ", 8) if self.is_big else ("H", 12, "HHII", 4)
        self.handle.seek(offset)
        (n,) = struct.unpack(self.order + number, self.handle.read(8 if self.is_big else 2))
        if n * size > self.size:
            raise struct.error
        block = self.handle.read(n * size + inline)
        entries = []
        own = offset + (8 if self.is_big else 2) - inline  # where a value that fits in it lies: at the entry's end
        for code, kind, count, place_of in struct.iter_unpack(self.order + form, block[: n * size]):
            own += size
            n_bytes = count * _BYTES.get(kind, 0)
            place_of = own if n_bytes <= inline else place_of
            if place_of + n_bytes > self.size:
                raise struct.error
            entries.append(Entry(code, kind, count, place_of, n_bytes))
        (after,) = struct.unpack_from(self._offset, block, n * size)
        levels, nested = self._below(tuple(entries), place, depth)
        return Directory(place, offset, tuple(entries), levels, nested), after

    @property
    def _offset(self) -> str:
        return self.order + ("Q" if self.is_big else "I")

    def _check(self, offset: int) -> None:
        if offset in self.seen or len(self.seen) >= MAX_PAGES:
            message = "The TIFF file is damaged: its directories lead back to an earlier one, or are too many."
            raise InputError.of("image.pages-loop", self.path, message, "Write the image again.")
        if offset >= self.size:
            raise struct.error
        self.seen.add(offset)

    def _below(
        self, entries: tuple[Entry, ...], place: str, depth: int
    ) -> tuple[tuple[Directory, ...], tuple[Directory, ...]]:
        levels: list[Directory] = []
        nested: list[Directory] = []
        if depth < _MAX_DEPTH:
            whole = TiffMap(self.path, self.handle, self.order, self.is_big, self.size, ())
            for entry in entries:
                if entry.code == _SUB_IFDS:
                    offsets = [int(offset) for offset in whole.whole_numbers(entry) if offset]
                    if self.pixels_only:
                        offsets = [offset for offset in dict.fromkeys(offsets) if offset not in self.seen]
                    for number, offset in enumerate(offsets, 1):
                        levels.append(self._read(offset, f"{place}, level {number}", depth + 1)[0])
                elif entry.code in _NESTED and not self.pixels_only:
                    for offset in whole.whole_numbers(entry)[:1]:
                        nested.append(self._read(int(offset), f"{place}, {_NESTED[entry.code]}", depth + 1)[0])
        return tuple(levels), tuple(nested)
