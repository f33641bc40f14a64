"""The long table that every statistic goes into (``uns["spatial_statistics"]``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from htan_kit._keys import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anndata import AnnData

__all__ = ["COLUMNS", "append", "frame", "reasoned"]

# The type of each column is what h5ad and zarr take on both anndata lines: nullable floats they refuse.
COLUMNS: Final[dict[str, str]] = {
    "library_id": "category", "statistic": "category", "variant": "category", "type_a": "category",
    "type_b": "category", "radius_um": "float64", "k": "Int64", "value": "float64", "expected": "float64",
    "log2fc": "float64", "z": "float64", "p": "float64", "q": "float64", "n_a": "Int64", "n_b": "Int64",
    "n_perm": "Int64", "seed": "Int64", "graph": "category", "reason": "category",
}  # fmt: skip


def frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the long table from rows; what a row does not say is NA."""
    table = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype=object)
    columns = {}
    for name, dtype in COLUMNS.items():
        values = table[name].where(table[name].notna(), None)
        if dtype == "float64":
            columns[name] = pd.Series([np.nan if v is None else float(v) for v in values], dtype=dtype)
        elif dtype == "Int64":
            columns[name] = pd.Series(pd.array([None if v is None else int(v) for v in values], dtype="Int64"))
        else:
            texts = [None if v is None else str(v) for v in values]
            columns[name] = pd.Series(pd.Categorical(texts, categories=sorted({t for t in texts if t is not None})))
    result = pd.DataFrame(columns)
    result.index = pd.Index([str(i) for i in range(len(result))])
    return result


def append(adata: AnnData, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Put rows into ``uns``, in place of earlier rows of the same statistic and image; give the new rows back."""
    new = frame(rows)
    old = adata.uns.get(Key.uns.statistics)
    if old is None or not len(old):
        adata.uns[Key.uns.statistics] = new.copy()
        return new
    done = set(zip(new["library_id"].astype(str), new["statistic"].astype(str), strict=True))
    pairs = zip(old["library_id"].astype(str), old["statistic"].astype(str), strict=True)
    kept = old.loc[[pair not in done for pair in pairs]]
    records = [*kept.astype(object).to_dict("records"), *new.astype(object).to_dict("records")]
    adata.uns[Key.uns.statistics] = frame(
        {str(key): None if pd.isna(value) else value for key, value in record.items()} for record in records
    )
    return new


def reasoned(library_id: str, statistic: str, reason: str, **more: object) -> dict[str, object]:
    """Make the row that says why there is no number."""
    return {"library_id": library_id, "statistic": statistic, "reason": reason, **more}
