"""Which object lies at a place."""

from __future__ import annotations

import numpy as np

__all__ = ["Lookup"]


class Lookup:
    """The rows of the table that lie at some places, picked while bands of the mask go by.

    Parameters
    ----------
    rows, columns
        int64 (places,): pixels inside the mask.
    """

    def __init__(self, rows: np.ndarray, columns: np.ndarray) -> None:
        self._order = np.argsort(rows, kind="stable")
        self._rows, self._columns = rows[self._order], columns[self._order]
        self._found = np.zeros(len(rows), np.int32)

    def see(self, band: np.ndarray, y0: int, halo: int) -> None:
        """Take a band.

        Parameters
        ----------
        band
            int32 rows of the table + 1, with ``halo`` pixels around the band.
        y0
            First row of the band in the mask.
        halo
            Pixels around it.
        """
        first, last = np.searchsorted(self._rows, [y0, y0 + len(band) - 2 * halo])
        here = slice(first, last)
        self._found[here] = band[self._rows[here] - y0 + halo, self._columns[here] + halo]

    def labels(self, labels: np.ndarray) -> np.ndarray:
        """Give int64 (places,): the label at each place, 0 for background."""
        found = np.empty(len(self._found), np.int64)
        found[self._order] = np.concatenate([[0], labels])[self._found]
        return found
