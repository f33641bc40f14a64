"""Which types are neighbours more or less often than by chance: effect and evidence in one matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from htan_kit.pl._colors import type_colors
from htan_kit.pl._figure import INK, figure_of, footnote, headline, message, new_figure, style
from htan_kit.pl._rows import rows_of, why_none

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["nhood_enrichment"]

_CMAP = "RdBu_r"
_ALPHA = 0.05


def nhood_enrichment(data: AnnData | pd.DataFrame, *, library_id: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw log2(observed / expected) of each pair of types; a dot marks q < 0.05, hatching a pair without a number.

    Parameters
    ----------
    data
        An AnnData after :func:`htan_kit.tl.nhood_enrichment`, or the long table of statistics.
    library_id
        The image; needed where the table has several.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure: red pairs are neighbours more often than under random labelling, blue ones less often. Types that no
    number is known for are left out and named below.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit as hk
    >>> xy = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0)), -1).reshape(-1, 2) * 10
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": np.where(xy[:, 0] < 40, "left", "right")})
    >>> adata = anndata.AnnData(obs=obs.set_axis([f"c{i}" for i in range(64)]), obsm={"spatial_um": xy})
    >>> hk.tl.spatial_graph(adata)
    >>> figure = hk.pl.nhood_enrichment(hk.tl.nhood_enrichment(adata, n_perms=50))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['left  (32)', 'right  (32)']
    """
    rows = rows_of(data, "nhood_enrichment", library_id)
    images = list(dict.fromkeys(rows["library_id"]))
    title = f"Neighbourhood enrichment{f' · {images[0]}' if len(images) == 1 else ''}"
    if len(images) > 1:
        return message(title, f"the table has {len(images)} images; choose one with library_id=.", ax=ax)
    known = rows.loc[rows["value"].notna()]
    if known.empty:
        return message(title, why_none(rows, "nhood_enrichment"), ax=ax)
    counts = _counts(rows)
    names = [name for name in counts if name in set(known["type_a"]) | set(known["type_b"])]
    effect, q, seen = (_matrix(known, names, column) for column in ("log2fc", "q", "value"))
    with style():
        own_figure = ax is None
        if ax is None:
            side = 0.5 * len(names)
            ax = new_figure(max(side + 3.2, 5.0), max(side + 1.9, 2.9)).add_subplot()
        finite = effect[np.isfinite(effect)]
        limit = max(1.0, float(np.percentile(np.abs(finite), 98))) if len(finite) else 1.0
        _draw(ax, names, counts, effect, q, seen, limit)
        bar = figure_of(ax).colorbar(ScalarMappable(Normalize(-limit, limit), _CMAP), ax=ax, shrink=0.75, pad=0.02)
        bar.set_label("log2 (observed / expected)")
        bar.outline.set_visible(False)
        few = [f"{name} ({n})" for name, n in counts.items() if name not in names]
        footnote(figure_of(ax), _caption(known), *([f"not assessed, too few cells: {', '.join(few)}"] if few else []))
        if own_figure:
            headline(figure_of(ax), title)
        else:
            ax.set_title(title)
    return figure_of(ax)


def _counts(rows: pd.DataFrame) -> dict[str, int]:
    pairs = [*zip(rows["type_a"], rows["n_a"], strict=True), *zip(rows["type_b"], rows["n_b"], strict=True)]
    return {str(name): int(n) for name, n in pairs if name is not None and n is not None}


def _matrix(rows: pd.DataFrame, names: list[str], column: str) -> NDArray[np.float64]:
    place = {name: i for i, name in enumerate(names)}
    matrix = np.full((len(names), len(names)), np.nan)
    for a, b, value in zip(rows["type_a"], rows["type_b"], rows[column], strict=True):
        matrix[place[a], place[b]] = value
    return np.where(np.isnan(matrix), matrix.T, matrix)


def _draw(
    ax: Axes,
    names: list[str],
    counts: dict[str, int],
    effect: NDArray[np.float64],
    q: NDArray[np.float64],
    seen: NDArray[np.float64],
    limit: float,
) -> None:
    shown = np.where(seen == 0, -limit, effect)  # none seen: as far down as the scale goes
    ax.imshow(shown, cmap=_CMAP, vmin=-limit, vmax=limit)
    for i, j in np.ndindex(effect.shape):
        if not np.isfinite(shown[i, j]):
            ax.add_patch(
                Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor="#f2f2f2", edgecolor="#bbbbbb", hatch="////", lw=0)
            )
            continue
        ink = "white" if abs(shown[i, j]) > 0.62 * limit else INK
        rounded = round(float(effect[i, j]), 1) + 0.0  # no "-0.0"
        text = f"{rounded:.1f}" if np.isfinite(rounded) else "none"
        ax.text(j, i, text.replace("-", "−"), ha="center", va="center", color=ink, fontsize=8)
        if q[i, j] < _ALPHA:
            ax.plot(j + 0.36, i - 0.36, marker="o", markersize=3.2, color=ink)
    ticks = range(len(names))
    ax.set_xticks(ticks, names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(ticks, [f"{name}  ({counts[name]:,})" for name in names])
    ax.tick_params(length=0, pad=9)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_xticks(np.arange(len(names) - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(len(names) - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=1.5)
    ax.tick_params(which="minor", length=0)
    colors = type_colors(names)
    for i, name in enumerate(names):  # the colour each type has on the map
        for x, y, transform in ((-0.012, i, ax.get_yaxis_transform()), (i, -0.012, ax.get_xaxis_transform())):
            ax.plot(x, y, marker="s", markersize=5, color=colors[name], transform=transform, clip_on=False)
    ax.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(names) - 0.5, -0.5))


def _caption(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    return f"{first['graph']} · {int(first['n_perm']):,} permutations of types · dot: q < {_ALPHA:g}"
