"""The graph of neighbours on the tissue, and how long and how many its edges are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from scipy.sparse import triu

from htan_kit._keys import Key
from htan_kit.pl._colors import colors_of
from htan_kit.pl._data import cells_of, one_image
from htan_kit.pl._figure import headline, message, new_figure, style
from htan_kit.pl._map import draw_dots, map_frame

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from htan_kit.pl._data import Cells

__all__ = ["graph"]

_MOST_CELLS = 1500


def graph(adata: AnnData, *, color: str = "phenotype", library_id: str | None = None) -> Figure:
    """Draw the neighbour graph of one image, with the lengths of its edges and the neighbours per cell.

    Parameters
    ----------
    adata
        After :func:`htan_kit.tl.spatial_graph`.
    color
        Column of types that colours the cells, if it is there.
    library_id
        The image, where there are several.

    Returns
    -------
    The figure. Of an image with more than 1500 cells, the map shows the densest part, and says so; the histograms
    are of all cells.

    Raises
    ------
    InputError
        Several images and none chosen.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit as hk
    >>> obs = pd.DataFrame({"library_id": ["image"] * 4}, index=list("abcd"))
    >>> xy = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 11.0]])
    >>> adata = anndata.AnnData(obs=obs, obsm={"spatial_um": xy})
    >>> hk.tl.spatial_graph(adata)
    >>> len(hk.pl.graph(adata).axes[0].collections[0].get_segments())
    5
    """
    library_id, rows = one_image(adata, library_id)
    title = f"Neighbour graph · {library_id}"
    if Key.obsp.distances not in adata.obsp:
        return message(title, "there is no graph yet; run hk.tl.spatial_graph(adata).")
    notes = adata.uns.get(Key.uns.neighbors, {})
    cells = cells_of(adata, library_id, rows)
    reason = notes.get("reason", {}).get(library_id) or ("the sample has no cells" if cells is None else "")
    if reason or cells is None:
        return message(title, f"{reason}.")
    lengths = adata.obsp[Key.obsp.distances][cells.rows][:, cells.rows]
    neighbours = np.diff(adata.obsp[Key.obsp.connectivities][cells.rows][:, cells.rows].tocsr().indptr)
    edges = triu(lengths).tocoo()
    if not edges.nnz:
        return message(title, "no two cells are closer than the longest edge allowed.")
    with style():
        figure = new_figure(8.4, 4.8)
        layout = figure.add_gridspec(2, 2, width_ratios=[1.9, 1])
        ax = figure.add_subplot(layout[:, 0])
        window, shown = _window(cells)
        segments = cells.xy[np.stack([edges.row, edges.col], axis=1)]
        ax.add_collection(
            LineCollection(segments[shown[edges.row] & shown[edges.col]], colors="#8c8c8c", linewidths=0.6)
        )
        _draw_cells(ax, adata, cells, shown, window, color)
        map_frame(ax, window, um_per_unit=1.0 if cells.is_um else None)
        headline(figure, f"{library_id} · {len(cells.rows):,} cells, {edges.nnz:,} edges")
        ax.set_title("the whole image" if shown.all() else f"the densest part, {int(shown.sum()):,} cells")
        limit = notes.get("params", {}).get("max_edge_um")
        _lengths(figure.add_subplot(layout[0, 1]), edges.data, limit)
        _neighbours(figure.add_subplot(layout[1, 1]), neighbours)
    return figure


def _window(cells: Cells) -> tuple[tuple[float, float, float, float], NDArray[np.bool_]]:
    if len(cells.xy) <= _MOST_CELLS:
        return cells.extent, np.ones(len(cells.xy), dtype=bool)
    x0, x1, y0, y1 = cells.extent
    side = np.sqrt((x1 - x0) * (y1 - y0) * _MOST_CELLS / 3 / len(cells.xy))
    n_x, n_y = max(int((x1 - x0) / side), 1), max(int((y1 - y0) / side), 1)
    counts, x_edges, y_edges = np.histogram2d(
        cells.xy[:, 0], cells.xy[:, 1], bins=[n_x, n_y], range=[[x0, x1], [y0, y1]]
    )
    i, j = np.unravel_index(int(counts.argmax()), counts.shape)
    window = (float(x_edges[i]), float(x_edges[i + 1]), float(y_edges[j]), float(y_edges[j + 1]))
    x, y = cells.xy.T
    return window, (x >= window[0]) & (x <= window[1]) & (y >= window[2]) & (y <= window[3])


def _draw_cells(
    ax: Axes,
    adata: AnnData,
    cells: Cells,
    shown: NDArray[np.bool_],
    window: tuple[float, float, float, float],
    color: str,
) -> None:
    part = type(cells)(cells.rows[shown], cells.xy[shown], cells.is_um, window)
    if color in adata.obs:
        colors = colors_of(adata, color)
        dots = [colors.get(str(name), "#ffffff") for name in adata.obs[color].iloc[part.rows]]
    else:
        dots = ["#0072b2"] * len(part.rows)
    draw_dots(ax, part, dots, shrink=0.5)
    ax.collections[-1].set_zorder(3)


def _lengths(ax: Axes, lengths: NDArray[np.float64], limit: float | None) -> None:
    ax.hist(lengths, bins=40, color="#56b4e9")
    if limit is not None:
        ax.axvline(float(limit), color="#d55e00", linewidth=1.0)
        ax.annotate(
            f"limit {float(limit):g} µm", (float(limit), 1), (-3, -2), ("data", "axes fraction"), "offset points",
            ha="right", va="top", fontsize=7.5, color="#d55e00",
        )  # fmt: skip
    ax.set(xlabel="edge length (µm)", ylabel="edges", xlim=(0, None))
    ax.set_title(f"median {np.median(lengths):.1f} µm")


def _neighbours(ax: Axes, neighbours: NDArray[np.int64]) -> None:
    counts = np.bincount(neighbours)
    ax.bar(range(len(counts)), counts, color="#56b4e9", width=0.85)
    alone = int(counts[0])
    ax.set(xlabel="neighbours per cell", ylabel="cells")
    ax.locator_params(axis="x", integer=True)
    ax.set_title(f"mean {neighbours.mean():.1f}; {alone:,} without")
