"""The chain of a TIFF's directories, walked before anything trusts it: it may turn back on itself or never end."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile, TiffPageSeries

__all__ = ["MAX_PAGES", "check_chain", "sparse_pieces"]

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


def sparse_pieces(series: TiffPageSeries, path: Path, findings: Findings) -> None:
    """Report the tiles or strips that hold no bytes: TIFF readers fill them in without a word.

    Parameters
    ----------
    series
        The image, all its levels.
    path
        Its name, for the message.
    findings
        Where to put the warning ``image.sparse-tiles``.

    Examples
    --------
    >>> import tempfile, numpy, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io._directories import sparse_pieces
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, numpy.ones((8, 8), "uint8"))
    >>> found = Findings()
    >>> with tifffile.TiffFile(path) as tiff:
    ...     sparse_pieces(tiff.series[0], path, found)
    >>> len(found)
    0
    """
    full = empty = below = 0
    for number, level in enumerate(series.levels):
        for page in level.pages:
            if page is None:
                continue
            counts, offsets = page.databytecounts, page.dataoffsets
            missing = sum(not n or not offset for n, offset in zip(counts, offsets, strict=False))
            if number:
                below += missing
            else:
                full, empty = full + len(counts), empty + missing
    if empty or below:
        kind = "tiles" if series.keyframe.is_tiled else "strips"
        lower = f" and {below:,} of its lower pyramid levels" if below else ""
        value = series.keyframe.nodata
        message = f"{empty:,} of {full:,} {kind} of the image{lower} hold no bytes; they are read as {value:g}."
        hint = "Where that is not background, the writing was interrupted: export the image again."
        findings.append(warning("image.sparse-tiles", path, message, hint))
