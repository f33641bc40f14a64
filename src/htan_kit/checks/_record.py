"""Whether the manifests describe the files that are there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from htan_kit.findings import Finding, Findings, warning
from htan_kit.io._layout import OME_TYPES
from htan_kit.models import is_blank, typed
from htan_kit.units import to_um

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from htan_kit.checks._files import Files
    from htan_kit.io import Image
    from htan_kit.io.manifest import Record
    from htan_kit.io.table_header import TableHeader

__all__ = ["check_records", "count_objects"]

_MAX_UM: Final = 10.0  # above this a cell is one pixel (kit default)
_HINT: Final = "Correct the manifest, or the file it names."
_SUFFIXES: Final = {
    "ometiff": (".tif", ".tiff", ".btf"), "tif": (".tif", ".tiff"), "tiff": (".tif", ".tiff"), "svs": (".svs",),
    "csv": (".csv",), "tsv": (".tsv", ".txt"), "h5ad": (".h5ad",), "hdf5": (".h5ad", ".h5", ".hdf5"),
}  # fmt: skip


def check_records(files: Files) -> Findings:
    """Compare the records of a sample with its files, as far as headers tell.

    Parameters
    ----------
    files
        The opened files of the sample.

    Returns
    -------
    Warnings ``manifest.size`` (SizeX, Y, C, Z, T), ``manifest.pixel-size`` (a size that cannot be one, or is not the
    header's), ``manifest.pixel-type``, ``manifest.dimension-order``, ``manifest.pyramid``, ``manifest.image-id``,
    ``manifest.file-format``, ``manifest.n-objects`` and ``manifest.n-features``.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> from htan_kit.checks._record import check_records
    >>> len(check_records(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])))
    0
    """
    found, unit = Findings(), files.sample.unit
    if unit is None:
        return found
    if unit.level2 is not None:
        found.extend(_sizes(unit.level2))
        if files.image is not None:
            found.extend(_image(unit.level2, files.image))
    by_name: dict[str, Path] = {p.name: p for p in (files.sample.image, *files.sample.masks.values()) if p is not None}
    by_name |= {path.name: path for path in files.sample.table}
    for record in unit.files:
        found.extend(_format(record, by_name.get(_file(record))))
    for record in unit.level4:
        table = next((table for table in files.tables if table.path.name == _file(record)), None)
        if table is not None:
            found.extend(_table(record, table))
    return found


def count_objects(files: Files, n_objects: int) -> Findings:
    """Compare the number of objects in the used mask with that in its record.

    Parameters
    ----------
    files
        The opened files of the sample.
    n_objects
        Labels of the mask.

    Returns
    -------
    A warning ``manifest.n-objects`` where the record says another number.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> from htan_kit.checks._record import count_objects
    >>> len(count_objects(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]), 994))
    0
    """
    unit, mask = files.sample.unit, files.sample.mask
    if unit is None or mask is None:
        return Findings()
    said = [(r, _number(r, "Number of Objects", "NUMBER_OF_OBJECTS")) for r in unit.level3 if _file(r) == mask.name]
    return Findings(
        warning("manifest.n-objects", r.source, f"Number of objects is {n:,}, the mask has {n_objects:,}.", _HINT)
        for r, n in said
        if n is not None and n != n_objects
    )


def _image(record: Record, image: Image) -> Iterable[Finding]:
    ome = image.ome
    samples = 3 if image.is_rgb else image.n_channels
    real: dict[str, set[Any]] = {"X": {image.width}, "Y": {image.height}, "C": {image.n_channels, samples}}
    real |= {axis: {ome.size(axis) if ome is not None and ome.size(axis) else 1} for axis in "ZT"}
    for axis, sizes in real.items():
        names = (f"SIZE_{axis}", f"Size{axis}")
        written = _number(record, *names)
        if written is not None and written not in sizes:
            message = f"{_name(record, names)} is {written}, the image has {max(sizes)}."
            yield warning("manifest.size", record.source, message, _HINT)
    said = _said(record, "PixelType")
    if said and OME_TYPES.get(said.strip().lower(), str(image.dtype)) != str(image.dtype):
        message = f"PixelType is {said[:60]!r}, the pixels are {image.dtype}."
        yield warning("manifest.pixel-type", record.source, message, _HINT)
    levels, names = len(image.levels), ("PYRAMID", "Pyramid")
    pyramid = typed(_said(record, *names), "boolean")
    if isinstance(pyramid, bool) and pyramid != (levels > 1):
        message = f"{_name(record, names)} is {_said(record, *names)[:60]!r}, the image has {levels} level(s)."
        yield warning("manifest.pyramid", record.source, message, _HINT)
    if ome is None:
        return
    for rule, attribute, header in (
        ("manifest.dimension-order", "DimensionOrder", ome.pixels.get("DimensionOrder")),
        ("manifest.image-id", "Image ID", ome.image_id),
    ):
        said = _said(record, attribute)
        if said and header and said.strip().casefold() != header.strip().casefold():
            message = f"{attribute} is {said[:60]!r}, the header says {header[:60]!r}."
            yield warning(rule, record.source, message, _HINT)
    written_y = _length(record, "Y")
    size = image.pixel_size_um
    if written_y is None or size is None or not 0 < written_y <= _MAX_UM or _length(record, "X") == written_y:
        return  # where width and height are the same, image.pixel-size-disagrees speaks for both
    if not math.isclose(written_y, size, rel_tol=0.01):
        message = f"The pixel height is {written_y:g} µm, the header says {size:g} µm."
        yield warning("manifest.pixel-size", record.source, message, _HINT)


def _sizes(record: Record) -> Iterable[Finding]:
    """Find pixel sizes that cannot be one: not a length, not positive, above 10 µm, or the size of the image."""
    for axis in "XY":
        names = (f"PHYSICAL_SIZE_{axis}", f"PhysicalSize{axis}")
        text, unit = _said(record, *names), _said(record, f"PhysicalSize{axis}Unit")
        if not text:
            continue
        size, n_px = _length(record, axis), _number(record, f"SIZE_{axis}", f"Size{axis}")
        reason = ""
        if size is None:
            reason = "is not a length"
        elif not size > 0:
            reason = "is not above 0"
        elif n_px is not None and n_px > 1 and size == n_px:
            reason = "is the width or height of the image in pixels"
        elif size > _MAX_UM:
            reason = f"is above {_MAX_UM:g} µm: a cell would be one pixel"
        if reason:
            message = f"{_name(record, names)} {text[:40]!r} {unit[:40]!r} {reason}.".replace(" ''", "")
            hint = "Write the side of one pixel, in µm."
            yield warning("manifest.pixel-size", record.source, message, hint)


def _table(record: Record, table: TableHeader) -> Iterable[Finding]:
    n_objects = _number(record, "NUMBER_OF_OBJECTS", "Number of Objects")
    if n_objects is not None and table.n_rows is not None and n_objects != table.n_rows:
        message = f"Number of objects is {n_objects:,}, {table.path.name} has {table.n_rows:,} rows."
        yield warning("manifest.n-objects", record.source, message, _HINT)
    n_features = _number(record, "NUMBER_OF_FEATURES", "Number of Features")
    markers, others, xy = len(table.markers), len(table.features), len(table.xy_columns)
    # Whether ids and centroids count is for nobody to say; a number that no way of counting gives is wrong.
    possible = {markers, markers + others, markers + others + xy, markers + others + xy + 1, len(table.columns)}
    if n_features is not None and n_features not in possible:
        message = f"Number of features is {n_features:,}, {table.path.name} has {markers} markers and {others} further"
        message += f" numeric columns ({len(table.columns)} columns in all)."
        yield warning("manifest.n-features", record.source, message, _HINT)


def _format(record: Record, path: Path | None) -> list[Finding]:
    said = _said(record, "FILE_FORMAT", "File Format")
    suffixes = _SUFFIXES.get("".join(c for c in said.casefold() if c.isalnum()))
    if path is None or suffixes is None or path.suffix.lower() in suffixes:
        return []
    if not any(path.suffix.lower() in known for known in _SUFFIXES.values()):
        return []
    message = f"The file format is {said[:60]!r}, the file is called {path.name[:100]!r}."
    return [warning("manifest.file-format", record.source, message, _HINT)]


def _said(record: Record, *names: str) -> str:
    texts = (record.attributes.get(name, "") for name in names)
    return next((text for text in texts if not is_blank(text)), "")


def _name(record: Record, names: Sequence[str]) -> str:
    return next((name for name in names if name in record.attributes), names[0])


def _number(record: Record, *names: str) -> int | None:
    value = typed(_said(record, *names), "integer")
    return value if isinstance(value, int) else None


def _length(record: Record, axis: str) -> float | None:
    text = _said(record, f"PHYSICAL_SIZE_{axis}", f"PhysicalSize{axis}")
    try:
        return to_um(float(text), _said(record, f"PhysicalSize{axis}Unit") or "µm")
    except ValueError:
        return None


def _file(record: Record) -> str:
    return record.filename.replace("\\", "/").rpartition("/")[2]
