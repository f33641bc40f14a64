"""Cells as numbers or text, the same whether they come from text, Parquet or a workbook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EMPTY", "Block", "Kinds", "Words", "block_of", "is_numbers", "parse_numbers"]

EMPTY: Final = (
    "", " ", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""What programs write where there is nothing (pandas' list)."""

_NUMBER: Final = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE | re.ASCII)


class Kinds(NamedTuple):
    """The columns to read, and which of them are to be numbers."""

    names: tuple[str, ...]
    numbers: frozenset[str]


class Words(NamedTuple):
    """Cells of a column of numbers that are none, and one of them."""

    n: int
    example: str


class Block(NamedTuple):
    """Some rows: float64 for numbers (NaN for nothing and for words), dictionary arrays for text."""

    n: int
    numbers: dict[str, np.ndarray]
    texts: dict[str, pa.DictionaryArray]
    words: dict[str, Words]


def block_of(cells: pa.Table, kinds: Kinds, decimal: str = ".") -> Block:
    """Take columns out of an Arrow table.

    Parameters
    ----------
    cells
        Columns of text or numbers.
    kinds
        What they are to be.
    decimal
        The decimal mark of numbers that are still text.

    Returns
    -------
    The block.
    """
    import pyarrow as pa

    numbers, texts, words = {}, {}, {}
    for name in kinds.names:
        column = cells.column(name)
        is_text = pa.types.is_dictionary(column.type) or pa.types.is_string(column.type)
        if name not in kinds.numbers:
            texts[name] = _coded(column if is_text else column.cast(pa.string()))
        elif is_text:
            numbers[name], found = parse_numbers(column, decimal)
            if found.n:
                words[name] = found
        else:
            numbers[name] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return Block(cells.num_rows, numbers, texts, words)


def _coded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.unify_dictionaries().combine_chunks() if column.num_chunks else pa.array([], column.type)


def parse_numbers(column: pa.ChunkedArray, decimal: str = ".") -> tuple[np.ndarray, Words]:
    """Read text as numbers.

    Parameters
    ----------
    column
        Text, or a dictionary of text.
    decimal
        The decimal mark.

    Returns
    -------
    float64, NaN for nothing and for words; and what the words are.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from htan_kit.io.tables._values import parse_numbers
    >>> values, words = parse_numbers(pa.chunked_array([["1.5", "NA", "1,5", " -2e3"]]))
    >>> values.tolist(), words.n, words.example
    ([1.5, nan, nan, -2000.0], 1, '1,5')
    """
    coded = _coded(column)
    cells = [*coded.dictionary.to_pylist(), None]
    read = [_number(cell, decimal) for cell in cells]
    codes = coded.indices.fill_null(len(cells) - 1).to_numpy(zero_copy_only=False)
    is_word = np.array([value is None for value in read])[codes]
    n = int(is_word.sum())
    values = np.array([np.nan if value is None else value for value in read])[codes]
    return values, Words(n, str(cells[codes[np.argmax(is_word)]]) if n else "")


def _number(cell: str | None, decimal: str) -> float | None:
    """Give the number, NaN for nothing, None for a word."""
    if cell is None or cell in EMPTY:
        return float("nan")
    cell = cell.strip()
    if decimal != ".":
        cell = cell.replace(".", "?").replace(decimal, ".")
    return float(cell) if _NUMBER.fullmatch(cell) else None


def is_numbers(column: pa.ChunkedArray, decimal: str = ".") -> bool:
    """Tell whether most cells that are not empty are numbers; a column of nothing counts as numbers.

    Parameters
    ----------
    column
        Text, or a dictionary of text.
    decimal
        The decimal mark.

    Returns
    -------
    True or False.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from htan_kit.io.tables._values import is_numbers
    >>> is_numbers(pa.chunked_array([["1.5", "2", "x"]])), is_numbers(pa.chunked_array([["a1", "2"]]))
    (True, False)
    """
    values, words = parse_numbers(column, decimal)
    n_numbers = int((~np.isnan(values)).sum())
    return n_numbers > words.n or n_numbers == words.n == 0
