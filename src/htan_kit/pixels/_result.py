"""From what a pass collected to what it means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit.findings import warning
from htan_kit.pixels._measurement import Measurement
from htan_kit.pixels._summary import statistics_of
from htan_kit.pixels._tissue import tissue_of

if TYPE_CHECKING:
    from htan_kit.findings import Findings
    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask
    from htan_kit.pixels._collectors import Collectors
    from htan_kit.pixels._cycles import Cycles
    from htan_kit.pixels._grid import Block
    from htan_kit.pixels._intensity import Intensities
    from htan_kit.pixels._pass import Pass

__all__ = ["result_of"]

_SURE = 0.05


def result_of(run: Pass, image: Image | None, mask: Mask | None, found: Findings) -> Measurement:
    """Finish a pass.

    Parameters
    ----------
    run
        The pass, which has run.
    image, mask
        What it went over.
    found
        Where to put what could be survived.

    Returns
    -------
    The measurement.
    """
    collect = run.collectors
    labels = run.numbering.labels
    order = np.argsort(labels)
    objects, shapes = pd.DataFrame(), None
    if mask is not None and collect.moments is not None:
        objects = collect.moments.objects(labels, order, mask.shape)
        objects["in_bad_tile"] = _beside(objects, run.bad_mask)
        shapes = _shapes(collect, objects, order) if collect.hulls is not None else None
    compartments, not_finite = {}, None
    areas = {name: _areas(area, order) for name, area in collect.areas.items()}
    for name, sums in collect.intensities.items():
        area = objects["area_px"].to_numpy() if name == "cell" else areas.get(name, np.zeros(len(order), np.int64))
        areas[name] = area
        compartments[name] = sums.result(order, area)
        missed = sums.missed(order)
        if missed is not None:
            objects["in_bad_tile"] |= missed.any(axis=1)
        if name == "cell" and not sums.whole:
            not_finite = area[:, np.newaxis] - compartments[name].count - (0 if missed is None else missed)
    for name, quantiles in collect.quantiles.items():
        compartments[name] = replace(compartments[name], quantiles=quantiles.result(order))
    if image is not None:
        _report_bad(run, image, found)
    histograms = collect.histograms
    channels = statistics_of(histograms) if histograms is not None else None
    if image is not None and channels is not None:
        _report_not_finite(image, channels, found)
    return Measurement(
        labels=labels[order], objects=objects, shapes=shapes, compartments=compartments,
        stains={} if collect.stains is None else collect.stains.result(order, areas), not_finite=not_finite,
        channels=channels,
        histograms=None if histograms is None else histograms.counts,
        histogram_values=None if histograms is None else histograms.levels,
        tiles=None if collect.focus is None else collect.focus.table(),
        tissue=None if collect.tissue is None or image is None else tissue_of(
            collect.tissue, (image.height, image.width), bright=image.is_rgb
        ),
        cycles=None if collect.cycles is None else collect.cycles.table(),
        cycle_cells=None if collect.cycles is None else _cycle_cells(collect.cycles, compartments.get("cell")),
        findings=found,
    )  # fmt: skip


def _areas(have: np.ndarray, order: np.ndarray) -> np.ndarray:
    return np.concatenate([have, np.zeros(max(0, len(order) - len(have)), np.int64)])[order]


def _beside(objects: pd.DataFrame, bad: list[Block]) -> np.ndarray:
    """Tell which objects' boxes touch a block of the mask that cannot be decoded: they may be cut there."""
    y0, y1, x0, x1 = (objects[side].to_numpy() for side in ("y0", "y1", "x0", "x1"))
    found = np.zeros(len(objects), bool)
    for block in bad:
        found |= (y0 <= block.y1) & (y1 >= block.y0) & (x0 <= block.x1) & (x1 >= block.x0)
    return found


def _shapes(collect: Collectors, objects: pd.DataFrame, order: np.ndarray) -> pd.DataFrame | None:
    if collect.moments is None or collect.hulls is None:
        return None
    shapes = collect.moments.axes(order)
    y0, y1 = (objects[side].to_numpy(np.int64) for side in ("y0", "y1"))
    shapes.insert(4, "Solidity", shapes["Area"] / collect.hulls.areas(order, y0, y1))
    if collect.perimeters is not None:
        shapes["Perimeter"] = collect.perimeters.lengths(order)
    return shapes


def _report_bad(run: Pass, image: Image, found: Findings) -> None:
    for bad in sorted(run.bad, key=lambda b: (b.channels, b.block.y0, b.block.x0)):
        message = f"{bad.reason} {bad.block.words} are left out of it."
        found.append(warning("image.bad-tile", image.path, message, "Copy or export the file again."))


def _report_not_finite(image: Image, channels: pd.DataFrame, found: Findings) -> None:
    for row in channels[channels["n_not_finite"] > 0].itertuples():
        message = f"{row.n_not_finite:,} pixels of channel {row.channel_index} are NaN or infinite; they are left out."
        found.append(warning("image.not-finite", image.path, message, "Look at how the image was made."))


def _cycle_cells(cycles: Cycles, cells: Intensities | None) -> pd.DataFrame:
    """Sum up each cycle: over cells, and over tiles."""
    tiles, (first, *others) = cycles.table(), cycles.channels
    rows = []
    for channel in others:
        part = tiles[tiles["channel_index"] == channel]
        sure = part[part["peak"] > _SURE]
        shift = np.hypot(sure["shift_y_px"], sure["shift_x_px"]).to_numpy()
        middle, far = np.quantile(shift, [0.5, 0.95]) if len(shift) else (np.nan, np.nan)
        rows.append((channel, _correlation(cells, first, channel), part["r"].median(), middle, far))
    return pd.DataFrame(rows, columns=["channel_index", "r_cells", "r_tiles", "shift_median_px", "shift_p95_px"])


def _correlation(cells: Intensities | None, first: int, channel: int) -> float:
    if cells is None:
        return np.nan
    a, b = cells.mean[:, first], cells.mean[:, channel]
    both = np.isfinite(a) & np.isfinite(b)
    if both.sum() < 3 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return np.nan
    return float(np.corrcoef(a[both], b[both])[0, 1])
