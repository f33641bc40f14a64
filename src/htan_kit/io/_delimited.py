"""Text tables as people save them: any of four delimiters, with or without BOM, UTF-8 or Windows-1252."""

from __future__ import annotations

import codecs
import csv
import io
import warnings
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

__all__ = ["read_delimited", "sniff_header"]

_SAMPLE_BYTES = 1 << 20
_DELIMITERS = (",", "\t", ";", "|")
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
}


class _Format(NamedTuple):
    encoding: str
    delimiter: str
    header: list[str]  # as written, stripped
    unique: list[str]  # what the columns are called


def sniff_header(path: str | Path) -> list[str]:
    r"""Name the columns of a text table without reading the table.

    Parameters
    ----------
    path
        A CSV, TSV or semicolon-separated file.

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
    return _sniff(Path(path)).unique


def read_delimited(path: str | Path, *, max_bytes: int | None = None, **kwargs: Any) -> pd.DataFrame:
    r"""Read a text table; every cell stays the text that was written.

    Parameters
    ----------
    path
        A CSV, TSV or semicolon-separated file; blank lines are skipped, trailing empty cells are forgiven.
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
        The file does not exist, is empty, binary, too large or undecodable, or a row has more cells than the header.

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
    form = _sniff(path)
    size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        message = f"The file has {size / 1e6:.1f} MB; a table of this kind has at most {max_bytes / 1e6:.1f} MB."
        raise _problem(path, "file.too-large", message, "Is this the right file?")
    options = {"dtype": str, "keep_default_na": False, "low_memory": False, **kwargs}
    options |= {"header": None, "names": form.unique, "index_col": False, "skip_blank_lines": True}
    encodings = [form.encoding] if form.encoding != "utf-8-sig" else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            frame = _parse(path, form, encoding, options)
        except UnicodeDecodeError:
            continue
        if "dtype" not in kwargs:
            frame = _without_blank_rows(frame.fillna(""))  # a short row has NaN: pandas knows no text for it
        return frame
    raise _undecodable(path)


def _without_blank_rows(frame: pd.DataFrame) -> pd.DataFrame:
    full = (frame.iloc[:, 0].str.strip() != "").to_numpy(dtype=bool, copy=True)
    for row in (~full).nonzero()[0]:  # few: the first column is seldom empty
        full[row] = bool("".join(frame.iloc[row]).strip())
    return frame if full.all() else frame[full].reset_index(drop=True)


def _parse(path: Path, form: _Format, encoding: str, options: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    try:
        with path.open(encoding=encoding, newline="") as handle, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            _skip_header(handle, form.delimiter)
            frame: pd.DataFrame = pd.read_csv(handle, sep=form.delimiter, **options)
            return frame
    except pd.errors.EmptyDataError:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in form.unique})
    except (pd.errors.ParserError, pd.errors.ParserWarning):
        # Rows longer than the header: harmless where the surplus is empty cells (spreadsheets do that), wrong else.
        repaired = io.StringIO()
        with path.open(encoding=encoding, newline="") as handle:
            _skip_header(handle, form.delimiter)
            csv.writer(repaired).writerows(_even(path, handle, form))
        repaired.seek(0)
        frame = pd.read_csv(repaired, sep=",", **options)
        return frame


def _skip_header(handle: TextIO, delimiter: str) -> None:
    next(_rows(handle, delimiter), None)


def _even(path: Path, handle: TextIO, form: _Format) -> Iterator[list[str]]:
    width = len(form.header)
    try:
        for number, row in enumerate(_rows(handle, form.delimiter), start=1):
            if any(cell.strip() for cell in row[width:]):
                message = f"Data row {number} has {len(row)} cells, the header has {width}."
                raise _problem(path, "file.ragged", message, "Quote cells that contain the delimiter.")
            yield row[:width] + [""] * (width - len(row))
    except csv.Error as problem:
        raise _problem(path, "file.ragged", f"The table cannot be parsed: {problem}.") from problem


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Rows with anything in them: a line of nothing but delimiters is as blank as an empty one."""
    return (row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row))


def _sniff(path: Path) -> _Format:
    try:
        with path.open("rb") as handle:
            sample = handle.read(_SAMPLE_BYTES)
            whole = not handle.read(1)
    except OSError as problem:
        message = "There is no such file." if not path.exists() else f"The file cannot be read: {problem.strerror}."
        raise _problem(path, "file.missing", message, "Check the path.") from problem
    if not sample.strip():
        raise _problem(path, "file.empty", "The file is empty.")
    encoding = _encoding(path, sample, whole=whole)
    if not whole:
        if b"\n" not in sample and b"\r" not in sample:
            raise _problem(path, "file.binary", "No line ends within the first MiB: this is not a text table.")
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1]
    try:
        text = sample.decode(encoding, errors="strict" if whole else "ignore").removeprefix("\ufeff")
        delimiter, header = _delimiter(text)
    except UnicodeDecodeError:
        raise _undecodable(path) from None
    except csv.Error as problem:
        raise _problem(path, "file.binary", f"This is not a text table: {problem}.") from problem
    if not any(character.isalnum() for character in "".join(header)):
        raise _problem(path, "file.empty", "The file has no column names.")
    return _Format(encoding, delimiter, header, _unique(header))


def _encoding(path: Path, sample: bytes, *, whole: bool) -> str:
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for magic, kind in _MAGIC.items():
        if sample.startswith(magic):
            message = f"The file is {kind}, not a text table."
            raise _problem(path, "file.binary", message, "Save it as CSV, or unpack it, first.")
    if b"\0" in sample:
        raise _problem(path, "file.binary", "The file is binary, not a text table.", "Save it as CSV first.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)  # the sample may cut a character
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(text: str) -> tuple[str, list[str]]:
    """Choose what splits the header into most cells and the next rows into as many."""
    lines = list(islice(io.StringIO(text, newline=""), 50))
    best: tuple[float, int, int] | None = None
    choice = ",", [""]
    for rank, delimiter in enumerate(_DELIMITERS):
        rows = list(_rows(lines, delimiter))[:11]
        if not rows:
            continue
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        score = (alike >= 0.5) + alike * (width > 1), width, -rank
        if best is None or score > best:
            best, choice = score, (delimiter, [cell.strip() for cell in rows[0]])
    return choice


def _unique(header: list[str]) -> list[str]:
    names: dict[str, None] = {}
    for position, cell in enumerate(header):
        base = cell or f"Unnamed: {position}"
        name, number = base, 0
        while name in names:
            number += 1
            name = f"{base}.{number}"
        names[name] = None
    return list(names)


def _undecodable(path: Path) -> InputError:
    message = "The text is neither UTF-8 nor Windows-1252."
    return _problem(path, "file.encoding", message, "Save the table as UTF-8.")


def _problem(path: Path, rule: str, message: str, hint: str = "") -> InputError:
    return InputError.of(rule, path, message, hint)
