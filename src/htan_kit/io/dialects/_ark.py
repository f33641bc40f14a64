"""ark-analysis (MIBI, Mesmer): one table of all fields of view; and the cohort table that HTAN Duke made from it."""

from __future__ import annotations

from typing import Final

from htan_kit.findings import warning
from htan_kit.io.dialects._columns import Columns, Header, Place, is_shape, sort_columns

__all__ = ["DUKE_KEYS", "matches", "read"]

DUKE_KEYS: Final = ("HTAN_Parent_Data_File_ID", "Point_Num")
_TEXTS: Final = ("cell_meta_cluster", "cell_cluster", "phenotype", "celllineage", "Tissue_Type")


def matches(header: Header) -> bool:
    """Tell whether a header is ark's: channels stand between cell_size and label."""
    names = header.names
    return header.has("cell_size", "label") and names.index("cell_size") < names.index("label")


def read(header: Header) -> Columns:
    """Sort the columns: centroid-0 is the row, whatever ark's own comments say."""
    names = header.names
    block = names[names.index("cell_size") + 1 : names.index("label")]
    image = header.first("fov", *DUKE_KEYS)
    place = Place(("centroid-1",), ("centroid-0",)) if header.has("centroid-0", "centroid-1") else None
    own = {image, *_TEXTS}
    values = [name for name in block if name in header.numbers and name not in own and not is_shape(name)]
    remarks = []
    if "arcsinh" in header.file.lower():
        message = "By its name the file holds values that ark transformed with arcsinh; they are kept as they are."
        hint = "Give cell_table_size_normalized.csv, which ark writes beside it."
        remarks.append(warning("table.transformed", header.file, message, hint))
    return sort_columns(
        header, ids="label", image=image, place=place, markers={name: name for name in values}, texts=_TEXTS,
        remarks=remarks,
    )  # fmt: skip
