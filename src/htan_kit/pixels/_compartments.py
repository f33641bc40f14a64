"""The pixels that belong to an object: all of it, its nucleus, its cytoplasm, the ring around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._ring import ring_of
from htan_kit.pixels._runs import Members, Places, Segment, find_members

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block
    from htan_kit.pixels._mask_rows import MaskRows

__all__ = ["Compartments"]


class Compartments:
    """Finds the runs of every object in a band, in each compartment.

    Parameters
    ----------
    cells, nuclei
        Rows of the masks; nuclei may be None.
    ring_px
        Width of the ring, 0 for none.
    """

    def __init__(self, cells: MaskRows, nuclei: MaskRows | None, ring_px: float) -> None:
        self._cells, self._nuclei, self._ring_px = cells, nuclei, ring_px
        self.names = ("cell", *(("ring",) if ring_px > 0 else ()), *(("nucleus", "cytoplasm") if nuclei else ()))
        self._places = {name: Places() for name in self.names}
        self.band_rows = np.zeros((0, 0), np.int32)  # of the last band, with its halo

    def segments(self, band: tuple[int, int], groups: list[list[Block]]) -> list[Segment]:
        """Find the objects of a band.

        Parameters
        ----------
        band
            First and last row (exclusive).
        groups
            Blocks that are measured together.
        """
        halo = self._cells.halo
        rows = self.band_rows = self._cells.window(*band)
        n_rows = self._cells.numbering.n
        inner = rows[halo : len(rows) - halo, halo : rows.shape[1] - halo]
        where = {"cell": inner}
        if self._ring_px > 0:
            where["ring"] = ring_of(rows, self._cells.numbering.labels, halo, self._ring_px)
        if self._nuclei is not None:
            inside = self._nuclei.window(*band) > 0
            where |= {"nucleus": np.where(inside, inner, 0), "cytoplasm": np.where(inside, 0, inner)}
        segments = []
        for i, blocks in enumerate(groups):
            members: dict[str, Members] = {
                name: find_members(where[name], (band[0], 0), blocks, self._places[name], n_rows) for name in self.names
            }
            segments.append(Segment(i, blocks, n_rows, members))
        return segments
