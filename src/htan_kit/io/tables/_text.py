"""Large text tables, parsed in blocks by all cores: what is regular is fast, what is not is left to others."""

from __future__ import annotations

import csv
import io
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeVar

from htan_kit.io._text_form import WORKBOOK, form_of, start_of
from htan_kit.io._windows import threads_for
from htan_kit.io.tables._values import EMPTY, Block, Kinds, block_of, is_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from htan_kit.io._text_form import Form

__all__ = ["IrregularError", "TextTable", "open_text"]

T = TypeVar("T")

_BLOCK = 2**20  # larger ones cost more: their memory is new each time
_MOST_THREADS = 8
_ENCODINGS = ("utf-8-sig", "cp1252")  # a byte of value 10 ends a line in both


class IrregularError(ValueError):
    """The table is not of the kind that can be read in blocks; another reader may understand it."""


class TextTable(NamedTuple):
    """A delimited text file that can be read in blocks."""

    path: Path
    form: Form
    start: int  # of the first row behind the header
    decimal: str
    numbers: frozenset[str]  # columns that hold numbers, as far as the first rows tell
    n_rows: int  # more than there are, likely

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.form.names)

    def blocks(self, kinds: Kinds, use: Callable[[Block], T]) -> Iterator[T]:
        """Read the columns, block by block in the order of the file.

        Parameters
        ----------
        kinds
            The columns to read, and which of them are numbers.
        use
            What to make of a block; it runs in other threads.

        Yields
        ------
        What ``use`` gave.

        Raises
        ------
        IrregularError
            Rows differ in length, a cell goes over several blocks, or the encoding is another one.
        """

        def work(content: bytes) -> T:
            return use(_parse(self, content, kinds))

        n = min(threads_for(self.path), _MOST_THREADS)
        with self.path.open("rb") as handle, ThreadPoolExecutor(n) as pool:
            handle.seek(self.start)
            waiting: deque[object] = deque()
            try:
                for content in _lines(handle):
                    waiting.append(pool.submit(work, content))
                    if len(waiting) > n:
                        yield waiting.popleft().result()  # type: ignore[attr-defined]
                while waiting:
                    yield waiting.popleft().result()  # type: ignore[attr-defined]
            finally:
                for future in waiting:
                    future.cancel()  # type: ignore[attr-defined]


def open_text(path: Path) -> TextTable:
    """Look at the first rows of a text table.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The table, not read yet.

    Raises
    ------
    InputError
        The file does not exist, is empty or binary.
    IrregularError
        It cannot be read in blocks.
    """
    sample, whole = start_of(path)
    if sample.startswith(WORKBOOK):
        raise IrregularError
    form = form_of(path, sample, whole=whole)
    if form.encoding not in _ENCODINGS or (b"\r" in sample.replace(b"\r\n", b"")):
        raise IrregularError
    start = _behind_header(sample, form)
    rows = sample[start:] if whole else sample[start : sample.rfind(b"\n") + 1]
    table = TextTable(path, form, start, ".", frozenset(), 0)
    if not rows.strip():
        return table._replace(numbers=frozenset(form.names))
    cells = _cells(table, rows, text=True)
    if cells.num_rows == 0:
        return table._replace(numbers=frozenset(form.names))
    found = {
        mark: frozenset(name for name in form.names if is_numbers(cells.column(name), mark))
        for mark in ((".",) if form.delimiter == "," else (".", ","))
    }
    decimal = max(found, key=lambda mark: len(found[mark]))  # the point where both read as much
    n_rows = int(path.stat().st_size / (len(rows) / cells.num_rows) * 1.05) + 1000
    return table._replace(decimal=decimal, numbers=found[decimal], n_rows=n_rows)


def _behind_header(sample: bytes, form: Form) -> int:
    """Find where the rows begin: blank lines may stand above the header."""
    text = sample.decode(form.encoding, errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter)
    lines = iter(reader)
    while not any(cell.strip() for cell in next(lines, ["end"])):
        pass
    start = 0
    for _ in range(reader.line_num):
        start = sample.find(b"\n", start) + 1
        if start == 0:
            return len(sample)
    return start


def _lines(handle: BinaryIO) -> Iterator[bytes]:
    """Give blocks of whole lines."""
    while piece := handle.read(_BLOCK):
        end = handle.readline(_BLOCK)
        if len(end) == _BLOCK:
            raise IrregularError
        if piece.strip() or end:
            yield piece + end


def _parse(table: TextTable, content: bytes, kinds: Kinds) -> Block:
    import pyarrow as pa

    try:
        return block_of(_cells(table, content, kinds=kinds), kinds, table.decimal)
    except pa.ArrowInvalid:  # a cell that is no number, or rows that are not alike: the next line tells
        return block_of(_cells(table, content, kinds=kinds, text=True), kinds, table.decimal)


def _cells(table: TextTable, content: bytes, *, kinds: Kinds | None = None, text: bool = False) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv as arrow

    quotes = content.count(b'"')
    if b"\0" in content:  # binary; whole_source says so
        raise IrregularError
    if quotes % 2:  # a quoted cell that goes over the end of the block, or a quote that is never closed
        raise IrregularError
    names = list(table.form.names)
    wanted = kinds.names if kinds is not None else names
    string = pa.dictionary(pa.int32(), pa.string())
    types = {name: pa.float64() if kinds and name in kinds.numbers and not text else string for name in wanted}
    with _irregular(last=text):
        return arrow.read_csv(
            pa.BufferReader(content),
            arrow.ReadOptions(
                column_names=names, use_threads=False, block_size=len(content) + 1,
                encoding="utf-8" if table.form.encoding == "utf-8-sig" else table.form.encoding,
            ),
            # Not to look for quotes where there are none saves a fifth of the time.
            arrow.ParseOptions(
                delimiter=table.form.delimiter, quote_char='"' if quotes else False, newlines_in_values=quotes > 0
            ),
            arrow.ConvertOptions(
                column_types=types, include_columns=list(wanted), null_values=EMPTY, strings_can_be_null=True,
                decimal_point=table.decimal,
            ),
        )  # fmt: skip


@contextmanager
def _irregular(*, last: bool) -> Iterator[None]:
    """Turn what Arrow cannot read even as text into the one exception of this module."""
    import pyarrow as pa

    try:
        yield
    except pa.ArrowInvalid:
        if last:
            raise IrregularError from None
        raise
