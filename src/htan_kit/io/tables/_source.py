"""Level 4 tables in whatever file they lie: delimited text, packed text, Parquet, workbooks."""

from __future__ import annotations

import gzip
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from htan_kit.errors import InputError
from htan_kit.io._delimited import read_delimited
from htan_kit.io._text_form import form_of, problem, start_of
from htan_kit.io.tables._header import format_of, no_gzip
from htan_kit.io.tables._parquet import open_parquet
from htan_kit.io.tables._text import IrregularError, open_text
from htan_kit.io.tables._values import EMPTY, Block, Kinds, block_of, is_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

__all__ = ["Source", "open_source", "unpacked", "whole_source"]

T = TypeVar("T")


_MOST_TIMES = 100  # text of numbers packs to a third or a tenth; a bomb to a thousandth
_SAMPLE = 2**20


class Source(Protocol):
    """A table whose header is known and whose rows are not read yet."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""

    @property
    def numbers(self) -> frozenset[str]:
        """Columns that hold numbers, as far as is known."""

    @property
    def n_rows(self) -> int:
        """About how many there are."""

    def blocks(self, kinds: Kinds, use: Callable[[Block], T]) -> Iterator[T]:
        """Read columns block by block, in order."""


class ArrowTable(NamedTuple):
    """A table that is in memory as text."""

    cells: pa.Table
    numbers: frozenset[str]
    decimal: str

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.cells.column_names)

    @property
    def n_rows(self) -> int:
        """How many there are."""
        return int(self.cells.num_rows)

    def blocks(self, kinds: Kinds, use: Callable[[Block], T]) -> Iterator[T]:
        """Give all rows at once."""
        yield use(block_of(self.cells, kinds, self.decimal))


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a table.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    The table; it may raise IrregularError while it is read, :func:`whole_source` then reads it.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    with unpacked(path) as plain:
        if format_of(path) == "parquet":
            yield open_parquet(plain)
            return
        try:
            source: Source = open_text(plain)
        except IrregularError:
            source = whole_source(plain)
        yield source


def whole_source(path: Path) -> Source:
    """Read a table of any form into memory: uneven rows, rare encodings, workbooks.

    Parameters
    ----------
    path
        A text table that is not packed, or a workbook.

    Returns
    -------
    The table.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    frame = read_delimited(path)
    nothing = pa.array(EMPTY)
    texts = {str(name): pa.array(frame[name], pa.string(), from_pandas=True) for name in frame}
    cells = pa.table({name: pc.if_else(pc.is_in(text, nothing), None, text) for name, text in texts.items()})
    try:
        sample, whole = start_of(path)
        marks = (".",) if form_of(path, sample, whole=whole).delimiter == "," else (".", ",")
    except InputError:  # a workbook
        marks = (".",)
    found = {
        mark: frozenset(name for name in cells.column_names if is_numbers(cells.column(name), mark)) for mark in marks
    }
    decimal = max(found, key=lambda mark: len(found[mark]))
    return ArrowTable(cells, found[decimal], decimal)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the file itself, or an unpacked copy in a temporary folder that goes away.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    The path of a file that is not packed; problems with it are told of the one that was given.

    Raises
    ------
    InputError
        The file is no gzip archive, or unpacks to so much that it is no table.
    """
    if not path.name.lower().endswith(".gz"):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, path.name[:-3])
        most = path.stat().st_size * _MOST_TIMES + _SAMPLE
        try:
            with gzip.open(path) as packed, plain.open("wb") as target:
                while piece := packed.read(_SAMPLE):
                    target.write(piece)
                    if target.tell() > most:
                        message = f"The file unpacks to more than {_MOST_TIMES} times its size: this is no table."
                        raise problem(path, "file.too-large", message, "Unpack it first, if it is one.")
        except InputError:
            raise
        except (OSError, EOFError, ValueError) as trouble:
            raise no_gzip(path, trouble) from None
        try:
            yield plain
        except InputError as trouble:
            raise InputError(*(replace(f, subject=str(path)) for f in trouble.findings)) from None
