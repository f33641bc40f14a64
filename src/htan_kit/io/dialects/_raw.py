"""What a dialect hands back: the columns sorted by what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["IMAGE_KEYS", "MORPHOLOGY", "RawTable", "image_column", "is_number"]

MORPHOLOGY = frozenset(
    {
        "area", "area_bbox", "area_convex", "area_filled", "axis_major_length", "axis_minor_length",
        "bbox_area", "convex_area", "eccentricity", "equivalent_diameter", "equivalent_diameter_area",
        "euler_number", "extent", "feret_diameter_max", "filled_area", "majoraxislength", "major_axis_length",
        "minoraxislength", "minor_axis_length", "orientation", "perimeter", "perimeter_crofton", "solidity",
        "column_centroid", "row_centroid", "x_centroid", "y_centroid", "centroid-0", "centroid-1",
    }
)  # fmt: skip
"""Columns that scikit-image's regionprops can add to any table, lower case: they are never markers."""


class RawTable(NamedTuple):
    """A Level 4 table, its columns sorted: all share the rows of the file."""

    ids: pd.Series | None  # as written
    xy_px: pd.DataFrame | None  # two columns: x, y
    markers: pd.DataFrame
    features: pd.DataFrame  # further numbers
    notes: pd.DataFrame  # everything that is no number
    image: pd.Series | None = None  # which image a row belongs to, where the table holds several


IMAGE_KEYS = ("imageid", "image_id", "imagename", "image_name", "image")
"""Columns that say which image a row belongs to, lower case, the first of them wins."""


def image_column(names: Iterable[object]) -> str | None:
    """Name the column that says which image a row belongs to, None when there is none."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(str(name).lower(), str(name))
    return next((folded[key] for key in IMAGE_KEYS if key in folded), None)


def is_number(column: pd.Series) -> bool:
    """Tell whether a column holds numbers (flags are notes)."""
    return column.dtype.kind in "iuf"
