"""The frame that everything on tissue shares: origin at the top left, y down, equal scales, a scale bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import EllipseCollection
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from scipy.spatial import cKDTree

from htan_kit._keys import Key
from htan_kit.pl._figure import INK, MUTED, new_figure
from htan_kit.pl._scale_bar import scale_bar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anndata import AnnData
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from htan_kit.pl._data import Cells, Picture

__all__ = ["draw_dots", "draw_shapes", "has_shapes", "map_axes", "map_frame", "type_legend"]

_DRAWN_PX = 1000  # a map's longer side
_MIN_SHAPE_PX = 40  # a cell that covers less than this of those is a blot: a dot says more


def map_axes(extent: tuple[float, float, float, float], *, legend: int = 0) -> Axes:
    """Make a figure whose shape follows the tissue's, with room for a legend of so many letters."""
    x0, x1, y0, y1 = extent
    ratio = (y1 - y0) / (x1 - x0)
    width = 5.2 if ratio < 1.4 else 5.2 * 1.4 / ratio
    height = min(max(width * ratio, 1.6), 7.3)
    return new_figure(width + (0.55 + 0.08 * legend if legend else 0.1), height + 0.6).add_subplot()


def map_frame(ax: Axes, extent: tuple[float, float, float, float], *, um_per_unit: float | None) -> None:
    """Set limits and frame, and put the scale bar below."""
    x0, x1, y0, y1 = extent
    ax.set_aspect("equal")
    ax.set(xlim=(x0, x1), ylim=(y1, y0), xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color="#999999", linewidth=0.6)
    scale_bar(ax, um_per_unit=um_per_unit, color=INK, outside=True)


def has_shapes(picture: Picture | None, n_cells: int) -> bool:
    """Whether the thumbnail of the mask, on paper, shows cells that are more than blots."""
    if picture is None or picture.labels is None or not n_cells:
        return False
    area = np.count_nonzero(picture.labels) / n_cells
    enlarged = max(_DRAWN_PX / max(picture.labels.shape), 1.0)
    return bool(area >= 3 and area * enlarged**2 >= _MIN_SHAPE_PX)


def draw_shapes(
    ax: Axes, adata: AnnData, cells: Cells, picture: Picture, colors: Sequence[str] | NDArray[np.float64]
) -> None:
    """Fill every cell of the mask's thumbnail with its colour, with a thin white line between cells."""
    labels = np.asarray(picture.labels, dtype=np.int64)
    ids = adata.obs[Key.obs.cell_id].to_numpy()[cells.rows].astype(np.int64)
    rgb = np.array([to_rgb(color) for color in colors]) if isinstance(colors, list) else np.asarray(colors)[:, :3]
    order = np.argsort(ids)
    place = np.clip(np.searchsorted(ids[order], labels), 0, len(ids) - 1)
    known = (ids[order][place] == labels) & (labels > 0)
    shown = np.ones((*labels.shape, 3))
    shown[labels > 0] = 0.93  # an object of the mask that the table does not have
    shown[known] = rgb[order[place[known]]]
    # Enlarged, so that the line between two cells is thin beside them.
    zoom = max(1, -(-_DRAWN_PX // max(labels.shape)))
    labels, shown = (a.repeat(zoom, axis=0).repeat(zoom, axis=1) for a in (labels, shown))
    shown[_inner_edges(labels)] = 1.0
    ax.imshow(shown, extent=(cells.extent[0], cells.extent[1], cells.extent[3], cells.extent[2]), origin="upper")


def _inner_edges(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark one side of every border between two cells."""
    edges = np.zeros(labels.shape, dtype=bool)
    down = (labels[1:] != labels[:-1]) & (labels[1:] > 0) & (labels[:-1] > 0)
    right = (labels[:, 1:] != labels[:, :-1]) & (labels[:, 1:] > 0) & (labels[:, :-1] > 0)
    edges[1:] |= down
    edges[:, 1:] |= right
    return edges


def draw_dots(ax: Axes, cells: Cells, colors: Sequence[str] | NDArray[np.float64], *, shrink: float = 0.95) -> None:
    """Draw every cell as a disc, as wide as most cells are apart from their nearest neighbour."""
    x0, x1, y0, y1 = cells.extent
    diameter = shrink * min(_spacing(cells.xy), 0.05 * max(x1 - x0, y1 - y0))
    ax.add_collection(
        EllipseCollection(
            diameter, diameter, 0, units="x", offsets=cells.xy, offset_transform=ax.transData, facecolors=colors,
            edgecolors="none", rasterized=True,
        ),
        autolim=False,
    )  # fmt: skip


def _spacing(xy: NDArray[np.float64]) -> float:
    """Give the distance that 70 % of the cells are closer than to their nearest neighbour; a sample of them will do."""
    different = np.unique(xy, axis=0)
    if len(different) < 2:
        return np.inf
    some = different[:: max(1, len(different) // 20_000)]
    return float(np.percentile(cKDTree(different).query(some, k=2)[0][:, 1], 70))


def type_legend(ax: Axes, colors: Mapping[str, str], counts: Mapping[str, int], *, title: str = "") -> None:
    """List the types that there are, with their numbers, right of the axes."""
    total = sum(counts.values())
    shown = [name for name in colors if counts.get(name)]
    shares = {name: counts[name] / total * 100 for name in shown}
    handles = [Line2D([], [], linestyle="", marker="o", markersize=7, color=colors[name]) for name in shown]
    texts = [f"{name}  {counts[name]:,} ({_percent(shares[name])})" for name in shown]
    legend = ax.legend(
        handles, texts, title=title or None, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0,
        handletextpad=0.3, alignment="left", labelspacing=0.55,
    )  # fmt: skip
    legend.get_title().set_color(MUTED)


def _percent(share: float) -> str:
    return "<1 %" if share < 1 else f"{share:.0f} %"


def rgba(values: ArrayLike, *, cmap: str = "viridis", low: float, high: float) -> NDArray[np.float64]:
    """Map numbers to colours; what is not a number is grey."""
    from matplotlib import colormaps

    x = np.asarray(values, dtype=float)
    scaled = np.clip((x - low) / (high - low or 1.0), 0, 1)
    colors = colormaps[cmap](np.nan_to_num(scaled))
    colors[~np.isfinite(x)] = (0.8, 0.8, 0.8, 1.0)
    return colors
