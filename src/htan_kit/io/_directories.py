"""The chain of a TIFF's directories, walked before anything trusts it: it may turn back on itself or never end."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile

__all__ = ["MAX_PAGES", "check_chain"]

MAX_PAGES = 100_000
"""Pages of one file (kit default): a whole slide of 100 channels and 10 levels kept as pages has 1,000."""


def check_chain(tiff: TiffFile, path: Path) -> None:
    """Raise InputError where the chain of directories loops or is endless; tifffile follows most loops for hours.

    Parameters
    ----------
    tiff
        The open file.
    path
        Its name, for the message.

    Raises
    ------
    InputError
        A directory stands in the chain twice, or there are more than 100,000.

    Examples
    --------
    >>> import tempfile, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.io._directories import check_chain
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, shape=(8, 8), dtype="uint8")
    >>> with tifffile.TiffFile(path) as tiff:
    ...     check_chain(tiff, path)
    """
    handle, form = tiff.filehandle, tiff.tiff
    offset = tiff.pages.first.offset
    seen: set[int] = set()
    while 0 < offset < handle.size:
        if offset in seen or len(seen) >= MAX_PAGES:
            what = (
                "its pages lead back to an earlier one" if offset in seen else f"it has more than {MAX_PAGES:,} pages"
            )
            message = f"The TIFF file is damaged: {what}, without an end."
            raise InputError.of("image.pages-loop", path, message, "Write the image again.")
        seen.add(offset)
        handle.seek(offset)
        head = handle.read(form.tagnosize)
        if len(head) < form.tagnosize:
            return  # cut off, which check_whole reports
        (n,) = struct.unpack(form.tagnoformat, head)
        handle.seek(offset + form.tagnosize + n * form.tagsize)
        after = handle.read(form.offsetsize)
        if len(after) < form.offsetsize:
            return
        (offset,) = struct.unpack(form.offsetformat, after)
