"""Horizontal bars, one a cell type, with the number written at their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.pl._figure import MUTED, new_figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

__all__ = ["bars_axes", "type_bars"]


def bars_axes(n_bars: int, *, width: float = 6.2) -> Axes:
    """Make a figure as tall as its bars need."""
    return new_figure(width, 0.85 + 0.27 * max(n_bars, 1)).add_subplot()


def type_bars(
    ax: Axes, names: Sequence[str], values: Sequence[float], texts: Sequence[str], colors: Mapping[str, str]
) -> None:
    """Draw the bars from the top down."""
    ax.barh(range(len(names)), values, color=[colors[name] for name in names], height=0.72, linewidth=0)
    for i, (value, text) in enumerate(zip(values, texts, strict=True)):
        ax.annotate(text, (value, i), (4, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED)
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.margins(x=0.22)
    ax.set_xlim(left=0)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
