"""MCMICRO's quantification (mcquant), old and new, and tables that follow its column names."""

from __future__ import annotations

import re
from typing import Final

from htan_kit.io.dialects._columns import Columns, Header, Place, image_column, is_shape, sort_columns, whole_cell

__all__ = ["matches", "read"]

_XY: Final = (("X_centroid", "Y_centroid"), ("X_position", "Y_position"))  # the second: scimap's older exports
_SPARE_XY: Final = ("column_centroid", "row_centroid")
_MASK: Final = re.compile(r"(.+)_((?:cell|cyto|nuclei)(?:Ring)?Mask)")
_MASKS: Final = ("", "cellMask", "cellRingMask", "cytoMask", "cytoRingMask", "nucleiMask", "nucleiRingMask")
_STATISTIC: Final = re.compile(r"(.+)_(intensity_\w+|gini_index)")


def matches(header: Header) -> bool:
    """Tell whether a header is mcquant's: CellID, or its centroids."""
    return header.has("CellID") or any(header.has(*pair) for pair in _XY)


def read(header: Header) -> Columns:
    """Sort the columns: markers stand before X_centroid; shapes and further statistics among them are features."""
    pair = next((pair for pair in (*_XY, _SPARE_XY) if header.has(*pair)), None)
    image, names = image_column(header.names), header.names
    block = names[: names.index(pair[0])] if pair else names
    own = {"CellID", image, *(pair or ())}
    values = [name for name in block if name in header.numbers and name not in own and not is_shape(name)]
    values = [name for name in values if not name.startswith("Unnamed: ")]
    means = [name for name in values if not ((found := _STATISTIC.fullmatch(name)) and found[1] in values)]
    parts = {name: (found[1], found[2]) if (found := _MASK.fullmatch(name)) else (name, "") for name in means}
    markers, remarks = whole_cell(parts, _MASKS, header.file)
    place = Place((pair[0],), (pair[1],)) if pair else None
    ids = header.first("CellID")
    return sort_columns(header, ids=ids, image=image, place=place, markers=markers, remarks=remarks)
