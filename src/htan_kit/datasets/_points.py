"""Where cells are: a hard-core point process that any number of tiles can share.

Tiles are filled in four colours (a chequerboard of 2 × 2). Tiles of one colour are further apart than two cells can
disturb each other, so that the result does not depend on the order, and each tile has its own random numbers.
Within a tile it is random sequential addition: the first of two candidates that are too close stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.datasets._random import STREAM, generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["TICK_UM", "hard_core"]

#: Places are whole multiples of this, so that sums and products of them are exact.
TICK_UM: Final = 1.0 / 64.0
_TILE_UM: Final = 64.0
_PER_UM2: Final = 0.11  # candidates; about ten for each that finds room


def hard_core(
    seed: int, width_um: float, height_um: float, *, distance_at: Callable[[Floats, Floats], Floats]
) -> tuple[Floats, Floats]:
    """Place points so that no two are closer than the mean of their two distances.

    Parameters
    ----------
    seed
        Names the tissue.
    width_um, height_um
        The box [0, width] × [0, height].
    distance_at
        Gives the hard-core distance in µm at places (0: nothing may lie here). At most half a tile, 32 µm.

    Returns
    -------
    x, y in µm, ordered by y, then x.
    """
    nx, ny = int(width_um // _TILE_UM) + 1, int(height_um // _TILE_UM) + 1
    empty = np.empty((0, 3))
    tiles: dict[tuple[int, int], Floats] = {}
    for colour in ((0, 0), (0, 1), (1, 0), (1, 1)):
        for ty in range(colour[0], ny, 2):
            for tx in range(colour[1], nx, 2):
                around = [tiles.get((ty + dy, tx + dx), empty) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]
                tiles[ty, tx] = _fill(seed, (ty, tx), (width_um, height_um), distance_at, np.concatenate(around))
    points = np.concatenate([tiles[key] for key in sorted(tiles)])
    order = np.lexsort((points[:, 0], points[:, 1]))
    return points[order, 0], points[order, 1]


def _fill(
    seed: int,
    tile: tuple[int, int],
    size_um: tuple[float, float],
    distance_at: Callable[[Floats, Floats], Floats],
    around: Floats,
) -> Floats:
    """Fill one tile given its neighbours: (n, 3) x, y and distance."""
    random = generator(seed, STREAM.POINTS, *tile)
    u = random.random((round(_TILE_UM * _TILE_UM * _PER_UM2), 2))
    ticks = round(_TILE_UM / TICK_UM)
    x = (tile[1] * ticks + np.floor(u[:, 0] * ticks)) * TICK_UM
    y = (tile[0] * ticks + np.floor(u[:, 1] * ticks)) * TICK_UM
    inside = (x < size_um[0]) & (y < size_um[1])
    x, y = x[inside], y[inside]
    distance = distance_at(x, y)
    room = distance > 0
    x, y, distance = x[room], y[room], distance[room]
    free = ~_too_close(x, y, distance, around[:, 0], around[:, 1], around[:, 2]).any(axis=1)
    x, y, distance = x[free], y[free], distance[free]
    clash = _too_close(x, y, distance, x, y, distance)
    alive = np.ones(len(x), dtype=bool)
    kept: list[int] = []
    for i in range(len(x)):
        if alive[i]:
            kept.append(i)
            alive &= ~clash[i]
    return np.column_stack([x[kept], y[kept], distance[kept]])


def _too_close(x: Floats, y: Floats, d: Floats, x2: Floats, y2: Floats, d2: Floats) -> NDArray[np.bool_]:
    dx, dy = x[:, None] - x2[None, :], y[:, None] - y2[None, :]
    limit = 0.5 * (d[:, None] + d2[None, :])
    return dx * dx + dy * dy < limit * limit
