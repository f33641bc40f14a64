"""How many cells of each type there are per mm²."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pl._bars import bars_axes, type_bars
from htan_kit.pl._colors import type_colors, type_order
from htan_kit.pl._figure import figure_of, footnote, message, style, title
from htan_kit.pl._rows import left_out, rows_of, why_none

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["density"]


def density(data: AnnData | pd.DataFrame, *, library_id: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw cells per mm² of each type: bars for one image, one dot an image for several.

    Parameters
    ----------
    data
        An AnnData after :func:`htan_kit.tl.density`, or the long table of statistics.
    library_id
        Only this image.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure; a short text in it says why where there is no area.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit as hk
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": ["T cell"]}, index=["1"])
    >>> rows = hk.tl.density(anndata.AnnData(obs=obs, obsm={"spatial_um": np.array([[100.0, 100.0]])}))
    >>> round(hk.pl.density(rows).axes[0].patches[0].get_width())
    510
    """
    rows = rows_of(data, "density", library_id)
    areas = rows_of(data, "area", library_id)
    found = rows.loc[rows["value"].notna() & rows["type_a"].notna()]
    if found.empty:
        return message("Density", why_none(rows, "density"), ax=ax)
    with style():
        images = list(dict.fromkeys(found["library_id"]))
        names = list(dict.fromkeys(found.loc[found["value"] > 0, "type_a"]))
        names = names if len(images) == 1 else type_order(names)
        colors = type_colors(names)
        if ax is None:
            ax = bars_axes(len(names))
        if len(images) == 1:
            values = found.loc[found["value"] > 0, "value"].tolist()
            type_bars(ax, names, values, [f"{value:,.0f}" for value in values], colors)
            title(ax, f"{images[0]} · density on {areas['value'].sum():.3g} mm² of tissue")
        else:
            _dots(ax, found, names, colors)
            ax.set_title(f"Density in {len(images)} images, one dot an image")
            footnote(figure_of(ax), *left_out(rows, images))
        ax.set_xlabel(f"cells per mm² (tissue: within {found['radius_um'].iloc[0]:g} µm of a cell)")
    return figure_of(ax)


def _dots(ax: Axes, rows: pd.DataFrame, names: list[str], colors: dict[str, str]) -> None:
    for i, name in enumerate(names):
        values = np.sort(rows.loc[rows["type_a"] == name, "value"].to_numpy(float))
        spread = 0.18 * ((np.arange(len(values)) % 3) - 1)  # dots of equal height must not hide one another
        ax.scatter(values, i + spread, s=26, color=colors[name], edgecolor="white", linewidth=0.5, zorder=3)
        ax.plot([np.median(values)] * 2, [i - 0.32, i + 0.32], color="#333333", linewidth=1.6, zorder=4)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.grid(axis="y", color="#eeeeee", linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
