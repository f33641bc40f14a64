"""HuBMAP's SPRM: one file a statistic, joined by ID; the names of the files say which."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from htan_kit.io._paths import is_file
from htan_kit.io.dialects._columns import Beside, Columns, Header, Place, sort_columns

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["beside", "is_part", "matches", "read"]

_MEAN: Final = "-cell_channel_mean.csv"
_CENTERS: Final = "-cell_centers.csv"
_PART: Final = re.compile(r".+-((?:cell|cell_boundaries|nuclei|nucleus|nucleus_boundaries)_[a-zA-Z_]+)\.csv")


def matches(header: Header) -> bool:
    """Tell whether a table is SPRM's: an ID and a file name of its own, or ID, x and y and nothing else."""
    if not header.has("ID"):
        return False
    return _PART.fullmatch(header.file) is not None or set(header.names) - {"z"} == {"ID", "x", "y"}


def is_part(name: str) -> bool:
    """Tell whether a file only has further columns of another's objects."""
    return not name.endswith(_MEAN)


def read(header: Header) -> Columns:
    """Sort the columns: those of the means are the markers, of other statistics features with its name."""
    numbers = [name for name in header.names if name in header.numbers and name != "ID"]
    if header.file.endswith(_MEAN):
        return sort_columns(header, ids="ID", markers={n: n for n in numbers if not n.startswith("Unnamed: ")})
    if header.has("x", "y"):
        return sort_columns(header, ids="ID", place=Place(("x",), ("y",)))
    part = _PART.fullmatch(header.file)
    return sort_columns(header, ids="ID", called={name: f"{name}_{part[1]}" for name in numbers} if part else None)


def beside(path: Path) -> Beside:
    """Name the file of the centroids that belongs to a file of the means."""
    centers = path.with_name(path.name.removesuffix(_MEAN) + _CENTERS)
    return Beside((str(centers),)) if path.name.endswith(_MEAN) and is_file(centers) else Beside()
