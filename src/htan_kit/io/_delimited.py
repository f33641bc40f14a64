"""Tables as people save them: CSV with any of four delimiters, with or without BOM, UTF-8 or Windows-1252; XLSX."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.io._text_form import (
    WORKBOOK,
    Form,
    check_columns,
    check_size,
    form_of,
    full_rows,
    problem,
    start_of,
    undecodable,
    unique,
    unparsable,
)
from htan_kit.io._workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    import pandas as pd

__all__ = ["Sheet", "read_delimited", "read_sheets", "sniff_header"]


class Sheet(NamedTuple):
    """All rows of a table as text from row 1 on (an empty row is an empty list), and the sheet they came from."""

    name: str
    rows: list[list[str]]


def sniff_header(path: str | Path) -> list[str]:
    r"""Name the columns of a table without reading the table.

    Parameters
    ----------
    path
        A CSV, TSV or semicolon-separated file, or an Excel workbook (its first full sheet).

    Returns
    -------
    The names that :func:`read_delimited` gives the columns: stripped, a repeated name with ``.1``, ``.2`` after it.

    Raises
    ------
    InputError
        The file does not exist, is empty, is binary or cannot be decoded.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io._delimited import sniff_header
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("CellID\tDNA\tDNA\n1\t2\t3\n")
    ...     sniff_header(path)
    ['CellID', 'DNA', 'DNA.1']
    """
    path = Path(path)
    sample, whole = start_of(path)
    if sample.startswith(WORKBOOK):
        return _of_workbook(path, n_rows=20)[0].names
    return form_of(path, sample, whole=whole).names


def read_delimited(path: str | Path, *, max_bytes: int | None = None, **kwargs: Any) -> pd.DataFrame:
    r"""Read a table; every cell stays the text that was written.

    Parameters
    ----------
    path
        A CSV, TSV or semicolon-separated file, or an Excel workbook (its first full sheet); blank lines are skipped,
        trailing empty cells are forgiven.
    max_bytes
        Refuse a larger file; None reads whatever memory holds.
    **kwargs
        Passed to :func:`pandas.read_csv`: ``usecols`` (names of :func:`sniff_header`), ``nrows``, ``dtype``.

    Returns
    -------
    One row a line, columns named as by :func:`sniff_header`; text columns, with ``""`` for an empty cell and without
    rows of empty cells, unless ``dtype`` asks for other types.

    Raises
    ------
    InputError
        The file does not exist, is empty, binary, too large or undecodable, a row has more cells than the header, or
        a formula of a workbook has no stored value.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io._delimited import read_delimited
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("channel;name;keep\nIr191;DNA 1;1\n;;\n")
    ...     read_delimited(path).to_dict("records")[0]
    {'channel': 'Ir191', 'name': 'DNA 1', 'keep': '1'}
    """
    path = Path(path)
    sample, whole = start_of(path)
    check_size(path, max_bytes, text=not sample.startswith(WORKBOOK))
    options = {"dtype": str, "keep_default_na": False, "low_memory": False, **kwargs}
    options |= {"header": None, "index_col": False, "skip_blank_lines": True}
    if sample.startswith(WORKBOOK):
        form, rows = _of_workbook(path)
        frame = _repaired(path, iter(rows), form, options)
        return _without_blank_rows(frame.fillna("")) if "dtype" not in kwargs else frame
    form = form_of(path, sample, whole=whole)
    encodings = [form.encoding] if form.encoding != "utf-8-sig" else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            frame = _parse(path, form, encoding, options)
        except UnicodeDecodeError:
            continue
        if "dtype" not in kwargs:
            frame = _without_blank_rows(frame.fillna(""))  # a short row has NaN: pandas knows no text for it
        return frame
    raise undecodable(path)


def read_sheets(
    path: Path, *, max_bytes: int | None = None, max_rows: int | None = None, n_rows: int | None = None
) -> list[Sheet]:
    r"""Read a table whose header may stand anywhere, as rows of text.

    Parameters
    ----------
    path
        As for :func:`read_delimited`.
    max_bytes, max_rows
        Refuse a larger file, and a longer table.
    n_rows
        Read only so many rows, from the first MiB; None reads all.

    Returns
    -------
    The one table of a text file, or each full sheet of a workbook; cells as written.

    Raises
    ------
    InputError
        The file does not exist, is empty, binary, too large or undecodable.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io._delimited import read_sheets
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("My panel\n\nchannel;name\nIr191;DNA 1\n")
    ...     read_sheets(path)[0].rows
    [['My panel'], [], ['channel', 'name'], ['Ir191', 'DNA 1']]
    """
    sample, whole = start_of(path)
    if n_rows is None:
        check_size(path, max_bytes, text=not sample.startswith(WORKBOOK))
    if sample.startswith(WORKBOOK):
        most = n_rows if max_rows is None else max_rows + 1
        sheets = [Sheet(name, rows) for name, rows in read_workbook(path, n_rows=most).items()]
        for sheet in sheets:
            _check_rows(path, len(sheet.rows), max_rows)
        return sheets
    form = form_of(path, sample, whole=whole, title=True)
    if n_rows is not None:
        text = sample.decode(form.encoding, errors="replace").removeprefix("\ufeff")
        if not whole:
            text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
        return [Sheet("", _cells(path, io.StringIO(text, newline=""), form, n_rows, None))]
    for encoding in [form.encoding] if form.encoding != "utf-8-sig" else ["utf-8-sig", "cp1252"]:
        try:
            with path.open(encoding=encoding, newline="") as handle:
                return [Sheet("", _cells(path, handle, form, None, max_rows))]
        except UnicodeDecodeError:
            continue
    raise undecodable(path)


def _check_rows(path: Path, n: int, max_rows: int | None) -> None:
    if max_rows is not None and n > max_rows:
        message = f"The table has more than {max_rows:,} rows; one of this kind has fewer."
        raise problem(path, "file.too-large", message, "Is this the right file?")


def _cells(path: Path, handle: TextIO, form: Form, n_rows: int | None, max_rows: int | None) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(handle, delimiter=form.delimiter):
            check_columns(path, len(row))
            rows.append(row if any(cell.strip() for cell in row) else [])
            _check_rows(path, len(rows), max_rows)
            if n_rows is not None and len(rows) >= n_rows:
                break
    except csv.Error as trouble:
        raise unparsable(path, trouble, "file.ragged") from trouble
    return rows


def _of_workbook(path: Path, n_rows: int | None = None) -> tuple[Form, list[list[str]]]:
    rows = [row for row in next(iter(read_workbook(path, n_rows=n_rows).values())) if row]
    header = [cell.strip() for cell in rows[0]]
    return Form("utf-8", ",", header, unique(header)), rows[1:]


def _without_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    full = (frame.iloc[:, 0].str.strip() != "").to_numpy(dtype=bool, copy=True)
    for row in (~full).nonzero()[0]:  # few: the first column is seldom empty
        full[row] = bool("".join(frame.iloc[row]).strip())
    return frame if full.all() else frame[full].reset_index(drop=True)


def _parse(path: Path, form: Form, encoding: str, options: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    try:
        with path.open(encoding=encoding, newline="") as handle, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            next(full_rows(handle, form.delimiter), None)
            frame: pd.DataFrame = pd.read_csv(handle, sep=form.delimiter, names=form.names, **options)
            return frame
    except pd.errors.EmptyDataError:
        return _empty(form)
    except csv.Error as trouble:
        raise unparsable(path, trouble, "file.ragged") from trouble
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        # Rows longer than the header: harmless where the surplus is empty cells (spreadsheets do that), wrong else.
        with path.open(encoding=encoding, newline="") as handle:
            rows = full_rows(handle, form.delimiter)
            next(rows, None)  # the header was read above
            return _repaired(path, rows, form, options)


def _repaired(path: Path, rows: Iterator[list[str]], form: Form, options: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    even = io.StringIO()
    csv.writer(even).writerows(_even(path, rows, form))
    even.seek(0)
    try:
        frame: pd.DataFrame = pd.read_csv(even, sep=",", names=form.names, **options)
    except pd.errors.EmptyDataError:
        return _empty(form)
    return frame


def _empty(form: Form) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype=object) for name in form.names})


def _even(path: Path, rows: Iterator[list[str]], form: Form) -> Iterator[list[str]]:
    width = len(form.header)
    try:
        for number, row in enumerate(rows, start=1):
            if any(cell.strip() for cell in row[width:]):
                message = f"Data row {number} has {len(row)} cells, the header has {width}."
                raise problem(path, "file.ragged", message, "Quote cells that contain the delimiter.")
            yield row[:width] + [""] * (width - len(row))
    except csv.Error as trouble:
        raise unparsable(path, trouble, "file.ragged") from trouble
