"""Tables in Parquet files, some thousand rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from htan_kit.errors import InputError
from htan_kit.io._text_form import check_columns, problem
from htan_kit.io.tables._values import Block, Kinds, block_of, is_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

__all__ = ["ParquetTable", "open_parquet"]

T = TypeVar("T")

_FREE_CELLS = 50_000_000  # whatever the file's size: a million objects of fifty columns
_CELLS_A_BYTE = 100  # beyond; ids and places, which no two rows share, take more than a byte a row
_ROWS = 2**16


class ParquetTable(NamedTuple):
    """A Parquet file."""

    path: Path
    names: tuple[str, ...]
    numbers: frozenset[str]
    n_rows: int

    def blocks(self, kinds: Kinds, use: Callable[[Block], T]) -> Iterator[T]:
        """Read columns some thousand rows at a time."""
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self.path) as file:
                for batch in file.iter_batches(_ROWS, columns=list(kinds.names)):
                    yield use(block_of(_plain(pa.Table.from_batches([batch])), kinds))
        except (pa.ArrowException, OSError) as trouble:
            raise _damaged(self.path, trouble) from None


def open_parquet(path: Path) -> ParquetTable:
    """Look at the header and the first rows of a Parquet file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The table, not read yet; columns of lists and records are left out.

    Raises
    ------
    InputError
        It is none, or says that it has more rows than its size can hold.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            schema, n_rows = file.schema_arrow, int(file.metadata.num_rows)
            check_columns(path, len(schema.names))
            n_cells = n_rows * len(schema.names)
            if n_cells > _FREE_CELLS + _CELLS_A_BYTE * path.stat().st_size:
                message = f"The file says it has {n_rows:,} rows, too many for its size."
                raise problem(path, "file.too-large", message, "Is this the right file?")
            fields = [field for field in schema if not pa.types.is_nested(field.type)]
            fields = [field for field in fields if schema.names.count(field.name) == 1]
            names = [field.name for field in fields]
            first = next(file.iter_batches(1000, columns=names), None) if n_rows else None
        numbers = {field.name for field in fields if _is_number(field.type)}
        if first is not None:
            rows = _plain(pa.Table.from_batches([first]))
            texts = [name for name in rows.column_names if pa.types.is_string(rows.schema.field(name).type)]
            numbers |= {name for name in texts if is_numbers(rows.column(name))}
    except InputError:
        raise
    except (pa.ArrowException, OSError) as trouble:
        raise _damaged(path, trouble) from None
    return ParquetTable(path, tuple(names), frozenset(numbers), n_rows)


def _is_number(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return any(ask(kind) for ask in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null))


def _plain(rows: pa.Table) -> pa.Table:
    """Cast what is neither number nor text to text, dictionaries to what they hold."""
    import pyarrow as pa

    columns = {}
    for name in rows.column_names:
        column = rows.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        columns[name] = column if _is_number(column.type) else column.cast(pa.string())
    return pa.table(columns)


def _damaged(path: Path, trouble: Exception) -> InputError:
    message = f"This is not a readable Parquet file ({str(trouble)[:200]})."
    return problem(path, "file.binary", message, "Write it again.")
