"""How a text table is written: its encoding, what separates its cells, its lines; all of it bounded."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.io._paths import exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = [
    "WORKBOOK",
    "Form",
    "check_size",
    "form_of",
    "full_rows",
    "problem",
    "start_of",
    "undecodable",
    "unique",
    "unparsable",
]

WORKBOOK = b"PK\x03\x04"
"""How an Excel workbook (a zip archive) begins."""

_SAMPLE_BYTES = 1 << 20
_LONGEST_LINE = 32 << 20
_MOST_COLUMNS = 20_000
_DELIMITERS = (",", "\t", ";", "|")
_MAGIC = {
    b"\xd0\xcf\x11\xe0": "a workbook of Excel before 2007 (.xls)",
    b"\x1f\x8b": "a gzip archive",
    b"\x89HDF": "an HDF5 file",
    b"%PDF": "a PDF",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
}


class Form(NamedTuple):
    """Encoding, delimiter, the header as written (stripped), and what the columns are called, each once."""

    encoding: str
    delimiter: str
    header: list[str]
    names: list[str]


def start_of(path: Path) -> tuple[bytes, bool]:
    """Read the first MiB of a file, and tell whether that is all of it; an empty file is refused."""
    try:
        with path.open("rb") as handle:
            sample = handle.read(_SAMPLE_BYTES)
            whole = not handle.read(1)
    except (OSError, ValueError) as trouble:  # ValueError: a null character in the name
        reason = getattr(trouble, "strerror", None) or str(trouble)
        message = "There is no such file." if not exists(path) else f"The file cannot be read: {reason}."
        raise problem(path, "file.missing", message, "Check the path.") from trouble
    if not sample.strip():
        raise problem(path, "file.empty", "The file is empty.")
    return sample, whole


def form_of(path: Path, sample: bytes, *, whole: bool, title: bool = False) -> Form:
    """Find out how a text table is written; ``title`` allows lines of one cell above the header."""
    encoding = _encoding(path, sample, whole=whole)
    if not whole:
        if b"\n" not in sample and b"\r" not in sample:
            raise problem(path, "file.binary", "No line ends within the first MiB: this is not a text table.")
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b"\r")) + 1]
    try:
        text = sample.decode(encoding, errors="strict" if whole else "ignore").removeprefix("\ufeff")
        delimiter, header = _delimiter(list(islice(io.StringIO(text, newline=""), 60)), title=title)
    except UnicodeDecodeError:
        raise undecodable(path) from None
    except csv.Error as trouble:
        raise unparsable(path, trouble, "file.binary") from trouble
    check_columns(path, len(header))
    if not title and not any(character.isalnum() for character in "".join(header)):
        raise problem(path, "file.empty", "The file has no column names.")
    return Form(encoding, delimiter, header, unique(header))


def check_columns(path: Path, n: int) -> None:
    """Refuse a table wider than anybody means."""
    if n > _MOST_COLUMNS:
        message = f"A row has {n:,} cells; a table of up to {_MOST_COLUMNS:,} columns is read."
        raise problem(path, "file.columns", message, "Is this the right file, or is it turned on its side?")


def check_size(path: Path, max_bytes: int | None, *, text: bool) -> None:
    """Refuse a file that is too large, and one with a line that no table has (read in pieces)."""
    size = path.stat().st_size
    if max_bytes is not None and size > max_bytes:
        message = f"The file has {size / 1e6:.1f} MB; a table of this kind has at most {max_bytes / 1e6:.1f} MB."
        raise problem(path, "file.too-large", message, "Is this the right file?")
    if size <= _SAMPLE_BYTES or not text:
        return
    since = 0
    with path.open("rb") as handle:
        narrow = not handle.read(2).startswith((b"\xff\xfe", b"\xfe\xff"))  # every second byte of UTF-16 may be 0
        while piece := handle.read(1 << 20):
            if narrow and b"\0" in piece:
                raise problem(path, "file.binary", "The file is binary, not a text table.", "Save it as CSV first.")
            since = 0 if b"\n" in piece or b"\r" in piece else since + len(piece)
            if since > _LONGEST_LINE:
                message = f"A line is longer than {_LONGEST_LINE / 1e6:.0f} MB: this is not a text table."
                raise problem(path, "file.binary", message, "Is this the right file?")


def _encoding(path: Path, sample: bytes, *, whole: bool) -> str:
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for magic, kind in _MAGIC.items():
        if sample.startswith(magic):
            message = f"The file is {kind}, not a text table."
            raise problem(path, "file.binary", message, "Save it as CSV or XLSX, or unpack it, first.")
    if b"\0" in sample:
        raise problem(path, "file.binary", "The file is binary, not a text table.", "Save it as CSV first.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)  # the sample may cut a character
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(lines: list[str], *, title: bool) -> tuple[str, list[str]]:
    """Choose what splits the header into most cells and the next rows into as many."""
    for first in range(min(len(lines), 20 if title else 1)):
        choice = _best(lines[first:])
        if len(choice[1]) > 1:
            return choice
    return _best(lines)


def _best(lines: list[str]) -> tuple[str, list[str]]:
    best: tuple[float, int, int] | None = None
    choice = ",", [""]
    trouble: csv.Error | None = None
    for rank, delimiter in enumerate(_DELIMITERS):
        try:
            rows = list(islice(full_rows(lines, delimiter), 11))
        except csv.Error as problem_here:  # one delimiter may find no end of a cell where another does
            trouble = problem_here
            continue
        if not rows:
            continue
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        score = (alike >= 0.5) + alike * (width > 1), width, -rank
        if best is None or score > best:
            best, choice = score, (delimiter, [cell.strip() for cell in rows[0]])
    if trouble is not None and best is None:
        raise trouble
    return choice


def full_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Give the rows with anything in them: a line of nothing but delimiters is as blank as an empty one."""
    return (row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row))


def unique(header: list[str]) -> list[str]:
    """Call every column by a name of its own: a repeated one gets ``.1``, ``.2``, an empty one its position."""
    names: dict[str, None] = {}
    last: dict[str, int] = {}
    for position, cell in enumerate(header):
        base = cell or f"Unnamed: {position}"
        name, number = base, last.get(base, 0)
        while name in names:
            number += 1
            name = f"{base}.{number}"
        last[base] = number
        names[name] = None
    return list(names)


def undecodable(path: Path) -> InputError:
    """Make the message for bytes in no known encoding."""
    message = "The text is neither UTF-8 nor Windows-1252."
    return problem(path, "file.encoding", message, "Save the table as UTF-8.")


def unparsable(path: Path, trouble: csv.Error, rule: str) -> InputError:
    """Make the message for what the csv module refuses; one long cell is most often a quote that is never closed."""
    if "field limit" not in str(trouble):
        return problem(path, rule, f"The table cannot be parsed: {trouble}.")
    message = f"A cell is longer than {csv.field_size_limit():,} characters: this is not a text table."
    return problem(path, rule, message, 'Or a quote (") is opened and never closed.')


def problem(path: Path, rule: str, message: str, hint: str = "") -> InputError:
    """Make the exception for a file."""
    return InputError.of(rule, path, message, hint)
