"""Labels, compartments and texture of every pixel, kept in files so that no image needs to fit in memory."""

from __future__ import annotations

import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.datasets._layout import EMPTY
from htan_kit.datasets._random import grid_noise, point_noise
from htan_kit.datasets._raster import cells_of_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from htan_kit.datasets._layout import Layout
    from htan_kit.datasets._shapes import Shapes

    Window = tuple[int, int, int, int]

__all__ = ["Geometry", "Ground", "blocks", "depth_of", "is_nucleus", "nucleus_of", "region_of"]

#: One code a pixel: bits 0-1 depth below the cell's wall (0 no cell, 1 at the wall, 2 next to it, 3 deeper),
#: bits 2-3 nucleus (0 none, 1 its rim, 2 inside), bits 4-6 region.
_PLANES: Final = {"labels": "uint32", "code": "uint8", "texture": "int8", "fibre": "uint8"}
_BLOCK: Final = 512
#: How fibrous each region of ``REGIONS`` is.
_FIBROUS: Final = (0.0, 1.0, 0.35, 0.85, 0.40, 0.50, 0.80)


def blocks(shape: tuple[int, int], size: int = _BLOCK) -> Iterator[Window]:
    """Cut a plane into windows (y0, y1, x0, x1) in reading order."""
    for y in range(0, shape[0], size):
        for x in range(0, shape[1], size):
            yield y, min(y + size, shape[0]), x, min(x + size, shape[1])


def depth_of(code: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Depth below the wall (0-3)."""
    return code & np.uint8(3)


def nucleus_of(code: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """0 none, 1 rim, 2 inside."""
    return (code >> np.uint8(2)) & np.uint8(3)


def is_nucleus(code: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether the pixel is of a nucleus."""
    return nucleus_of(code) > 0


def region_of(code: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Region number."""
    return code >> np.uint8(4)


@dataclass(frozen=True)
class Ground:
    """What the geometry of a tissue follows from.

    Parameters
    ----------
    shape
        (height, width) in pixels.
    pixel_size_um
        Edge of a pixel.
    seed
        Of the tissue.
    ids
        (n,) labels of the cells.
    shapes
        Their shapes.
    layout
        The regions.
    """

    shape: tuple[int, int]
    pixel_size_um: float
    seed: int
    ids: NDArray[np.int64]
    shapes: Shapes
    layout: Layout


class Geometry:
    """The planes ``labels``, ``code``, ``texture`` and ``fibre`` of a tissue in a temporary folder.

    Parameters
    ----------
    ground
        Of which to compute the pixels, block by block.
    """

    def __init__(self, ground: Ground) -> None:
        self.shape = ground.shape
        self.folder = Path(tempfile.mkdtemp(prefix="htan-kit-"))
        weakref.finalize(self, rmtree, self.folder, ignore_errors=True)
        for name, dtype in _PLANES.items():
            np.memmap(self.folder / name, dtype=dtype, mode="w+", shape=self.shape)
        for window in blocks(self.shape):
            for name, array in _block(ground, window).items():
                self._open(name, "r+")[window[0] : window[1], window[2] : window[3]] = array

    def _open(self, name: str, mode: Any) -> Any:
        # Opened for each access: a mapping that stays open grows to the size of the file.
        return np.memmap(self.folder / name, dtype=_PLANES[name], mode=mode, shape=self.shape)

    def read(self, name: str, window: Window) -> NDArray[Any]:
        """Copy a window out; what lies outside the image repeats its edge."""
        y0, y1, x0, x1 = window
        height, width = self.shape
        # Clipped so that at least one row and column are left to repeat.
        a, b = min(max(y0, 0), height - 1), max(min(y1, height), 1)
        c, d = min(max(x0, 0), width - 1), max(min(x1, width), 1)
        inside = np.array(self._open(name, "r")[a:b, c:d])
        if (a, b, c, d) == window:
            return inside
        return np.pad(inside, ((max(a - y0, 0), max(y1 - b, 0)), (max(c - x0, 0), max(x1 - d, 0))), mode="edge")


def _block(ground: Ground, window: Window) -> dict[str, NDArray[Any]]:
    y0, y1, x0, x1 = window
    pixel, seed, ids = ground.pixel_size_um, ground.seed, ground.ids
    around = (y0 - 2, y1 + 2, x0 - 2, x1 + 2)
    index, depth = cells_of_window(ground.shapes, around, seed=seed, pixel_size_um=pixel)
    wall = _differs(index)
    near = _grow(wall) & ~wall
    level = np.where(index < 0, 0, np.where(wall, 1, np.where(near, 2, 3))).astype(np.uint8)
    nucleus = np.where(depth < 0.70, 2, np.where(depth < 1.0, 1, 0)).astype(np.uint8)
    inner = np.s_[2:-2, 2:-2]
    index, level, nucleus = index[inner], level[inner], nucleus[inner]
    # The cell's own wall is never nucleus: a nucleus never touches that of another cell.
    nucleus[level <= 1] = 0
    x, y = (np.arange(a, b, dtype=np.float64) * np.float64(pixel) for a, b in ((x0, x1), (y0, y1)))
    region = ground.layout.on_grid(x, y)
    code = level | (nucleus << np.uint8(2)) | (region << np.uint8(4))
    texture = 0.65 * grid_noise(x, y, 1.7, seed * 97 + 61) + 0.35 * grid_noise(x, y, 0.8, seed * 97 + 62)
    labels = np.where(index >= 0, ids[index] if len(ids) else 0, 0)
    return {
        "labels": labels.astype(np.uint32),
        "code": code,
        "texture": np.round(texture * 127).astype(np.int8),
        "fibre": _fibres(ground, x, y, region),
    }


def _differs(index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pixels with a neighbour (of four) of another cell or of none."""
    out = np.zeros(index.shape, dtype=bool)
    down, across = index[1:] != index[:-1], index[:, 1:] != index[:, :-1]
    out[1:] |= down
    out[:-1] |= down
    out[:, 1:] |= across
    out[:, :-1] |= across
    return out & (index >= 0)


def _grow(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    out = mask.copy()
    out[1:] |= mask[:-1]
    out[:-1] |= mask[1:]
    grown = out.copy()
    grown[:, 1:] |= out[:, :-1]
    grown[:, :-1] |= out[:, 1:]
    return grown


def _fibres(ground: Ground, x: NDArray[Any], y: NDArray[Any], region: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Matter between cells, 0-255: bundles along the direction of the stroma, a thin ground elsewhere."""
    tissue_here = region != EMPTY
    out = np.zeros(region.shape)
    gx, gy = np.broadcast_arrays(x[None, :], y[:, None])
    px, py = gx[tissue_here], gy[tissue_here]
    if not px.size:
        return out.astype(np.uint8)
    tx, ty = ground.layout.wall_direction(px, py)
    angle = np.arctan2(ty, tx) * (8.0 / np.pi)  # in eighths of a half turn
    lower = np.floor(angle)
    part = angle - lower
    value = np.zeros(len(px))
    for step, weight in ((0, 1.0 - part), (1, part)):
        k = (lower + step) * (np.pi / 8.0)
        u, v = px * np.cos(k) + py * np.sin(k), py * np.cos(k) - px * np.sin(k)
        wavy = v + 1.6 * point_noise(px, py, 14.0, ground.seed * 97 + 71)
        bundle = point_noise(u / 9.0, wavy / 1.5, 1.0, ground.seed * 97 + 72)
        value += weight * (0.55 + 0.6 * bundle)
    out[tissue_here] = 255.0 * np.clip(value, 0.05, 1.0) * np.array(_FIBROUS)[region[tissue_here]]
    return out.astype(np.uint8)
