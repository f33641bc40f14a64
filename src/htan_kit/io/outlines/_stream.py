"""GeoJSON feature by feature: a file of a million outlines is never in memory as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

__all__ = ["features_of"]

MAX_FEATURE: Final = 32 * 2**20  # characters of one feature: an outline of about a million corners
_CHUNK: Final = 4 * 2**20
_TAIL: Final = 32  # how far before the end of what was read a number or word that is cut off may begin
_GEOMETRIES: Final = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
)  # fmt: skip


def features_of(path: Path) -> Iterator[Any]:
    """Go over the features of a GeoJSON file.

    Parameters
    ----------
    path
        A FeatureCollection, a list of features (as QuPath writes), one feature, or one geometry.

    Yields
    ------
    What stands in the place of each feature, as plain Python objects; it need not be one.

    Raises
    ------
    InputError
        There is no such file, it is no JSON or no GeoJSON, or a feature is too large.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _features(_Text(file, path))
    except OSError as problem:
        message = f"It cannot be read: {problem.strerror}."
        raise InputError.of("file.exists", path, message, "Check the path.") from problem
    except UnicodeDecodeError as problem:
        raise _wrong(path, "it is not UTF-8 text") from problem
    except RecursionError as problem:
        raise _wrong(path, "it is nested too deeply") from problem
    except (json.JSONDecodeError, ValueError) as problem:
        if isinstance(problem, InputError):
            raise
        raise _wrong(path, str(problem)[:200]) from problem


def _wrong(path: Path, what: str) -> InputError:
    return InputError.of("outlines.json", path, f"This is no GeoJSON: {what}.", "Export or download it again.")


class _Text:
    """A window onto a text, read on as values are taken from it."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self.path = file, path
        self._text, self._at, self._before, self._ended = "", 0, 0, False
        self._decoder = json.JSONDecoder()

    def _more(self) -> bool:
        """Drop what was taken and read on, twice as far each time; tell whether there was more."""
        rest = self._text[self._at :]
        if len(rest) > MAX_FEATURE:
            message = f"The value from character {self._before + self._at:,} on is longer than {MAX_FEATURE:,}."
            raise InputError.of("outlines.too-many", self.path, message, "Divide or simplify this outline.")
        read = self._file.read(max(_CHUNK, len(rest)))
        self._before += self._at
        self._text, self._at, self._ended = rest + read, 0, not read
        return bool(read)

    def next(self) -> str:
        """Give the next character that is no blank, "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self, expected: str) -> None:
        """Step over one character."""
        found = self.next()
        if found != expected:
            what = repr(found) if found else "the end"
            message = f"{expected!r} expected, found {what} at character {self._before + self._at:,}"
            raise ValueError(message)
        self._at += 1

    def value(self) -> Any:
        """Take a whole value."""
        self.next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as problem:
                message = f"{problem.msg} at character {self._before + problem.pos:,}"
                cut = problem.pos > len(self._text) - _TAIL or problem.msg.startswith("Unterminated string")
                if not self._ended and cut and self._more():
                    continue
                raise ValueError(message) from problem
            if end > len(self._text) - _TAIL and not self._ended and isinstance(value, int | float):
                self._more()  # the number may go on
                continue
            self._at = end
            return value


def _features(text: _Text) -> Iterator[Any]:
    if text.next() == "[":
        yield from _elements(text)
    else:
        whole: dict[str, Any] = {}
        many = False
        for key in _keys(text):
            if key == "features" and text.next() == "[":
                many = True
                yield from _elements(text)
            else:
                value = text.value()
                if key in ("type", "geometry", "nucleusGeometry", "properties", "id", "coordinates", "geometries"):
                    whole[key] = value
        if not many:
            yield _alone(whole)
    if text.next():
        message = "there is more after its end"
        raise ValueError(message)


def _alone(whole: dict[str, Any]) -> dict[str, Any]:
    if whole.get("type") == "Feature":
        return whole
    if whole.get("type") in _GEOMETRIES:
        return {"type": "Feature", "geometry": whole}
    message = "it holds neither features nor a geometry"
    raise ValueError(message)


def _elements(text: _Text) -> Iterator[Any]:
    text.skip("[")
    if text.next() != "]":
        yield text.value()
        while text.next() == ",":
            text.skip(",")
            yield text.value()
    text.skip("]")


def _keys(text: _Text) -> Iterator[str]:
    """Name the members of an object; what takes a name takes its value too."""
    text.skip("{")
    while text.next() == '"':
        key = text.value()
        text.skip(":")
        yield key
        if text.next() != ",":
            break
        text.skip(",")
    text.skip("}")
