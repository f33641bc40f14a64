"""Opening a TIFF file: checked whole, quiet, and with a message for what is wrong."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._directories import check_chain
from htan_kit.io._ifds import map_open
from htan_kit.io._paths import is_file, is_remote
from htan_kit.io._remote_tiff import open_remote_tiff
from htan_kit.io._tiff_trouble import not_a_tiff, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile

    from htan_kit.io._ifds import TiffMap

__all__ = ["check_companions", "check_whole", "open_tiff"]


@contextmanager
def open_tiff(path: Path, xml: str | None = None) -> Iterator[TiffFile]:
    """Open a TIFF file; what tifffile would log is silenced, for the kit says it in its own findings.

    Parameters
    ----------
    path
        The file.
    xml
        The OME-XML that describes it, where that is not in the file; it must have been checked.

    Yields
    ------
    The open file; it is closed at the end of the block.

    Raises
    ------
    InputError
        The file is missing, a folder, empty, not a TIFF file or cut off; or the server that has it does not give it.

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

    if is_remote(path):
        with open_remote_tiff(path, xml) as tiff:
            yield tiff
        return
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
    with quiet:
        try:
            # What Micro-Manager adds to an OME-TIFF says the same again; tifffile would prefer it.
            tiff = tifffile.TiffFile(path, omexml=xml, is_mmstack=False, is_ndtiff=False)
        except Exception as problem:  # noqa: BLE001 - a damaged file fails in any of a dozen ways
            raise not_a_tiff(path, problem) from None
        with tiff:
            yield tiff


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
    others = [name for name in filenames if name != path.name]
    if is_remote(path) and others:
        message = f"Its OME-XML names other files ({others[0][:100]!r}); sets of files are read from a disk only."
        raise InputError.of("image.ome-xml", path, message, "Download all of them into one folder.")
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


def check_whole(tiff: TiffFile, path: Path) -> TiffMap | None:
    """Raise InputError where a page's pixels lie beyond the end of the file or the pages never end; decodes none.

    Parameters
    ----------
    tiff
        The open file.
    path
        Its name, for the message.

    Returns
    -------
    Its directories; None for Hamamatsu's NDPI, whose offsets are of its own kind.

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
    ...     len(check_whole(tiff, path).pages)
    1
    """
    size, hint = tiff.filehandle.size, "Copy or download the file again."
    if not tiff.pages:
        raise InputError.of("image.truncated", path, "The TIFF file is damaged or cut off: it has no pages.", hint)
    check_chain(tiff, path)
    try:
        if tiff.tiff.is_ndpi:
            found = None
            ends = [o + n for page in tiff.pages for o, n in zip(page.dataoffsets, page.databytecounts, strict=False)]
        else:
            found = map_open(tiff, path)
            ends = [found.sums(directory).end for page in found.pages for directory in page.all()]
    except InputError:  # is a ValueError, and says all
        raise
    except (ValueError, IndexError, KeyError, EOFError, OSError, RuntimeError, struct.error) as problem:
        message = f"The TIFF file is damaged or cut off ({str(problem)[:200]})."
        raise InputError.of("image.truncated", path, message, hint) from None
    if max(ends, default=0) > size:
        message = f"The TIFF file is cut off: its pixels reach to byte {max(ends):,}, the file has {size:,}."
        raise InputError.of("image.truncated", path, message, hint)
    return found
