"""The gate of each marker on the histogram it was found in."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from htan_kit._keys import Key
from htan_kit.mixture import Mixture
from htan_kit.pl._data import one_image
from htan_kit.pl._figure import MUTED, headline, message, new_figure, style

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["gates"]

_COLUMNS = 4
_NEGATIVE, _POSITIVE = "#9aa5b1", "#0072b2"


def gates(adata: AnnData, *, library_id: str | None = None) -> Figure:
    """Draw for each gated marker of one image its histogram, the two normals and the gate between them.

    Parameters
    ----------
    adata
        After :func:`htan_kit.tl.phenotype`.
    library_id
        The image, where there are several.

    Returns
    -------
    The figure, one panel a marker: cells above the gate are blue. A marker without a gate is grey and says why.

    Raises
    ------
    InputError
        Several images and none chosen.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit as hk
    >>> x = np.r_[np.linspace(1, 2, 80), np.linspace(8, 9, 80)].astype(np.float32)
    >>> adata = anndata.AnnData(x[:, None], var=pd.DataFrame(index=["CD3"]))
    >>> adata.obs["library_id"] = "image"
    >>> adata.layers["arcsinh"] = adata.X
    >>> hk.tl.phenotype(adata)
    >>> hk.pl.gates(adata).axes[0].get_title(loc="left")
    'CD3 · 50 % positive'
    """
    library_id, rows = one_image(adata, library_id)
    table = adata.uns.get(Key.uns.gates)
    title = f"Gates · {library_id}"
    if table is None:
        return message(title, "no gates were set yet; run hk.tl.phenotype(adata).")
    table = table.loc[(table[Key.obs.library_id].astype(str) == library_id).to_numpy(dtype=bool)]
    if table.empty or not len(rows):
        return message(title, "there is no marker to gate." if len(rows) else "the sample has no cells.")
    with style():
        n_columns = min(_COLUMNS, len(table))
        n_rows = math.ceil(len(table) / n_columns)
        figure = new_figure(2.3 * n_columns + 0.3, 1.75 * n_rows + 0.75)
        axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for ax, record in zip(axes, table.to_dict("records"), strict=False):
            place = int(adata.var_names.get_loc(record["marker"]))
            values = np.asarray(adata.layers[record["layer"]][rows, place], dtype=float).ravel()
            _panel(ax, record, values)
        for ax in axes[len(table) :]:
            ax.set_axis_off()
        layer = table["layer"].iloc[0]
        headline(figure, f"{library_id} · gates of {len(table)} markers, {len(rows):,} cells")
        figure.supxlabel(f"{layer} of the cell's mean intensity", size=9)
        figure.supylabel("cells (square-root scale)", size=9)
    return figure


def _panel(ax: Axes, record: dict[str, Any], values: NDArray[np.float64]) -> None:
    gate, marker = float(record["gate"]), str(record["marker"])
    finite = values[np.isfinite(values)]
    ax.tick_params(labelsize=7.5)
    if not len(finite):
        ax.set_title(f"{marker} · no values", color=MUTED)
        return
    low, high = np.percentile(finite, [0.1, 99.9])
    pad = 0.03 * (high - low) or 0.5
    edges = np.linspace(low - pad, high + pad, 45)
    counts, _ = np.histogram(finite, edges)
    middles = (edges[1:] + edges[:-1]) / 2
    width = edges[1] - edges[0]
    has_gate = math.isfinite(gate)
    colors = [_POSITIVE if has_gate and middle > gate else _NEGATIVE for middle in middles]
    ax.bar(middles, counts, width=width, color=colors, linewidth=0)
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    # The square root of a count has the same scatter everywhere: few positive cells are seen beside many negative.
    ax.set_yscale("function", functions=(lambda n: np.sqrt(np.maximum(n, 0)), np.square))
    head = 1.15 if has_gate else 2.6  # room for the reason
    ax.set(ylim=(0, max(counts.max(), 1) * head), xlim=(edges[0], edges[-1]))
    _normals(ax, record, edges, width)
    if has_gate:
        ax.axvline(gate, color="#222222", linewidth=1.1)
        by_hand = " · by hand" if record["method"] == "user" else ""
        ax.set_title(f"{marker} · {float(record['share_positive']):.0%} positive{by_hand}".replace("%", " %"), size=9)
    else:
        ax.set_title(f"{marker} · no gate", color=MUTED, size=9)
        reason = textwrap.fill(str(record["reason"]), 26)
        ax.text(0.98, 0.96, reason, transform=ax.transAxes, ha="right", va="top", fontsize=7, color=MUTED)


def _normals(ax: Axes, record: dict[str, Any], edges: NDArray[np.float64], width: float) -> None:
    parts = [[float(record[f"{name}_{end}"]) for end in ("low", "high")] for name in ("weight", "mean", "sd")]
    if not np.isfinite(parts).all() or not math.isfinite(float(record["gate"])):
        return
    (w, m, s) = ((part[0], part[1]) for part in parts)
    x = np.linspace(edges[0], edges[-1], 200)
    n = int(record["n_cells"])
    for y in Mixture(w, m, s, bic=0.0, n=n).densities(x) * n * width:
        ax.plot(x, y, color="#d55e00", linewidth=1.0)
