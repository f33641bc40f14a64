"""A tissue whose cells are known: places, regions, types, shapes, and how much of what they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.datasets._geometry import Geometry, Ground, is_nucleus
from htan_kit.datasets._panel import ASSAYS, Assay, Channel, expression_levels
from htan_kit.datasets._random import STREAM, generator

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from htan_kit.datasets._layout import Layout
    from htan_kit.datasets._shapes import Shapes

    Floats = NDArray[np.float64]

__all__ = ["Tissue"]

_SD_LOG: Final = 0.28  # of lognormal intensities


@dataclass
class Tissue:
    """What :func:`htan_kit.datasets.simulate` made: the truth, from which files are written.

    Parameters
    ----------
    assay
        Key of the assay: ``"cycif"``, ``"codex"``, ``"imc"`` or ``"he"``.
    shape
        (height, width) in pixels.
    pixel_size_um
        Edge of a pixel.
    seed
        What was given to :func:`htan_kit.datasets.simulate`.
    cells
        One row a cell: ``cell_id`` (its label), ``x_px``, ``y_px``, ``phenotype``, ``region``, ``proliferating``,
        ``lost_from_cycle`` (0: never lost).
    channels
        The planes.
    defects
        Names of planted defects (:data:`htan_kit.datasets.DEFECTS`).
    shapes
        Of cells and nuclei, in µm.
    layout
        Where which region is.

    Examples
    --------
    >>> from htan_kit import datasets
    >>> tissue = datasets.simulate("imc", width_px=64, height_px=48)
    >>> labels = tissue.labels()
    >>> labels.shape, set(labels.ravel()) - {0} == set(tissue.cells["cell_id"])
    ((48, 64), True)
    """

    assay: str
    shape: tuple[int, int]
    pixel_size_um: float
    seed: int
    cells: pd.DataFrame
    channels: tuple[Channel, ...]
    defects: tuple[str, ...]
    shapes: Shapes = field(repr=False)
    layout: Layout = field(repr=False)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.cells)

    @property
    def properties(self) -> Assay:
        """What the assay's images are like."""
        return ASSAYS[self.assay]

    @cached_property
    def geometry(self) -> Geometry:
        """Labels and compartments of all pixels, in a temporary file."""
        ids = np.asarray(self.cells["cell_id"])
        return Geometry(Ground(self.shape, self.pixel_size_um, self.seed, ids, self.shapes, self.layout))

    @cached_property
    def type_index(self) -> NDArray[np.int64]:
        """Number of each cell's phenotype."""
        return np.asarray(self.cells["phenotype"].cat.codes, dtype=np.int64)

    def labels(self, window: tuple[int, int, int, int] | None = None) -> NDArray[np.uint32]:
        """Labels of the cells, (y0, y1, x0, x1) or all."""
        return self.geometry.read("labels", window or (0, self.shape[0], 0, self.shape[1]))

    def nuclei(self, window: tuple[int, int, int, int] | None = None) -> NDArray[np.uint32]:
        """Labels of the nuclei: a nucleus bears the label of its cell."""
        window = window or (0, self.shape[0], 0, self.shape[1])
        return self.labels(window) * is_nucleus(self.geometry.read("code", window))

    def expression(self, channel: int) -> Floats:
        """Draw the true signal of every cell in one channel, in grey levels: lognormal about its phenotype's."""
        spec = self.channels[channel]
        level = expression_levels(spec)[self.type_index]
        z = generator(self.seed, STREAM.EXPRESSION, channel).standard_normal(self.n_cells)
        if spec.marker == "Ki67":
            level = np.where(self.cells["proliferating"], spec.signal, 0.02 * spec.signal)
        spread = 0.16 if spec.marker == "DNA" else _SD_LOG
        value = level * np.exp(spread * z)
        lost = np.asarray(self.cells["lost_from_cycle"])
        return np.where((lost > 0) & (spec.cycle >= lost), 0.0, value)
