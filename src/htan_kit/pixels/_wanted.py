"""What a measurement is asked for, and the collectors that answer it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.pixels._block_means import BlockMeans
from htan_kit.pixels._collectors import Collectors
from htan_kit.pixels._cycles import Cycles
from htan_kit.pixels._focus import Focus
from htan_kit.pixels._grid import Grid
from htan_kit.pixels._histogram import Histograms
from htan_kit.pixels._hull import Hulls
from htan_kit.pixels._intensity import IntensitySums
from htan_kit.pixels._moments import Moments
from htan_kit.pixels._pass import Pass
from htan_kit.pixels._perimeter import Perimeters
from htan_kit.pixels._quantiles import LARGEST_PX, Quantiles
from htan_kit.pixels._source import working_dtype
from htan_kit.pixels._stains import STAINS, Stains
from htan_kit.pixels._tissue import TISSUE_PX

if TYPE_CHECKING:
    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask
    from htan_kit.pixels._numbering import Numbering

__all__ = ["Wanted", "last_rows"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parameters of :func:`measure` that say what to measure."""

    spread: bool = False
    shapes: bool = False
    perimeter: bool = False
    channels: bool = False
    focus: bool = False
    tissue: bool = False
    stains: bool = False
    nuclei: bool = False
    ring_px: float = 0.0
    quantiles: tuple[float, ...] = ()
    cycles: tuple[int, ...] = ()
    picture_step: int = 0

    @property
    def compartments(self) -> tuple[str, ...]:
        """Names of the parts of an object that are measured."""
        return "cell", *(("ring",) if self.ring_px > 0 else ()), *(("nucleus", "cytoplasm") if self.nuclei else ())

    def collectors(self, image: Image | None, mask: Mask | None, last_row: np.ndarray | None) -> Collectors:
        """Make empty collectors.

        Parameters
        ----------
        image, mask
            What will be gone over.
        last_row
            Last row (exclusive) of each object, where quantiles are wanted.
        """
        collect = Collectors()
        if mask is not None:
            collect.moments = Moments()
            collect.hulls = Hulls() if self.shapes else None
            collect.perimeters = Perimeters() if self.shapes and self.perimeter else None
        if image is None:
            return collect
        n, dtype = (3 if image.is_rgb else image.n_channels), working_dtype(image.dtype)
        if mask is not None:
            collect.intensities = self._sums(n, dtype)
        if last_row is not None:
            collect.quantiles = self._quantiles(n, dtype, last_row, image)
        if mask is not None and self.stains:
            n_stains, real = len(STAINS), np.dtype(np.float64)
            quantiles = {} if last_row is None else self._quantiles(n_stains, real, last_row, image)
            collect.stains = Stains(self._sums(n_stains, real), quantiles, dtype, image.dtype)
        collect.histograms = Histograms(n, dtype, image.dtype) if self.channels else None
        grid = Grid(image.height, image.width, image.tile_shape)
        collect.focus = Focus(grid, dtype, image.dtype) if self.focus else None
        if self.tissue:
            step = max(1, -(-max(image.height, image.width) // TISSUE_PX))
            collect.tissue = BlockMeans(n, image.height, image.width, step)
        if self.picture_step:
            collect.picture = BlockMeans(n, image.height, image.width, self.picture_step)
        collect.cycles = Cycles(self.cycles) if len(self.cycles) > 1 else None
        return collect

    def _sums(self, n_channels: int, dtype: np.dtype[Any]) -> dict[str, IntensitySums]:
        return {name: IntensitySums(n_channels, dtype, spread=self.spread) for name in self.compartments}

    def _quantiles(
        self, n_channels: int, dtype: np.dtype[Any], last_row: np.ndarray, image: Image
    ) -> dict[str, Quantiles]:
        below = np.where(last_row < 0, -1, np.minimum(last_row + math.ceil(self.ring_px), image.height))
        return {  # a ring reaches below its object
            name: Quantiles(n_channels, dtype, self.quantiles, below if name == "ring" else last_row, image.width)
            for name in self.compartments
        }


def last_rows(mask: Mask, numbering: Numbering, workers: int | None) -> np.ndarray:
    """Go over the mask alone to learn where each object ends; it is cheap beside an image of many channels.

    Parameters
    ----------
    mask
        The mask.
    numbering
        Is filled.
    workers
        Threads.

    Returns
    -------
    int64 by row of the table: last row of pixels (exclusive), -1 for an object too large for quantiles.
    """
    moments = Moments()
    Pass(None, mask, Collectors(moments=moments), workers=workers, numbering=numbering).run()
    objects = moments.objects(numbering.labels, np.arange(numbering.n), mask.shape)
    small = objects["area_px"].to_numpy() <= LARGEST_PX
    return np.where(small, objects["y1"].to_numpy(), -1)
