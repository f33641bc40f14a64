"""A sample sheet: one row an image, its files by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.cohort._files import is_one, is_text, text_tables
from htan_kit.cohort._sample import Sample, stem_of
from htan_kit.errors import InputError
from htan_kit.findings import Findings, error
from htan_kit.io._delimited import read_delimited, sniff_header
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["COLUMNS", "matches", "read"]

COLUMNS = ("sample", "image", "channels", "mask", "table", "pixel_size_um")
_OPTIONAL = ("assay",)
_MAX_BYTES = 50_000_000


def matches(root: Path) -> bool:
    """Tell whether the path is a sheet, or a folder that holds exactly one."""
    return _sheet_of(root) is not None


def _sheet_of(root: Path) -> Path | None:
    files = [root] if root.is_file() else text_tables(root)
    sheets = [path for path in files if is_text(path) and _is_sheet(path)]
    return sheets[0] if len(sheets) == 1 else None


def _is_sheet(path: Path) -> bool:
    try:
        header = {name.strip().lower() for name in sniff_header(path)}
    except InputError:
        return False
    return "sample" in header and bool(header & {"image", "mask", "table"})


def read(root: Path, findings: Findings) -> list[Sample]:
    """Read the samples; every problem of the sheet is raised at once."""
    sheet = _sheet_of(root) or root
    frame = read_delimited(sheet, max_bytes=_MAX_BYTES)
    frame.columns = [name.strip().lower() for name in frame.columns]
    problems = Findings()
    hint = f"Columns are {', '.join(COLUMNS)}; an empty cell means none."
    for name in frame.columns:
        if name not in (*COLUMNS, *_OPTIONAL):
            problems.append(error("sheet.column", sheet, f"There is no column {name!r} in a sample sheet.", hint))
    samples = [_sample(sheet, line, dict(row), problems) for line, row in enumerate(frame.to_dict("records"), start=2)]
    if len(problems):
        raise InputError(*problems)
    return samples


def _sample(sheet: Path, line: int, row: dict[str, str], problems: Findings) -> Sample:
    cells = {name: str(row.get(name, "")).strip() for name in (*COLUMNS, *_OPTIONAL)}
    files = {name: _file(sheet, line, name, cells[name], problems) for name in ("image", "channels", "mask", "table")}
    where = f"{sheet}, line {line}"
    if not any(files[name] for name in ("image", "mask", "table")) and not any(
        cells[n] for n in ("image", "mask", "table")
    ):
        problems.append(error("sheet.files", where, "The row names no image, mask or table.", "Name at least one."))
    size = None
    if cells["pixel_size_um"]:
        try:
            size = float(cells["pixel_size_um"])
        except ValueError:
            size = -1.0
        if not is_pixel_size(size):
            message = f"pixel_size_um must be a positive number, found {cells['pixel_size_um'][:40]!r}."
            problems.append(error("sheet.pixel-size", where, message, "Leave it empty to believe the image's header."))
            size = None
    first = next((file for file in files.values() if file is not None), sheet)
    table = (files["table"],) if files["table"] is not None else ()
    return Sample(
        library_id="",
        name=cells["sample"] or stem_of(first),
        root=sheet.parent,
        image=files["image"],
        channels=files["channels"],
        masks={"mask": files["mask"]} if files["mask"] is not None else {},
        tables_by_mask={"": table},
        pixel_size_um=size,
        assay=cells["assay"] or None,
    )


def _file(sheet: Path, line: int, column: str, written: str, problems: Findings) -> Path | None:
    if not written:
        return None
    path = sheet.parent / written  # an absolute path stands for itself: a sheet is the user's own
    if not is_one(path):
        hint = "Paths are relative to the sheet; leave the cell empty for none."
        problems.append(
            error("sheet.file-exists", f"{sheet}, line {line}", f"{column}: there is no file {written[:200]!r}.", hint)
        )
        return None
    return path
