"""What the columns of the cell table hold: gaps, zeros, negative and constant values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit._keys import Key
from htan_kit.qc._tables import metric_table

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["cells"]

_COLUMNS: Final = {
    "marker": "object", "role": "object", "n_cells": "int64", "n_missing": "int64", "n_negative": "int64",
    "zero_share": "float64", "is_constant": "bool", "min": "float64", "median": "float64", "p99": "float64",
    "max": "float64",
}  # fmt: skip


def cells(adata: AnnData) -> pd.DataFrame:
    """Summarise each marker over the cells.

    Parameters
    ----------
    adata
        Cells by markers.

    Returns
    -------
    One row a marker: ``marker``, ``role``, ``n_cells``, ``n_missing`` (NaN or infinite), ``n_negative``,
    ``zero_share`` (0 to 1, of the finite values), ``is_constant`` (two or more cells, one value), and ``min``,
    ``median``, ``p99``, ``max`` of the finite values in the unit of ``X``. No row, and ``attrs["reason"]``, without
    cells.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit as hk
    >>> x = np.array([[0, 5], [2, 5], [np.nan, 5]], np.float32)
    >>> table = hk.qc.cells(anndata.AnnData(x, var=pd.DataFrame(index=["CD3", "CD8"])))
    >>> table[["zero_share", "is_constant"]].values.tolist()
    [[0.5, False], [0.0, True]]
    """
    if not adata.n_obs:
        return metric_table(_COLUMNS, reason="the sample has no cells (no table and no mask)")
    matrix = np.asarray(adata.X.toarray() if hasattr(adata.X, "toarray") else adata.X)
    rows = []
    for i, marker in enumerate(adata.var_names):
        values = matrix[:, i].astype(float)
        finite = values[np.isfinite(values)]
        n = len(finite)
        low, median, high, top = np.percentile(finite, [0, 50, 99, 100]) if n else [np.nan] * 4
        rows.append(
            {
                "marker": marker,
                "role": str(adata.var[Key.var.role].iloc[i]) if Key.var.role in adata.var else "unknown",
                "n_cells": adata.n_obs,
                "n_missing": adata.n_obs - n,
                "n_negative": int((finite < 0).sum()),
                "zero_share": float((finite == 0).mean()) if n else np.nan,
                "is_constant": bool(n > 1 and low == top),
                "min": low,
                "median": median,
                "p99": high,
                "max": top,
            }
        )
    return metric_table(_COLUMNS, rows)
