"""A TIFF on a server: its directories lie all over the file, and what can be is fetched at the same time."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from htan_kit.io._directories import MAX_PAGES
from htan_kit.io._tiff_trouble import not_a_tiff, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile

    from htan_kit.io._remote import RemotePath

__all__ = ["fetch_directories", "open_remote_tiff"]


_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8}  # of the types that matter here
_SUB_IFDS = 330
_LONG = {270, 273, 279, 324, 325}  # description; offsets and byte counts of strips and tiles
_DIRECTORY = 4096  # bytes that hold most directories
_MOST_VALUES = 4096  # of a directory; as tifffile
_MOST_BELOW = 4096  # levels of all pages


@contextmanager
def open_remote_tiff(path: RemotePath, xml: str | None = None) -> Iterator[TiffFile]:
    """Open a TIFF on a server, as ``open_tiff`` does; other files that it names are left alone.

    Parameters
    ----------
    path
        The file.
    xml
        The OME-XML that describes it, where that is not in the file.

    Yields
    ------
    The open file.

    Raises
    ------
    InputError
        Not a TIFF file, cut off, or the server does not give it.
    """
    import tifffile

    path.still()
    fetch_directories(path)
    file = path.open("rb")
    options: dict[str, Any] = {"omexml": xml, "is_mmstack": False, "is_ndtiff": False, "_multifile": False}
    with quiet:
        try:
            try:
                tiff = tifffile.TiffFile(file, name=path.name, **options)
            except Exception as problem:  # noqa: BLE001 - a damaged file fails in any of a dozen ways
                raise not_a_tiff(cast("Path", path), problem) from None
            with tiff:
                yield tiff
        finally:
            if file.trouble is not None:  # tifffile may have taken it for a fault of the file, or for none
                raise file.trouble from None


def fetch_directories(path: RemotePath) -> None:
    """Fetch the directories of a TIFF and what else its opening reads, into the blocks that the path keeps.

    The chain of pages has to be followed page by page. What lies below them (the levels of the pyramid) is known then,
    and comes at once, and so do the tables of tiles. Nothing is judged here: what is damaged is left to the readers.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        The server does not give the file.
    """
    head = path.read(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 16:
        return
    big = struct.unpack(f"{order}H", head[2:4])[0] == 43
    offset = struct.unpack_from(f"{order}{'Q' if big else 'I'}", head, 8 if big else 4)[0]
    seen: set[int] = set()
    found: list[_Value] = []
    while offset and offset not in seen and len(seen) < MAX_PAGES:
        seen.add(offset)
        values, offset = _directory(path, offset, order, big=big)
        found += values
    below = [at for value in found if value.tag == _SUB_IFDS for at in _offsets(path, value, order)][:_MOST_BELOW]
    path.prefetch((at, _DIRECTORY) for at in below)
    for at in below:
        found += _directory(path, at, order, big=big)[0]
    path.prefetch((value.start, value.n_bytes) for value in found if value.tag in _LONG)


class _Value(NamedTuple):
    """A value of a directory: where it lies in the file."""

    tag: int
    kind: int
    start: int
    n_bytes: int


def _directory(path: RemotePath, offset: int, order: str, *, big: bool) -> tuple[list[_Value], int]:
    """Read a directory: its values, and the place of the next directory; nothing where it does not end."""
    number, size, form, width = ("Q", 20, "HHQQ", 8) if big else ("H", 12, "HHII", 4)
    at = offset + struct.calcsize(number)
    head = path.read(offset, at)
    n = struct.unpack(order + number, head)[0] if len(head) == at - offset else 0
    block = path.read(at, at + n * size + width) if 0 < n <= _MOST_VALUES else b""
    if not n or len(block) < n * size + width:
        return [], 0
    values = []
    for i, (tag, kind, count, start) in enumerate(struct.iter_unpack(order + form, block[: n * size])):
        n_bytes = count * _BYTES.get(kind, 0)
        inside = at + (i + 1) * size - width  # a short value lies in the directory itself
        values.append(_Value(tag, kind, inside if n_bytes <= width else start, n_bytes))
    return values, struct.unpack(order + ("Q" if big else "I"), block[-width:])[0]


def _offsets(path: RemotePath, value: _Value, order: str) -> tuple[int, ...]:
    wide = _BYTES.get(value.kind, 0)
    raw = path.read(value.start, value.start + value.n_bytes) if value.n_bytes <= _DIRECTORY else b""
    if wide not in (4, 8) or len(raw) < value.n_bytes:
        return ()
    return struct.unpack(f"{order}{len(raw) // wide}{'Q' if wide == 8 else 'I'}", raw)
