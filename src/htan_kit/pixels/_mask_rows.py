"""The labels of a band and a few rows around it, each stored tile of the mask decoded once."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
from htan_kit.findings import warning
from htan_kit.io._labels import labels_of
from htan_kit.pixels._numbering import Numbering

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from htan_kit.findings import Findings
    from htan_kit.io.mask import Mask
    from htan_kit.pixels._grid import Block
    from htan_kit.pixels._source import Source

__all__ = ["MaskRows"]


class MaskRows:
    """Row numbers of a mask's labels, band after band; tiles of the mask may be cut otherwise than those of the image.

    Parameters
    ----------
    mask
        The mask.
    source
        Its stored tiles.
    halo
        Rows and columns given around a band, background outside the image.
    pool
        Threads that decode.
    skip
        Where to report tiles that cannot be decoded and are taken as background; None raises.
    numbering
        Rows of labels; one of its own where none is given.
    bad
        Filled with the blocks that cannot be decoded.
    """

    def __init__(
        self,
        mask: Mask,
        source: Source,
        *,
        halo: int,
        pool: Executor,
        skip: Findings | None = None,
        numbering: Numbering | None = None,
        bad: list[Block] | None = None,
    ) -> None:
        self.mask, self.halo, self.numbering = mask, halo, numbering or Numbering()
        self._source, self._pool, self._skip = source, pool, skip
        self._bad: list[Block] = [] if bad is None else bad
        self._lock = threading.Lock()
        self._top, self._bottom = -halo, 0  # the rows that are held
        self._rows = np.zeros((halo, mask.shape[1] + 2 * halo), np.int32)
        self._todo = deque(source.grid.bands)

    def window(self, y0: int, y1: int) -> np.ndarray:
        """Give a band.

        Parameters
        ----------
        y0, y1
            First and last row (exclusive); bands come from top to bottom.

        Returns
        -------
        int32 (y1 - y0 + 2 halo, width + 2 halo): 0 for background, else the label's row + 1. Valid until the next
        call.
        """
        height, halo = self.mask.shape[0], self.halo
        top, n_rows = y0 - halo, y1 - y0 + 2 * halo
        kept = self._rows[top - self._top : self._bottom - self._top]
        bands = []
        while self._bottom < min(y1 + halo, height):
            bands.append(self._todo.popleft())
            self._bottom = bands[-1][1]
        rows = np.zeros((max(n_rows, self._bottom - top), self._rows.shape[1]), np.int32)
        rows[: len(kept)] = kept
        self._rows, self._top = rows, top
        del kept  # the band before may go
        for band in bands:
            into = rows[band[0] - top : band[1] - top]
            # Threads number labels in any order: rows of the table differ from run to run, results do not.
            list(self._pool.map(lambda block, into=into: self._number(block, into), self._source.grid.blocks(band)))
        return rows[:n_rows]

    def _number(self, block: Block, into: np.ndarray) -> None:
        try:
            pixels = self._source.load(0, block)[0]
        except InputError as problem:
            if self._skip is None or any(f.rule != "image.decode" for f in problem.findings):
                raise
            message = problem.findings.errors.to_frame()["message"].iloc[0]
            message += f" {block.words} are taken as background."
            self._bad.append(block)
            self._skip.append(warning("mask.decode", self.mask.path, message, "Write the mask again."))
            return
        pixels = pixels[: block.shape[0], : block.shape[1]]
        labels = labels_of(pixels, self.mask.path)
        with self._lock:
            self.numbering.number(labels, into[:, self.halo + block.x0 : self.halo + block.x1])
