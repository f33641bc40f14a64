"""A bar of a round length, in µm where the pixel size is known and in px where it is not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.patheffects import withStroke

from htan_kit.pl._figure import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["nice_length", "scale_bar"]


def scale_bar(
    ax: Axes, *, um_per_unit: float | None, color: str = "white", outline: str = "black", outside: bool = False
) -> None:
    """Draw a scale bar at the lower right.

    Parameters
    ----------
    ax
        Axes whose limits are final.
    um_per_unit
        µm per unit of the x axis (the pixel size where the axis is in px, 1 where it is in µm); None where it is
        unknown: the bar is then in px and says so.
    color
        Of the bar and its text.
    outline
        Of the thin outline around both, so that they can be read on any picture.
    outside
        Below the axes instead of on the picture.

    Examples
    --------
    >>> from htan_kit.pl import scale_bar
    >>> from htan_kit.pl._figure import new_figure
    >>> ax = new_figure(3, 3).add_subplot()
    >>> _ = ax.set(xlim=(0, 500), ylim=(500, 0))
    >>> scale_bar(ax, um_per_unit=0.5)
    >>> ax.texts[0].get_text(), float(ax.lines[0].get_xdata()[1] - ax.lines[0].get_xdata()[0])
    ('50 µm', 100.0)
    """
    left, right = ax.get_xlim()
    width = right - left
    length = nice_length(abs(width) * (um_per_unit or 1.0) / 4)
    label = f"{length:g} µm" if um_per_unit else f"{length:g} px (size unknown)"
    units = math.copysign(length / (um_per_unit or 1.0), width)
    end = right if outside else right - 0.04 * width
    y = -0.035 if outside else 0.05
    effect = [] if outside else [withStroke(linewidth=2.5, foreground=outline)]
    place = ax.get_xaxis_transform()  # x in data, y in parts of the axes
    with style():
        ax.plot(
            [end - units, end],
            [y, y],
            transform=place,
            color=color,
            linewidth=2.5,
            solid_capstyle="butt",
            clip_on=False,
            path_effects=[withStroke(linewidth=4, foreground=outline)] if not outside else None,
            scalex=False,
            scaley=False,
        )
        ax.annotate(
            label,
            (end, y),
            (0, -4 if outside else 4),
            xycoords=place,
            textcoords="offset points",
            ha="right",
            va="top" if outside else "bottom",
            color=color,
            fontsize=8,
            path_effects=effect,
            annotation_clip=False,
        )


def nice_length(most: float) -> float:
    """Give the longest of 1, 2, 5 times a power of ten that is not above ``most``.

    Examples
    --------
    >>> from htan_kit.pl._scale_bar import nice_length
    >>> nice_length(62.5), nice_length(1999), nice_length(0.7)
    (50.0, 1000.0, 0.5)
    """
    if not (most > 0 and math.isfinite(most)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return max((step * power for step in (1, 2, 5, 10) if step * power <= most * (1 + 1e-9)), default=power)
