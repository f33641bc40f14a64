"""Shape of every object of a mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._measure import measure
from htan_kit.pixels._measurement import measured

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.io.mask import Mask

__all__ = ["object_morphology"]


def object_morphology(mask: Mask, objects: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure the shape of every object, in one pass and bounded memory.

    Parameters
    ----------
    mask
        The opened mask.
    objects
        Only the ones in its column ``label``, in that order; None for all, sorted by label.

    Returns
    -------
    One row an object, MCMICRO's columns: ``Area`` (px), ``MajorAxisLength``, ``MinorAxisLength`` (px),
    ``Eccentricity``, ``Solidity``, ``Extent`` (0 to 1), ``Orientation`` (radians), ``Perimeter`` (px).

    References
    ----------
    scikit-image ``regionprops``, as in MCMICRO's quantification.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import mask_objects, object_morphology
    >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    >>> objects = mask_objects(mask)
    >>> bool((object_morphology(mask, objects)["Area"].to_numpy() == objects["area_px"].to_numpy()).all())
    True
    """
    found = measure(None, mask)
    shapes = measured(found.shapes)
    if objects is None:
        return shapes
    return shapes.iloc[np.searchsorted(found.labels, objects["label"])].reset_index(drop=True)
