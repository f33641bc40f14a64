"""Columns of text: as categories, since they repeat; and those that are numbers with a few words in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.io.tables._values import parse_numbers

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    import pandas as pd
    import pyarrow as pa

__all__ = ["notes_of"]


def notes_of(
    columns: Mapping[str, pa.DictionaryArray], texts: Container[str], decimal: str = "."
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Make the notes of a table.

    Parameters
    ----------
    columns
        The columns.
    texts
        Those that may look like numbers.
    decimal
        The decimal mark.

    Returns
    -------
    notes
        Categories; flags (True and False in every row) are bool.
    spoilt
        Columns of which most cells are numbers, not all: they would quietly be no markers any more; with a word.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from htan_kit.io.tables._notes import notes_of
    >>> notes, spoilt = notes_of({"type": pa.array(["1", "2", "x"]).dictionary_encode()}, ())
    >>> notes["type"].tolist(), spoilt
    (['1', '2', 'x'], {'type': 'x'})
    """
    import pandas as pd
    import pyarrow as pa

    notes, spoilt = {}, {}
    for name, column in columns.items():
        words = column.dictionary.to_pylist()
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        flags = {word.lower() for word in words}
        if flags and flags <= {"true", "false"} and (codes >= 0).all():
            notes[name] = pd.Series(np.array([word.lower() == "true" for word in words])[codes])
            continue
        notes[name] = pd.Series(pd.Categorical.from_codes(codes, pd.Index(words, dtype=object)))
        if name not in texts:
            values, found = parse_numbers(pa.chunked_array([column]), decimal)
            if found.n < (~np.isnan(values)).sum() and found.n:
                spoilt[name] = found.example
    n = len(next(iter(columns.values()))) if columns else None
    return pd.DataFrame(notes, index=pd.RangeIndex(n) if n is not None else None), spoilt
