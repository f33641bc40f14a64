from __future__ import annotations

import anndata
import numpy as np
import pandas as pd

import htan_kit as hk


def test_known_columns() -> None:
    x = np.array([[0, 5, -1], [2, 5, 3], [np.nan, 5, 4], [4, 5, np.inf]], np.float32)
    var = pd.DataFrame({"role": ["marker", "blank", "nuclear"]}, index=["CD3", "Blank", "DNA"])
    table = hk.qc.cells(anndata.AnnData(x, var=var)).set_index("marker")
    assert table["n_cells"].tolist() == [4, 4, 4]
    assert table["n_missing"].tolist() == [1, 0, 1]
    assert table["n_negative"].tolist() == [0, 0, 1]
    assert table["is_constant"].tolist() == [False, True, False]
    np.testing.assert_allclose(table["zero_share"], [1 / 3, 0, 0])
    np.testing.assert_allclose(table["median"], [2, 5, 3])
    np.testing.assert_allclose(table["p99"], [np.percentile([0, 2, 4], 99), 5, np.percentile([-1, 3, 4], 99)])
    assert table["role"].tolist() == ["marker", "blank", "nuclear"]


def test_only_missing_values() -> None:
    table = hk.qc.cells(anndata.AnnData(np.full((3, 1), np.nan, np.float32), var=pd.DataFrame(index=["CD3"])))
    assert table["n_missing"].tolist() == [3]
    assert table[["median", "zero_share"]].isna().all(axis=None)
    assert table["is_constant"].tolist() == [False]


def test_no_cells_is_said() -> None:
    table = hk.qc.cells(anndata.AnnData(np.empty((0, 2), np.float32)))
    assert table.empty
    assert "no cells" in table.attrs["reason"]
