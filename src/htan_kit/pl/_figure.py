"""The kit's figure: one look without touching matplotlib's global settings, and no trace left in pyplot."""

from __future__ import annotations

import base64
import sys
import textwrap
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from matplotlib import rc_context
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.backend_bases import RendererBase

__all__ = [
    "INK",
    "MUTED",
    "RC",
    "KitFigure",
    "figure_of",
    "footnote",
    "headline",
    "message",
    "new_figure",
    "plain_numbers",
    "show",
    "style",
    "title",
]

INK: Final = "#222222"
MUTED: Final = "#767676"
RC: Final[dict[str, Any]] = {
    "axes.edgecolor": "#555555",
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.dpi": 100,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same figure on every machine
    "font.size": 9,
    "image.interpolation": "nearest",
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.title_fontsize": 9,
    "pdf.fonttype": 42,
    "savefig.dpi": 150,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,  # a "$" in a file's name is a dollar
    "xtick.color": "#555555",
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.color": "#555555",
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8.5,
}


def style() -> AbstractContextManager[None]:
    """Hold the kit's style for as long as a ``with`` block lasts."""
    settings: Any = RC  # matplotlib's stubs want every key as a literal
    return rc_context(settings)


class KitFigure(Figure):
    """A matplotlib Figure drawn in the kit's style, unknown to pyplot, that shows itself in a notebook.

    Examples
    --------
    >>> from htan_kit.pl._figure import new_figure
    >>> figure = new_figure(4, 3)
    >>> figure.get_size_inches().tolist()
    [4.0, 3.0]
    """

    def draw(self, renderer: RendererBase) -> None:
        """Draw in the kit's style: ticks are made only now, and would take the style of this moment."""
        with style():
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        return _png(self)


def new_figure(width: float, height: float) -> KitFigure:
    """Make an empty figure of a size in inches."""
    with style():
        figure = KitFigure(
            figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.07), facecolor="white"
        )
    return figure


def headline(figure: Figure, text: str) -> None:
    """Write the figure's title at its upper left, in as many lines as its width asks for."""
    width = max(int(figure.get_size_inches()[0] * 13), 24)  # letters of 10 pt
    figure.suptitle("\n".join(textwrap.wrap(text, width)), x=0.01, ha="left", fontsize=10)


def title(ax: Axes, text: str) -> None:
    """Write the title of axes that have a figure for themselves, in as many lines as its width asks for."""
    width = max(int(figure_of(ax).get_size_inches()[0] * 9), 24)
    ax.set_title("\n".join(textwrap.wrap(text, width)), color=INK)


def footnote(figure: Figure, *notes: str) -> None:
    """Write notes at the figure's lower left, each on lines of its own; nothing where there are none."""
    if not notes:
        return
    width = max(int(figure.get_size_inches()[0] * 15), 24)  # letters of 8 pt
    lines = [line for note in notes for line in textwrap.wrap(note, width)]
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8, color=MUTED)


def plain_numbers(axis: Axis) -> None:
    """Write the ticks of a logarithmic axis as numbers: powers would be mathtext, which the style has switched off."""
    axis.set_major_locator(LogLocator(numticks=4) if axis.get_scale() == "log" else axis.get_major_locator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if abs(value) >= 1 else f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def figure_of(ax: Axes) -> Figure:
    """Give the figure that the axes are in."""
    figure = ax.figure
    while isinstance(figure, SubFigure):
        figure = figure.figure
    return figure


def message(title: str, reason: str, *, ax: Axes | None = None) -> Figure:
    """Say in words why there is no figure.

    Parameters
    ----------
    title
        What the figure would have shown.
    reason
        Why it cannot be drawn.
    ax
        Axes to write into; None makes a small figure.

    Returns
    -------
    The figure.

    Examples
    --------
    >>> import htan_kit.pl as pl
    >>> figure = pl.message("Segmentation", "The sample has no mask (Level 3).")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['Segmentation', 'Not assessed: The sample has no mask (Level 3).']
    """
    with style():
        if ax is None:
            lines = textwrap.wrap(f"Not assessed: {reason}", 96) or [""]
            ax = new_figure(7.2, 0.62 + 0.17 * len(lines)).add_subplot()
        else:
            lines = textwrap.wrap(f"Not assessed: {reason}", 44) or [""]
        ax.set(xticks=[], yticks=[], facecolor="#f4f4f4")
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.annotate(
            title, (0, 1), (12, -12), "axes fraction", "offset points", va="top", fontsize=10, annotation_clip=False
        )
        ax.annotate("\n".join(lines), (0, 1), (12, -30), "axes fraction", "offset points", va="top", color="#555555")
    return figure_of(ax)


def show(fig: Figure, alt: str) -> None:
    """Show a figure in a notebook with its text for those who do not see it, and let it go.

    Parameters
    ----------
    fig
        The figure.
    alt
        What the figure shows, in a sentence; it becomes the alt text of the page.

    Notes
    -----
    Outside IPython nothing is shown.

    Examples
    --------
    >>> import htan_kit.pl as pl
    >>> pl.show(pl.message("Mask", "No mask."), alt="The sample has no mask.")
    """
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.display import display

    if InteractiveShell.initialized():
        data = {"image/png": base64.b64encode(_png(fig)).decode("ascii"), "text/plain": alt}
        width = round(fig.get_size_inches()[0] * 100)
        display(data, raw=True, metadata={"image/png": {"alt": alt, "width": width}})
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close(fig)


def _png(fig: Figure) -> bytes:
    buffer = BytesIO()
    with style():
        fig.savefig(buffer, format="png", dpi=150)
    return buffer.getvalue()
