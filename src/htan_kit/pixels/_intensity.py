"""Intensities of objects: count, sum, spread and extremes of their pixels in every channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._intensity_kernels import add_floats, add_spread, add_sums

if TYPE_CHECKING:
    from htan_kit.pixels._runs import Members, Runs, Segment

__all__ = ["Intensities", "IntensitySums"]


@dataclass(frozen=True)
class Intensities:
    """Statistics of objects: arrays of (objects, channels), in the image's grey levels.

    Parameters
    ----------
    count
        int64: pixels measured, those left out (not finite, in tiles that cannot be decoded) not counted.
    sum
        float64.
    sd
        float64, population (divided by n) as scikit-image's ``intensity_std``; None when not asked for.
    min, max
        float64 (float32 for pixels of up to 16 bits, which it holds exactly); None when not asked for.
    quantiles
        float64 by quantile (0 to 1), exact for every type; NaN for objects of more than 4 million pixels.
    """

    count: np.ndarray
    sum: np.ndarray
    sd: np.ndarray | None = None
    min: np.ndarray | None = None
    max: np.ndarray | None = None
    quantiles: dict[float, np.ndarray] = field(default_factory=dict)

    @property
    def mean(self) -> np.ndarray:
        """Sum over count, float64, computed on each call; NaN where no pixel was measured."""
        with np.errstate(invalid="ignore"):
            return self.sum / self.count


class IntensitySums:
    """Sums of one compartment, channel by channel; a channel is merged by one thread at a time.

    Parameters
    ----------
    n_channels
        Channels.
    dtype
        The type pixels are measured in.
    spread
        Whether SD, minimum and maximum are wanted.
    """

    def __init__(self, n_channels: int, dtype: np.dtype[Any], *, spread: bool) -> None:
        self.whole, self.spread = dtype.kind in "iu", spread
        self._dtype = dtype
        self._sums: list[list[np.ndarray]] = [self._start(0) for _ in range(n_channels)]
        self._missed: list[np.ndarray] = [np.zeros(0, np.int64) for _ in range(n_channels)]

    def _start(self, n: int) -> list[np.ndarray]:
        """Give the empty sums of n objects: (count), sum, and with spread the (sum of) squares, minimum, maximum."""
        real = np.int64 if self.whole else np.float64
        sums = [np.zeros(n, real)] if self.whole else [np.zeros(n, np.int64), np.zeros(n), np.zeros(n)]
        if not self.spread:
            return sums
        info = np.iinfo(self._dtype) if self.whole else np.finfo(self._dtype)
        low, high = np.full(n, info.max, self._dtype), np.full(n, info.min, self._dtype)
        return [*sums, *([np.zeros(n, np.int64)] if self.whole else []), low, high]

    def start(self, members: Members) -> list[np.ndarray]:
        """Give empty sums for the members of a segment."""
        return [*self._start(members.n), np.zeros(members.n, np.int64)]

    def see(self, local: list[np.ndarray], pixels: np.ndarray, runs: Runs) -> None:
        """Add a block of pixels to the sums of a segment."""
        if not self.whole:
            if self.spread:
                add_floats(pixels, *runs, *local[:5])
            else:
                none = local[1][:0].astype(self._dtype)
                add_floats(pixels, *runs, *local[:3], none, none)
        elif self.spread:
            add_spread(pixels, *runs, *local[:4])
        else:
            add_sums(pixels, *runs, local[0])

    def miss(self, local: list[np.ndarray], runs: Runs) -> None:
        """Note the pixels of a block that cannot be decoded."""
        np.add.at(local[-1], runs.members, runs.lengths)

    def merge(self, channel: int, members: Members, local: list[np.ndarray], segment: Segment) -> None:
        """Add the sums of a segment to those of the image."""
        sums, rows, n_rows = self._sums[channel], members.rows, segment.n_rows
        if len(sums[0]) < n_rows:
            sums = self._sums[channel] = [
                np.concatenate([old, new])
                for old, new in zip(sums, self._start(n_rows * 5 // 4 - len(sums[0])), strict=True)
            ]
        self._merge_missed(channel, rows, local[-1], n_rows)
        if self.whole:
            for total, part in zip(sums[:2], local[:2], strict=False) if self.spread else [(sums[0], local[0])]:
                total[rows] += part
        else:
            n, m = sums[0][rows], local[0]
            with np.errstate(invalid="ignore", divide="ignore"):
                delta = np.where((n > 0) & (m > 0), local[1] / m - sums[1][rows] / n, 0.0)
                sums[2][rows] += local[2] + np.where(n + m > 0, delta**2 * n / (n + m) * m, 0.0)
            sums[1][rows] += local[1]
            sums[0][rows] += local[0]
        if self.spread:
            low, high = (2, 3) if self.whole else (3, 4)
            sums[low][rows] = np.minimum(sums[low][rows], local[low])
            sums[high][rows] = np.maximum(sums[high][rows], local[high])

    def _merge_missed(self, channel: int, rows: np.ndarray, missed: np.ndarray, n_rows: int) -> None:
        if not missed.any():
            return
        have = self._missed[channel]
        if len(have) < n_rows:
            have = self._missed[channel] = np.concatenate([have, np.zeros(n_rows - len(have), np.int64)])
        have[rows] += missed

    def missed(self, order: np.ndarray) -> np.ndarray | None:
        """Tell, for each object and channel, how many pixels lay in tiles that cannot be decoded; None for none."""
        n = int(order.max(initial=-1)) + 1
        if not any(missed.any() for missed in self._missed):
            return None
        return np.stack([_grown(missed, n)[order] for missed in self._missed], axis=1)

    def result(self, order: np.ndarray, area: np.ndarray) -> Intensities:
        """Finish the statistics.

        Parameters
        ----------
        order
            Rows of the table in the order wanted.
        area
            Pixels of each in this compartment, in that order.
        """
        shape = (len(order), len(self._sums))
        clean = self.whole and not any(missed.any() for missed in self._missed)
        count = np.broadcast_to(area[:, np.newaxis], shape) if clean else np.zeros(shape, np.int64)
        total, n = np.zeros(shape), int(order.max(initial=-1)) + 1
        sd = np.full(shape, np.nan) if self.spread else None
        small = np.float32 if self._dtype.itemsize <= 2 else np.float64
        low, high = (np.full(shape, np.nan, small) for _ in range(2)) if self.spread else (None, None)
        for c, missed in enumerate(self._missed):
            sums, self._sums[c] = self._sums[c], []  # let go one by one
            if len(sums[0]) < n:
                sums = [np.concatenate([a, b]) for a, b in zip(sums, self._start(n - len(sums[0])), strict=True)]
            picked = [values[order] for values in sums]
            if not clean:
                count[:, c] = area - _grown(missed, n)[order] if self.whole else picked[0]
            total[:, c] = s = picked[0 if self.whole else 1]
            if sd is None or low is None or high is None:
                continue
            some = count[:, c] > 0
            k = count[some, c]
            if self.whole:
                # Exact: about the whole part of the mean, which keeps the numbers small.
                q, r = np.divmod(s[some], k)
                about = picked[1][some] - 2 * q * s[some] + k * q * q
                sd[some, c] = np.sqrt(np.maximum(about / k - (r / k) ** 2, 0))
            else:
                sd[some, c] = np.sqrt(picked[2][some] / k)
            low[some, c], high[some, c] = picked[-2][some], picked[-1][some]
        return Intensities(count, total, sd, low, high)


def _grown(values: np.ndarray, n: int) -> np.ndarray:
    return values if len(values) >= n else np.concatenate([values, np.zeros(n - len(values), values.dtype)])
