"""QuPath's measurement export, classic and ObjectMeasurements names, whatever became of its µ."""

from __future__ import annotations

import re
from typing import Final

from htan_kit.io.dialects._columns import Columns, Header, Place, sort_columns, whole_cell

__all__ = ["matches", "read"]

# "Cell: CD3 mean" and "Cell: CD3: Mean"; "CD3: Cell: Mean"; in R's names a blank and a colon are points.
_PART: Final = r"(?P<part>Cell|Nucleus|Cytoplasm|Membrane)"
_SEP: Final = r"(?:: |\.\.)"
_MEANS: Final = (
    re.compile(rf"{_PART}{_SEP}(?P<marker>.+?)(?:{_SEP}|[ .])[Mm]ean"),
    re.compile(rf"(?P<marker>.+){_SEP}{_PART}{_SEP}Mean"),
)
_PARTS: Final = ("Cell", "Nucleus", "Cytoplasm", "Membrane")
_TEXTS: Final = ("Image", "Object ID", "Object type", "Name", "Classification", "Class", "Parent", "ROI", "TMA core")


def matches(header: Header) -> bool:
    """Tell whether a header is QuPath's: Centroid X with its unit in the name."""
    return _place(header) is not None


def read(header: Header) -> Columns:
    """Sort the columns: mean intensities of the whole cell are the markers; the id is QuPath's own, no label."""
    parts = {name: found for name in header.names if name in header.numbers and (found := _mean(name))}
    markers, remarks = whole_cell(parts, _PARTS, header.file)
    folded = {_fold(name): name for name in reversed(header.names)}
    texts = [folded[key] for key in map(_fold, _TEXTS) if key in folded]
    return sort_columns(
        header, ids=folded.get("objectid"), image=folded.get("image"), place=_place(header), markers=markers,
        texts=texts, own_ids=True, remarks=remarks,
    )  # fmt: skip


def _place(header: Header) -> Place | None:
    """Find the centroids; QuPath's first pixel lies between 0 and 1, so that its centre is 0.5."""
    folded = {_fold(name): name for name in reversed(header.names)}
    for unit in ("um", "px"):
        x, y = folded.get(f"centroidx{unit}"), folded.get(f"centroidy{unit}")
        if x and y:
            return Place((x,), (y,), unit, first_px=0.5)
    return None


def _mean(name: str) -> tuple[str, str] | None:
    found = next((match for pattern in _MEANS if (match := pattern.fullmatch(name))), None)
    return (found["marker"], found["part"]) if found else None


def _fold(name: str) -> str:
    """Reduce a name to letters and digits; the micro sign comes as two characters, and twice misread."""
    for micro in ("\u00c2\u00b5", "\u00ce\u00bc", "\u00b5", "\u03bc"):
        name = name.replace(micro, "u")
    return "".join(character for character in name.casefold() if character.isalnum())
