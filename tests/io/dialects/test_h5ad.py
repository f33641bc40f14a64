"""AnnData of others: which values are the measured ones, and where cells are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.cell_table import read_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def raw() -> np.ndarray:
    return np.random.default_rng(0).lognormal(5, 1, (20, 3)).astype(np.float32)


def adata_of(values: np.ndarray, **uns: object) -> ad.AnnData:
    n = len(values)
    obs = pd.DataFrame({"CellID": np.arange(1, n + 1), "X_centroid": 1.5, "Y_centroid": 2.5, "imageid": "a"})
    adata = ad.AnnData(
        values.copy(),
        obs=obs.set_axis([f"a_{i}" for i in range(1, n + 1)], axis=0),
        var=pd.DataFrame(index=list("ABC")),
    )
    adata.uns.update(uns)
    return adata


@pytest.mark.parametrize("scimap", [True, False])
def test_raw_is_taken_where_x_is_its_logarithm(tmp_path: Path, raw: np.ndarray, scimap: bool) -> None:
    adata = adata_of(raw, **({"all_markers": ["A", "B", "C"]} if scimap else {}))
    adata.raw = adata
    adata.X = np.log1p(raw)
    adata[:, ["C", "A"]].copy().write_h5ad(tmp_path / "t.h5ad")
    found = Findings()
    table = read_table(tmp_path / "t.h5ad", findings=found)
    assert table.dialect == ("scimap h5ad" if scimap else "h5ad")
    assert table.marker_names == ("C", "A")
    np.testing.assert_array_equal(table.x, raw[:, [2, 0]])
    assert "table.h5ad-x" in [f.rule for f in found]


def test_scimap_s_rescaled_values_are_not_taken(tmp_path: Path, raw: np.ndarray) -> None:
    adata = adata_of(raw, all_markers=["A", "B", "C"])
    adata.raw = adata
    adata.X = (raw - raw.min(0)) / np.ptp(raw, 0)
    adata.write_h5ad(tmp_path / "t.h5ad")
    np.testing.assert_array_equal(read_table(tmp_path / "t.h5ad", findings=Findings()).x, raw)


def test_x_is_taken_where_raw_is_something_else(tmp_path: Path, raw: np.ndarray) -> None:
    adata = adata_of(np.log1p(raw))
    adata.raw = adata
    adata.X = raw
    adata.write_h5ad(tmp_path / "t.h5ad")
    found = Findings()
    np.testing.assert_array_equal(read_table(tmp_path / "t.h5ad", findings=found).x, raw)
    assert [f.rule for f in found] == ["table.h5ad-x"]


def test_logarithms_without_raw_are_kept_and_told(tmp_path: Path, raw: np.ndarray) -> None:
    adata_of(np.log1p(raw), log1p={"base": 2}).write_h5ad(tmp_path / "t.h5ad")
    found = Findings()
    np.testing.assert_array_equal(read_table(tmp_path / "t.h5ad", findings=found).x, np.log1p(raw))
    assert [f.rule for f in found] == ["table.transformed"]


def test_places_in_obsm_have_no_unit(tmp_path: Path, raw: np.ndarray) -> None:
    """As HTAPP's MERFISH tables are: names and places, nothing else."""
    adata = adata_of(raw)
    adata.obs = adata.obs[[]]
    adata.obsm["spatial"] = np.column_stack([np.arange(20.0), np.ones(20)])
    adata.write_h5ad(tmp_path / "t.h5ad")
    found = Findings()
    table = read_table(tmp_path / "t.h5ad", findings=found)
    np.testing.assert_array_equal(table.xy_px, adata.obsm["spatial"])
    assert table.ids.tolist() == list(range(1, 21))
    assert {f.rule for f in found} == {"table.centroids", "table.ids-from-names"}


def test_one_image_of_several_and_markers_of_one_name(tmp_path: Path, raw: np.ndarray) -> None:
    adata = adata_of(raw)
    adata.obs["imageid"] = pd.Categorical(["a", "b"] * 10)
    adata.obs["note"] = ["x", None] * 10
    adata.obs["flag"] = [True, False] * 10
    adata.obs["Area"] = np.arange(20)
    adata.var_names = ["A", "A", "C"]
    adata.write_h5ad(tmp_path / "t.h5ad")
    table = read_table(tmp_path / "t.h5ad", image="b", findings=Findings())
    np.testing.assert_array_equal(table.x, raw[1::2])
    assert table.marker_names == ("A", "A.1", "C")
    assert table.ids.tolist() == list(range(2, 21, 2))
    assert table.features["Area"].tolist() == list(range(1, 20, 2))
    assert table.notes["note"].isna().all()
    assert not table.notes["flag"].any()


def test_what_the_kit_wrote_comes_back(tmp_path: Path, sample_dir: Path) -> None:
    adata = hk.read(table=sample_dir / "level4" / "HTA200_1_D4.csv", pixel_size_um=0.65)
    adata.write_h5ad(tmp_path / "t.h5ad")
    found = Findings()
    table = read_table(tmp_path / "t.h5ad", findings=found)
    assert (table.dialect, len(found)) == ("htan_kit h5ad", 0)
    np.testing.assert_array_equal(table.x, adata.X)
    np.testing.assert_array_equal(table.xy_px, adata.obsm["spatial"])


def test_centroids_that_are_words(tmp_path: Path, raw: np.ndarray) -> None:
    adata = adata_of(raw)
    adata.obs["X_centroid"] = "left"
    adata.write_h5ad(tmp_path / "t.h5ad")
    with pytest.raises(InputError, match="Centroids are no numbers"):
        read_table(tmp_path / "t.h5ad", findings=Findings())


def test_real_scimap_files(real: Path) -> None:
    """tutorial_data.h5ad was made by scimap from mcmicro_output.csv: raw is the table."""
    folder = real / "mcmicro_tools" / "scimap"
    csv = read_table(folder / "mcmicro_output.csv", findings=Findings())
    for name in ("tutorial_data.h5ad", "tutorial_data_pheno.h5ad"):  # X is a logarithm; X is rescaled
        h5ad = read_table(folder / name, findings=Findings())
        by_id = csv.markers.set_axis(csv.ids, axis=0).loc[h5ad.ids, list(h5ad.marker_names)]
        np.testing.assert_allclose(h5ad.x, by_id, rtol=1e-6)
