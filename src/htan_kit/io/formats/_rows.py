"""Planes that are stored as rows without compression: any rows can be read, however the file cuts them into strips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io._bytes import Files

__all__ = ["Rows", "rows_of"]

_PIECE_BYTES = 2**20
_MOST_ROWS, _LEAST_ROWS = 512, 16


@dataclass(frozen=True)
class Rows:
    """How the rows of a page are read; made by :func:`rows_of`.

    ``shape`` is that of a piece, which has nothing to do with the strips of the file. ``run`` is where the first plane
    begins if all rows follow each other; planes beyond those of the directory follow too (ImageJ's large stacks).
    """

    shape: tuple[int, int, int]
    height: int
    dtype: np.dtype[Any]
    strip: int
    offsets: np.ndarray
    run: int | None
    nodata: float

    def piece(self, files: Files, path: Path, thread: Any, number: int, row: int, column: int) -> np.ndarray:
        """Read rows.

        Parameters
        ----------
        files, path
            Where the bytes are.
        thread
            Where the calling thread keeps its buffer.
        number
            Number of the plane in its directory.
        row
            Number of the piece.
        column
            Always 0: a piece is of whole rows.

        Returns
        -------
        (height, width, samples); the last piece may be shorter.
        """
        rows, width, samples = self.shape
        y = row * rows
        rows = min(rows, self.height - y)
        line = width * samples * self.dtype.itemsize
        if self.run is not None:
            data = files.read(path, self.run + (number * self.height + y) * line, rows * line)
            pixels = np.frombuffer(data, self.dtype).reshape(rows, width, samples)
            return pixels if self.dtype.isnative else pixels.astype(self.dtype.newbyteorder("="))
        out = np.empty((rows, width, samples), self.dtype)
        strip = self.strip
        first = number * -(-self.height // strip)
        while rows:
            begin = y % strip
            n = min(strip - begin, rows)
            offset = int(self.offsets[first + y // strip])
            at = out.shape[0] - rows
            if offset:
                data = files.read(path, offset + begin * line, n * line)
                out[at : at + n] = np.frombuffer(data, self.dtype).reshape(n, width, samples)
            else:
                out[at : at + n] = self.nodata
            y, rows = y + n, rows - n
        return out.astype(self.dtype.newbyteorder("="), copy=False)


def rows_of(page: Any) -> Rows | None:
    """Find how the rows of a page are read.

    Parameters
    ----------
    page
        tifffile's page.

    Returns
    -------
    The reader; None where the page is in tiles, compressed, or of values that do not fill bytes.

    Examples
    --------
    >>> import tempfile, numpy, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.io.formats._rows import rows_of
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, numpy.zeros((32, 33), "uint8"), rowsperstrip=1)
    >>> with tifffile.TiffFile(path) as tiff:
    ...     rows_of(tiff.pages.first).shape
    (32, 33, 1)
    """
    dtype = np.dtype(page.parent.byteorder + page.dtype.char)
    plain = (
        int(page.compression) == 1
        and not page.is_tiled
        and page.bitspersample == dtype.itemsize * 8
        and dtype.kind in "uif"
        and int(page.fillorder) == 1
        and not page.is_subsampled
        and len(page.dataoffsets) > 0
    )
    if not plain:
        return None
    samples = int(page.samplesperpixel) if int(page.planarconfig) == 1 else 1
    height, width = int(page.imagelength), int(page.imagewidth)
    line = width * samples * dtype.itemsize
    rows = min(max(_PIECE_BYTES // max(line, 1), _LEAST_ROWS), _MOST_ROWS, height)
    offsets = np.asarray(page.dataoffsets, np.int64)
    strip = min(int(page.rowsperstrip), height)
    n_planes = int(page.samplesperpixel) if int(page.planarconfig) == 2 else 1
    run = _run(offsets, strip, height, line, n_planes)
    return Rows((rows, width, samples), height, dtype, strip, offsets, run, page.nodata)


def _run(offsets: np.ndarray, strip: int, height: int, line: int, n_planes: int) -> int | None:
    """Tell where the rows begin, if every strip follows the one before it."""
    per_plane = -(-height // strip)
    begins = np.arange(per_plane, dtype=np.int64) * strip * line
    expected = (np.arange(n_planes, dtype=np.int64)[:, None] * height * line + begins).ravel()
    n = len(expected)
    follow = len(offsets) >= n and bool((offsets[:n] - offsets[0] == expected).all()) and offsets[0] > 0
    return int(offsets[0]) if follow else None
