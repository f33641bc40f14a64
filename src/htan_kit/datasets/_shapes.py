"""Shapes of cells and nuclei: ellipses, long ones lying along the fibres around them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.datasets._random import STREAM, generator
from htan_kit.datasets._types import PHENOTYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from htan_kit.datasets._layout import Layout

    Floats = NDArray[np.float64]

__all__ = ["Shapes", "make_shapes"]

_DIRECTIONS: Final = 32
#: Cosine and sine of the directions a cell may have, rounded so that they are the same everywhere.
_COS: Final = np.array([round(math.cos(math.pi * k / _DIRECTIONS) * 1024) / 1024 for k in range(_DIRECTIONS)])
_SIN: Final = np.array([round(math.sin(math.pi * k / _DIRECTIONS) * 1024) / 1024 for k in range(_DIRECTIONS)])


@dataclass(frozen=True)
class Shapes:
    """Ellipses of cells and nuclei: ``a dx² + b dx dy + c dy² < 1`` with dx, dy in µm.

    Parameters
    ----------
    x, y
        (n,) centres in µm.
    cell, nucleus
        (n, 3) a, b, c.
    nucleus_x, nucleus_y
        (n,) centres of the nuclei.
    reach_um
        The longest half axis.
    """

    x: Floats
    y: Floats
    cell: Floats
    nucleus: Floats
    nucleus_x: Floats
    nucleus_y: Floats
    reach_um: float


def make_shapes(seed: int, layout: Layout, x: Floats, y: Floats, kind: NDArray[np.int64]) -> Shapes:
    """Draw the shape of every cell at (x, y) µm from its type."""
    types = list(PHENOTYPES.values())
    u = generator(seed, STREAM.SHAPES).random((len(x), 6))
    axes = np.array([t.cell_um for t in types])[kind] * (0.88 + 0.24 * u[:, :2])
    nucleus = np.array([t.nucleus_um for t in types])[kind] * (0.90 + 0.20 * u[:, 2:3])
    direction = np.minimum((u[:, 3] * _DIRECTIONS).astype(np.int64), _DIRECTIONS - 1)
    aligned = np.array([t.aligned for t in types])[kind]
    tx, ty = layout.wall_direction(x[aligned], y[aligned])
    along = np.abs(tx[:, None] * _COS + ty[:, None] * _SIN).argmax(axis=1)
    direction[aligned] = along
    shift = (u[:, 4:6] - 0.5) * 0.25 * (axes.min(axis=1) - nucleus.min(axis=1))[:, None].clip(0)
    return Shapes(
        x, y, _quadratic(axes, direction), _quadratic(nucleus, direction), x + shift[:, 0], y + shift[:, 1],
        float(axes.max()) if len(x) else 0.0,
    )  # fmt: skip


def _quadratic(axes: Floats, direction: NDArray[np.int64]) -> Floats:
    c, s = _COS[direction], _SIN[direction]
    p, q = 1.0 / (axes[:, 0] * axes[:, 0]), 1.0 / (axes[:, 1] * axes[:, 1])
    return np.column_stack([p * c * c + q * s * s, 2.0 * (p - q) * c * s, p * s * s + q * c * c])
