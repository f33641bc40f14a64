"""CellProfiler's table of objects, as the ImcSegmentationPipeline and steinbock make it (cell.csv beside Image.csv)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError
from htan_kit.io._delimited import read_delimited, sniff_header
from htan_kit.io._paths import is_file
from htan_kit.io.dialects._columns import Beside, Columns, Header, Place, sort_columns

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["beside", "matches", "read"]

_MEAN: Final = re.compile(r"Intensity_MeanIntensity_(.+?)(?:_c(\d+))?")
_XY: Final = (("Location_Center_X", "Location_Center_Y"), ("AreaShape_Center_X", "AreaShape_Center_Y"))
_MAX_BYTES: Final = 64 * 2**20
_IMAGE: Final = ("FileName_", "Scaling_")


def matches(header: Header) -> bool:
    """Tell whether a header is that of objects: their number within the number of an image."""
    return header.has("ImageNumber", "ObjectNumber")


def read(header: Header) -> Columns:
    """Sort the columns: the mean intensities of one stack are the markers, ``c1`` its first channel."""
    found = {name: match for name in header.names if name in header.numbers and (match := _MEAN.fullmatch(name))}
    stack = _stack([(match[1], match[2] is not None) for match in found.values()])
    counted = {match[1] for match in found.values() if match[2]}
    markers = {
        f"c{match[2]}" if match[2] else match[1]: name
        for name, match in found.items()
        if (match[1] == stack if counted else match[2] is None)
    }
    pair = next((pair for pair in _XY if header.has(*pair)), None)
    place = Place((pair[0],), (pair[1],)) if pair else None
    return sort_columns(header, ids="ObjectNumber", image="ImageNumber", place=place, markers=markers)


def _stack(means: list[tuple[str, bool]]) -> str | None:
    """Choose the stack that is the image: FullStack by the pipeline's name, else the one with most channels."""
    stacks = [name for name, counted in means if counted]
    return max(
        stacks, key=lambda name: (name == "FullStack", "prob" not in name.lower(), stacks.count(name)), default=None
    )


def beside(path: Path) -> Beside:
    """Read what Image.csv says: what each image's number means, and by what CellProfiler divided its values."""
    table = path.with_name(path.name.rpartition("_")[0] + "_Image.csv" if "_" in path.name else "Image.csv")
    if not is_file(table) or table == path:
        return Beside()
    try:
        columns = [name for name in sniff_header(table) if name == "ImageNumber" or name.startswith(_IMAGE)]
        if "ImageNumber" not in columns:
            return Beside()
        frame = read_delimited(table, max_bytes=_MAX_BYTES, usecols=columns)
    except InputError:
        return Beside()
    names, scale = {}, {}
    files = [name for name in columns if name.startswith("FileName_")]
    stack = _stack([(name.removeprefix("Scaling_"), True) for name in columns if name.startswith("Scaling_")])
    for row in frame.to_dict("records"):
        names[row["ImageNumber"]] = tuple(row[name] for name in files if row[name])
        try:
            factor = float(row[f"Scaling_{stack}"])
        except (KeyError, ValueError):
            continue
        if 0 < factor < float("inf"):
            scale[row["ImageNumber"]] = factor
    return Beside((), names, scale)
