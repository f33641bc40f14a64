"""steinbock: intensities/*.csv beside regionprops/*.csv, or both joined (cells.csv, objects.csv)."""

from __future__ import annotations

from htan_kit.io.dialects._columns import Columns, Header, Place, image_column, is_shape, sort_columns

__all__ = ["matches", "read"]

_X, _Y = "centroid-1", "centroid-0"  # scikit-image counts rows first


def matches(header: Header) -> bool:
    """Tell whether a header is steinbock's: an Object column, in a table of objects and not of their neighbours."""
    return header.has("Object") and not header.has("Neighbor")


def read(header: Header) -> Columns:
    """Sort the columns: all but Object, Image and regionprops names are markers."""
    image = image_column(header.names)
    place = Place((_X,), (_Y,)) if header.has(_X, _Y) else None
    values = [name for name in header.names if name in header.numbers and name not in ("Object", image)]
    markers = {name: name for name in values if not is_shape(name) and not name.startswith("Unnamed: ")}
    return sort_columns(header, ids="Object", image=image, place=place, markers=markers)
