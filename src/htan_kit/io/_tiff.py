"""Opening a TIFF file: checked whole, quiet, and with a message for what is wrong."""

from __future__ import annotations

import logging
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.io._directories import check_chain
from htan_kit.io._paths import is_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile

__all__ = ["check_companions", "check_whole", "open_tiff"]

_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by its type: TIFF 6.0 section 2, BigTIFF."""


class _Quiet:
    """Keeps tifffile's logger silent while any thread reads through the kit."""

    def __init__(self) -> None:
        self._lock, self._users, self._before = threading.Lock(), 0, False

    def __enter__(self) -> None:
        logger = logging.getLogger("tifffile")
        with self._lock:
            if not self._users:
                self._before, logger.disabled = logger.disabled, True
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                logging.getLogger("tifffile").disabled = self._before


_quiet = _Quiet()


@contextmanager
def open_tiff(path: Path) -> Iterator[TiffFile]:
    """Open a TIFF file; what tifffile would log is silenced, for the kit says it in its own findings.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    The open file; it is closed at the end of the block.

    Raises
    ------
    InputError
        The file is missing, a folder, empty, not a TIFF file or cut off.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._tiff import open_tiff
    >>> with open_tiff(Path("missing.tif")) as tiff:
    ...     pass
    Traceback (most recent call last):
    ...
    htan_kit.errors.InputError: missing.tif: There is no such file. Check the path.
    """
    import tifffile

    try:
        there, folder, file = path.exists(), path.is_dir(), path.is_file()
    except OSError as problem:  # a name that is too long
        message = f"The path cannot be used ({problem.strerror})."
        raise InputError.of("file.exists", str(path)[:120], message, "Check the path.") from None
    if not there:
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    if folder or not file:
        what = "a folder" if folder else "a device or a pipe"
        raise InputError.of("image.tiff", path, f"This is {what}, not an image file.", "Name the file.")
    with _quiet:
        try:
            tiff = tifffile.TiffFile(path)
        except (tifffile.TiffFileError, ValueError, IndexError, KeyError, EOFError, OSError, struct.error) as problem:
            raise _not_a_tiff(path, problem) from None
        with tiff:
            yield tiff


def _not_a_tiff(path: Path, problem: Exception) -> InputError:
    hint = "Check that the download or the export finished; an OME-TIFF is expected."
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in (b"II", b"MM"):
        return InputError.of("image.truncated", path, f"The TIFF file is damaged or cut off ({problem}).", hint)
    what = "an empty file" if not start else f"a file that starts with {start!r}"
    return InputError.of("image.tiff", path, f"This is not a TIFF file but {what}, whatever its name says.", hint)


def check_companions(path: Path, filenames: tuple[str, ...]) -> None:
    """Raise InputError where another file of the image lies outside the folder (a link) or its pages loop.

    Parameters
    ----------
    path
        The file whose OME-XML names the others.
    filenames
        Names without a folder, as written.

    Raises
    ------
    InputError
        A companion must not be opened.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._tiff import check_companions
    >>> check_companions(Path("a.ome.tif"), ("a.ome.tif", "not-there.ome.tif"))
    """
    folders = {path.parent.resolve(), path.resolve().parent}  # the file itself may be a link the user made
    for name in filenames:
        companion = path.parent / name
        if name == path.name or not is_file(companion):
            continue
        if companion.resolve().parent not in folders:
            message = f"Its OME-XML names {name[:100]!r}, a link to a file outside the folder; that is not followed."
            raise InputError.of("image.ome-xml", path, message, "Put the files of one image beside each other.")
        with open_tiff(companion) as tiff:
            check_chain(tiff, companion)


def check_whole(tiff: TiffFile, path: Path) -> None:
    """Raise InputError where a page's pixels lie beyond the end of the file or the pages never end; decodes none.

    Parameters
    ----------
    tiff
        The open file.
    path
        Its name, for the message.

    Raises
    ------
    InputError
        The file is cut off, or its pages loop.

    Examples
    --------
    >>> import tempfile, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.io._tiff import check_whole, open_tiff
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, shape=(8, 8), dtype="uint8")
    >>> with open_tiff(path) as tiff:
    ...     check_whole(tiff, path)
    """
    size = path.stat().st_size
    hint = "Copy or download the file again."
    try:
        _check_tags(tiff, path)
        check_chain(tiff, path)
        tiff.pages.cache = True  # they are asked for again, by the layout
        pages: list[Any] = [page for page in tiff.pages if page is not None]
        ends = [o + n for page in pages for o, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
        goes_on = _chain_goes_on(tiff, pages[-1])
    except InputError:
        raise
    except (ValueError, IndexError, KeyError, EOFError, OSError, RuntimeError, struct.error) as problem:
        message = f"The TIFF file is damaged or cut off ({problem})."
        raise InputError.of("image.truncated", path, message, hint) from None
    if goes_on:
        message = "The TIFF file is cut off: the page after the last one is missing."
        raise InputError.of("image.truncated", path, message, hint)
    if ends and max(ends) > size:
        message = f"The TIFF file is cut off: its pixels reach to byte {max(ends):,}, the file has {size:,}."
        raise InputError.of("image.truncated", path, message, hint)


def _chain_goes_on(tiff: TiffFile, last: Any) -> bool:
    """Tell whether the last directory that was found names a next one; tifffile stops there without a word."""
    handle, form = tiff.filehandle, tiff.tiff
    handle.seek(last.offset)
    (n,) = struct.unpack(form.tagnoformat, handle.read(form.tagnosize))
    handle.seek(last.offset + form.tagnosize + n * form.tagsize)
    after = handle.read(form.offsetsize)
    return len(after) < form.offsetsize or any(after)


def _check_tags(tiff: TiffFile, path: Path) -> None:
    """Raise where a value of the first directory lies beyond the end; tifffile only drops such a tag.

    The OME-XML is one of these values and writers put it last: a file cut there has all its pixels and no names.
    """
    handle, form = tiff.filehandle, tiff.tiff
    handle.seek(tiff.pages.first.offset)
    (n,) = struct.unpack(form.tagnoformat, handle.read(form.tagnosize))
    entries = handle.read(n * form.tagsize)
    order = form.byteorder
    for start in range(0, len(entries) - form.tagsize + 1, form.tagsize):
        _, kind = struct.unpack_from(f"{order}HH", entries, start)
        count, offset = struct.unpack_from(f"{order}{'QQ' if form.offsetsize == 8 else 'II'}", entries, start + 4)
        n_bytes = count * _TYPE_BYTES.get(kind, 0)
        if n_bytes > form.offsetsize and offset + n_bytes > handle.size:
            message = f"The TIFF file is cut off: its header reaches to byte {offset + n_bytes:,} of {handle.size:,}."
            raise InputError.of("image.truncated", path, message, "Copy or download the file again.")
