"""Cells as Level 4 files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest

from htan_kit.errors import InputError
from htan_kit.export import write_cells

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cells() -> anndata.AnnData:
    obs = pd.DataFrame({"CellID": [3, 9], "X_centroid": [1.5, 2.5], "Y_centroid": [4.0, 5.0]}, index=["A_3", "A_9"])
    adata = anndata.AnnData(np.float32([[1, 2], [3, 4]]), obs=obs, var=pd.DataFrame(index=["DNA", "CD3"]))
    adata.obsm["features"] = pd.DataFrame({"Area": [10, 20]}, index=obs.index)
    return adata


def test_csv_has_the_header_of_mcquant(cells: anndata.AnnData, tmp_path: Path) -> None:
    frame = pd.read_csv(write_cells(cells, tmp_path / "cells.csv"))
    assert list(frame) == ["CellID", "DNA", "CD3", "X_centroid", "Y_centroid", "Area"]
    assert frame.loc[1].tolist() == [9, 3, 4, 2.5, 5, 20]


def test_csv_is_read_back(cells: anndata.AnnData, tmp_path: Path) -> None:
    from htan_kit.io import read_table

    table = read_table(write_cells(cells, tmp_path / "cells.csv"))
    assert table.ids.tolist() == [3, 9]
    assert table.markers.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[1.5, 4], [2.5, 5]]


def test_h5ad_has_everything(cells: anndata.AnnData, tmp_path: Path) -> None:
    again = anndata.read_h5ad(write_cells(cells, tmp_path / "cells.h5ad"))
    assert again.obs["CellID"].tolist() == [3, 9]
    assert again.obsm["features"]["Area"].tolist() == [10, 20]


def test_another_name_is_refused_and_nothing_is_written(cells: anndata.AnnData, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv or \.h5ad"):
        write_cells(cells, tmp_path / "cells.xlsx")
    with pytest.raises(InputError, match="cannot be written"):
        write_cells(cells, tmp_path / "no" / "cells.csv")
    assert list(tmp_path.iterdir()) == []
