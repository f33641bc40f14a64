"""One file of a table: its dialect found, its columns told apart, its rows read; and files joined by id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._paths import is_file
from htan_kit.io.dialects import DIALECTS, dialect_of
from htan_kit.io.dialects import _h5ad as h5ad_dialect
from htan_kit.io.dialects._columns import Beside, Columns, Header
from htan_kit.io.tables._images import ImageChoice
from htan_kit.io.tables._rows import Rows, collect
from htan_kit.io.tables._source import open_source, whole_source
from htan_kit.io.tables._text import IrregularError

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io.tables._source import Source

__all__ = ["Part", "join", "read_part"]


class Part(NamedTuple):
    """What one file holds of a table."""

    path: Path
    dialect: str
    columns: Columns
    rows: Rows
    decimal: str = "."
    scale: float | None = None  # what the values were divided by
    more: tuple[Path, ...] = ()  # files beside it with further columns


def read_part(path: Path, image: str | Sequence[str] | None, findings: Findings | None) -> Part:
    """Read one file.

    Parameters
    ----------
    path
        The file.
    image
        The image, as for :func:`htan_kit.read_table`.
    findings
        Where to say how an h5ad was understood.

    Returns
    -------
    Its columns and rows.

    Raises
    ------
    InputError
        There is no such file, no dialect knows its columns, or no single image of several is meant.
    """
    if not is_file(path):
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    if path.suffix.lower() == ".h5ad":
        images = ImageChoice(image)
        name, columns, rows = h5ad_dialect.read(path, images, findings)
        images.check(path)
        return Part(path, name, columns, rows)
    with open_source(path) as source:
        dialect = _dialect(path, source.names)
        beside: Beside = getattr(DIALECTS[dialect], "beside", _nothing)(path)
        try:
            columns, rows, chosen = _read(source, dialect, path, image, beside)
        except IrregularError:
            source = whole_source(source.path)  # type: ignore[attr-defined]  # only text is irregular
            columns, rows, chosen = _read(source, dialect, path, image, beside)
    scale = beside.scale.get(chosen or "")
    return Part(path, dialect, columns, rows, getattr(source, "decimal", "."), scale, tuple(map(Path, beside.paths)))


def _nothing(path: Path) -> Beside:
    return Beside()


def _dialect(path: Path, names: tuple[str, ...]) -> str:
    dialect = dialect_of(names, path.name)
    if dialect is None:
        hint = "A table needs an id column named CellID (or Object), equal to the label in the mask; or be written as "
        hint += f"{', '.join(list(DIALECTS)[:-1])} write theirs."
        message = f"No dialect knows these columns: {', '.join(names[:12])[:300]}; the table has no id column."
        raise InputError.of("table.ids", path, message, hint, "HTAN Manual, Level 4")
    return dialect


def _read(
    source: Source, dialect: str, path: Path, image: str | Sequence[str] | None, beside: Beside
) -> tuple[Columns, Rows, str | None]:
    """Read with what the first rows say are numbers; again, where a column turns out to be words after all."""
    header = Header(source.names, source.numbers, path.name)
    columns = DIALECTS[dialect].read(header)
    twice = columns.ids is not None and f"{columns.ids}.1" in source.names
    if twice:
        message = f"There are several columns {columns.ids!r}; which one holds the labels is not clear."
        raise InputError.of("table.ids", path, message, "Keep the one that is equal to the label in the mask.")
    for _ in range(2):
        images = ImageChoice(image, beside.names)
        rows = collect(source, columns, header.numbers, images)
        words = {name for name, found in rows.words.items() if name == columns.ids or rows.n_numbers[name] <= found.n}
        if not words - set(columns.place.columns if columns.place else ()):
            break
        header = header._replace(numbers=header.numbers - words)
        columns = DIALECTS[dialect].read(header)
    images.check(path)
    return columns, rows, images.chosen


def join(left: Part, right: Part) -> Part:
    """Put the columns of two files side by side, by id and never by position.

    Parameters
    ----------
    left
        The first file; its order stays.
    right
        The other.

    Returns
    -------
    One part, with the first file's name.

    Raises
    ------
    InputError
        The files hold different ids.
    """
    own, others = _keys(left.rows), _keys(right.rows)
    order = None if own is None or others is None or others.has_duplicates else others.get_indexer(own)
    if order is None or own is None or own.has_duplicates or len(order) != len(right.rows.x) or (order < 0).any():
        message = f"Its ids are not those of {left.path.name}; the two cannot be joined."
        raise InputError.of("table.join", right.path, message, "Give tables made from the same mask.")
    a, b = left.rows, right.rows
    rows = a._replace(
        xy=a.xy if a.xy is not None else None if b.xy is None else b.xy[order],
        x=np.hstack([a.x, b.x[order]]),
        features=np.hstack([a.features, b.features[order]]),
        notes=a.notes | {_free(name, a.notes): column.take(order) for name, column in b.notes.items()},
        words=b.words | a.words,
        n_numbers=b.n_numbers | a.n_numbers,
        missing=a.missing + b.missing,
        beyond=np.concatenate([a.beyond, b.beyond]),
        n_beyond=a.n_beyond + b.n_beyond,
    )
    first, second = left.columns, right.columns
    columns = first._replace(
        place=first.place if a.xy is not None else second.place,
        markers=first.markers | {_free(name, first.markers): column for name, column in second.markers.items()},
        features=first.features | {_free(name, first.features): column for name, column in second.features.items()},
        notes=tuple(rows.notes),
        texts=first.texts | second.texts,
        remarks=(*first.remarks, *second.remarks),
    )
    return left._replace(columns=columns, rows=rows)


def _free(name: str, taken: Container[str]) -> str:
    """Find a name that is not taken yet."""
    n, free = 1, name
    while free in taken:
        n += 1
        free = f"{name}_{n}"
    return free


def _keys(rows: Rows) -> pd.Index | None:
    import pandas as pd

    if rows.ids is None:
        return None
    return pd.Index(rows.ids if isinstance(rows.ids, np.ndarray) else rows.ids.to_pylist())
