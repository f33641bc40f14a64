"""Excel workbooks as text, in bounded memory: values only, no formula is evaluated and no link followed."""

from __future__ import annotations

import datetime
import warnings
import zipfile
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.io._text_form import check_columns, problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["read_workbook"]

_MOST_BYTES = 64 << 20  # unpacked; a manifest of 10 000 images is a tenth of that
_MOST_CELLS = 1_000_000
_SHOWN = 5


def read_workbook(path: Path, *, n_rows: int | None = None) -> dict[str, list[list[str]]]:
    """Read the visible sheets of a workbook as text.

    Parameters
    ----------
    path
        An .xlsx or .xlsm file. Of a formula the value that Excel stored is read.
    n_rows
        Read only so many rows of each sheet; None reads all.

    Returns
    -------
    Sheet -> its rows from row 1 on, each cut behind its last full cell; sheets without a full cell are left out.

    Raises
    ------
    InputError
        The file is no workbook, too large, has no full sheet, or a formula without a stored value.

    Examples
    --------
    >>> import tempfile, pathlib, openpyxl
    >>> from htan_kit.io._workbook import read_workbook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.xlsx")
    ...     book = openpyxl.Workbook()
    ...     book.active.append(["Channel ID", 1.0, None])
    ...     book.save(path)
    ...     read_workbook(path)
    {'Sheet': [['Channel ID', '1']]}
    """
    formulas = _inspect(path)
    sheets = dict(_sheets(path, n_rows, values=True))
    if formulas:
        _check_formulas(path, sheets, dict(_sheets(path, n_rows, values=False)))
    sheets = {name: rows for name, rows in sheets.items() if any(rows)}
    if not sheets:
        raise problem(path, "file.empty", "No visible sheet of the workbook has a cell with anything in it.")
    return sheets


def _inspect(path: Path) -> bool:
    """Refuse what is no workbook or unpacks to too much; tell whether a sheet has formulas."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                message = "The file is a zip archive, not an Excel workbook (.xlsx)."
                raise problem(path, "file.binary", message, "Unpack it, or save the table as CSV, first.")
            size = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels", ".vml")))
            if size > _MOST_BYTES or len(parts) > 10_000:
                message = f"The workbook unpacks to {size / 1e6:.0f} MB; up to {_MOST_BYTES / 1e6:.0f} MB are read."
                raise problem(path, "file.too-large", message, "Save the sheet that is meant as CSV.")
            found = False
            for part in parts:
                if part.filename.startswith("xl/worksheets/") and not found:
                    with archive.open(part) as handle:
                        content = handle.read(_MOST_BYTES)
                    found = b"<f>" in content or b"<f " in content
            return found
    except InputError:
        raise
    except Exception as trouble:  # noqa: BLE001 - a damaged archive fails in many ways
        raise _damaged(path, trouble) from None


def _sheets(path: Path, n_rows: int | None, *, values: bool) -> Iterator[tuple[str, list[list[str]]]]:
    import openpyxl

    n_cells = 0
    try:
        with path.open("rb") as handle, warnings.catch_warnings():  # a handle: openpyxl judges files by their ending
            warnings.simplefilter("ignore")  # openpyxl names what it does not read: styles, validation, charts
            book = openpyxl.load_workbook(handle, read_only=True, data_only=values, keep_links=False)
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                sheet.reset_dimensions()  # what a file says about its size is not believed
                rows: list[list[str]] = []
                for cells in sheet.iter_rows(values_only=True, max_row=n_rows):
                    check_columns(path, len(cells))
                    row = [_text(cell) for cell in cells]
                    while row and not row[-1].strip():
                        row.pop()
                    rows.append(row)
                    n_cells += len(cells) + 1
                    if n_cells > _MOST_CELLS * 2:
                        message = f"The workbook has more than {_MOST_CELLS:,} cells."
                        raise problem(path, "file.too-large", message, "Save the sheet that is meant as CSV.")
                while rows and not rows[-1]:
                    rows.pop()
                yield str(sheet.title), rows
            book.close()
    except InputError:
        raise
    except Exception as trouble:  # noqa: BLE001 - openpyxl raises what its parsers raise
        raise _damaged(path, trouble) from None


def _text(cell: Any) -> str:
    """Write a cell as a person would: whole numbers without a point, dates as ISO writes them."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return str(cell)


def _check_formulas(path: Path, values: dict[str, list[list[str]]], written: dict[str, list[list[str]]]) -> None:
    from openpyxl.utils import get_column_letter

    empty = []
    for name, rows in written.items():
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if cell.startswith("=") or cell.startswith("<openpyxl."):  # an array formula is an object
                    value = values[name][y][x] if y < len(values[name]) and x < len(values[name][y]) else ""
                    if not value:
                        empty.append(f"{get_column_letter(x + 1)}{y + 1}")
    if empty:
        shown = ", ".join(empty[:_SHOWN]) + (f" and {len(empty) - _SHOWN} more" if len(empty) > _SHOWN else "")
        message = f"Cells hold formulas without a stored value: {shown}; formulas are not evaluated."
        raise problem(path, "file.formula", message, "Open it in Excel and save it again, or save it as CSV.")


def _damaged(path: Path, trouble: Exception) -> InputError:
    message = f"The workbook is damaged or not what it seems ({type(trouble).__name__})."
    return problem(path, "file.binary", message, "Open it in Excel and save it again, or save it as CSV.")
