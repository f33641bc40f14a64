"""Opening a file of outlines: which objects, how large, and what is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from htan_kit.errors import InputError
from htan_kit.findings import Findings, error, info, report, warning
from htan_kit.io._object_class import choose_class
from htan_kit.io._paths import is_file
from htan_kit.io._store import ImageChannel
from htan_kit.io.image import Image
from htan_kit.io.outlines._csv import read_corners
from htan_kit.io.outlines._found import LEFT_OUT, UNNAMED, Found, number_of
from htan_kit.io.outlines._geojson import NUCLEUS, read_geojson
from htan_kit.io.outlines._judge import odd_places, odd_shapes
from htan_kit.io.outlines._store import OutlineStore

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from htan_kit.io.outlines._shapes import Shapes

__all__ = ["Outlines", "is_outlines", "open_outlines", "outlines_of", "read_found"]

_JSON: Final = (".geojson", ".json")
_TEXT: Final = (".csv", ".tsv", ".txt")
_MAX_SIDE: Final = 500_000  # px; outlines that reach further must say the image's size
_CELLS: Final = ("cell", "cells")


class Outlines(NamedTuple):
    """Outlines that stand for a mask, and what the file says of each object (index ``label``)."""

    store: OutlineStore
    notes: pd.DataFrame

    def image(self, path: Path, findings: Findings) -> Image:
        """Give them as an image of one channel, without a pixel size."""
        return Image(path, self.store, (ImageChannel(0),), None, None, findings)


def is_outlines(path: Path) -> bool:
    """Tell from its name whether a Level 3 file holds outlines or points rather than pixels.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    True for GeoJSON and text tables.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io.outlines import is_outlines
    >>> is_outlines(Path("cells.geojson")), is_outlines(Path("cells.ome.tiff"))
    (True, False)
    """
    return path.suffix.lower() in (*_JSON, *_TEXT)


def read_found(path: Path) -> Found:
    """Read the outlines and points of a file.

    Parameters
    ----------
    path
        GeoJSON, or a table of corners.

    Returns
    -------
    All classes of objects, and points.

    Raises
    ------
    InputError
        It cannot be read; all problems at once.
    """
    if not is_file(path):
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    found = read_geojson(path) if path.suffix.lower() in _JSON else read_corners(path)
    wrong = [problem for problem in found.problems() if problem.severity == "error"]
    if wrong:
        raise InputError(*wrong)
    return found


def open_outlines(
    path: Path, *, shape: tuple[int, int] | None = None, object_class: str | None = None, findings: Findings | None
) -> Outlines:
    """Open a file of outlines as an image of labels.

    Parameters
    ----------
    path
        GeoJSON, or a table of corners; coordinates in px, origin at the upper left corner of the image.
    shape
        (height, width) of the image; None for as far as the outlines reach.
    object_class
        Which objects, where the file holds several classes (``cell``, ``annotation``); ``nucleus`` takes the nuclei of
        QuPath's cells. None takes cells where there are some.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    The labels are ids that are whole numbers, else the places of the objects among those of their class, from 1 on.

    Raises
    ------
    InputError
        It cannot be read, holds no outlines, or several classes of which none is chosen.
    """
    return outlines_of(read_found(path), shape=shape, object_class=object_class, findings=findings)


def outlines_of(
    found: Found, *, shape: tuple[int, int] | None = None, object_class: str | None = None, findings: Findings | None
) -> Outlines:
    """Take one class of what was read as an image of labels; as :func:`open_outlines`."""
    path = found.path
    if not found.shapes:
        raise _no_outlines(found)
    name = _choose(found, object_class)
    said = Findings(found.problems())
    shapes = found.shapes[name].build()
    said.extend(_left_out(found, name))
    if found.kind != "GeoJSON outlines":
        message = "Coordinates are taken as pixels, from the upper left corner of the image."
        said.append(info("outlines.units", path, message, "Divide by the pixel size if they are in µm."))
    said.extend(odd_shapes(shapes, path))
    if shape is None:
        shape = _extent(shapes, path)
        message = f"The size of the image is not given; the outlines reach over {shape[0]} x {shape[1]} px."
        said.append(warning("outlines.size", path, message, "Give shape=(height, width) of the image."))
    said.extend(odd_places(shapes, shape, path))
    for finding in said:
        report(findings, finding)
    return Outlines(OutlineStore(shapes, shape, found.kind), shapes.notes)


def _no_outlines(found: Found) -> InputError:
    problems = [problem for problem in found.problems() if problem.rule != LEFT_OUT]
    if found.points:
        message = f"It holds {number_of(len(found.points), 'point', 'points')} and no outlines: points have no area."
        hint = "Read it as a table of cells without markers: table=, hk.read_table(path)."
        return InputError(error("outlines.points", found.path, message, hint), *problems)
    message = "It holds no polygons."
    return InputError(error("outlines.empty", found.path, message, "Export the objects with outlines."), *problems)


def _choose(found: Found, wanted: str | None) -> str:
    """Choose a class: the one that is named, else cells, else the only one."""
    classes = {name: builder.n for name, builder in found.shapes.items()}
    if wanted is not None:
        if places := choose_class(list(classes), wanted):
            return list(classes)[places[0]]
        if list(classes) == [UNNAMED]:
            return UNNAMED
    else:
        own = [name for name in classes if name != NUCLEUS] or list(classes)
        cells = [name for name in own if name in _CELLS]
        if len(own) == 1 or len(cells) == 1:
            return (cells or own)[0]
    listed = ", ".join(f"{name[:60]!r} ({n:,})" for name, n in list(classes.items())[:20])
    what = "several classes of objects" if wanted is None else f"no objects {wanted[:60]!r}"
    message = f"It holds {what}; there are {listed}."
    hint = 'Name one: read_mask(path, object_class="..."), --mask NAME.'
    raise InputError.of("mask.object-class", found.path, message, hint)


def _left_out(found: Found, name: str) -> Findings:
    rest = [(other, builder.n) for other, builder in found.shapes.items() if other != name]
    others = [f"{number_of(n, 'outline', 'outlines')} of class {other[:60]!r}" for other, n in rest]
    if found.points:
        others.append(number_of(len(found.points), "point", "points"))
    if not others:
        return Findings()
    message = f"Taken: {name!r}. Left out: {', '.join(others[:20])}."
    return Findings([info(LEFT_OUT, found.path, message, "Name another class to read it.")])


def _extent(shapes: Shapes, path: Path) -> tuple[int, int]:
    reach = np.ceil(shapes.boxes[:, 2:].max(axis=0)) if len(shapes.boxes) else np.zeros(2)
    if reach.max() > _MAX_SIDE or reach.min() < 1:
        message = f"The outlines reach to x = {reach[0]:.0f}, y = {reach[1]:.0f}: this is no size of an image."
        raise InputError.of("outlines.size", path, message, "Give shape=(height, width) of the image.")
    return int(reach[1]), int(reach[0])
