"""GeoJSON as QuPath and others write it: which objects it holds, and their outlines in px."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.io.outlines._found import BROKEN, LEFT_OUT, UNNAMED, Found
from htan_kit.io.outlines._stream import features_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NUCLEUS", "read_geojson"]

NUCLEUS: Final = "nucleus"
_LIMIT: Final = 2.0**31  # px; no image is larger
_OLD_TYPES: Final = {  # QuPath before 0.4 writes the kind of object in place of an id
    "PathCellObject": "cell", "PathDetectionObject": "detection", "PathAnnotationObject": "annotation",
    "PathTileObject": "tile", "TMACoreObject": "tma_core",
}  # fmt: skip


class _UnusableError(ValueError):
    """A geometry that has no inside, or cannot be understood."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(what)
        self.rule, self.what = rule, what


def read_geojson(path: Path) -> Found:
    """Read the objects of a GeoJSON file, feature by feature.

    Parameters
    ----------
    path
        The file; coordinates in px, origin at the upper left corner of the image.

    Returns
    -------
    Outlines by class of object, points, and what cannot be used.

    Raises
    ------
    InputError
        It is no GeoJSON, or too large.

    References
    ----------
    RFC 7946; QuPath documentation, Exporting annotations (origin and units), and its GeoJSON of PathObjects
    (``objectType``, ``nucleusGeometry``, ``childObjects``).
    """
    found = Found(path, "GeoJSON outlines")
    number = 0
    for feature in features_of(path):
        todo = [feature]
        while todo:
            one = todo.pop()
            number += 1
            if not isinstance(one, dict) or one.get("type") != "Feature":
                found.blame(BROKEN, "no GeoJSON feature", f"entry {number:,}")
                continue
            _take(found, one, number)
            properties = one.get("properties")
            for holder in (one, properties if isinstance(properties, dict) else {}):
                children = holder.get("childObjects")
                todo += reversed(children) if isinstance(children, list) else []
    return found


def _take(found: Found, feature: dict[str, Any], number: int) -> None:
    properties = feature.get("properties")
    said = properties if isinstance(properties, dict) else {}
    kind, object_id = _kind(feature, said), _id(feature, said)
    place = f"feature {number:,}" + (f" ({object_id[:40]})" if object_id else "")
    classification = said.get("classification")
    notes = {
        "object_id": object_id,
        "name": _text(said.get("name")),
        "classification": _text(classification.get("name") if isinstance(classification, dict) else classification),
    }
    for name, geometry in ((kind, feature.get("geometry")), (NUCLEUS, feature.get("nucleusGeometry"))):
        if geometry is None:
            if name is not NUCLEUS:
                found.blame(LEFT_OUT, "without a geometry", place)
            continue
        try:
            parts, points = _geometry(geometry)
        except _UnusableError as problem:
            found.blame(problem.rule, problem.what, place)
            continue
        found.mark(points, object_id)
        if parts:
            found.of(name).add(parts, **notes)


def _kind(feature: dict[str, Any], said: dict[str, Any]) -> str:
    written = said.get("objectType") or said.get("object_type") or _OLD_TYPES.get(str(feature.get("id")))
    return (_text(written) or UNNAMED).casefold()


def _id(feature: dict[str, Any], said: dict[str, Any]) -> str | None:
    for value in (feature.get("id"), said.get("id"), said.get("cell_id"), said.get("label")):
        if (text := _text(value)) is not None and text not in _OLD_TYPES:
            return text
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    try:
        return str(value).strip()[:200] or None
    except ValueError:  # a number of more digits than Python writes
        return None


def _geometry(geometry: Any, depth: int = 0) -> tuple[list[list[np.ndarray]], list[tuple[float, float]]]:
    """Give the polygons and points of a geometry."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "GeometryCollection" and depth < 3:
        both = [_geometry(part, depth + 1) for part in _list(geometry.get("geometries"))]
        return [part for parts, _ in both for part in parts], [point for _, points in both for point in points]
    where = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        return [_polygon(where)], []
    if kind == "MultiPolygon":
        return [_polygon(part) for part in _list(where)], []
    if kind in ("Point", "MultiPoint"):
        points = _corners([where] if kind == "Point" else _list(where))
        return [], [(float(x), float(y)) for x, y in points]
    if kind in ("LineString", "MultiLineString"):
        raise _UnusableError(LEFT_OUT, "lines, which have no inside")
    raise _UnusableError(BROKEN, "of no geometry that GeoJSON knows")


def _polygon(rings: Any) -> list[np.ndarray]:
    return [_corners(ring) for ring in _list(rings) if ring != []]


def _corners(positions: Any) -> np.ndarray:
    try:
        xy = np.array(positions, np.float64)
    except (TypeError, ValueError, OverflowError):
        raise _UnusableError(BROKEN, "with coordinates that are no pairs of numbers") from None
    if xy.ndim != 2 or xy.shape[1] < 2:
        raise _UnusableError(BROKEN, "with coordinates that are no pairs of numbers")
    if not (np.abs(xy[:, :2]) < _LIMIT).all():  # NaN is not
        raise _UnusableError(BROKEN, "with coordinates that are not finite, or larger than any image")
    return xy[:, :2]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _UnusableError(BROKEN, "with coordinates that are no pairs of numbers")
    return value
