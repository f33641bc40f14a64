"""The range of intensities of each channel, on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit.pl._figure import figure_of, message, new_figure, plain_numbers, style
from htan_kit.pl._figure import title as write_title
from htan_kit.qc import channels as measure_channels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from htan_kit.cohort import Sample

__all__ = ["channel_intensities"]

_COLORS = {"nuclear": "#0072b2", "blank": "#999999", "autofluorescence": "#999999", "element": "#999999"}
_MARKER = "#009e73"
_ALARM = "#d55e00"
_SATURATED = 1e-3


def channel_intensities(data: Sample | pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Figure:
    """Draw for each channel the minimum, median, 99.9th percentile and maximum of its pixels.

    Parameters
    ----------
    data
        A sample, or the table that :func:`htan_kit.qc.channels` made of it (which saves the pass over the pixels).
    title
        Of the figure; a sample gives its own.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure, a row a channel in plane order; a channel with more than 0.1 % saturated pixels is marked. A short text
    says so where there is no image.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> table = hk.qc.channels(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> [label.get_text() for label in hk.pl.channel_intensities(table).axes[0].get_yticklabels()][:2]
    ['DNA_1', 'panCK']
    """
    table = data if isinstance(data, pd.DataFrame) else measure_channels(data)
    title = title or ("" if isinstance(data, pd.DataFrame) else data.library_id)
    name = " · ".join(part for part in (title, "channel intensities") if part)
    if table.empty:
        return message(name, f"{table.attrs.get('reason', 'there are no channels')}.", ax=ax)
    with style():
        n = len(table)
        if ax is None:
            ax = new_figure(6.8, 1.1 + 0.23 * n).add_subplot()
        y = np.arange(n)
        low, median, high, top = (table[key].to_numpy(float) for key in ("min", "median", "p99_9", "max"))
        colors = [_COLORS.get(str(role), _MARKER) for role in table["role"]]
        ax.hlines(y, low, top, color="#d0d0d0", linewidth=1.2, zorder=1)
        ax.hlines(y, median, high, colors=colors, linewidth=5, zorder=2)
        ax.scatter(median, y, s=26, color="white", edgecolor=colors, linewidth=1.4, zorder=3, clip_on=False)
        ax.scatter(top, y, s=14, marker="|", color="#888888", zorder=2)
        _scale(ax, low, top)
        for i, share in enumerate(table["saturated_share"].to_numpy(float)):
            if share > _SATURATED:
                text = f"{share:.1%} saturated".replace("%", " %")
                ax.annotate(text, (top[i], i), (5, 0), textcoords="offset points", va="center", size=7.5, color=_ALARM)
        ax.set_yticks(y, [str(marker) for marker in table["marker"]])
        ax.set_ylim(n - 0.4, -0.6)
        note = "circle: median · bar: to the 99.9th percentile · line: minimum to maximum"
        ax.set_xlabel(f"intensity of pixels (grey levels, or ion counts)\n{note}", fontsize=8.5)
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x", color="#eeeeee", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.spines["left"].set_visible(False)
        write_title(ax, name)
    return figure_of(ax)


def _scale(ax: Axes, low: np.ndarray, top: np.ndarray) -> None:
    finite = top[np.isfinite(top)]
    if len(finite) and finite.max() > 100 and np.nanmin(low) >= 0:
        # Zeros are common: linear up to 1 where a logarithm has no place for them.
        ax.set_xscale("symlog", linthresh=10.0, linscale=0.6)
        ax.set_xlim(0, finite.max() * 6)  # room for what is written at the ends
        plain_numbers(ax.xaxis)
    elif len(finite):
        ax.margins(x=0.12)
