"""What a header gives: each column of a Level 4 table told for what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from htan_kit.findings import Finding, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "MORPHOLOGY",
    "Beside",
    "Columns",
    "Header",
    "Place",
    "image_column",
    "is_shape",
    "sort_columns",
    "whole_cell",
]

MORPHOLOGY: Final = frozenset(
    {
        "area", "area_bbox", "area_convex", "area_filled", "axis_major_length", "axis_minor_length",
        "bbox_area", "convex_area", "eccentricity", "equivalent_diameter", "equivalent_diameter_area",
        "euler_number", "extent", "feret_diameter_max", "filled_area", "majoraxislength", "major_axis_length",
        "minoraxislength", "minor_axis_length", "num_pixels", "orientation", "perimeter", "perimeter_crofton",
        "solidity", "column_centroid", "row_centroid", "x_centroid", "y_centroid", "centroid-0", "centroid-1",
    }
)  # fmt: skip
"""Columns that scikit-image's regionprops can add to any table, lower case: they are never markers."""

_NUMBERED: Final = re.compile(r"(bbox|(centroid|moments)(_[a-z]+)*|inertia_tensor(_eigvals)?)-\d(-\d)?")
_IMAGES: Final = ("imageid", "image_id", "imagename", "image_name", "image")


class Header(NamedTuple):
    """The columns of a table, those of them that hold numbers, and the name of its file."""

    names: tuple[str, ...]
    numbers: frozenset[str] = frozenset()
    file: str = ""

    def first(self, *names: str) -> str | None:
        """Give the first of some names that is a column's, None for none."""
        return next((name for name in names if name in self.names), None)

    def has(self, *names: str) -> bool:
        """Tell whether all of them are columns."""
        return set(names) <= set(self.names)


class Place(NamedTuple):
    """The columns of the centroids; of several, such as a box's sides, the mean is meant."""

    x: tuple[str, ...]
    y: tuple[str, ...]
    unit: str = "px"  # or "um"
    first_px: float = 0.0  # where the centre of the first pixel lies: 0.5 where its corner is 0

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.x, *self.y)


class Columns(NamedTuple):
    """What each column is; columns that are nowhere here are left out."""

    ids: str | None
    image: str | None  # says which image a row belongs to
    place: Place | None
    markers: dict[str, str]  # marker -> its column
    features: dict[str, str]  # further numbers, likewise
    notes: tuple[str, ...]  # all the rest
    texts: frozenset[str]  # notes that may look like numbers
    within: str | None = None  # ids are unique only together with this column
    own_ids: bool = False  # the program's own, that need not be a mask's labels; it may have none
    remarks: tuple[Finding, ...] = ()


class Beside(NamedTuple):
    """What lies beside a table: files of further columns, its images' names, by what their values were divided."""

    paths: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = {}
    scale: Mapping[str, float] = {}


def sort_columns(
    header: Header,
    *,
    ids: str | None = None,
    image: str | None = None,
    place: Place | None = None,
    markers: Mapping[str, str] | None = None,
    called: Mapping[str, str] | None = None,
    texts: Iterable[str] = (),
    within: str | None = None,
    own_ids: bool = False,
    remarks: Sequence[Finding] = (),
) -> Columns:
    """Sort what a dialect does not name: numbers are features, all else are notes.

    Parameters
    ----------
    header
        The header.
    ids, image, place, markers
        As in :class:`Columns`.
    called
        Names of features, by column, where they differ.
    texts, within, own_ids, remarks
        As in :class:`Columns`.

    Returns
    -------
    The columns; unnamed ones (pandas writes its index as one) are left out.

    Examples
    --------
    >>> from htan_kit.io.dialects._columns import Header, sort_columns
    >>> header = Header(("id", "CD3", "size", "type"), frozenset({"id", "CD3", "size"}))
    >>> sorted_ = sort_columns(header, ids="id", markers={"CD3": "CD3"})
    >>> sorted_.features, sorted_.notes
    ({'size': 'size'}, ('type',))
    """
    markers, called = dict(markers or {}), called or {}
    taken = {ids, image, *(place.columns if place else ()), *markers.values()}
    rest = [name for name in header.names if name not in taken and not name.startswith("Unnamed: ")]
    words = frozenset(texts) | ({within} if within else set())
    features = {called.get(name, name): name for name in rest if name in header.numbers and name not in words}
    notes = tuple(name for name in rest if name not in header.numbers or name in words)
    return Columns(ids, image, place, markers, features, notes, words, within, own_ids, tuple(remarks))


def whole_cell(
    parts: Mapping[str, tuple[str, str]], order: Sequence[str], file: str
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Choose one column a marker: the whole cell's, where several parts of the cell were measured.

    Parameters
    ----------
    parts
        Column -> its marker and part of the cell.
    order
        The parts from the most wanted to the least.
    file
        The file, for the remark.

    Returns
    -------
    Marker -> column, in the order of the columns; and a remark where markers are not all of one part.

    Examples
    --------
    >>> from htan_kit.io.dialects._columns import whole_cell
    >>> parts = {"CD3 nucleus": ("CD3", "nucleus"), "CD3 cell": ("CD3", "cell")}
    >>> whole_cell(parts, ("cell", "nucleus"), "a.csv")
    ({'CD3': 'CD3 cell'}, ())
    """
    best: dict[str, str] = {}
    for column, (marker, part) in parts.items():
        if marker not in best or order.index(part) < order.index(parts[best[marker]][1]):
            best[marker] = column
    used = {part: [m for m, column in best.items() if parts[column][1] == part] for part in order}
    used = {part: names for part, names in used.items() if names}
    if len(used) <= 1:
        return best, ()
    said = "; ".join(f"{', '.join(names[:5])[:100]}: {part or 'whole cell'}" for part, names in used.items())
    message = f"Markers were measured in different parts of the cell ({said})."
    hint = "Values of different parts cannot be compared; measure all in the whole cell."
    return best, (warning("table.compartments", file, message, hint),)


def is_shape(name: str) -> bool:
    """Tell whether a column is one that scikit-image's regionprops can add: a size, shape or place."""
    return name.lower() in MORPHOLOGY or _NUMBERED.fullmatch(name.lower()) is not None


def image_column(names: Iterable[object]) -> str | None:
    """Name the column that says which image a row belongs to, None when there is none."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(str(name).lower(), str(name))
    return next((folded[key] for key in _IMAGES if key in folded), None)
