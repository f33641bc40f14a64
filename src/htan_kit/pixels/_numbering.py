"""Labels of any size as rows of a table: 1, 2, 3 … in the order in which they are met."""

from __future__ import annotations

import numpy as np

from htan_kit.pixels._kernel import kernel

__all__ = ["Numbering"]

_FIRST = 1 << 12


@kernel
def _number(labels, keys, values, known, n, out):  # type: ignore[no-untyped-def]
    """Write the row number of every pixel's label; -1 where the table became too full to go on."""
    mask = len(keys) - 1
    last, row = np.int64(0), np.int32(0)
    for y in range(labels.shape[0]):
        for x in range(labels.shape[1]):
            label = np.int64(labels[y, x])
            if label != last:
                last = label
                if label == 0:
                    row = np.int32(0)
                else:
                    # Fibonacci hashing: labels that follow each other are spread evenly.
                    slot = np.int64((np.uint64(label) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)) & mask
                    while keys[slot] != label and keys[slot] != 0:
                        slot = (slot + 1) & mask
                    if keys[slot] == 0:
                        if 2 * n >= mask or n >= len(known):
                            return -1 - n
                        known[n] = label
                        n += 1
                        keys[slot] = label
                        values[slot] = n
                    row = values[slot]
            out[y, x] = row
    return n


class Numbering:
    """A growing table of labels. The memory is about 50 bytes a label."""

    def __init__(self) -> None:
        self.n = 0
        self._known = np.zeros(_FIRST, np.int64)
        self._keys, self._values = np.zeros(4 * _FIRST, np.int64), np.zeros(4 * _FIRST, np.int32)

    @property
    def labels(self) -> np.ndarray:
        """Labels in the order of their rows, int64."""
        return self._known[: self.n]

    def number(self, labels: np.ndarray, out: np.ndarray) -> None:
        """Replace labels by their row numbers.

        Parameters
        ----------
        labels
            Whole numbers (height, width), at most 2^53, 0 for background.
        out
            int32 (height, width): 0 for background, else row + 1.
        """
        while (n := _number(labels, self._keys, self._values, self._known, self.n, out)) < 0:
            self.n = -1 - n
            self._grow()
        self.n = n

    def _grow(self) -> None:
        known = np.zeros(2 * len(self._known), np.int64)
        known[: self.n] = self.labels
        self._keys, self._values = np.zeros(4 * len(known), np.int64), np.zeros(4 * len(known), np.int32)
        again = self.labels[np.newaxis].copy()
        _number(again, self._keys, self._values, self._known, 0, np.zeros(again.shape, np.int32))
        self._known = known
