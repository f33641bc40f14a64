"""Which of MITI's attributes the metadata have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from htan_kit.pl._figure import INK, MUTED, figure_of, message, new_figure, style, title

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["completeness"]

_DARK: Final = "#0072B2"
_LIGHT: Final = "#9CCBE8"
_ALARM: Final = "#D55E00"
# What is asked and what is there -> what the legend says, face, edge, marker; in the order of the squares.
_SQUARES: Final = {
    ("required", "present"): ("required, there", _DARK, _DARK, "s"),
    ("required", "in part"): ("required, not in every entry", "none", _ALARM, "D"),
    ("required", "missing"): ("required, missing", _ALARM, _ALARM, "x"),
    ("recommended", "present"): ("recommended, there", _LIGHT, _LIGHT, "s"),
    ("recommended", "in part"): ("recommended, not in every entry", "none", _LIGHT, "D"),
    ("recommended", "missing"): ("recommended, missing", "none", "#BBBBBB", "s"),
}
_MAP: Final = LinearSegmentedColormap.from_list("share", ["#F7F7F7", _LIGHT, _DARK])
_WRITTEN: Final = 40  # images up to which there is room for numbers
_NAMED: Final = 150  # images up to which there is room for names


def completeness(adata: AnnData, *, library_id: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw which of MITI's attributes the metadata have: each attribute of one image, or each section of several.

    Parameters
    ----------
    adata
        With ``uns["miti"]``.
    library_id
        Only this image.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure; a short text in it says why where there are no metadata.

    References
    ----------
    Counts as :func:`htan_kit.qc.completeness` defines them.

    Examples
    --------
    >>> import anndata, htan_kit as hk
    >>> adata = anndata.AnnData(uns={"miti": {"A": {"file": {"data_file_id": "A", "pyramid": True}}}})
    >>> hk.pl.completeness(adata).axes[0].get_yticklabels()[2].get_text()
    'file'
    """
    from htan_kit.qc._completeness import attribute_states
    from htan_kit.qc._completeness import completeness as by_section

    table = by_section(adata)
    if library_id is not None:
        table = table[table["library_id"] == library_id]
    images = list(dict.fromkeys(table["library_id"]))
    if not images:
        reason = "there is no MITI block for this image." if library_id else "the AnnData has no MITI block."
        return message("Metadata", reason, ax=ax)
    with style():
        if len(images) > 1:
            return _grid(table, images, ax)
        states = attribute_states(adata)
        return _marks(states[states["library_id"] == images[0]], table, images[0], ax)


def _marks(states: pd.DataFrame, table: pd.DataFrame, image: str, ax: Axes | None) -> Figure:
    sections = table["section"].tolist()
    if ax is None:
        ax = new_figure(8.4, 1.35 + 0.3 * len(sections)).add_subplot()
    for key, (label, face, edge, marker) in _SQUARES.items():
        x, y = [], []
        for row, section in enumerate(sections):
            part = states[states["section"] == section]
            marks = [each for each in _SQUARES for _ in range(_count(part, each))]
            x += [place for place, mark in enumerate(marks) if mark == key]
            y += [row] * marks.count(key)
        if x and marker == "x":
            ax.scatter(x, y, s=38, c=edge, marker=marker, linewidths=1.6, label=label)
        elif x:
            ax.scatter(x, y, s=52, facecolors=face, edgecolors=edge, marker=marker, linewidths=1.0, label=label)
    n_widest = max(int(states.groupby("section")["attribute"].size().max()), 1)
    for row, section in enumerate(table.to_dict("records")):
        ax.annotate(_words(section), (n_widest, row), va="center", fontsize=8, color=MUTED, annotation_clip=False)
    ax.set_yticks(range(len(sections)), [_readable(name) for name in sections])
    ax.set(xlim=(-0.8, n_widest + 11), ylim=(len(sections) - 0.4, -0.6), xticks=[])
    ax.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    required, there = table["n_required"].sum(), table["n_required_present"].sum()
    title(ax, f"{image} · {there:,} of {required:,} attributes that MITI requires")
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), ncols=3, borderaxespad=0.2, handletextpad=0.2, columnspacing=1.2)
    return figure_of(ax)


def _count(part: pd.DataFrame, mark: tuple[str, str]) -> int:
    """Count the attributes of a kind; of files that are not there nothing is asked."""
    asked = part[part["n_entries"] > 0]
    return int(((asked["necessity"] == mark[0]) & (asked["state"] == mark[1])).sum())


def _words(section: dict[str, object]) -> str:
    if not section["n_entries"]:
        return "no such file"
    required = f"{section['n_required_present']}/{section['n_required']} required"
    return f"{required} · {section['n_recommended_present']}/{section['n_recommended']} recommended"


def _readable(section: str) -> str:
    return "OME-TIFF header" if section == "ome_tiff_header" else section.replace("_", " ")


def _grid(table: pd.DataFrame, images: list[str], ax: Axes | None) -> Figure:
    sections = list(dict.fromkeys(table["section"]))
    wide = table.pivot_table(index="library_id", columns="section", values="required_share", sort=False, dropna=False)
    shares = wide.reindex(index=images, columns=sections).to_numpy(np.float64)
    if ax is None:
        ax = new_figure(8.4, 1.4 + min(0.26 * len(images), 12)).add_subplot()
    picture = ax.imshow(np.ma.masked_invalid(shares), cmap=_MAP, vmin=0, vmax=1, aspect="auto")
    ax.set_facecolor("white")
    if len(images) <= _WRITTEN:
        rows = {(row["library_id"], row["section"]): row for row in table.to_dict("records")}
        for i, j in np.ndindex(shares.shape):
            row = rows.get((images[i], sections[j]))
            text = f"{row['n_required_present']}/{row['n_required']}" if row and np.isfinite(shares[i, j]) else "–"
            dark = np.isfinite(shares[i, j]) and shares[i, j] > 0.7
            ax.text(j, i, text, ha="center", va="center", fontsize=8, color="white" if dark else INK)
    ax.set_xticks(range(len(sections)), [_readable(name).replace(" ", "\n", 1) for name in sections])
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(images)), images) if len(images) <= _NAMED else ax.set_yticks([])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for i in range(1, max(shares.shape)):
        ax.axvline(i - 0.5, color="white", lw=2)
        ax.axhline(i - 0.5, color="white", lw=2 if len(images) <= _WRITTEN else 0.3)
    ax.set(xlim=(-0.5, len(sections) - 0.5), ylim=(len(images) - 0.5, -0.5))
    if len(images) > _WRITTEN:
        bar = figure_of(ax).colorbar(picture, ax=ax, fraction=0.025, pad=0.02)
        bar.set_label("share that is there")
    ax.set_title(f"Metadata of {len(images):,} images: attributes that MITI requires")
    return figure_of(ax)
