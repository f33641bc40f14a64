"""The chunks of an OME-Zarr image, each read and decoded by zarr for itself."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io.formats._zarr_blosc import guard_blosc
from htan_kit.io.formats._zarr_tree import RULE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htan_kit.io._store import Level
    from htan_kit.io.formats._zarr_tree import Tree

__all__ = ["ZarrStore", "ZarrTiles"]

_MOST_BYTES = 2**30  # of one chunk, decoded


class ZarrTiles:
    """Chunks of one level; of a sharded array, the chunks inside the shards.

    Parameters
    ----------
    array
        The ``zarr.Array``.
    axes
        The names of its axes.
    fixed
        The plane of every axis but c, y and x, and of how many at level 0 (z may be halved from level to level).
    """

    def __init__(self, array: Any, axes: str, fixed: dict[str, tuple[int, int]]) -> None:
        guard_blosc(array)
        self._array, self._axes = array, axes
        sides = dict(zip(axes, array.chunks, strict=True))
        sizes = dict(zip(axes, array.shape, strict=True))
        self._fixed = {axis: plane * sizes[axis] // n for axis, (plane, n) in fixed.items()}
        self.chunk: tuple[int, int] = (min(sides["y"], sizes["y"]), min(sides["x"], sizes["x"]))
        n, side = sizes.get("c", 1), sides.get("c", 1)
        self.planes: tuple[tuple[int, ...], ...] = tuple(tuple(range(i, min(i + side, n))) for i in range(0, n, side))
        left = [axis for axis in axes if axis in "cyx"]
        self._order = [left.index(axis) for axis in "yxc" if axis in left]
        self._dtype = array.dtype.newbyteorder("=")

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        """Decode a chunk, as :class:`~htan_kit.io._store.Tiles` says; one that is not stored has the fill value."""
        channels, (rows, columns) = self.planes[plane], self.chunk
        cut: dict[str, slice | int] = {
            **self._fixed,
            "c": slice(channels[0], channels[-1] + 1),
            "y": slice(row * rows, (row + 1) * rows),
            "x": slice(column * columns, (column + 1) * columns),
        }
        pixels = np.asarray(self._array[tuple(cut[axis] for axis in self._axes)]).transpose(self._order)
        return (pixels if pixels.ndim == 3 else pixels[..., np.newaxis]).astype(self._dtype, copy=False)


@dataclass(frozen=True, slots=True)
class ZarrStore:
    """An OME-Zarr image: the arrays of its levels, the names of their axes, and the plane of z and t."""

    kind: str
    tree: Tree
    arrays: tuple[str, ...]
    axes: str
    fixed: dict[str, tuple[int, int]]
    levels: tuple[Level, ...]
    chunk: tuple[int, int]
    n_channels: int
    is_rgb: bool
    dtype: np.dtype
    compression: str
    tiled: bool = True

    @contextmanager
    def tiles(self, level: int = 0) -> Iterator[ZarrTiles]:
        """Open a level."""
        array, _ = self.tree.array(self.arrays[level])
        n_bytes = math.prod(array.chunks) * array.dtype.itemsize
        if n_bytes > _MOST_BYTES:
            message = (
                f"A chunk of {' x '.join(map(str, array.chunks))} values has {n_bytes:,} bytes; 1 GiB is the most."
            )
            raise InputError.of(RULE, self.tree.root, message, "Write it again in smaller chunks, such as 1024 x 1024.")
        yield ZarrTiles(array, self.axes, self.fixed)
