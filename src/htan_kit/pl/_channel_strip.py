"""One crop of each channel, the one with the most contrast."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from htan_kit.assemble._sources import open_sources
from htan_kit.pixels._measurement import measured
from htan_kit.pl._crops import Window, contrast, grey, grid_windows, sharpest_windows
from htan_kit.pl._figure import MUTED, headline, message, new_figure, style
from htan_kit.pl._scale_bar import scale_bar

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from htan_kit.cohort import Sample
    from htan_kit.io.image import Image

__all__ = ["channel_strip"]

_COLUMNS = 6
_COLOUR_CROPS = 3


def channel_strip(sample: Sample, *, crop_px: int = 256, seed: int = 0) -> Figure:
    """Draw each channel of a sample's image at full resolution, where its contrast is highest.

    Parameters
    ----------
    sample
        The files of one image.
    crop_px
        Side of the crops, in px of full resolution; smaller images are shown whole.
    seed
        Of the grid's origin.

    Returns
    -------
    The figure: of the windows of a grid, the one with the highest standard deviation (hot pixels cut off), from black
    at the channel's 0.1st to white at its 99.9th percentile (both of the thumbnail). The title names marker, cycle and
    role. A colour image is shown in colour, at its three places of highest contrast. A short text says so where there
    is no image.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    References
    ----------
    The crops with the highest standard deviation: Akoya's CODEX image analysis report.

    Examples
    --------
    >>> import htan_kit as hk
    >>> figure = hk.pl.channel_strip(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"], crop_px=64)
    >>> figure.axes[0].get_title(loc="left").strip()
    'DNA_1'
    """
    sources = open_sources(sample)
    image = sources.image
    if image is None:
        return message(f"Channels · {sample.library_id}", "the sample has no image (Level 2).")
    picture = measured(sources.measured.picture)
    small, scale = measured(picture.pixels), picture.scale
    windows = grid_windows(image.height, image.width, crop_px, seed=seed)
    reduced = [_reduce(window, scale, image.is_rgb, small.shape) for window in windows]
    panels = _colour_panels if image.is_rgb else _grey_panels
    with style():
        crops = panels(image, sources.channel_frame, small, windows, reduced)
        n_columns = min(_COLUMNS, len(crops))
        n_rows = math.ceil(len(crops) / n_columns)
        rows, columns = crops[0].pixels.shape[:2]
        width = 1.8 if len(crops) > 3 else 2.6
        height = min(max(width * rows / columns, 0.9), 3.0)
        figure = new_figure(width * n_columns + 0.3, (height + 0.42) * n_rows + 0.35)
        axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for ax, crop in zip(axes, crops, strict=False):
            ax.imshow(crop.pixels, cmap="gray", vmin=0, vmax=1)
            ax.set_axis_off()
            scale_bar(ax, um_per_unit=sources.pixel_size_um)
            ax.set_title(f"{crop.name}\n", fontsize=9)
            ax.annotate(crop.note, (0, 1), (0, 4), "axes fraction", "offset points", fontsize=7.5, color=MUTED)
        for ax in axes[len(crops) :]:
            ax.set_axis_off()
        what = "colour image" if image.is_rgb else f"{len(crops)} channels"
        title = f"{sample.library_id} · {what}, crops of {columns} × {rows} px with the highest contrast"
        headline(figure, title)
    return figure


class _Crop(NamedTuple):
    name: str
    note: str
    pixels: NDArray[np.float64]  # 0 to 1, (h, w) or (h, w, 3)


def _grey_panels(
    image: Image, frame: pd.DataFrame, small: NDArray[np.float32], windows: list[Window], reduced: list[Window]
) -> list[_Crop]:
    """Give each channel where its contrast is highest."""
    crops = []
    for channel, (plane, (marker, row)) in enumerate(zip(small, frame.iterrows(), strict=False)):
        window = windows[sharpest_windows(plane, reduced)[0]]
        cycle = str(row.get("cycle_number", "")).removesuffix(".0")
        cycle = f"cycle {cycle}" if cycle.isdigit() else ""
        note = " · ".join(part for part in (cycle, str(row.get("role", ""))) if part)
        pixels = grey(image.read([channel], window)[0], *contrast(plane))
        crops.append(_Crop(str(marker), note, pixels))
    return crops


def _colour_panels(
    image: Image, frame: pd.DataFrame, small: NDArray[np.float32], windows: list[Window], reduced: list[Window]
) -> list[_Crop]:
    """Give the places of a colour image where brightness varies most: its samples say little one by one."""
    name = str(frame.index[0]) if len(frame) else "RGB"
    best = sharpest_windows(small.mean(axis=-1), reduced)[:_COLOUR_CROPS]
    top = float(np.iinfo(image.dtype).max) if image.dtype.kind in "iu" else max(float(small.max(initial=0)), 1e-9)
    pictures = [grey(image.read(None, windows[place]), 0, top) for place in best]
    return [_Crop(f"{name}, crop {i}", "colour", picture) for i, picture in enumerate(pictures, start=1)]


def _reduce(window: Window, scale: float, is_rgb: bool, shape: tuple[int, ...]) -> Window:  # noqa: FBT001
    """Give the window in px of the thumbnail, at least one px wide."""
    height, width = shape[:2] if is_rgb else shape[1:]
    y0, x0 = min(int(window[0] * scale), height - 1), min(int(window[2] * scale), width - 1)
    return y0, max(math.ceil(window[1] * scale), y0 + 1), x0, max(math.ceil(window[3] * scale), x0 + 1)
