"""The ring around each object: background pixels within a distance, given to the nearest object."""

from __future__ import annotations

import math

import numpy as np

from htan_kit.pixels._kernel import kernel

__all__ = ["ring_of"]


@kernel
def _columns(rows, reach, up, down):  # type: ignore[no-untyped-def]
    """How far each pixel is from the next object above and below, in rows; reach + 1 for none near."""
    height, width = rows.shape
    for x in range(width):
        up[0, x] = 0 if rows[0, x] else reach + 1
        down[height - 1, x] = 0 if rows[height - 1, x] else reach + 1
    for y in range(1, height):
        for x in range(width):
            up[y, x] = 0 if rows[y, x] else min(up[y - 1, x] + 1, reach + 1)
            z = height - 1 - y
            down[z, x] = 0 if rows[z, x] else min(down[z + 1, x] + 1, reach + 1)


@kernel
def _nearest(rows, labels, up, down, reach, limit, halo, out):  # type: ignore[no-untyped-def]
    """Give each background pixel to the nearest object; among equals to the smallest label."""
    for y in range(halo, rows.shape[0] - halo):
        for x in range(halo, rows.shape[1] - halo):
            if rows[y, x]:
                continue
            best, owner = limit, np.int32(0)
            for dx in range(-reach, reach + 1):
                if dx * dx > best:
                    continue
                for side in range(2):
                    dy = np.int64(down[y, x + dx] if side else up[y, x + dx])
                    if dy > reach:
                        continue
                    distance = dx * dx + dy * dy
                    if distance > best:
                        continue
                    row = rows[y + dy if side else y - dy, x + dx]
                    if distance < best or owner == 0 or labels[row - 1] < labels[owner - 1]:
                        best, owner = distance, row
            out[y - halo, x - halo] = owner


def ring_of(rows: np.ndarray, labels: np.ndarray, halo: int, width_px: float) -> np.ndarray:
    """Find the rings in a band.

    Parameters
    ----------
    rows
        int32 rows of the table + 1 in the band, with ``halo`` pixels around it.
    labels
        int64 labels of the table.
    halo
        At least the width of the ring, rounded up.
    width_px
        Largest distance of a ring's pixel from the nearest pixel of its object, between centres.

    Returns
    -------
    int32 of the band's size: whose ring a pixel belongs to, 0 for objects themselves and what is far from all.

    References
    ----------
    scikit-image ``expand_labels``, without the labels themselves.

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.pixels._ring import ring_of
    >>> rows = np.zeros((5, 5), np.int32)
    >>> rows[2, 2] = 1
    >>> ring_of(rows, np.array([70]), 1, 1.0).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    reach = math.floor(width_px)
    up, down = np.empty((2, *rows.shape), np.int16)
    _columns(rows, reach, up, down)
    out = np.zeros((rows.shape[0] - 2 * halo, rows.shape[1] - 2 * halo), np.int32)
    _nearest(rows, labels, up, down, reach, math.floor(width_px * width_px), halo, out)
    return out
