"""Metadata in the form that h5ad and zarr store, on both lines of anndata, and give back as it was."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    import pandas as pd

__all__ = ["storable"]

_LONGEST_KEY = 120  # zarr makes a folder of each
_RESERVED = {"_index", "__categories"}  # anndata's own names inside a stored DataFrame


def storable(obj: Any) -> Any:
    """Make metadata safe to store in ``uns`` (and DataFrames in ``obs`` and ``var``).

    Parameters
    ----------
    obj
        Nested dicts, lists, scalars, arrays, DataFrames; what has no stored form becomes text.

    Returns
    -------
    New objects of the same shape. Keys and column names are text without ``/``, unique; paths, dates, enums and bytes
    are text; lists of one kind of scalar are arrays, other lists one JSON text; text columns are categories, columns
    of flags with gaps ``boolean``, integers with gaps ``Int64``, numbers with gaps float64; text columns without any
    value are left out; a row index is text. None and numbers stay.

    Examples
    --------
    >>> from htan_kit.assemble._metadata import storable
    >>> storable({"a/b": None, 3: ("x", 1), "n": 2})
    {'a_b': None, '3': '["x", 1]', 'n': 2}
    """
    import numpy as np
    import pandas as pd

    if obj is None or isinstance(obj, bool | np.bool_):
        return obj if obj is None else bool(obj)
    if isinstance(obj, Mapping):
        return dict(zip(_keys(obj), (storable(value) for value in obj.values()), strict=True))
    if isinstance(obj, pd.DataFrame):
        return _frame(obj)
    if isinstance(obj, pd.Series | pd.Index):
        return _array(list(obj.array))
    if isinstance(obj, np.ndarray):
        return _ndarray(obj)
    if isinstance(obj, list | tuple | Set):
        return _array(sorted(obj, key=repr) if isinstance(obj, Set) else list(obj))
    return _scalar(obj)


def _scalar(obj: Any) -> Any:
    import numpy as np
    import pandas as pd

    if isinstance(obj, np.generic):
        return _scalar(obj.item())
    if isinstance(obj, Enum):
        return _scalar(obj.value)
    if obj is pd.NA or obj is pd.NaT:
        return None
    if isinstance(obj, bool):
        return obj
    if isinstance(obj, int):
        return int(obj) if -(2**63) <= obj < 2**63 else str(int(obj))
    if isinstance(obj, float):
        return float(obj)
    if isinstance(obj, datetime | date | time):
        return obj.isoformat()
    if isinstance(obj, bytes | bytearray):
        return _text(bytes(obj).decode("utf-8", "replace"))
    return _text(obj.as_posix() if isinstance(obj, PurePath) else str(obj))


def _text(text: str) -> str:
    """Give text that HDF5 can hold: no NUL, no lone surrogate."""
    return str(text).replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _keys(names: Iterable[Any]) -> list[str]:
    """Make names of groups and columns: no separators, none of anndata's or zarr's own, each once."""
    seen: set[str] = set()
    keys = []
    for name in names:
        key = re.sub(r"[/\\\x00-\x1f\x7f]", "_", _text(str(_scalar(name))))[:_LONGEST_KEY]
        key = key if key.strip("._ ") else "unnamed"
        key = f"x{key}" if key.startswith("__") or key in _RESERVED else key
        unique, number = key, 1
        while unique in seen:
            number += 1
            unique = f"{key}_{number}"
        seen.add(unique)
        keys.append(unique)
    return keys


def _array(values: list[Any]) -> Any:
    """Give an array of what is all text, all flags or all numbers, else JSON."""
    import numpy as np

    whole = (list, tuple, Mapping, Set, type(None))
    plain = [value if isinstance(value, whole) else _scalar(value) for value in values]
    if all(isinstance(value, str) for value in plain):
        return np.array(plain, dtype=str) if plain else np.array([], dtype=np.float64)
    if all(isinstance(value, bool) for value in plain):
        return np.array(plain, dtype=bool)
    if all(isinstance(value, int) and not isinstance(value, bool) for value in plain):
        return np.array(plain, dtype=np.int64)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in plain):
        return np.array(plain, dtype=np.float64)
    return json.dumps(_jsonable(plain), ensure_ascii=False)


def _jsonable(obj: Any) -> Any:
    import numpy as np

    if isinstance(obj, Mapping):
        return {_text(str(key)): _jsonable(value) for key, value in obj.items()}
    if isinstance(obj, list | tuple | np.ndarray):
        return [_jsonable(value) for value in obj]
    if isinstance(obj, Set):
        return [_jsonable(value) for value in sorted(obj, key=repr)]
    value = _scalar(obj) if obj is not None else None
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _ndarray(array: np.ndarray) -> Any:
    import numpy as np

    if array.ndim == 0:
        return storable(array.item())
    kind = array.dtype.kind
    if kind in "biuf":
        return array.astype(np.float32) if array.dtype == np.float16 else array.copy()
    if array.ndim > 1 and kind in "OM" or kind not in "OUSM":
        return json.dumps(_jsonable(array.tolist()), ensure_ascii=False)
    if array.ndim > 1:
        return np.array([_text(str(value)) for value in array.ravel()], dtype=str).reshape(array.shape)
    return _array(list(array))


def _frame(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = {}
    for key, position in zip(_keys(frame.columns), range(frame.shape[1]), strict=True):
        column = _column(frame.iloc[:, position])
        if column is not None:
            columns[key] = column.array
    index = pd.Index([_text(str(_scalar(label))) for label in frame.index], dtype=str)
    return pd.DataFrame(columns, index=index)


def _column(column: pd.Series[Any]) -> pd.Series[Any] | None:
    """Give the column in one of the kinds that survive; None for text without any value."""
    import pandas as pd
    from pandas.api import types

    if isinstance(column.dtype, pd.CategoricalDtype):
        if len(column) and column.isna().all():
            return None
        texts = [_text(str(_scalar(category))) for category in column.cat.categories]
        # Two categories that read alike become one.
        return column.cat.rename_categories(texts) if len(set(texts)) == len(texts) else _category(_texts(column))
    if types.is_bool_dtype(column.dtype) or types.is_numeric_dtype(column.dtype):
        if types.is_complex_dtype(column.dtype):
            return _category([str(value) for value in column])
        # anndata 0.12 cannot write Float64; a float has its own gap.
        kinds = {"float16": "float32", "Float64": "float64", "Float32": "float32"}
        return column.astype(kinds.get(str(column.dtype), column.dtype))
    if len(column) and column.isna().all():
        return None
    values = [None if missing else _scalar(value) for value, missing in zip(column, column.isna(), strict=True)]
    known = [value for value in values if value is not None]
    tests: list[tuple[Callable[[Any], bool], str]] = [
        (lambda value: isinstance(value, bool), "boolean"),
        (lambda value: isinstance(value, int) and not isinstance(value, bool), "Int64"),
        (lambda value: isinstance(value, int | float) and not isinstance(value, bool), "float64"),
    ]
    for test, dtype in tests:
        if known and all(test(value) for value in known):
            return pd.Series(values, dtype=dtype)
    return _category(_texts(column))


def _texts(column: pd.Series[Any]) -> list[str | None]:
    return [None if gap else _text(str(_scalar(value))) for value, gap in zip(column, column.isna(), strict=True)]


def _category(values: list[str | None]) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(pd.Categorical(pd.Series(values, dtype=object)))
