"""Otsu's threshold of a histogram."""

from __future__ import annotations

import numpy as np

__all__ = ["otsu_threshold"]


def otsu_threshold(counts: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Split values in two so that the two differ most.

    Parameters
    ----------
    counts
        How often each value occurs, above 0.
    values
        Rising values.

    Returns
    -------
    threshold
        The largest value of the lower class; NaN where there is only one value.
    ratio
        Mean above over mean below; NaN where that below is not positive.

    References
    ----------
    Otsu 1979, doi 10.1109/TSMC.1979.4310076.

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.pixels._otsu import otsu_threshold
    >>> otsu_threshold(np.array([5, 5, 5]), np.array([1.0, 2.0, 9.0]))
    (2.0, 6.0)
    """
    if len(values) < 2:
        return np.nan, np.nan
    below, weighted = counts.cumsum()[:-1], (counts * values).cumsum()
    above, total = counts.sum() - below, weighted[-1]
    mean_below, mean_above = weighted[:-1] / below, (total - weighted[:-1]) / above
    best = int(np.argmax(below * (above * (mean_above - mean_below) ** 2)))
    ratio = mean_above[best] / mean_below[best] if mean_below[best] > 0 else np.nan
    return float(values[best]), float(ratio)
