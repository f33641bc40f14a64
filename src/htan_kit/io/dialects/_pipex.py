"""PIPEX's cell_data.csv."""

from __future__ import annotations

import re
from typing import Final

from htan_kit.io.dialects._columns import Columns, Header, Place, image_column, is_shape, sort_columns

__all__ = ["matches", "read"]

_OWN: Final = ("cell_id", "size", "x", "y")
_OTHERS: Final = frozenset({"leiden", "leiden_id", "kmeans", "cluster", "cluster_id", "bin_thres", "ref_p", "ref_n"})
_COUNT: Final = re.compile(r"_\d+")


def matches(header: Header) -> bool:
    """Tell whether a header is PIPEX's."""
    return header.has(*_OWN)


def read(header: Header) -> Columns:
    """Sort the columns: markers are what stands behind x and y, without scores (``CD3_ratio_pixels``)."""
    image = image_column(header.names)
    values = [name for name in header.names if name in header.numbers and name not in (*_OWN, image)]
    values = [name for name in values if name.lower() not in _OTHERS and not is_shape(name)]
    scores = {n for n in values for m in values if n.startswith(f"{m}_") and not _COUNT.fullmatch(n[len(m) :])}
    markers = {name: name for name in values if name not in scores and not name.startswith("Unnamed: ")}
    place = Place(("x",), ("y",))
    return sort_columns(header, ids="cell_id", image=image, place=place, markers=markers)
