"""The stored tiles of level 0, decoded by any number of threads at once."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._tiff import open_tiff
from htan_kit.pixels._codec import codec_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tifffile import TiffFile

    from htan_kit.io.image import Image
    from htan_kit.pixels._codec import Codec
    from htan_kit.pixels._grid import Block, Grid

__all__ = ["Source", "open_source", "working_dtype"]

_BOMB_BYTES = 2**30
_BOMB_RATIO = 2000  # deflate reaches 1032
_HINT = "Copy or export the file again; skip_bad_tiles goes on without these pixels."


def working_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Tell the type that pixels are measured in.

    Parameters
    ----------
    dtype
        As stored.

    Returns
    -------
    Itself, in native byte order, for 8 and 16 bit and float32; float64 for wider integers, exact to 2^53.

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.pixels._source import working_dtype
    >>> working_dtype(np.dtype(">u2")), working_dtype(np.dtype(bool)), working_dtype(np.dtype("u4"))
    (dtype('uint16'), dtype('uint8'), dtype('float64'))
    """
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    return dtype.newbyteorder("=") if dtype.itemsize <= 2 else np.dtype(np.float64)


class Source:
    """An open image whose blocks are decoded on demand, by several threads; made by :func:`open_source`.

    ``planes`` lists the channels that one decoding gives: one each, or the samples that are stored side by side.
    """

    def __init__(self, image: Image, grid: Grid, tiff: TiffFile, dtype: np.dtype[Any]) -> None:
        self.image, self.grid = image, grid
        self.dtype = dtype
        self._local = threading.local()
        self._lock = threading.Lock()
        self._files: dict[Path, int] = {}
        series = tiff.series[0]
        pages: list[Any] = list(series.pages)
        key = series.keyframe
        samples = int(key.samplesperpixel)
        n = 3 if image.is_rgb else image.n_channels
        planar = samples > 1 and int(key.planarconfig) == 2
        self._codec: Codec | None = None
        if len(pages) * (min(samples, 3) if image.is_rgb else samples) == n and key.tiledepth == 1:
            self._codec = codec_of(key)
            per_page = -(-image.height // grid.chunk[0]) * -(-image.width // grid.chunk[1])
            if samples == 1 or planar:
                self.planes: tuple[tuple[int, ...], ...] = tuple((c,) for c in range(n))
                self._pages = [(pages[c // samples], c % samples * per_page) for c in range(n)]
            else:
                kept = min(samples, n)
                self.planes = tuple(tuple(range(p * kept, (p + 1) * kept)) for p in range(len(pages)))
                self._pages = [(page, 0) for page in pages]
        else:  # several planes under one directory: tifffile knows where they lie
            self.planes = (tuple(range(n)),) if image.is_rgb else tuple((c,) for c in range(n))
            self._store = series.aszarr(level=0)
            self._read: Callable[..., np.ndarray] = image.layout.reader(self._store, image.path)

    def load(self, plane: int, block: Block) -> list[np.ndarray]:
        """Decode a block.

        Parameters
        ----------
        plane
            Index into ``planes``.
        block
            Of the grid.

        Returns
        -------
        One C-contiguous array a channel of the plane, of the grid's block shape; what lies outside the image is not
        defined. They are overwritten by the next call in the same thread.

        Raises
        ------
        InputError
            A tile cannot be read or decoded; the message names it and the channel.
        """
        channels = self.planes[plane]
        if self._codec is None:
            with self._lock:
                pixels = self._read(list(channels), (block.y0, block.y1, block.x0, block.x1))
            planes = np.moveaxis(pixels, -1, 0) if self.image.is_rgb else pixels
            out = self._buffers(len(channels))
            for buffer, values in zip(out, planes, strict=True):
                buffer[: block.shape[0], : block.shape[1]] = values
            return out
        rows, columns = self.grid.chunk
        places = [(y, x) for y in range(block.y0, block.y1, rows) for x in range(block.x0, block.x1, columns)]
        alone = self.grid.block == self.grid.chunk and len(channels) == 1
        out = [] if alone else self._buffers(len(channels))
        for y, x in places:
            piece = self._decode(plane, y, x)
            if (
                alone
                and piece.shape == (*self.grid.block, 1)
                and piece.dtype == self.dtype
                and piece.flags.c_contiguous
            ):
                return [piece[..., 0]]
            out = out or self._buffers(1)
            height, width = min(rows, block.y1 - y), min(columns, block.x1 - x)
            for sample, buffer in enumerate(out):
                top, left = y - block.y0, x - block.x0
                buffer[top : top + height, left : left + width] = piece[:height, :width, sample]
        return out

    def _buffers(self, n: int) -> list[np.ndarray]:
        have = getattr(self._local, "buffers", None)
        if have is None or len(have) < n:
            have = self._local.buffers = [np.zeros(self.grid.block, self.dtype) for _ in range(n)]
        return have[:n]

    def _decode(self, plane: int, y: int, x: int) -> np.ndarray:
        """Decode one stored tile: (height, width, samples), in a buffer of the thread's own."""
        page, first = self._pages[plane]
        rows, columns = self.grid.chunk
        index = first + y // rows * -(-self.image.width // columns) + x // columns
        try:
            offset, n_bytes = page.dataoffsets[index], page.databytecounts[index]
            declared = rows * columns * self.image.dtype.itemsize
            if declared > _BOMB_BYTES and declared > _BOMB_RATIO * n_bytes > 0:
                message = f"{n_bytes:,} bytes claim to be {declared:,} bytes of pixels"
                raise ValueError(message)
            data = self._bytes(page, offset, n_bytes) if n_bytes and offset else None
            if self._codec is None:
                message = "there is no codec"
                raise TypeError(message)
            return self._codec.decode(self._local, page, data, index)
        except Exception as problem:  # noqa: BLE001 - each codec raises its own kind
            raise self._broken(plane, y, x, problem) from None

    def _bytes(self, page: Any, offset: int, n: int) -> memoryview:
        path = page.parent.filehandle.path
        raw = getattr(self._local, "raw", None)
        if raw is None or len(raw) < n:
            raw = self._local.raw = bytearray(n + n // 4)
        view = memoryview(raw)[:n]
        got = self._read_into(path, view, offset)
        if got < n:
            message = f"the file ends {n - got:,} bytes too early"
            raise EOFError(message)
        return view

    def _read_into(self, path: Path, view: memoryview, offset: int) -> int:
        with self._lock:
            if path not in self._files:
                self._files[path] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            file = self._files[path]
        if hasattr(os, "preadv"):
            done = 0
            while done < len(view):
                n = os.preadv(file, [view[done:]], offset + done)
                if not n:
                    break
                done += n
            return done
        with self._lock:  # a file has one position
            os.lseek(file, offset, os.SEEK_SET)
            data = os.read(file, len(view))
        view[: len(data)] = data
        return len(data)

    def _broken(self, plane: int, y: int, x: int, problem: Exception) -> InputError:
        image, (rows, columns) = self.image, self.grid.chunk
        numbers = self.planes[plane]
        names = [image.channels[c].name for c in numbers] if not image.is_rgb else []
        which = ", ".join(f"{c} ({n})" if n else str(c) for c, n in zip(numbers, names or [None] * 3, strict=False))
        what = "Tile" if image.tiled else "Strip"
        until = min(y + rows, image.height), min(x + columns, image.width)
        message = (
            f"{what} {y // rows}, {x // columns} (rows {y}-{until[0]}, columns {x}-{until[1]} px) of channel {which} "
            f"cannot be decoded ({str(problem)[:200] or type(problem).__name__})."
        )
        return InputError.of("image.decode", image.path, message, _HINT)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            os.close(file)
        if self._codec is None:
            self._store.close()


@contextmanager
def open_source(image: Image, grid: Grid, dtype: np.dtype[Any] | None = None) -> Iterator[Source]:
    """Open the stored tiles of an image.

    Parameters
    ----------
    image
        The image.
    grid
        How it is cut.
    dtype
        The type blocks are given in; None for the one that pixels are measured in.

    Yields
    ------
    The source; it is closed at the end of the block.

    Raises
    ------
    InputError
        The file cannot be opened any more.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels._grid import Grid
    >>> from htan_kit.pixels._source import open_source
    >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
    >>> grid = Grid(image.height, image.width, image.layout.chunk)
    >>> with open_source(image, grid) as source:
    ...     tile = source.load(0, grid.blocks(grid.bands[0])[0])[0]
    >>> bool((tile[:8, :8] == image.read(0, (0, 8, 0, 8))).all())
    True
    """
    with open_tiff(image.path) as tiff:
        source = Source(image, grid, tiff, working_dtype(image.dtype) if dtype is None else dtype)
        try:
            yield source
        finally:
            source.close()
