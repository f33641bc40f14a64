"""The rows of a table, gathered block by block into arrays that are made once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from htan_kit.io.tables._values import Kinds, Words

if TYPE_CHECKING:
    import pyarrow as pa

    from htan_kit.io.dialects._columns import Columns
    from htan_kit.io.tables._images import ImageChoice
    from htan_kit.io.tables._source import Source
    from htan_kit.io.tables._values import Block

__all__ = ["Rows", "collect"]


class Rows(NamedTuple):
    """What the columns hold, for the rows of one image; and what was odd in any row."""

    n: int
    ids: np.ndarray | pa.DictionaryArray | None  # float64, or text
    within: pa.DictionaryArray | None
    xy: np.ndarray | None  # float64 (n, 2), in the table's unit
    x: np.ndarray  # float32 (n, markers)
    features: np.ndarray  # float64 (n, features)
    notes: dict[str, pa.DictionaryArray]
    words: dict[str, Words]  # of columns of numbers that have some
    n_numbers: dict[str, int]  # cells that are numbers, of the columns above
    missing: int  # marker values that are not finite
    beyond: np.ndarray  # bool (markers): values too large for float32
    n_beyond: int  # rows with such


class _Packed(NamedTuple):
    ids: np.ndarray | pa.DictionaryArray | None
    image: pa.DictionaryArray | None
    xy: np.ndarray
    x: np.ndarray
    features: np.ndarray
    texts: dict[str, pa.DictionaryArray]
    words: dict[str, Words]
    n_numbers: dict[str, int]
    beyond: np.ndarray | None  # bool (rows, markers)


class _Growing:
    """Rows of one type; room that is never written to takes no memory."""

    def __init__(self, width: int, dtype: type, n_rows: int) -> None:
        self._array: np.ndarray = np.empty((n_rows, width), dtype)
        self.n = 0

    def add(self, rows: np.ndarray) -> None:
        end = self.n + len(rows)
        if end > len(self._array):
            self._array.resize((max(end, len(self._array) * 3 // 2), self._array.shape[1]), refcheck=False)
        self._array[self.n : end] = rows
        self.n = end

    def done(self) -> np.ndarray:
        self._array.resize((self.n, self._array.shape[1]), refcheck=False)
        return self._array


class _Gathered:
    """The rows of one image so far."""

    def __init__(self, columns: Columns, *, ids_are_numbers: bool, n_rows: int) -> None:
        self._columns = columns
        self.x = _Growing(len(columns.markers), np.float32, n_rows)
        self.features = _Growing(len(columns.features), np.float64, n_rows)
        self.xy = _Growing(2, np.float64, n_rows if columns.place else 0)
        self.ids = _Growing(1, np.float64, n_rows if ids_are_numbers else 0)
        self.text_ids: list[pa.DictionaryArray] = []
        self.texts: dict[str, list[pa.DictionaryArray]] = {name: [] for name in _texts(columns)}
        self.clear()

    def clear(self) -> None:
        for growing in (self.x, self.features, self.xy, self.ids):
            growing.n = 0
        for pieces in (*self.texts.values(), self.text_ids):
            pieces.clear()
        self.missing, self.n_beyond, self.beyond = 0, 0, np.zeros(len(self._columns.markers), bool)

    def add(self, packed: _Packed, keep: np.ndarray | slice) -> None:
        rows = packed.x[keep]
        self.x.add(rows)
        self.features.add(packed.features[keep])
        if self._columns.place:
            self.xy.add(packed.xy[keep])
        if isinstance(packed.ids, np.ndarray):
            self.ids.add(packed.ids[keep, None])
        elif packed.ids is not None:
            self.text_ids.append(_taken(packed.ids, keep))
        for name, pieces in self.texts.items():
            pieces.append(_taken(packed.texts[name], keep))
        self.missing += rows.size - int(np.isfinite(rows).sum())
        if packed.beyond is not None:
            large = packed.beyond[keep]
            self.missing -= int(large.sum())
            self.n_beyond += int(large.any(axis=1).sum())
            self.beyond |= large.any(axis=0)


def collect(source: Source, columns: Columns, numbers: frozenset[str], images: ImageChoice) -> Rows:
    """Read the rows of one image.

    Parameters
    ----------
    source
        The table.
    columns
        What its columns are.
    numbers
        Those that are numbers; an id that is none of them is text.
    images
        Which rows to take; is told the names of all images.

    Returns
    -------
    The rows.
    """
    place = columns.place.columns if columns.place else ()
    values = [*columns.markers.values(), *columns.features.values(), *place]
    named = [name for name in (columns.ids, columns.image) if name is not None]
    own = frozenset(name for name in (columns.ids,) if name in numbers and name is not None)
    kinds = Kinds(tuple(dict.fromkeys((*named, *_texts(columns), *values))), frozenset(values) | own)
    gathered = _Gathered(columns, ids_are_numbers=bool(own), n_rows=source.n_rows)
    words: dict[str, Words] = {}
    n_numbers: Counter[str] = Counter()
    for packed in source.blocks(kinds, lambda block: _pack(block, columns)):
        for name, found in packed.words.items():
            words[name] = Words(words[name].n + found.n, words[name].example) if name in words else found
        n_numbers.update(packed.n_numbers)
        keep = images.of(packed.image) if packed.image is not None else slice(None)
        if images.starts_anew:
            gathered.clear()
        gathered.add(packed, keep)
    texts = {name: _joined(pieces) for name, pieces in gathered.texts.items()}
    ids = gathered.ids.done()[:, 0] if own else _joined(gathered.text_ids) if columns.ids else None
    return Rows(
        gathered.x.n,
        ids,
        texts[columns.within] if columns.within else None,
        gathered.xy.done() if place else None,
        gathered.x.done(),
        gathered.features.done(),
        {name: texts[name] for name in columns.notes},
        words,
        {name: n_numbers[name] for name in words},
        gathered.missing,
        gathered.beyond,
        gathered.n_beyond,
    )


def _texts(columns: Columns) -> list[str]:
    return [name for name in dict.fromkeys((columns.within, *columns.notes)) if name is not None]


def _pack(block: Block, columns: Columns) -> _Packed:
    x = np.empty((block.n, len(columns.markers)), np.float32)
    large = None
    with np.errstate(over="ignore"):
        for i, name in enumerate(columns.markers.values()):
            x[:, i] = block.numbers[name]
    if not np.isfinite(x).all():
        wide = np.column_stack([block.numbers[name] for name in columns.markers.values()])
        large = np.isinf(x) & np.isfinite(wide)
    features = np.empty((block.n, len(columns.features)))
    for i, name in enumerate(columns.features.values()):
        features[:, i] = block.numbers[name]
    xy = np.zeros((block.n, 2))
    if columns.place:
        for i, sides in enumerate((columns.place.x, columns.place.y)):
            xy[:, i] = sum(block.numbers[name] for name in sides) / len(sides)
    ids = None if columns.ids is None else block.numbers.get(columns.ids, block.texts.get(columns.ids))
    image = block.texts[columns.image] if columns.image else None
    texts = {name: block.texts[name] for name in _texts(columns)}
    full = {name: block.n - int(np.isnan(values).sum()) for name, values in block.numbers.items()}
    return _Packed(ids, image, xy, x, features, texts, block.words, full, large)


def _taken(column: pa.DictionaryArray, keep: np.ndarray | slice) -> pa.DictionaryArray:
    import pyarrow as pa

    return column if isinstance(keep, slice) else column.filter(pa.array(keep))


def _joined(pieces: list[pa.DictionaryArray]) -> pa.DictionaryArray:
    import pyarrow as pa

    if not pieces:
        return pa.array([], pa.dictionary(pa.int32(), pa.string()))
    whole = pa.chunked_array(pieces)
    return pieces[0] if len(pieces) == 1 else whole.unify_dictionaries().combine_chunks()
