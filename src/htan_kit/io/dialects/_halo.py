"""HALO's object data: boxes, and intensities by part of the cell."""

from __future__ import annotations

import re
from typing import Final

from htan_kit.io.dialects._columns import Columns, Header, Place, sort_columns, whole_cell

__all__ = ["matches", "read"]

_BOX: Final = ("XMin", "XMax", "YMin", "YMax")
_PARTS: Final = ("Cell", "", "Nucleus", "Cytoplasm", "Membrane")
_INTENSITY: Final = re.compile(r"(.+?)(?: (Cell|Nucleus|Cytoplasm|Membrane))? Intensity")
_TEXTS: Final = (
    "Image Location",
    "Image Tag",
    "Analysis Region",
    "Algorithm Name",
    "Classifier Label",
    "Analysis Inputs",
)


def matches(header: Header) -> bool:
    """Tell whether a header is HALO's: objects in boxes."""
    return header.has("Object Id", *_BOX)


def read(header: Header) -> Columns:
    """Sort the columns: the centre of the box is the place; calls of positive cells are features."""
    found = {name: match for name in header.names if name in header.numbers and (match := _INTENSITY.fullmatch(name))}
    markers, remarks = whole_cell({n: (m[1], m[2] or "") for n, m in found.items()}, _PARTS, header.file)
    image = header.first("Image Location", "Image File Name", "Image Tag")
    place = Place(_BOX[:2], _BOX[2:])
    return sort_columns(
        header, ids="Object Id", image=image, place=place, markers=markers, texts=_TEXTS, own_ids=True,
        remarks=remarks,
    )  # fmt: skip
