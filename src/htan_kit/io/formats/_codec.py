"""Decoding one stored tile: into a buffer that is used again where the codec can, else as tifffile does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Codec", "codec_of"]

_BUFFERED = {
    8: "deflate", 32946: "deflate", 50013: "deflate", 5: "lzw", 50000: "zstd", 34926: "zstd", 32773: "packbits",
}  # fmt: skip
"""TIFF Compression numbers of codecs that fill a given buffer."""


@dataclass(frozen=True)
class Codec:
    """How the tiles of a page are decoded; made by :func:`codec_of`.

    ``fill`` decodes bytes into a buffer, None for those that are stored as they are; ``buffered`` says whether a
    buffer can be used at all.
    """

    key: Any
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    buffered: bool
    fill: Callable[..., Any] | None
    undo: Callable[..., Any] | None

    def decode(self, thread: Any, page: Any, data: memoryview | None, index: int) -> np.ndarray:
        """Decode a tile.

        Parameters
        ----------
        thread
            Where the calling thread keeps its buffer.
        page
            The page it belongs to.
        data
            The stored bytes, None where the file leaves the tile out.
        index
            Number of the tile in its page.

        Returns
        -------
        (height, width, samples); a last strip may be shorter.
        """
        if data is None:
            return np.full(self.shape, self.key.nodata, self.dtype.newbyteorder("="))
        if not self.buffered:
            more = {"_fullsize": self.key.is_tiled}
            if self.key.compression in {6, 7, 34892, 33007}:  # JPEG keeps its tables in the page
                more |= {"jpegtables": page.jpegtables, "jpegheader": self.key.jpegheader}
            decoded = self.key.decode(bytes(data), index, **more)[0]
            return decoded[0]
        size = int(np.prod(self.shape)) * self.dtype.itemsize
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
        if self.key.is_tiled:
            return self.shape[0]
        strips = -(-self.key.imagelength // self.shape[0])
        return min(self.shape[0], self.key.imagelength - index % strips * self.shape[0])


def codec_of(key: Any) -> Codec:
    """Find how the tiles of a page are decoded.

    Parameters
    ----------
    key
        tifffile's keyframe of the pages.

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

    samples = key.samplesperpixel if int(key.planarconfig) == 1 else 1
    length = key.tilelength if key.is_tiled else min(key.rowsperstrip, key.imagelength)
    shape = (int(length), int(key.tilewidth if key.is_tiled else key.imagewidth), int(samples))
    dtype = np.dtype(key.parent.byteorder + key.dtype.char)
    compression, predictor = int(key.compression), int(key.predictor)
    name = _BUFFERED.get(compression)
    plain = (
        key.bitspersample == dtype.itemsize * 8
        and dtype.kind in "uif"
        and int(key.fillorder) == 1
        and not key.is_subsampled
        and (compression == 1 or (name is not None and getattr(imagecodecs, name.upper()).available))
        and (predictor == 1 or (predictor == 2 and dtype.kind in "ui"))
    )
    fill = getattr(imagecodecs, f"{name}_decode") if plain and name else None
    _ = key.decode  # tifffile makes its function once; threads must not do so at the same time
    return Codec(key, shape, dtype, plain, fill, imagecodecs.delta_decode if predictor == 2 else None)
