"""Labels under points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._collectors import Collectors
from htan_kit.pixels._lookup import Lookup
from htan_kit.pixels._pass import Pass

if TYPE_CHECKING:
    from htan_kit.io.mask import Mask

__all__ = ["labels_at"]


def labels_at(mask: Mask, xy_px: np.ndarray) -> np.ndarray:
    """Look up the label under points, in one pass over the mask.

    Parameters
    ----------
    mask
        The opened mask.
    xy_px
        float (points, 2): x, y in px, origin at the centre of the first pixel.

    Returns
    -------
    int64 (points,): the label, 0 on background, outside the mask and where a coordinate is not finite.

    Raises
    ------
    InputError
        A tile cannot be decoded, or values are no labels.

    Examples
    --------
    >>> import htan_kit as hk, numpy as np
    >>> from htan_kit.pixels import labels_at
    >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    >>> labels_at(mask, np.array([[-5.0, 0.0]])).tolist()
    [0]
    """
    height, width = mask.shape
    finite = np.isfinite(xy_px).all(axis=1)
    columns, rows = np.floor(np.where(finite[:, None], xy_px, -1.0) + 0.5).T
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    lookup = Lookup(rows[inside].astype(np.int64), columns[inside].astype(np.int64))
    run = Pass(None, mask, Collectors(lookup=lookup))
    run.run()
    found = np.zeros(len(xy_px), np.int64)
    found[inside] = lookup.labels(run.numbering.labels)
    return found
