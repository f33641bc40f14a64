"""The table against the mask and the image: what must be equal, on one diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pl._figure import INK, MUTED, headline, message, new_figure, plain_numbers, style
from htan_kit.qc._agreement import compare

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from htan_kit.cohort import Sample

__all__ = ["agreement"]

_GOOD, _BAD = "#0072b2", "#d55e00"


def agreement(sample: Sample, *, n_cells: int = 200, seed: int = 0) -> Figure:
    """Draw how a sample's table agrees with its mask and image: ids, areas and mean intensities.

    Parameters
    ----------
    sample
        The files of one image.
    n_cells
        Cells whose means are recomputed from the pixels, drawn at random.
    seed
        Of the draw.

    Returns
    -------
    The figure: bars of ids in both, in the mask only, in the table only; then the table's areas and means against
    those of the pixels, which lie on the diagonal where the table was made from this mask and image. A short text says
    so where there is no mask or no table.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> figure = hk.pl.agreement(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"], n_cells=10)
    >>> [ax.get_title(loc="left") for ax in figure.axes][0]
    'ids'
    """
    summary, pairs = compare(sample, n_cells=n_cells, seed=seed)
    title = f"{sample.library_id} · table and mask"
    if summary.empty:
        return message(title, f"{summary.attrs['reason']}.")
    row = summary.iloc[0]
    with style():
        figure = new_figure(10.2, 3.1)
        axes = figure.subplots(1, 3, width_ratios=[0.85, 1, 1])
        _ids(axes[0], row)
        is_area = pairs["quantity"] == "area_px"
        _diagonal(axes[1], pairs.loc[is_area], "area (px)", "the table has no areas")
        means = pairs.loc[~is_area]
        _diagonal(axes[2], means, "mean intensity", "there is no image to measure means in")
        if len(means):
            n = means["CellID"].nunique()
            equal = f"{row['means_equal_share']:.1%}".replace("%", " %")
            axes[2].set_title(f"means of {n} cells: {equal} equal")
        if is_area.any():
            axes[1].set_title(f"areas of {int(is_area.sum()):,} cells")
        share = f"{row['centroid_in_own_label_share']:.1%}".replace("%", " %")
        known = f"{share} of centroids on their own label" if np.isfinite(row["centroid_in_own_label_share"]) else ""
        headline(figure, " · ".join(part for part in (title, known) if part))
    return figure


def _ids(ax: Axes, row: pd.Series) -> None:
    names = ["in both", "mask only", "table only"]
    counts = [int(row[key]) for key in ("n_in_both", "n_only_in_mask", "n_only_in_table")]
    ax.barh(range(3), counts, color=[_GOOD, _BAD, _BAD], height=0.6)
    for i, count in enumerate(counts):
        ax.annotate(f"{count:,}", (count, i), (4, 0), textcoords="offset points", va="center", size=8.5, color=INK)
    ax.set_yticks(range(3), names)
    ax.set(ylim=(2.6, -0.6), xlim=(0, max(max(counts), 1) * 1.3), xlabel="ids")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.locator_params(axis="x", nbins=4)
    ax.set_title("ids")


def _diagonal(ax: Axes, pairs: pd.DataFrame, name: str, nothing: str) -> None:
    told, seen = pairs["table"].to_numpy(float), pairs["pixels"].to_numpy(float)
    good = np.isfinite(told) & np.isfinite(seen)
    if not good.any():
        ax.set(xticks=[], yticks=[])
        ax.text(0.5, 0.5, nothing, transform=ax.transAxes, ha="center", color=MUTED, size=8, wrap=True)
        return
    told, seen = told[good], seen[good]
    low, high = float(min(told.min(), seen.min())), float(max(told.max(), seen.max()))
    pad = 0.05 * (high - low) or 1.0
    positive = low > 0 and high > 30 * low
    limits = (low / 1.3, high * 1.3) if positive else (low - pad, high + pad)
    ax.plot(limits, limits, color="#bbbbbb", linewidth=1, zorder=1)
    off = np.abs(told - seen) > 1e-3 * np.maximum(np.abs(told), np.abs(seen))
    for chosen, color in ((~off, _GOOD), (off, _BAD)):
        ax.scatter(seen[chosen], told[chosen], s=9, color=color, alpha=0.55, linewidth=0, zorder=2, rasterized=True)
    if positive:
        ax.set(xscale="log", yscale="log")
        plain_numbers(ax.xaxis)
        plain_numbers(ax.yaxis)
    else:
        ax.locator_params(nbins=5)
    ax.set(xlim=limits, ylim=limits, xlabel=f"{name}, from the pixels", ylabel=f"{name}, in the table")
    ax.set_box_aspect(1)
