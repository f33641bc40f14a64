"""Making a tissue: places first, then regions, types, labels, shapes and losses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.datasets._defects import check_names
from htan_kit.datasets._layout import REGIONS, make_layout
from htan_kit.datasets._panel import ASSAYS, assay_channels
from htan_kit.datasets._planting import lose_cells
from htan_kit.datasets._points import hard_core
from htan_kit.datasets._random import STREAM, choose, generator
from htan_kit.datasets._shapes import make_shapes
from htan_kit.datasets._tissue import Tissue
from htan_kit.datasets._types import DISTANCE_UM, PHENOTYPES, PROLIFERATING, fraction_table
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from htan_kit.datasets._panel import Channel

__all__ = ["simulate"]


def simulate(
    assay: str = "cycif",
    *,
    width_px: int = 512,
    height_px: int = 512,
    pixel_size_um: float | None = None,
    seed: int = 0,
    n_channels: int | None = None,
    defects: tuple[str, ...] = (),
) -> Tissue:
    """Make a tissue with a known answer.

    Parameters
    ----------
    assay
        ``"cycif"`` (uint16, four cycles), ``"codex"`` (uint16, six cycles, the first and last blank), ``"imc"``
        (float32 counts) or ``"he"`` (RGB).
    width_px, height_px
        Size of the image.
    pixel_size_um
        Edge of a pixel; None for what is usual for the assay (0.65, 0.5, 1.0, 0.5 µm).
    seed
        The same seed gives the same places, types and labels with every version of numpy.
    n_channels
        Only the first channels of the panel, or, where it is more than the panel has, the panel over again.
    defects
        Names of :data:`htan_kit.datasets.DEFECTS` to plant.

    Returns
    -------
    The tissue; no pixel is made yet.

    Raises
    ------
    htan_kit.errors.InputError
        The assay or a defect is not known, the two do not go together, or the size is not positive.

    Examples
    --------
    >>> from htan_kit import datasets
    >>> tissue = datasets.simulate("imc", width_px=200, height_px=150, seed=1)
    >>> tissue.shape, tissue.pixel_size_um
    ((150, 200), 1.0)
    >>> sorted(tissue.cells.columns)
    ['cell_id', 'lost_from_cycle', 'phenotype', 'proliferating', 'region', 'x_px', 'y_px']
    """
    import pandas as pd

    check_names(assay, defects)
    pixel = ASSAYS[assay].pixel_size_um if pixel_size_um is None else pixel_size_um
    if min(width_px, height_px) < 1 or not pixel > 0:
        size = f"{width_px} x {height_px} px of {pixel} µm"
        raise InputError.of("simulate.size", size, "An image needs a positive size.", "Give whole numbers above 0.")
    layout = make_layout(seed, (width_px - 1) * pixel, (height_px - 1) * pixel)
    distance = np.array([DISTANCE_UM[name] for name in REGIONS])
    x, y = hard_core(
        seed, (width_px - 1) * pixel, (height_px - 1) * pixel, distance_at=lambda px, py: distance[layout.at(px, py)]
    )
    region = layout.at(x, y)
    u = generator(seed, STREAM.TYPES).random((len(x), 2))
    kind = choose(u[:, 0], fraction_table()[region])
    channels = _repeat(assay_channels(assay), n_channels)
    cells = pd.DataFrame(
        {
            "cell_id": _labels(seed, len(x)),
            "x_px": x / pixel,
            "y_px": y / pixel,
            "phenotype": pd.Categorical.from_codes(kind, list(PHENOTYPES)),
            "region": pd.Categorical.from_codes(region, list(REGIONS)),
            "proliferating": u[:, 1] < np.array([PROLIFERATING[name] for name in REGIONS])[region],
            "lost_from_cycle": _losses(seed, len(x), channels, ASSAYS[assay].loss),
        }
    )
    shapes = make_shapes(seed, layout, x, y, kind)
    tissue = Tissue(assay, (height_px, width_px), pixel, seed, cells, channels, tuple(defects), shapes, layout)
    if "lost_cells" in defects:
        lose_cells(tissue)
    return tissue


def _repeat(channels: tuple[Channel, ...], n: int | None) -> tuple[Channel, ...]:
    if n is None or not channels:
        return channels
    times = -(-n // len(channels))
    more = [replace(c, name=c.name if i == 0 else f"{c.name}_r{i + 1}") for i in range(times) for c in channels]
    return tuple(more[:n])


def _labels(seed: int, n: int) -> NDArray[np.int64]:
    """Rising labels with gaps, as a segmentation leaves them when it throws objects away."""
    u = generator(seed, STREAM.LABELS).random(n)
    return np.arange(1, n + 1) + np.cumsum((u < 0.03).astype(np.int64) + (u < 0.004).astype(np.int64) * 6)


def _losses(seed: int, n: int, channels: tuple[Channel, ...], share: float) -> NDArray[np.int64]:
    """First cycle in which each cell is gone; 0 for the cells that stay."""
    last = max((c.cycle for c in channels), default=0)
    out = np.zeros(n, dtype=np.int64)
    for cycle in range(last, 1, -1):
        out[generator(seed, STREAM.LOSS, cycle).random(n) < share] = cycle
    return out
