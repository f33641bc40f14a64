"""Outlines of the mask on crops of the image, chosen by rule and not by taste."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import binary_dilation
from skimage.segmentation import find_boundaries

from htan_kit.assemble._sources import open_sources
from htan_kit.pl._crops import Window, clamp_window, contrast, grey, grid_windows
from htan_kit.pl._figure import footnote, headline, message, new_figure, style
from htan_kit.pl._scale_bar import scale_bar

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from htan_kit.assemble._sources import Sources
    from htan_kit.cohort import Sample

__all__ = ["choose_crops", "segmentation"]

_OUTLINE = np.array([240, 228, 66]) / 255  # Okabe and Ito's yellow: light on grey for every reader
_CUT = np.array([213, 94, 0]) / 255


def segmentation(sample: Sample, *, n_crops: int = 6, crop_px: int | None = None, seed: int = 0) -> Figure:
    """Draw the outlines of a sample's mask on crops of its image.

    Parameters
    ----------
    sample
        The files of one image.
    n_crops
        Number of crops: the densest, the sparsest that is not empty, the median, one at the edge of the tissue, then
        random ones. An image no larger than a crop is shown whole, once.
    crop_px
        Side of the crops, in px of full resolution. Default: nine cells of median area wide, 48 to 256 px.
    seed
        Of the random choices.

    Returns
    -------
    The figure: the nuclear channel (else the mean of all channels, else the H&E) in grey, outlines in yellow, those
    of objects cut by the edge of the image in red. A short text says so where there is no mask or no image.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> figure = hk.pl.segmentation(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"], n_crops=2, crop_px=64)
    >>> [ax.get_title(loc="left").split(" · ")[0] for ax in figure.axes]
    ['densest', 'sparsest']
    """
    sources = open_sources(sample)
    title = f"{sample.library_id} · segmentation"
    if sources.mask is None or sources.objects is None:
        return message(title, "the sample has no mask (Level 3).")
    if sources.image is None:
        return message(title, "the sample has no image (Level 2) to draw the outlines on.")
    if not len(sources.objects):
        return message(title, "the mask has no objects.")
    height, width = sources.mask.shape
    if crop_px is None:
        diameter = math.sqrt(4 / math.pi * sources.objects["area_px"].median())
        crop_px = int(np.clip(round(9 * diameter), 48, 256))
    windows = choose_crops(sources.objects, height, width, crop_px, n_crops, seed=seed)
    with style():
        n_columns = min(3, len(windows))
        n_rows = math.ceil(len(windows) / n_columns)
        first = windows[0][1]
        ratio = (first[1] - first[0]) / (first[3] - first[2])
        side = 2.75 if len(windows) > 1 else 4.6
        figure = new_figure(side * n_columns + 0.3, (side * ratio + 0.32) * n_rows + 0.55)
        axes = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        for ax, (name, window) in zip(axes, windows, strict=False):
            n = _panel(ax, sources, window)
            ax.set_title(f"{name} · {n} objects", fontsize=9)
        for ax in axes[len(windows) :]:
            ax.set_axis_off()
        objects = f"{len(sources.objects):,} objects of mask {sample.mask_name or sources.mask.path.name}"
        headline(figure, f"{title}, {objects}")
        note = f"grey: {_background_name(sources)} · yellow: outlines · red: objects cut by the edge of the image"
        footnote(figure, note)
    return figure


def choose_crops(
    objects: pd.DataFrame, height: int, width: int, side: int, n_crops: int, *, seed: int = 0
) -> list[tuple[str, Window]]:
    """Choose windows by how many centroids lie in them.

    Parameters
    ----------
    objects
        With ``x_px`` and ``y_px``.
    height, width
        Of the image, in px.
    side
        Of a window, in px.
    n_crops
        Most windows to give.
    seed
        Of the grid's origin and of the random ones.

    Returns
    -------
    What each window is, and y0, y1, x0, x1; no two share more than half. A small image is given whole.
    """
    if max(height, width) <= 1.5 * side:
        return [("whole image", (0, height, 0, width))]
    windows = grid_windows(height, width, side, seed=seed)
    x, y = objects["x_px"].to_numpy(), objects["y_px"].to_numpy()
    counts = np.array([np.sum((y >= y0) & (y < y1) & (x >= x0) & (x < x1)) for y0, y1, x0, x1 in windows])
    used = np.flatnonzero(counts)
    order = used[np.argsort(counts[used], kind="stable")]
    distance = np.hypot(x - x.mean(), y - y.mean())
    far = int(np.argmax(distance))
    chosen = [
        ("densest", windows[order[-1]]),
        ("sparsest", windows[order[0]]),
        ("median", windows[order[len(order) // 2]]),
        ("edge of the tissue", clamp_window(y[far], x[far], side, height, width)),
    ]
    drawn = np.random.default_rng(seed).permutation(used)
    chosen += [("random", windows[i]) for i in drawn]
    different: list[tuple[str, Window]] = []
    for name, window in chosen:
        if all(_shared(window, other) <= 0.5 for _, other in different):
            different.append((name, window))
    return different[:n_crops]


def _shared(a: Window, b: Window) -> float:
    """Give the share of one window that lies in another of its size."""
    height, width = min(a[1], b[1]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[2], b[2])
    return max(height, 0) * max(width, 0) / ((a[1] - a[0]) * (a[3] - a[2]))


def _background_name(sources: Sources) -> str:
    if sources.image is not None and sources.image.is_rgb:
        return "the picture"
    nuclear = np.flatnonzero(sources.channel_frame["role"] == "nuclear")
    return str(sources.channel_frame.index[nuclear[0]]) if len(nuclear) else "mean of the channels"


def _background(sources: Sources, window: Window) -> NDArray[np.float64]:
    """Give the crop as RGB, 0 to 1."""
    if sources.image is None:
        return np.zeros((window[1] - window[0], window[3] - window[2], 3))
    if sources.image.is_rgb:
        pixels = sources.image.read(None, window).astype(np.float32)
        return grey(pixels, 0.0, max(float(pixels.max(initial=0)), 1.0))
    nuclear = np.flatnonzero(sources.channel_frame["role"] == "nuclear")
    planes = sources.image.read([int(nuclear[0])] if len(nuclear) else None, window).astype(np.float32)
    # Channels on one footing, or the brightest would be the only one to be seen.
    mean = np.stack([grey(plane, *contrast(plane)) for plane in planes]).mean(axis=0)
    plane = grey(mean, *contrast(mean))
    return np.repeat(plane[..., np.newaxis], 3, axis=2) * 0.92


def _panel(ax: Axes, sources: Sources, window: Window) -> int:
    """Draw one crop and give the number of objects in it."""
    if sources.mask is None or sources.objects is None:
        return 0
    labels = sources.mask.read(window)
    picture = _background(sources, window)
    # Enlarged without smoothing, an outline of four px is thin beside the pixels it encloses.
    zoom = max(1, math.ceil(640 / max(labels.shape)))
    labels, picture = (a.repeat(zoom, axis=0).repeat(zoom, axis=1) for a in (labels, picture))
    edges = binary_dilation(find_boundaries(labels, mode="thick"))
    cut = sources.objects.loc[sources.objects["touches_border"], "label"].to_numpy()
    picture[edges] = _OUTLINE
    picture[binary_dilation(find_boundaries(np.where(np.isin(labels, cut), labels, 0), mode="thick"))] = _CUT
    extent = (window[2] - 0.5, window[3] - 0.5, window[1] - 0.5, window[0] - 0.5)
    ax.imshow(picture, extent=extent, interpolation="antialiased")
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    scale_bar(ax, um_per_unit=sources.pixel_size_um)
    return len(np.unique(labels[labels > 0]))
