"""What share of the cells each type has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Patch

from htan_kit.pl._bars import bars_axes, type_bars
from htan_kit.pl._colors import type_colors, type_order
from htan_kit.pl._figure import MUTED, figure_of, footnote, message, new_figure, style, title
from htan_kit.pl._rows import left_out, rows_of, why_none

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["composition"]


def composition(data: AnnData | pd.DataFrame, *, library_id: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the share of each cell type: bars for one image, stacked bars for several.

    Parameters
    ----------
    data
        An AnnData after :func:`htan_kit.tl.composition`, or the long table of statistics.
    library_id
        Only this image.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure; a short text in it says why where there are no cells or no types.

    Examples
    --------
    >>> import anndata, pandas as pd, htan_kit as hk
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": list("AAAB")}, index=list("1234"))
    >>> rows = hk.tl.composition(anndata.AnnData(obs=obs))
    >>> [float(bar.get_width()) for bar in hk.pl.composition(rows).axes[0].patches]
    [75.0, 25.0]
    """
    rows = rows_of(data, "composition", library_id)
    counted = rows.loc[rows["value"].notna() & (rows["n_a"].fillna(0) > 0)]
    if counted.empty:
        return message("Composition", why_none(rows, "composition"), ax=ax)
    with style():
        images = list(dict.fromkeys(counted["library_id"]))
        if len(images) > 1:
            return _stacked(counted, images, left_out(rows, images), ax)
        names = [str(name) for name in counted["type_a"]]
        if ax is None:
            ax = bars_axes(len(names))
        shares = (counted["value"] * 100).tolist()
        texts = [f"{share:.1f} % · {int(n):,}" for share, n in zip(shares, counted["n_a"], strict=True)]
        type_bars(ax, names, shares, texts, type_colors(names))
        ax.set_xlabel("share of cells (%)")
        title(ax, f"{images[0]} · composition of {int(counted['n_a'].sum()):,} cells")
    return figure_of(ax)


def _stacked(rows: pd.DataFrame, images: list[str], missing: list[str], ax: Axes | None) -> Figure:
    names = type_order([str(name) for name in rows["type_a"]])
    colors = type_colors(names)
    table = rows.pivot_table(index="library_id", columns="type_a", values="value", sort=False, observed=True)
    table = table.reindex(index=images, columns=names).fillna(0.0) * 100
    totals = rows.groupby("library_id", observed=True)["n_a"].sum()
    if ax is None:
        ax = new_figure(8.0, max(1.0 + 0.27 * len(images), 0.8 + 0.21 * len(names))).add_subplot()
    left = np.zeros(len(images))
    for name in names:
        values = table[name].to_numpy()
        ax.barh(
            range(len(images)), values, left=left, color=colors[name], height=0.76, edgecolor="white", linewidth=0.5
        )
        left += values
    for i, image in enumerate(images):
        text = f"{int(totals[image]):,}"
        ax.annotate(text, (100, i), (4, 0), textcoords="offset points", va="center", fontsize=8, color=MUTED)
    ax.set_yticks(range(len(images)), images)
    ax.set(xlim=(0, 100), ylim=(len(images) - 0.4, -0.6), xlabel="share of cells (%); right: number of cells")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_title(f"Composition of {len(images)} images")
    footnote(figure_of(ax), *missing)
    handles = [Patch(color=colors[name], label=name) for name in names]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.09, 1.0), borderaxespad=0.0)
    return figure_of(ax)
