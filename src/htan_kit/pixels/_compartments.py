"""The pixels that belong to an object: all of it, its nucleus, its cytoplasm, the ring around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
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
        self._one = True

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
        self._refuse_binary(inner)
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

    def _refuse_binary(self, rows: np.ndarray) -> None:
        """One value over several separate objects is no labelling."""
        self._one = self._one and self._cells.numbering.n <= 1
        if not self._one or not self._cells.numbering.n:
            return
        from scipy import ndimage

        if ndimage.label(rows)[1] < 2:
            return
        # Another label may still come further down: look at the rest of the file only in this rare case.
        value = self._cells.numbering.labels[0]
        if any(((labels != 0) & (labels != value)).any() for _, labels in self._cells.mask.blocks()):
            self._one = False
            return
        message = (
            f"The mask holds only 0 and {value} over several separate objects: it is binary, objects have no labels."
        )
        hint = "Label it first: skimage.measure.label(mask), or export the instance mask of the segmentation."
        raise InputError.of("mask.binary", self._cells.mask.path, message, hint, "HTAN Manual, Level 3")
