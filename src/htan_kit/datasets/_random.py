"""Random numbers that do not change with the numpy version.

PCG64 and SeedSequence are fixed by their definition; uniform doubles, and 64-bit integers, come from its bits without
rejection. What decides places, types and labels uses only those, whole-number hashes and ``+ - * /`` (which IEEE 754
rounds one way only): ``exp`` or ``sin`` may differ by one unit in the last place between two builds of numpy.
Normal deviates are used for pixels alone, where such a difference is far below one grey level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["STREAM", "choose", "generator", "grid_noise", "point_noise"]


class STREAM:
    """The first key of every stream of random numbers: one a purpose, so that no purpose disturbs another."""

    SITES: Final = 1
    POINTS: Final = 2
    TYPES: Final = 3
    SHAPES: Final = 4
    EXPRESSION: Final = 5
    LOSS: Final = 6
    NOISE: Final = 7
    CYCLES: Final = 8
    DEFECTS: Final = 9
    HOT: Final = 10
    LABELS: Final = 11


def generator(seed: int, *keys: int) -> np.random.Generator:
    """Make the generator of one purpose (``STREAM``) at one place (tile, channel)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *keys])))


def choose(uniform: Floats, probabilities: Floats) -> NDArray[np.int64]:
    """Turn uniform numbers into choices.

    Parameters
    ----------
    uniform
        (n,) numbers in [0, 1).
    probabilities
        (n, k) or (k,) weights of the k choices, in rows that sum to 1.

    Returns
    -------
    (n,) the index of the choice.
    """
    edges = np.cumsum(np.broadcast_to(probabilities, (len(uniform), np.shape(probabilities)[-1])), axis=1)
    return np.minimum((uniform[:, None] >= edges).sum(axis=1), edges.shape[1] - 1)


def _hash(ix: NDArray[np.int64], iy: NDArray[np.int64], salt: int) -> Floats:
    """Hash lattice points to [0, 1) (a murmur-style finaliser in wrapping 32-bit arithmetic)."""
    h = ix.astype(np.uint32) * np.uint32(0x9E3779B1)
    h = h ^ (iy.astype(np.uint32) * np.uint32(0x85EBCA77))
    h = h ^ np.uint32(salt & 0xFFFFFFFF)
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39), (13, 0x85EBCA6B)):
        h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
    h = h ^ (h >> np.uint32(16))
    return h.astype(np.float64) * 2.0**-32


def _fade(t: Floats) -> Floats:
    return t * t * (3.0 - 2.0 * t)


def _cell(coordinate: Floats, scale: float) -> tuple[NDArray[np.int64], Floats]:
    u = coordinate / scale
    i = np.floor(u)
    return i.astype(np.int64), _fade(u - i)


def point_noise(x: Floats, y: Floats, scale: float, salt: int) -> Floats:
    """Evaluate smooth value noise at points.

    Parameters
    ----------
    x, y
        Coordinates, of any one shape.
    scale
        Distance of the lattice, in the unit of the coordinates.
    salt
        Names the noise field.

    Returns
    -------
    Values in [-1, 1), of the coordinates' shape.
    """
    ix, fx = _cell(x, scale)
    iy, fy = _cell(y, scale)
    upper = _hash(ix, iy, salt) * (1.0 - fx) + _hash(ix + 1, iy, salt) * fx
    lower = _hash(ix, iy + 1, salt) * (1.0 - fx) + _hash(ix + 1, iy + 1, salt) * fx
    return 2.0 * (upper * (1.0 - fy) + lower * fy) - 1.0


def grid_noise(x: Floats, y: Floats, scale: float, salt: int) -> Floats:
    """Evaluate the same noise on a grid of columns ``x`` (w,) and rows ``y`` (h,): (h, w), much faster."""
    ix, fx = _cell(x, scale)
    iy, fy = _cell(y, scale)
    columns = np.arange(ix.min(), ix.max() + 2)
    rows = np.arange(iy.min(), iy.max() + 2)
    lattice = _hash(columns[None, :], rows[:, None], salt)
    jx, jy = ix - columns[0], iy - rows[0]
    across = lattice[:, jx] * (1.0 - fx) + lattice[:, jx + 1] * fx
    return 2.0 * (across[jy] * (1.0 - fy)[:, None] + across[jy + 1] * fy[:, None]) - 1.0
