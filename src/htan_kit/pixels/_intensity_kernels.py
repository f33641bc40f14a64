"""The loops that sum the pixels of runs."""

from __future__ import annotations

import numpy as np

from htan_kit.pixels._kernel import kernel

__all__ = ["add_floats", "add_spread", "add_sums"]


@kernel
def add_sums(
    pixels: np.ndarray,
    ends: np.ndarray,
    starts: np.ndarray,
    lengths: np.ndarray,
    members: np.ndarray,
    total: np.ndarray,
) -> None:
    """Add the pixels of each run to its member's sum, exactly.

    Runs are short: a running sum along the row, and two look-ups a run, beat a loop of unforeseeable length.
    """
    running = np.zeros(pixels.shape[1] + 1, np.int64)
    for y in range(len(ends) - 1):
        if ends[y] == ends[y + 1]:
            continue
        line, s = pixels[y], np.int64(0)
        for x in range(starts[ends[y + 1] - 1] + lengths[ends[y + 1] - 1]):
            s += np.int64(line[x])
            running[x + 1] = s
        for k in range(ends[y], ends[y + 1]):
            total[members[k]] += running[starts[k] + lengths[k]] - running[starts[k]]


@kernel
def add_spread(
    pixels: np.ndarray,
    ends: np.ndarray,
    starts: np.ndarray,
    lengths: np.ndarray,
    members: np.ndarray,
    total: np.ndarray,
    squares: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> None:
    """Add sum and sum of squares, exactly, and widen minimum and maximum."""
    for y in range(len(ends) - 1):
        for k in range(ends[y], ends[y + 1]):
            line = pixels[y, starts[k] : starts[k] + lengths[k]]
            member = members[k]
            s, q = np.int64(0), np.int64(0)
            lo, hi = low[member], high[member]
            for i in range(len(line)):
                value = line[i]
                wide = np.int64(value)
                s += wide
                q += wide * wide
                lo, hi = min(lo, value), max(hi, value)
            total[member] += s
            squares[member] += q
            low[member], high[member] = lo, hi


@kernel
def add_floats(
    pixels: np.ndarray,
    ends: np.ndarray,
    starts: np.ndarray,
    lengths: np.ndarray,
    members: np.ndarray,
    count: np.ndarray,
    total: np.ndarray,
    m2: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> None:
    """Add finite pixels: count, sum and the squares about the mean, joined run by run (Chan et al. 1979)."""
    spread = len(low) > 0
    for y in range(len(ends) - 1):
        for k in range(ends[y], ends[y + 1]):
            line = pixels[y, starts[k] : starts[k] + lengths[k]]
            member = members[k]
            n, s = np.int64(len(line)), 0.0
            for i in range(len(line)):
                s += np.float64(line[i])
            clean = abs(s) < np.inf  # isfinite is x - x, which sums in any order make 0
            if not clean:
                n, s = np.int64(0), 0.0
                for i in range(len(line)):
                    if abs(line[i]) < np.inf:
                        n += 1
                        s += np.float64(line[i])
                if n == 0:
                    continue
            if spread:
                mean, q = s / n, 0.0
                lo, hi = low[member], high[member]
                for i in range(len(line)):
                    value = line[i]
                    if clean or abs(value) < np.inf:
                        q += (value - mean) * (value - mean)
                        lo, hi = min(lo, value), max(hi, value)
                if count[member] > 0:
                    delta = mean - total[member] / count[member]
                    q += delta * delta * (np.float64(count[member]) * n / (count[member] + n))
                m2[member] += q
                low[member], high[member] = lo, hi
            count[member] += n
            total[member] += s
