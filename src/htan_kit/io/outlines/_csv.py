"""Outlines as a table of corners: a row a corner, in order, with the id of its object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._delimited import read_delimited, sniff_header
from htan_kit.io.outlines._found import BROKEN, UNNAMED, Found

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["corner_columns", "is_corner_table", "read_corners"]

MAX_BYTES: Final = 4 * 2**30
_LIMIT: Final = 2.0**31
_IDS: Final = (
    "cellid", "cell", "objectid", "object", "label", "labelid", "polygonid", "shapeid", "outlineid", "id",
)  # fmt: skip
_AXES: Final = ("{}", "{}px", "vertex{}", "vertex{}px", "{}vertex", "{}coord", "{}coordinate", "pixel{}")


def corner_columns(header: list[str]) -> tuple[str, str, str] | None:
    """Find the columns of id, x and y of a table of corners.

    Parameters
    ----------
    header
        The columns.

    Returns
    -------
    Their names, None where there is none for each.

    Examples
    --------
    >>> from htan_kit.io.outlines._csv import corner_columns
    >>> corner_columns(["cell_id", "vertex_x", "vertex_y"])
    ('cell_id', 'vertex_x', 'vertex_y')
    """
    names = {"".join(c for c in name.casefold() if c.isalnum()): name for name in reversed(header)}
    found = [
        next((names[key] for key in keys if key in names), None)
        for keys in (_IDS, [form.format("x") for form in _AXES], [form.format("y") for form in _AXES])
    ]
    return None if None in found else (str(found[0]), str(found[1]), str(found[2]))


def is_corner_table(path: Path) -> bool:
    """Tell from its header whether a text table may hold corners of outlines.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    True where it has an id, x and y; False too where it cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io.outlines import is_corner_table
    >>> is_corner_table(Path("missing.csv"))
    False
    """
    try:
        return corner_columns(sniff_header(path)) is not None
    except InputError:
        return False


def read_corners(path: Path) -> Found:
    """Read a table of corners.

    Parameters
    ----------
    path
        CSV or TSV with an id, x and y; the corners of an object follow each other. An id that comes again further down
        is another polygon of the same object. Coordinates in px, origin at the upper left corner of the image.

    Returns
    -------
    The outlines; objects of one row are points.

    Raises
    ------
    InputError
        There are no such columns, or a cell that should be a number is none.
    """
    header = sniff_header(path)
    columns = corner_columns(header)
    if columns is None:
        message = f"It is no table of corners: found {', '.join(header[:12])[:200]}."
        hint = "Columns are the object's id (cell_id), x and y: a row a corner, in px."
        raise InputError.of("outlines.columns", path, message, hint)
    name, x, y = columns
    types: dict[str, Any] = {name: "category", x: np.float64, y: np.float64}
    try:
        table = read_delimited(path, max_bytes=MAX_BYTES, usecols=list(columns), dtype=types, keep_default_na=True)
    except ValueError as problem:
        if isinstance(problem, InputError):
            raise
        message = f"A coordinate is no number ({str(problem)[:100]})."
        raise InputError.of(BROKEN, path, message, "Leave out rows that are no corner.") from problem
    found = Found(path, "table of outlines")
    xy = table[[x, y]].to_numpy(np.float64)
    ids = table[name].cat.categories.astype(str)
    codes = table[name].cat.codes.to_numpy()
    for row in np.flatnonzero(~(np.abs(xy) < _LIMIT).all(axis=1) | (codes < 0))[:1000].tolist():
        found.blame(BROKEN, "without an id or finite coordinates", f"data row {row + 1:,}")
    ends = np.flatnonzero(np.r_[codes[1:] != codes[:-1], True]) + 1 if len(codes) else np.zeros(0, np.int64)
    polygons: dict[int, list[list[np.ndarray]]] = {}
    for begin, end in zip([0, *ends.tolist()], ends.tolist(), strict=False):
        polygons.setdefault(int(codes[begin]), []).append([xy[begin:end]])
    for code, parts in polygons.items():
        if code >= 0 and all(len(ring) == 1 for part in parts for ring in part):
            found.mark([(float(part[0][0, 0]), float(part[0][0, 1])) for part in parts], ids[code])
        elif code >= 0:
            found.of(UNNAMED).add(parts, object_id=ids[code])
    return found
