"""The picture of the image, small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.pl._data import one_image, picture_of
from htan_kit.pl._figure import MUTED, figure_of, message, style, title
from htan_kit.pl._map import map_axes, map_frame

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["image"]


def image(adata: AnnData, *, library_id: str | None = None, ax: Axes | None = None) -> Figure:
    """Draw the thumbnail of one image, origin at the top left, with a scale bar.

    Parameters
    ----------
    adata
        With ``uns["spatial"][library_id]["images"]["hires"]``.
    library_id
        The image, where there are several.
    ax
        Axes to draw into; None makes a figure.

    Returns
    -------
    The figure; a short text in it says so where the sample has no image.

    Raises
    ------
    InputError
        Several images and none chosen.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.pl as pl
    >>> adata = anndata.AnnData(obs=pd.DataFrame({"library_id": ["image"]}, index=["1"]))
    >>> spatial = {"images": {"hires": np.zeros((20, 30, 3), np.uint8)}, "scalefactors": {"tissue_hires_scalef": 0.5}}
    >>> adata.uns["spatial"] = {"image": spatial}
    >>> pl.image(adata).axes[0].get_title(loc="left")
    'image · 60 × 40 px'
    """
    library_id, _ = one_image(adata, library_id)
    picture = picture_of(adata, library_id)
    if picture is None:
        return message(f"Image · {library_id}", "the sample has no image (Level 2).", ax=ax)
    height, width = picture.pixels.shape[:2]
    size = f"{width / picture.scale:,.0f} × {height / picture.scale:,.0f} px"
    if picture.um_per_px:
        size += f" · {width * picture.um_per_px:,.0f} × {height * picture.um_per_px:,.0f} µm"
    extent = (-0.5, width - 0.5, -0.5, height - 0.5)
    metadata = adata.uns[Key.uns.spatial][library_id].get("metadata", {})
    with style():
        if ax is None:
            ax = map_axes(extent)
        ax.imshow(picture.pixels, origin="upper")
        map_frame(ax, extent, um_per_unit=picture.um_per_px)
        title(ax, f"{library_id} · {size}")
        shown = [f"{color}: {metadata[color]}" for color in ("grey", "green", "magenta") if metadata.get(color)]
        if shown:
            text, place = " · ".join(shown), (0.0, 0.0)
            ax.annotate(text, place, (0, -6), "axes fraction", "offset points", va="top", size=8, color=MUTED)
    return figure_of(ax)
