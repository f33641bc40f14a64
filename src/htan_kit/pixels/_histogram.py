"""How often each grey level occurs in a channel, and the exact sums that a histogram of bins would lose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block

__all__ = ["BINS", "Histograms", "bin_values"]

BINS = 1 << 16


@kernel
def _count_whole(pixels, height, width, lowest, even, odd):  # type: ignore[no-untyped-def]
    """Count in two tables by turns: equal neighbours then do not wait for each other."""
    for y in range(height):
        line = pixels[y, :width]
        for i in range(width // 2):
            even[np.int64(line[2 * i]) - lowest] += np.uint32(1)
            odd[np.int64(line[2 * i + 1]) - lowest] += np.uint32(1)
        if width % 2:
            even[np.int64(line[width - 1]) - lowest] += np.uint32(1)


@kernel
def _count_real(pixels, bits, height, width, counts, sums, top):  # type: ignore[no-untyped-def]
    """Count finite values in bins of 8 significant bits.

    ``sums``: n, sum, squares about the mean, minimum, maximum, and how many are zero, at the top, not finite.
    """
    for y in range(height):
        line, code = pixels[y, :width], bits[y, :width]
        n, s, zeros, at_top = 0, 0.0, 0, 0
        lo, hi = sums[3], sums[4]
        for i in range(width):
            value = np.float64(line[i])
            if not abs(value) < np.inf:  # isfinite is x - x, which sums in any order make 0
                continue
            n += 1
            s += value
            zeros += value == 0
            at_top += value == top
            lo, hi = min(lo, value), max(hi, value)
            # Sign, exponent and 7 bits of mantissa; turned so that they sort as the numbers do.
            upper = np.int64(code[i] >> np.uint32(16))
            counts[0xFFFF - upper if upper & 0x8000 else upper | 0x8000] += np.uint32(1)
        sums[7] += width - n
        if n == 0:
            continue
        mean, q = s / n, 0.0
        for i in range(width):
            value = np.float64(line[i])
            if abs(value) < np.inf:
                q += (value - mean) * (value - mean)
        if sums[0] > 0:
            delta = mean - sums[1] / sums[0]
            q += delta * delta * (sums[0] * n / (sums[0] + n))
        sums[0] += n
        sums[1] += s
        sums[2] += q
        sums[3], sums[4] = lo, hi
        sums[5] += zeros
        sums[6] += at_top


@dataclass
class _Local:
    even: np.ndarray
    odd: np.ndarray
    sums: np.ndarray = field(default_factory=lambda: np.array([0, 0, 0, np.inf, -np.inf, 0, 0, 0], np.float64))


class Histograms:
    """One histogram a channel: exact for 8 and 16 bit, in bins of 8 significant bits for wider types.

    Parameters
    ----------
    n_channels
        Channels.
    dtype
        The type pixels are measured in.
    stored
        The type they are stored in, whose maximum is saturation.
    """

    def __init__(self, n_channels: int, dtype: np.dtype[Any], stored: np.dtype[Any]) -> None:
        self.whole = dtype.kind in "iu"
        self.lowest = int(np.iinfo(dtype).min) if self.whole else 0
        self.bins = int(np.iinfo(dtype).max) - self.lowest + 1 if self.whole else BINS
        self.top = float(np.iinfo(stored).max) if stored.kind in "iu" else np.inf
        self.counts = np.zeros((n_channels, self.bins), np.int64)
        self.sums = np.stack([_Local(np.empty(0), np.empty(0)).sums for _ in range(n_channels)])

    def start(self) -> _Local:
        """Give empty counts for a segment."""
        return _Local(*np.zeros((2, self.bins), np.uint32))

    def see(self, local: _Local, pixels: np.ndarray, block: Block) -> None:
        """Count a block."""
        height, width = block.shape
        if self.whole:
            _count_whole(pixels, height, width, self.lowest, local.even, local.odd)
            return
        with np.errstate(over="ignore"):
            bits = pixels.astype(np.float32, copy=False).view(np.uint32)
        _count_real(pixels, bits, height, width, local.even, local.sums, self.top)

    def merge(self, channel: int, local: _Local) -> None:
        """Add the counts of a segment."""
        self.counts[channel] += local.even
        self.counts[channel] += local.odd
        if self.whole:
            return
        have, new = self.sums[channel], local.sums
        if have[0] > 0 and new[0] > 0:
            delta = new[1] / new[0] - have[1] / have[0]
            have[2] += delta**2 * have[0] / (have[0] + new[0]) * new[0]
        have[2] += new[2]
        have[[0, 1, 5, 6, 7]] += new[[0, 1, 5, 6, 7]]
        have[3], have[4] = min(have[3], new[3]), max(have[4], new[4])

    @property
    def levels(self) -> np.ndarray:
        """Grey level of each bin, float64 (the middle of the bin for wide types)."""
        return np.arange(self.bins, dtype=np.float64) + self.lowest if self.whole else bin_values()


def bin_values() -> np.ndarray:
    """Give the middle of each of the 65 536 bins that wide integers and floats are counted in.

    Returns
    -------
    float64 (65536,), rising; NaN and inf in the bins that stay empty.

    Examples
    --------
    >>> from htan_kit.pixels._histogram import bin_values
    >>> len(bin_values())
    65536
    """
    bins = np.arange(BINS)
    bits = np.where(bins & 0x8000, bins & 0x7FFF, 0xFFFF - bins).astype(np.uint32) << 16
    with np.errstate(invalid="ignore", over="ignore"):  # the bins of inf and NaN, which stay empty
        lower = bits.view(np.float32).astype(np.float64)
        upper = (bits | 0xFFFF).view(np.float32).astype(np.float64)
        centres = (lower + upper) / 2
    centres[(bits >> 16 & 0x7FFF) == 0] = 0.0  # zero itself, not the middle of the smallest bin
    return centres
