"""What is odd about outlines, said once for the whole file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning
from htan_kit.io.outlines._found import number_of
from htan_kit.io.outlines._raster import rasterise

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io.outlines._shapes import Shapes

__all__ = ["n_crossing", "odd_places", "odd_shapes"]

_BATCH = 20_000
_SIDE = 512


def odd_shapes(shapes: Shapes, path: Path) -> Findings:
    """Judge the outlines by themselves.

    Parameters
    ----------
    shapes
        The outlines.
    path
        The file, for messages.

    Returns
    -------
    A warning ``outlines.crossing`` where some cross themselves.
    """
    n = n_crossing(shapes)
    if not n:
        return Findings()
    are = "outline crosses itself or its holes" if n == 1 else "outlines cross themselves or their holes"
    message = f"{n:,} {are}; a pixel is inside where a line to it crosses the outline an odd number of times."
    return Findings([warning("outlines.crossing", path, message, "Look at them where the objects were drawn.")])


def n_crossing(shapes: Shapes) -> int:
    """Count the parts that are no valid polygons (those of an area; the others have no pixels anyway)."""
    import shapely

    ends = np.flatnonzero(shapes.last) + 1
    sizes = np.diff(ends, prepend=0)
    rings = np.searchsorted(ends, shapes.start, side="right")  # the first ring of each part
    n = 0
    for first in range(0, len(shapes.owner), _BATCH):
        part = rings[first : first + _BATCH + 1]
        if part[0] == part[-1]:
            continue
        size = sizes[part[0] : part[-1]]
        # An index that equals the length is that of parts without rings, at the end.
        shortest = np.minimum.reduceat(np.append(size, 4), part[:-1] - part[0])
        whole = (shortest >= 4) & (part[1:] > part[:-1])
        kept = np.repeat(whole, np.diff(part))
        corners = shapes.xy[ends[part[0]] - sizes[part[0]] : ends[part[-1] - 1]][np.repeat(kept, size)]
        offsets = np.cumsum(np.r_[0, size[kept]]), np.cumsum(np.r_[0, np.diff(part)[whole]])
        polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, corners, offsets)
        n += int(np.count_nonzero(~shapely.is_valid(polygons)))
    return n


def odd_places(shapes: Shapes, shape: tuple[int, int], path: Path) -> Findings:
    """Draw all outlines once, and say which lie outside, cover each other or cover no pixel.

    Parameters
    ----------
    shapes
        The outlines.
    shape
        (height, width) of the image in px.
    path
        The file, for messages.

    Returns
    -------
    Warnings ``outlines.outside``, ``outlines.overlap`` and ``outlines.no-pixel``.

    Raises
    ------
    InputError
        All objects lie outside.
    """
    found = Findings()
    height, width = shape
    n = len(shapes.labels)
    there = np.zeros(n, bool)
    there[shapes.owner[shapes.within((0, height, 0, width))]] = True
    out = np.zeros(n, bool)
    x0, y0, x1, y1 = shapes.boxes.T
    np.logical_or.at(out, shapes.owner, (x0 < 0) | (y0 < 0) | (x1 > width) | (y1 > height))
    if out.any():
        what = "objects lie" if np.count_nonzero(out & ~there) != 1 else "object lies"
        message = (
            f"{out.sum():,} of {number_of(n, 'object', 'objects')} reach beyond the image of {height} x {width} px, "
            f"{np.count_nonzero(out & ~there):,} {what} wholly outside; outlines reach to "
            f"x = {x1.max():.1f}, y = {y1.max():.1f}."
        )
        hint = "Coordinates must be px of the full-resolution image, from its upper left corner."
        if not there.any():
            raise InputError.of("outlines.outside", path, message, hint)
        found.append(warning("outlines.outside", path, message, hint))
    seen, contested = _drawn(shapes, shape)
    if contested:
        message = f"Objects overlap in {contested:,} px (one object a time); the first in the file keeps a pixel."
        hint = "The order of the file decides: export objects that do not overlap, or one class only."
        found.append(warning("outlines.overlap", path, message, hint))
    missing = shapes.labels[there & ~seen]
    missing = np.concatenate([missing, shapes.labels[~there & ~out]])  # those without any corner
    if len(missing):
        some = ", ".join(map(str, missing[:5].tolist())) + (" ..." if len(missing) > 5 else "")
        message = f"{number_of(len(missing), 'object has', 'objects have')} no pixel of their own: labels {some}."
        hint = "They lie under others, or no centre of a pixel lies in them."
        found.append(warning("outlines.no-pixel", path, message, hint))
    return found


def _drawn(shapes: Shapes, shape: tuple[int, int]) -> tuple[np.ndarray, int]:
    """Draw everything, piece by piece: which objects have pixels, and how many pixels are contested."""
    height, width = shape
    numbered = replace(shapes, labels=np.arange(1, len(shapes.labels) + 1))
    seen, contested = np.zeros(len(shapes.labels) + 1, bool), 0
    for y in range(0, height, _SIDE):
        band = shapes.within((y, min(y + _SIDE, height), 0, width))
        if not len(band):
            continue
        for x in range(0, width, _SIDE):
            window = (y, min(y + _SIDE, height), x, min(x + _SIDE, width))
            parts = shapes.within(window, band)
            if len(parts):
                drawn = rasterise(numbered, window, parts, np.dtype(np.int64))
                seen[drawn.labels] = True
                contested += drawn.n_contested
    return seen[1:], contested
