"""Which object lies at a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from htan_kit.io.mask import Mask

__all__ = ["labels_at"]


def labels_at(mask: Mask, xy_px: np.ndarray) -> np.ndarray:
    """Look up the label under points.

    Parameters
    ----------
    mask
        The opened mask.
    xy_px
        float (points, 2): x, y in px, origin at the centre of the first pixel.

    Returns
    -------
    int64 (points,): the label, 0 on background, outside the mask and where a coordinate is not finite.

    Examples
    --------
    >>> import htan_kit as hk, numpy as np
    >>> from htan_kit.pixels import labels_at
    >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    >>> labels_at(mask, np.array([[-5.0, 0.0]])).tolist()
    [0]
    """
    found = np.zeros(len(xy_px), np.int64)
    finite = np.isfinite(xy_px).all(axis=1)
    columns, rows = np.floor(np.where(finite[:, None], xy_px, -1.0) + 0.5).T
    for (y0, y1, x0, x1), labels in mask.blocks():
        here = np.flatnonzero((rows >= y0) & (rows < y1) & (columns >= x0) & (columns < x1))
        found[here] = labels[rows[here].astype(int) - y0, columns[here].astype(int) - x0]
    return found
