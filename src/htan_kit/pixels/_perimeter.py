"""Perimeter of objects by the configuration of their border pixels, as scikit-image counts it."""

from __future__ import annotations

import math

import numpy as np

from htan_kit.pixels._kernel import kernel

__all__ = ["HALO", "Perimeters"]

HALO = 2
"""Rows and columns around a band that its border pixels depend on."""


@kernel
def _mark(rows, border):  # type: ignore[no-untyped-def]
    """Mark pixels of which a neighbour above, below, left or right belongs to something else."""
    for y in range(1, rows.shape[0] - 1):
        above, here, below, out = rows[y - 1], rows[y], rows[y + 1], border[y]
        left, right = here[: len(here) - 2], here[2:]
        for x in range(len(left)):
            row = here[x + 1]
            out[x + 1] = (row != 0) & (
                (above[x + 1] != row) | (below[x + 1] != row) | (left[x] != row) | (right[x] != row)
            )


@kernel
def _count(rows, border, counts):  # type: ignore[no-untyped-def]
    """Count, for each object, border pixels whose step is 1, the diagonal, and half of each."""
    for y in range(2, rows.shape[0] - 2):
        for x in range(2, rows.shape[1] - 2):
            if not border[y, x]:
                continue
            row = rows[y, x]
            value = 1
            for dy in range(-1, 2):
                for dx in range(-1, 2):
                    if (dy != 0 or dx != 0) and border[y + dy, x + dx] and rows[y + dy, x + dx] == row:
                        value += 10 if dy != 0 and dx != 0 else 2
            if value == 5 or value == 7 or value == 15 or value == 17 or value == 25 or value == 27:
                counts[row - 1, 0] += 1
            elif value == 21 or value == 33:
                counts[row - 1, 1] += 1
            elif value == 13 or value == 23:
                counts[row - 1, 2] += 1


class Perimeters:
    """Border pixels of every object, by kind."""

    def __init__(self) -> None:
        self._counts = np.zeros((1024, 3), np.int64)

    def add(self, rows: np.ndarray, n_rows: int) -> None:
        """Add a band.

        Parameters
        ----------
        rows
            int32 rows of the table + 1, with ``HALO`` pixels around the band.
        n_rows
            Rows of the table so far.
        """
        have = len(self._counts)
        if have < n_rows:
            counts = np.zeros((n_rows * 5 // 4, 3), np.int64)
            counts[:have] = self._counts
            self._counts = counts
        border = np.zeros(rows.shape, np.bool_)
        _mark(rows, border)
        _count(rows, border, self._counts)

    def lengths(self, order: np.ndarray) -> np.ndarray:
        """Give the perimeters in px, for rows of the table in the order wanted.

        References
        ----------
        Benkrid & Crookes, Design and FPGA implementation of a perimeter estimator; scikit-image ``perimeter``.
        """
        return self._counts[order] @ np.array([1.0, math.sqrt(2), (1 + math.sqrt(2)) / 2])
