"""The stored pieces of one level of a TIFF, each read and decoded for itself."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.io._bytes import Files
from htan_kit.io.formats._codec import codec_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tifffile import TiffPageSeries

    from htan_kit.io._layout import Layout

__all__ = ["TiffTiles"]

_BOMB_BYTES = 2**30
_BOMB_RATIO = 2000  # deflate reaches 1032
_ROWS = 64  # of planes that are stored as one run of bytes


class TiffTiles:
    """Tiles or strips of a level; how a page holds them is the keyframe's to say.

    Parameters
    ----------
    level
        tifffile's series of the level.
    layout
        Of the image.
    chosen
        Which of the stored planes are the image's channels, in their order.
    """

    def __init__(self, level: TiffPageSeries, layout: Layout, chosen: Sequence[int]) -> None:
        key: Any = level.keyframe
        pages: list[Any] = list(level.pages)
        samples = int(key.samplesperpixel)
        self._files, self._local = Files(), threading.local()
        self._key, self._width = key, int(key.imagewidth)
        self._run: int | None = None
        if len(chosen) > len(pages) and samples == 1:  # one directory for all planes, which follow each other
            self._run, self._height = _run_of_bytes(level), int(key.imagelength)
            self.chunk = (min(_ROWS, self._height), self._width)
            self.planes: tuple[tuple[int, ...], ...] = tuple((c,) for c in range(len(chosen)))
            self._first = list(chosen)
            return
        self._codec = codec_of(key)
        self.chunk = self._codec.shape[:2]
        per_page = -(-int(key.imagelength) // self.chunk[0]) * -(-self._width // self.chunk[1])
        if samples == 1:
            self.planes = tuple((c,) for c in range(len(chosen)))
            self._pages = [(pages[c], 0) for c in chosen]
        elif int(key.planarconfig) == 2:
            kept = range(3) if layout.is_rgb else chosen
            self.planes = tuple((c,) for c in range(len(kept)))
            self._pages = [(pages[c // samples], c % samples * per_page) for c in kept]
        else:
            kept = range(min(samples, 3) if layout.is_rgb else samples)
            self.planes = tuple(tuple(page * len(kept) + c for c in kept) for page in range(len(pages)))
            self._pages = [(page, 0) for page in pages]

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        """Decode a tile or strip, as :class:`~htan_kit.io._store.Tiles` says."""
        if self._run is not None:
            return self._stored(self._first[plane], row)
        page, first = self._pages[plane]
        index = first + row * -(-self._width // self.chunk[1]) + column
        offset, n_bytes = page.dataoffsets[index], page.databytecounts[index]
        declared = int(np.prod(self._codec.shape)) * self._codec.dtype.itemsize
        if declared > _BOMB_BYTES and declared > _BOMB_RATIO * n_bytes > 0:
            message = f"{n_bytes:,} bytes claim to be {declared:,} bytes of pixels"
            raise ValueError(message)
        data = self._files.read(Path(page.parent.filehandle.path), offset, n_bytes) if n_bytes and offset else None
        return self._codec.decode(self._local, page, data, index)[..., : len(self.planes[plane])]

    def _stored(self, plane: int, row: int) -> np.ndarray:
        key, y = self._key, row * self.chunk[0]
        height = min(self.chunk[0], self._height - y)
        dtype = np.dtype(key.parent.byteorder + key.dtype.char)
        offset = (self._run or 0) + (plane * self._height + y) * self._width * dtype.itemsize
        n_bytes = height * self._width * dtype.itemsize
        data = self._files.read(Path(key.parent.filehandle.path), offset, n_bytes)
        pixels = np.frombuffer(data, dtype).reshape(height, self._width, 1)
        return pixels.astype(dtype.newbyteorder("="), copy=False)

    def close(self) -> None:
        """Close the files."""
        self._files.close()


def _run_of_bytes(level: TiffPageSeries) -> int:
    offset = level.dataoffset
    if offset is None:
        message = "its planes do not follow each other"
        raise ValueError(message)
    return int(offset)
