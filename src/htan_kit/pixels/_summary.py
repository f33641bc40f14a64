"""What follows from the histogram of a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit.pixels._otsu import otsu_threshold

if TYPE_CHECKING:
    from htan_kit.pixels._histogram import Histograms

__all__ = ["statistics_of"]

_NAMES = (
    "min", "median", "mean", "sd", "p99_9", "max", "zero_share", "saturated_share", "plateau", "plateau_share", "otsu",
    "snr_otsu_ratio",
)  # fmt: skip


def statistics_of(histograms: Histograms) -> pd.DataFrame:
    """Summarise every channel.

    Parameters
    ----------
    histograms
        Of a whole image.

    Returns
    -------
    One row a channel, as :func:`channel_statistics` describes it.
    """
    rows = [
        _summary(counts, histograms.levels, histograms.top, None if histograms.whole else sums)
        for counts, sums in zip(histograms.counts, histograms.sums, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=list(_NAMES), dtype=float)
    frame.insert(0, "channel_index", np.arange(len(rows)))
    frame["n_not_finite"] = histograms.sums[:, 7].astype(np.int64)
    return frame


def _summary(counts: np.ndarray, levels: np.ndarray, top: float, sums: np.ndarray | None) -> dict[str, float]:
    """One row; ``sums`` are the exact ones where the histogram's bins are wider than a grey level."""
    n = counts.sum()
    if not n:
        return dict.fromkeys(_NAMES, np.nan)
    used = np.flatnonzero(counts)
    counts, values = counts[used], levels[used]
    if sums is None:
        low, high = values[0], values[-1]
        mean = (counts * values).sum() / n
        sd = np.sqrt((counts * (values - mean) ** 2).sum() / n)
        zeros, saturated = counts[values == 0].sum(), counts[values == top].sum()
    else:
        mean, sd, low, high, zeros, saturated = sums[1] / n, np.sqrt(sums[2] / n), *sums[3:7]
        values = np.clip(values, low, high)
    cumulative = counts.cumsum()
    median, p99_9 = (values[np.searchsorted(cumulative, q * n)] for q in (0.5, 0.999))
    brightest = np.searchsorted(cumulative, 0.9999 * n)
    plateau = brightest + int(np.argmax(counts[brightest:]))
    otsu, ratio = otsu_threshold(counts, values)
    return {
        "min": low, "median": median, "mean": mean, "sd": sd, "p99_9": p99_9, "max": high, "zero_share": zeros / n,
        "saturated_share": saturated / n if np.isfinite(top) else np.nan, "plateau": values[plateau],
        "plateau_share": counts[plateau:].sum() / n, "otsu": otsu, "snr_otsu_ratio": ratio,
    }  # fmt: skip
