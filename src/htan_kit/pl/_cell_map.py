"""Where the cells are, coloured by type or by a marker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.pl._colors import colors_of
from htan_kit.pl._data import Cells, cells_of, one_image, picture_of
from htan_kit.pl._figure import figure_of, message, style, title
from htan_kit.pl._map import draw_dots, draw_shapes, has_shapes, map_axes, map_frame, rgba, type_legend

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from htan_kit.pl._data import Picture

__all__ = ["cell_map"]


def cell_map(
    adata: AnnData,
    *,
    color: str = "phenotype",
    library_id: str | None = None,
    layer: str | None = None,
    shapes: bool | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the cells of one image where they are, origin at the top left, with a scale bar.

    Parameters
    ----------
    adata
        The cells.
    color
        A column of ``obs`` (types get their fixed colours, numbers a colour scale), or a marker.
    library_id
        The image, where there are several.
    layer
        The layer a marker is taken from; default ``"arcsinh"`` if there is one, else ``X``.
    shapes
        Fill the outlines of the mask's thumbnail (True), or draw discs (False). Default: outlines where the
        thumbnail is large enough to show them.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure; a short text in it says why where there are no cells or no coordinates.

    Raises
    ------
    InputError
        No such column or marker, or several images and none chosen.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.pl as pl
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": ["T cell", "B cell"]}, index=["1", "2"])
    >>> adata = anndata.AnnData(obs=obs, obsm={"spatial_um": np.array([[10.0, 20.0], [30.0, 90.0]])})
    >>> figure = pl.cell_map(adata)
    >>> figure.axes[0].get_title(loc="left")
    'image · 2 cells'
    """
    library_id, rows = one_image(adata, library_id)
    cells = cells_of(adata, library_id, rows)
    if cells is None:
        reason = "the table has no coordinates." if len(rows) else "the sample has no cells (no table, no mask)."
        return message(f"Cell map · {library_id}", reason, ax=ax)
    values = _values(adata, color, layer)
    picture = picture_of(adata, library_id)
    with style():
        is_type = not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)
        if ax is None:
            longest = max((len(str(name)) for name in values.unique()), default=0) if is_type else 0
            ax = map_axes(cells.extent, legend=longest + 14 if is_type else 6)  # and its number
        if is_type:
            _draw_types(ax, adata, cells, picture, color, shapes)
        else:
            _draw_numbers(ax, adata, cells, picture, color, values.to_numpy(float)[cells.rows], shapes)
        map_frame(ax, cells.extent, um_per_unit=1.0 if cells.is_um else None)
        title(ax, f"{library_id} · {len(cells.rows):,} cells")
    return figure_of(ax)


def _values(adata: AnnData, color: str, layer: str | None) -> pd.Series:
    if color in adata.obs:
        return adata.obs[color]
    if color not in adata.var_names:
        message_ = f"Neither a column of obs ({list(adata.obs.columns)}) nor a marker ({list(adata.var_names)})."
        raise InputError.of("pl.color", f"color={color!r}", message_, "For cell types, run tl.phenotype first.")
    place = int(adata.var_names.get_loc(color))
    if layer is None and "arcsinh" in adata.layers:
        layer = "arcsinh"
    matrix = adata.X if layer is None else adata.layers[layer]
    return pd.Series(np.asarray(matrix[:, place], dtype=float).ravel(), index=adata.obs_names)


def _draw(
    ax: Axes,
    adata: AnnData,
    cells: Cells,
    picture: Picture | None,
    colors: list[str] | NDArray[np.float64],
    shapes: bool | None,  # noqa: FBT001
) -> None:
    possible = picture is not None and picture.labels is not None and Key.obs.cell_id in adata.obs
    wanted = has_shapes(picture, len(cells.rows)) if shapes is None else shapes
    if picture is not None and possible and wanted:
        draw_shapes(ax, adata, cells, picture, colors)
    else:
        draw_dots(ax, cells, colors)


def _draw_types(
    ax: Axes,
    adata: AnnData,
    cells: Cells,
    picture: Picture | None,
    key: str,
    shapes: bool | None,  # noqa: FBT001
) -> None:
    colors = colors_of(adata, key)
    names = adata.obs[key].iloc[cells.rows]
    counts = names.astype("category").value_counts(sort=False)
    _draw(ax, adata, cells, picture, [colors.get(str(name), "#ffffff") for name in names], shapes)
    type_legend(ax, colors, {str(name): int(n) for name, n in counts.items()}, title=key)


def _draw_numbers(
    ax: Axes,
    adata: AnnData,
    cells: Cells,
    picture: Picture | None,
    key: str,
    values: NDArray[np.float64],
    shapes: bool | None,  # noqa: FBT001
) -> None:
    finite = values[np.isfinite(values)]
    low, high = np.percentile(finite, [0.5, 99.5]) if len(finite) else (0.0, 1.0)
    _draw(ax, adata, cells, picture, rgba(values, low=low, high=high), shapes)
    bar = figure_of(ax).colorbar(ScalarMappable(Normalize(low, high), "viridis"), ax=ax, shrink=0.6, pad=0.02)
    bar.set_label(key)
    bar.outline.set_visible(False)
