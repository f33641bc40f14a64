"""Intensities of every channel from one pass: a histogram, and what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from htan_kit.io.image import Image

__all__ = ["channel_statistics"]

_BINS = 1 << 16


def channel_statistics(image: Image) -> pd.DataFrame:
    """Summarise every channel at full resolution, each stored tile decoded once.

    Integers of up to 16 bits are counted exactly. Wider integers and floats are counted in 65 536 bins that keep
    8 significant bits, so that their median, percentile and threshold are within 0.4 % of the exact value; minimum,
    maximum and mean are exact. Pixels that are not finite are left out of everything but ``n_not_finite``.

    Parameters
    ----------
    image
        The image; RGB gives three rows (red, green, blue).

    Returns
    -------
    One row a channel in plane order, float64 in the image's own units: ``channel_index`` int64, ``min``, ``median``,
    ``mean``, ``p99_9`` (99.9th percentile), ``max``, ``zero_share`` (0 to 1), ``saturated_share`` (0 to 1: pixels
    at the dtype's maximum; NaN for floats, which have none), ``otsu`` (threshold), ``snr_otsu_ratio`` (mean
    above over mean below it; NaN where the channel is flat or nothing lies below), ``n_not_finite`` int64.

    References
    ----------
    Otsu 1979, doi 10.1109/TSMC.1979.4310076; the ratio as in IMCDataAnalysis, chapter Image and cell-level quality
    control.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import channel_statistics
    >>> table = channel_statistics(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"))
    >>> bool((table["min"] <= table["median"]).all())
    True
    """
    n = 3 if image.is_rgb else image.n_channels
    counts = np.zeros((n, _BINS), np.int64)
    sums = np.zeros(n)
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    zeros, saturated, bad = np.zeros((3, n), np.int64)
    top = np.iinfo(image.dtype).max if image.dtype.kind in "iu" else np.inf
    for _, channels, pixels in image.blocks():
        planes = np.moveaxis(pixels, -1, 0) if image.is_rgb else pixels
        for row, plane in zip(range(3) if image.is_rgb else channels, planes, strict=True):
            values = plane[np.isfinite(plane)] if plane.dtype.kind == "f" else plane.ravel()
            bad[row] += plane.size - values.size
            if not values.size:
                continue
            counts[row] += np.bincount(_bin(values), minlength=_BINS)
            sums[row] += values.sum(dtype=np.float64)
            zeros[row] += values.size - np.count_nonzero(values)
            saturated[row] += np.count_nonzero(values == top)
            low[row], high[row] = min(low[row], float(values.min())), max(high[row], float(values.max()))
    centres = _centres(image.dtype)
    rows = [_summary(counts[i], centres, sums[i], low[i], high[i], zeros[i]) for i in range(n)]
    frame = pd.DataFrame(rows)
    frame.insert(0, "channel_index", np.arange(n))
    frame["saturated_share"] = saturated / np.maximum(counts.sum(axis=1), 1) if image.dtype.kind in "iu" else np.nan
    frame["n_not_finite"] = bad
    return frame


def _bin(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        return values.astype(np.int64) - np.iinfo(values.dtype).min
    # The upper 16 bits of a float32 are sign, exponent and 7 bits of mantissa (8 significant): flipping the sign
    # bit, or all bits of a negative, makes them sort as the numbers do.
    bits = (values.astype(np.float32).view(np.uint32) >> 16).astype(np.int64)
    return np.where(bits & 0x8000, 0xFFFF - bits, bits | 0x8000)


def _centres(dtype: np.dtype) -> np.ndarray:
    bins = np.arange(_BINS)
    if dtype.kind in "iu" and dtype.itemsize <= 2:
        return (bins + np.iinfo(dtype).min).astype(np.float64)
    bits = np.where(bins & 0x8000, bins & 0x7FFF, 0xFFFF - bins).astype(np.uint32) << 16
    with np.errstate(invalid="ignore", over="ignore"):  # the bins of inf and NaN, which stay empty
        lower = bits.view(np.float32).astype(np.float64)
        upper = (bits | 0xFFFF).view(np.float32).astype(np.float64)
        centres = (lower + upper) / 2
    centres[(bits >> 16 & 0x7FFF) == 0] = 0.0  # zero itself, not the middle of the smallest bin
    return centres


def _summary(
    counts: np.ndarray, centres: np.ndarray, total: float, low: float, high: float, zeros: int
) -> dict[str, float]:
    n = counts.sum()
    if not n:
        names = ("min", "median", "mean", "p99_9", "max", "zero_share", "otsu", "snr_otsu_ratio")
        return dict.fromkeys(names, np.nan)
    used = np.flatnonzero(counts)
    counts, values = counts[used], np.clip(centres[used], low, high)
    cumulative = counts.cumsum()
    median, p99_9 = (values[np.searchsorted(cumulative, q * n)] for q in (0.5, 0.999))
    otsu, ratio = _otsu(counts, values)
    return {
        "min": low, "median": median, "mean": total / n, "p99_9": p99_9, "max": high,
        "zero_share": zeros / n, "otsu": otsu, "snr_otsu_ratio": ratio,
    }  # fmt: skip


def _otsu(counts: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    if len(values) < 2:
        return np.nan, np.nan
    below, weighted = counts.cumsum()[:-1], (counts * values).cumsum()
    above, total = counts.sum() - below, weighted[-1]
    mean_below, mean_above = weighted[:-1] / below, (total - weighted[:-1]) / above
    best = int(np.argmax(below * (above * (mean_above - mean_below) ** 2)))
    ratio = mean_above[best] / mean_below[best] if mean_below[best] > 0 else np.nan
    return float(values[best]), float(ratio)
