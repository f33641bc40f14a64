from __future__ import annotations

from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest

import htan_kit.tl as tl
from htan_kit.tl._statistics import COLUMNS, append, frame, reasoned

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeAdata


def test_columns_and_types_are_the_contracts() -> None:
    contract = """library_id, statistic, variant, type_a, type_b, radius_um, k, value, expected, log2fc, z, p, q, n_a,
    n_b, n_perm, seed, graph, reason"""
    assert list(COLUMNS) == [name.strip() for name in contract.split(",")]
    for table in (
        frame([]),
        frame([reasoned("a", "x", "no cells")]),
        frame([{"library_id": "a", "value": 1, "n_a": 3}]),
    ):
        assert {name: str(dtype) for name, dtype in table.dtypes.items()} == COLUMNS


def test_a_second_run_replaces_its_own_rows_only(make_adata: MakeAdata) -> None:
    adata = make_adata(n=1)
    append(
        adata,
        [{"library_id": "a", "statistic": "x", "value": 1.0}, {"library_id": "b", "statistic": "x", "value": 2.0}],
    )
    append(adata, [{"library_id": "a", "statistic": "y", "value": 3.0}])
    new = append(adata, [{"library_id": "a", "statistic": "x", "value": 9.0}])
    assert new["value"].tolist() == [9.0]
    table = adata.uns["spatial_statistics"]
    assert sorted(zip(table["library_id"], table["statistic"], table["value"], strict=True)) == [
        ("a", "x", 9.0), ("a", "y", 3.0), ("b", "x", 2.0),
    ]  # fmt: skip
    assert table.index.tolist() == ["0", "1", "2"]


# anndata announces its next default format; what is tested is that today's can be written.
@pytest.mark.filterwarnings("ignore:.*zarr v[23].*:UserWarning")
def test_everything_written_survives_h5ad_and_zarr(make_adata: MakeAdata, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.lognormal(0, 0.3, (120, 2)) * np.where(rng.random((120, 2)) < 0.5, 1, 40)
    names = ["one"] * 117 + ["two"] * 3  # the second is too small for anything
    adata = make_adata(xy=rng.uniform(0, 200, (120, 2)), x=x, markers=["HLA-A/B", "CD20"], library_id=names)
    tl.normalize(adata)
    tl.phenotype(adata)
    tl.spatial_graph(adata)
    tl.composition(adata)
    tl.density(adata)
    tl.nhood_enrichment(adata, n_perms=20)
    adata.write_h5ad(tmp_path / "a.h5ad")
    adata.write_zarr(tmp_path / "a.zarr")
    for back in (anndata.read_h5ad(tmp_path / "a.h5ad"), anndata.read_zarr(tmp_path / "a.zarr")):
        for key in ("spatial_statistics", "gates"):
            pd.testing.assert_frame_equal(
                back.uns[key], adata.uns[key], check_categorical=False, check_index_type=False, check_column_type=False
            )
        neighbours = back.uns["spatial_neighbors"]
        assert neighbours["params"]["max_edge_um"] == 50.0
        assert list(neighbours["reason"]) == ["two"]
        parameters = back.uns["htan_kit"]["one"]["parameters"]
        assert parameters["normalize"]["cofactors"]["marker"].tolist() == ["HLA-A/B", "CD20"]
        assert parameters["phenotype"]["reason"] == ""
        np.testing.assert_array_equal(
            back.obsp["spatial_connectivities"].toarray(), adata.obsp["spatial_connectivities"].toarray()
        )
        # And the statistics go on from what was read back.
        tl.composition(back)
        assert len(back.uns["spatial_statistics"]) == len(adata.uns["spatial_statistics"])
