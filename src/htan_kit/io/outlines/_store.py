"""Outlines as an image of labels, drawn piece by piece when they are looked at."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.io._store import Level
from htan_kit.io.outlines._raster import rasterise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htan_kit.io.outlines._shapes import Shapes

__all__ = ["OutlineStore", "label_type"]

_SIDE = 512
_BANDS = 4  # rows of pieces that threads may be at


def label_type(shapes: Shapes) -> np.dtype:
    """Tell the type that holds all labels: uint32, else int64."""
    return np.dtype(np.uint32 if not len(shapes.labels) or shapes.labels.max() < 2**32 else np.int64)


class OutlineTiles:
    """Pieces of 512 x 512 px of labels; those at the lower and right edge are shorter."""

    chunk = (_SIDE, _SIDE)
    planes = ((0,),)

    def __init__(self, shapes: Shapes, shape: tuple[int, int]) -> None:
        self._shapes, self._shape, self._dtype = shapes, shape, label_type(shapes)
        self._band = lru_cache(_BANDS)(self._parts)

    def _parts(self, row: int) -> np.ndarray:
        return self._shapes.within((row * _SIDE, (row + 1) * _SIDE, 0, self._shape[1]))

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        """Draw a piece: (height, width, 1) labels."""
        (height, width), y, x = self._shape, row * _SIDE, column * _SIDE
        window = (y, min(y + _SIDE, height), x, min(x + _SIDE, width))
        parts = self._shapes.within(window, self._band(row))
        return rasterise(self._shapes, window, parts, self._dtype).labels[..., None]


@dataclass(frozen=True, eq=False)
class OutlineStore:
    """Outlines in the place of pixels; see :class:`htan_kit.io._store.Store`."""

    shapes: Shapes
    shape: tuple[int, int]
    kind: str
    is_rgb: bool = False
    n_channels: int = 1
    chunk: tuple[int, int] = (_SIDE, _SIDE)
    tiled: bool = True
    compression: str = "none"

    @property
    def dtype(self) -> np.dtype:
        """Type of a label."""
        return label_type(self.shapes)

    @property
    def levels(self) -> tuple[Level, ...]:
        """Full resolution alone."""
        return (Level(*self.shape, 1.0),)

    @contextmanager
    def tiles(self, level: int = 0) -> Iterator[OutlineTiles]:
        """Give the pieces; nothing is opened, corners are in memory."""
        yield OutlineTiles(self.shapes, self.shape)
