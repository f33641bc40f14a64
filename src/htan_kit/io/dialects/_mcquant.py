"""MCMICRO's quantification (mcquant), and tables that follow its column names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.dialects._raw import MORPHOLOGY, RawTable, image_column, is_number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["matches", "read"]

_XY = (("X_centroid", "Y_centroid"), ("X_position", "Y_position"))  # the second: scimap's older exports


def matches(header: list[str]) -> bool:
    """Tell whether a header is mcquant's: CellID, or its centroids."""
    return "CellID" in header or any(set(pair) <= set(header) for pair in _XY)


def read(frame: pd.DataFrame) -> RawTable:
    """Sort the columns: markers stand before X_centroid; regionprops names among them are features."""
    names = list(frame.columns)
    ids = frame["CellID"] if "CellID" in names else None
    pair = next((list(pair) for pair in _XY if set(pair) <= set(names)), [])
    key = image_column(names)
    end = names.index(pair[0]) if pair else len(names)
    taken = {"CellID", *pair, key}
    block = [name for name in names[:end] if name not in taken and not name.startswith("Unnamed: ")]
    markers = [name for name in block if name.lower() not in MORPHOLOGY and is_number(frame[name])]
    rest = [name for name in names if name not in taken and name not in markers and not name.startswith("Unnamed: ")]
    numbers = [name for name in rest if is_number(frame[name])]
    notes = [name for name in rest if name not in numbers]
    image = None if key is None else frame[key]
    return RawTable(ids, frame[pair] if pair else None, frame[markers], frame[numbers], frame[notes], image)
