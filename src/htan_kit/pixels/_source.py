"""The stored tiles of level 0, decoded by any number of threads at once."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.io._windows import undecodable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htan_kit.io._store import Tiles
    from htan_kit.io.image import Image
    from htan_kit.pixels._grid import Block, Grid

__all__ = ["Source", "open_source", "working_dtype"]


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

    def __init__(self, image: Image, grid: Grid, tiles: Tiles, dtype: np.dtype[Any]) -> None:
        self.image, self.grid, self.dtype = image, grid, dtype
        self.planes = tiles.planes
        self._tiles, self._local = tiles, threading.local()

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
        n, (rows, columns) = len(self.planes[plane]), self.grid.chunk
        places = [(y, x) for y in range(block.y0, block.y1, rows) for x in range(block.x0, block.x1, columns)]
        alone = self.grid.block == self.grid.chunk and n == 1
        out = [] if alone else self._buffers(n)
        for y, x in places:
            piece = self._decode(plane, y, x)
            whole = piece.shape == (*self.grid.block, 1) and piece.dtype == self.dtype and piece.flags.c_contiguous
            if alone and whole:
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
        place = y // self.grid.chunk[0], x // self.grid.chunk[1]
        try:
            return self._tiles.decode(plane, *place)
        except Exception as problem:  # noqa: BLE001 - each codec raises its own kind
            raise undecodable(self.image, self._tiles, plane, place, problem) from None


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
    >>> grid = Grid(image.height, image.width, image.tile_shape)
    >>> with open_source(image, grid) as source:
    ...     tile = source.load(0, grid.blocks(grid.bands[0])[0])[0]
    >>> bool((tile[:8, :8] == image.read(0, (0, 8, 0, 8))).all())
    True
    """
    with image.store.tiles() as tiles:
        yield Source(image, grid, tiles, working_dtype(image.dtype) if dtype is None else dtype)
