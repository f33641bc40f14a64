"""inForm's cell_seg_data.txt (Akoya Vectra)."""

from __future__ import annotations

import re
from typing import Final

from htan_kit.io.dialects._columns import Columns, Header, Place, sort_columns, whole_cell

__all__ = ["matches", "read"]

_X, _Y = "Cell X Position", "Cell Y Position"
_PARTS: Final = ("Entire Cell", "Nucleus", "Cytoplasm", "Membrane")
_MEAN: Final = re.compile(rf"({'|'.join(_PARTS)}) (.+) Mean(?: \([^()]*\))?")
_TEXTS: Final = ("Path", "Sample Name", "Tissue Category", "Phenotype", "Lab ID", "Slide ID", "TMA Sector", "TMA Field")


def matches(header: Header) -> bool:
    """Tell whether a header is inForm's."""
    return header.has("Cell ID", _X, _Y)


def read(header: Header) -> Columns:
    """Sort the columns; lengths are in µm if a name says micron, or if none says pixel (as phenoptr decides)."""
    text = " ".join(header.names).lower()
    unit = "um" if "micron" in text or "pixel" not in text else "px"
    found = {name: match for name in header.names if name in header.numbers and (match := _MEAN.fullmatch(name))}
    markers, remarks = whole_cell({n: (m[2], m[1]) for n, m in found.items()}, _PARTS, header.file)
    image, place = header.first("Sample Name", "Path"), Place((_X,), (_Y,), unit)
    return sort_columns(header, ids="Cell ID", image=image, place=place, markers=markers, texts=_TEXTS, remarks=remarks)
