"""steinbock: intensities/*.csv beside regionprops/*.csv, or both joined in cells.csv."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.dialects._raw import MORPHOLOGY, RawTable, image_column, is_number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["matches", "read"]

_X, _Y = "centroid-1", "centroid-0"  # scikit-image counts rows first


def matches(header: list[str]) -> bool:
    """Tell whether a header is steinbock's: an Object column."""
    return "Object" in header


def read(frame: pd.DataFrame) -> RawTable:
    """Sort the columns: all but Object, Image and regionprops names are markers."""
    names = list(frame.columns)
    xy = frame[[_X, _Y]] if {_X, _Y} <= set(names) else None
    key = image_column(names)
    rest = [name for name in names if name not in {"Object", key, _X, _Y}]
    numbers = [name for name in rest if is_number(frame[name])]
    markers = [name for name in numbers if name.lower() not in MORPHOLOGY]
    features = [name for name in numbers if name not in markers]
    notes = [name for name in rest if name not in numbers]
    image = None if key is None else frame[key]
    return RawTable(frame["Object"], xy, frame[markers], frame[features], frame[notes], image)
