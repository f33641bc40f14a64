"""Decoding one stored tile: into a buffer that is used again where the codec can, else as tifffile does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from htan_kit.io._bytes import Files

__all__ = ["Coded", "Codec", "codec_of"]

_BUFFERED = {
    8: "deflate", 32946: "deflate", 50013: "deflate", 5: "lzw", 50000: "zstd", 34926: "zstd", 32773: "packbits",
}  # fmt: skip
"""TIFF Compression numbers of codecs that fill a given buffer."""
_BOMB_BYTES, _BOMB_RATIO = 2**30, 2000  # deflate reaches 1032


@dataclass(frozen=True)
class Codec:
    """How the tiles of a page are decoded; made by :func:`codec_of`.

    ``fill`` decodes bytes into a buffer, None for those that are stored as they are; ``buffered`` says whether a
    buffer can be used at all.
    """

    page: Any
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    buffered: bool
    fill: Callable[..., Any] | None
    undo: Callable[..., Any] | None

    def decode(self, thread: Any, data: memoryview | None, index: int) -> np.ndarray:
        """Decode a tile or strip.

        Parameters
        ----------
        thread
            Where the calling thread keeps its buffer.
        data
            The stored bytes, None where the file leaves the tile out.
        index
            Number of the tile in its directory.

        Returns
        -------
        (height, width, samples); a last strip may be shorter.
        """
        if data is None:
            return np.full(self.shape, self.page.nodata, self.dtype.newbyteorder("="))
        if not self.buffered:
            more = {"_fullsize": self.page.is_tiled}
            if self.page.compression in {6, 7, 34892, 33007}:  # JPEG keeps its tables in the page
                more |= {"jpegtables": self.page.jpegtables, "jpegheader": self.page.jpegheader}
            decoded = self.page.decode(bytes(data), index, **more)[0]
            return decoded[0]
        size = math.prod(self.shape) * self.dtype.itemsize
        out = getattr(thread, "decoded", None)
        if out is None or len(out) < size:
            out = thread.decoded = np.empty(size, np.uint8)
        if self.fill is None:
            n = min(len(data), size)
            out[:n] = np.frombuffer(data, np.uint8, n)
        else:
            filled = self.fill(data, out=out[:size])
            n = len(filled)
            if filled.ctypes.data != out.ctypes.data:  # a codec that did not use the buffer after all
                n = min(n, size)
                out[:n] = np.frombuffer(filled, np.uint8, n)
        row = size // self.shape[0]
        height = n // row
        expected = self._height(index)
        if height < expected:
            message = f"it holds {n:,} of {expected * row:,} bytes"
            raise ValueError(message)
        pixels = out[: height * row].view(self.dtype).reshape(height, *self.shape[1:])
        if not self.dtype.isnative:
            pixels = pixels.byteswap(inplace=True).view(self.dtype.newbyteorder("="))
        if self.undo is not None:
            self.undo(pixels, axis=-2, out=pixels)
        return pixels

    def _height(self, index: int) -> int:
        if self.page.is_tiled:
            return self.shape[0]
        strips = -(-self.page.imagelength // self.shape[0])
        return min(self.shape[0], self.page.imagelength - index % strips * self.shape[0])


@dataclass(frozen=True)
class Coded:
    """The tiles or strips of one directory: where they lie, and how they are decoded."""

    codec: Codec
    grid: tuple[int, int]
    offsets: np.ndarray
    counts: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and samples of a piece."""
        return self.codec.shape

    def piece(self, files: Files, path: Path, thread: Any, number: int, row: int, column: int) -> np.ndarray:
        """Read and decode a tile or strip.

        Parameters
        ----------
        files, path
            Where the bytes are.
        thread
            Where the calling thread keeps its buffer.
        number
            Number of the plane in its directory.
        row, column
            Which tile.

        Returns
        -------
        (height, width, samples); a last strip may be shorter.
        """
        rows, across = self.grid
        index = (number * rows + row) * across + column
        offset, n_bytes = int(self.offsets[index]), int(self.counts[index])
        declared = math.prod(self.shape) * self.codec.dtype.itemsize
        if declared > _BOMB_BYTES and declared > _BOMB_RATIO * n_bytes > 0:
            message = f"{n_bytes:,} bytes claim to be {declared:,} bytes of pixels"
            raise ValueError(message)
        data = files.read(path, offset, n_bytes) if n_bytes and offset else None
        return self.codec.decode(thread, data, index)


def codec_of(page: Any) -> Codec:
    """Find how the tiles of a page are decoded.

    Parameters
    ----------
    page
        tifffile's page.

    Returns
    -------
    The codec.

    Raises
    ------
    ValueError
        Nothing installed decodes this compression.

    Examples
    --------
    >>> import tempfile, numpy, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.io.formats._codec import codec_of
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, numpy.zeros((32, 32), "uint8"), tile=(16, 16), compression="zlib")
    >>> with tifffile.TiffFile(path) as tiff:
    ...     codec_of(tiff.pages.first).buffered
    True
    """
    import imagecodecs

    samples = page.samplesperpixel if int(page.planarconfig) == 1 else 1
    length = page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength)
    shape = (int(length), int(page.tilewidth if page.is_tiled else page.imagewidth), int(samples))
    dtype = np.dtype(page.parent.byteorder + page.dtype.char)
    compression, predictor = int(page.compression), int(page.predictor)
    name = _BUFFERED.get(compression)
    plain = (
        page.bitspersample == dtype.itemsize * 8
        and dtype.kind in "uif"
        and int(page.fillorder) == 1
        and not page.is_subsampled
        and (compression == 1 or (name is not None and getattr(imagecodecs, name.upper()).available))
        and (predictor == 1 or (predictor == 2 and dtype.kind in "ui"))
    )
    fill = getattr(imagecodecs, f"{name}_decode") if plain and name else None
    _ = page.decode  # tifffile makes its function once; threads must not do so at the same time
    return Codec(page, shape, dtype, plain, fill, imagecodecs.delta_decode if predictor == 2 else None)
