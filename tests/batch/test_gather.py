"""Tables and cells of all samples."""

from __future__ import annotations

import json
import os
import tracemalloc
from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest

from htan_kit.batch._cells import write_cohort
from htan_kit.batch._gather import gather, metric_rows

if TYPE_CHECKING:
    from pathlib import Path

QC = {
    "n_cells": 3,
    "tables": {
        "channels": [{"marker": "CD3", "mean": 1.5, "role": "marker"}, {"marker": "CD8", "mean": None}],
        "segmentation": [{"library_id": "A", "n_objects": 3, "is_odd": True}],
    },
}


def _adata(library_id: str, markers: list[str], n: int, start: float = 0.0) -> anndata.AnnData:
    obs = pd.DataFrame(
        {"CellID": range(1, n + 1), "library_id": library_id, "region": library_id, "imageid": library_id,
         "phenotype": [f"type {i % 2}" for i in range(n)]},
        index=[f"{library_id}_{i}" for i in range(1, n + 1)],
    )  # fmt: skip
    for name in ("library_id", "region", "imageid", "phenotype"):
        obs[name] = pd.Categorical(obs[name])
    x = np.arange(n * len(markers), dtype=np.float32).reshape(n, len(markers)) + np.float32(start)
    adata = anndata.AnnData(x, obs=obs, var=pd.DataFrame({"role": "marker"}, index=markers))
    adata.layers["arcsinh"] = np.arcsinh(x)
    adata.obsm["spatial"] = np.column_stack([np.arange(n), np.full(n, start)]).astype(float)
    adata.uns["spatial"] = {library_id: {"images": {"hires": np.zeros((4, 4, 3), np.uint8)}}}
    adata.uns["htan_kit"] = {library_id: {"findings": "[]"}}
    adata.uns["miti"] = {library_id: {"biospecimen": {"species": "Homo sapiens"}}}
    return adata


def _written(folder: Path, *parts: anndata.AnnData) -> list[Path]:
    paths = []
    for part in parts:
        path = folder / f"{next(iter(part.uns['htan_kit']))}.h5ad"
        part.write_h5ad(path)
        paths.append(path)
    return paths


def test_all_cells_are_there_in_order_without_images(tmp_path: Path) -> None:
    one, two = _adata("one", ["DNA", "CD3", "CD8"], 4), _adata("two", ["CD8", "DNA"], 3, 100)
    write_cohort(_written(tmp_path, one, two), tmp_path / "all.h5ad")
    found = anndata.read_h5ad(tmp_path / "all.h5ad")
    assert found.obs_names.tolist() == [*one.obs_names, *two.obs_names]
    assert set(found.var_names) == {"DNA", "CD8"}
    assert found.X.dtype == np.float32
    for part in (one, two):
        mine = found[found.obs["library_id"] == part.obs["library_id"].iloc[0]]
        assert (mine.X == part[:, list(found.var_names)].X).all()
        assert (mine.layers["arcsinh"] == part[:, list(found.var_names)].layers["arcsinh"]).all()
        assert (mine.obsm["spatial"] == part.obsm["spatial"]).all()
        assert mine.obs["phenotype"].tolist() == part.obs["phenotype"].tolist()
        assert mine.obs["CellID"].tolist() == part.obs["CellID"].tolist()
    assert isinstance(found.obs["library_id"].dtype, pd.CategoricalDtype)
    assert not found.uns.get("spatial")
    assert set(found.uns["miti"]) == {"one", "two"}


def test_it_is_what_concat_gives(tmp_path: Path) -> None:
    from htan_kit.assemble import concat
    from htan_kit.findings import Findings

    parts = [_adata("one", ["DNA", "CD3"], 4), _adata("two", ["CD3", "DNA", "CD8"], 3, 100)]
    write_cohort(_written(tmp_path, *parts), tmp_path / "all.h5ad")
    found, wanted = anndata.read_h5ad(tmp_path / "all.h5ad"), concat(parts, findings=Findings())
    assert found.var_names.tolist() == wanted.var_names.tolist()
    assert (np.asarray(found.X) == np.asarray(wanted.X)).all()
    assert found.obs_names.tolist() == wanted.obs_names.tolist()
    assert set(found.obs) == set(wanted.obs)


def test_panels_without_a_common_marker_keep_all_with_gaps(tmp_path: Path) -> None:
    write_cohort(_written(tmp_path, _adata("one", ["CD3"], 2), _adata("two", ["CD8"], 1, 7)), tmp_path / "all.h5ad")
    found = anndata.read_h5ad(tmp_path / "all.h5ad")
    assert set(found.var_names) == {"CD3", "CD8"}
    assert np.isnan(found[found.obs["library_id"] == "two"][:, "CD3"].X).all()
    assert found[found.obs["library_id"] == "two"][:, "CD8"].X.item() == 7


def test_memory_does_not_grow_with_the_samples(tmp_path: Path) -> None:
    def peak(n_samples: int) -> int:
        parts = []
        for k in range(n_samples):
            part = _adata(f"{n_samples}-{k}", ["DNA", "CD3"], 4000)
            for c in range(40):
                part.obs[f"area_{c}"] = np.arange(4000.0) + k
            parts.append(part)
        paths = _written(tmp_path, *parts)
        del parts, part
        tracemalloc.start()
        try:
            write_cohort(paths, tmp_path / "all.h5ad")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # what is imported and cached once
    assert peak(10) < 1.5 * peak(2)
    assert anndata.read_h5ad(tmp_path / "all.h5ad", backed="r").n_obs == 2 * 4000


def test_columns_that_a_sample_lacks_have_gaps(tmp_path: Path) -> None:
    one, two = _adata("one", ["DNA"], 3), _adata("two", ["DNA"], 2)
    one.obs["n"], one.obs["flag"], one.obs["size"] = [1, 2, 3], [True, False, True], [np.nan, 0.5, 1.0]
    one.obs["note"] = pd.Categorical([None, "b", "a"])
    two.obs["count"] = pd.array([None, 4], dtype="Int64")
    two.obs["phenotype"] = pd.Categorical(["third type", "type 0"])
    write_cohort(_written(tmp_path, one, two), tmp_path / "all.h5ad")
    found = anndata.read_h5ad(tmp_path / "all.h5ad").obs
    assert {name: str(found[name].dtype) for name in ("n", "flag", "size", "note", "count")} == {
        "n": "Int64", "flag": "boolean", "size": "float64", "note": "category", "count": "Int64"
    }  # fmt: skip
    assert found["n"].tolist() == [1, 2, 3, pd.NA, pd.NA]
    assert found["flag"].tolist() == [True, False, True, pd.NA, pd.NA]
    assert found["size"].fillna(-1).tolist() == [-1, 0.5, 1.0, -1, -1]
    assert found["note"].astype(object).fillna("").tolist() == ["", "b", "a", "", ""]
    assert found["count"].tolist() == [pd.NA, pd.NA, pd.NA, pd.NA, 4]
    assert found["phenotype"].tolist() == ["type 0", "type 1", "type 0", "third type", "type 0"]


@pytest.mark.parametrize("empty_first", [True, False])
def test_a_sample_without_cells_keeps_its_metadata(tmp_path: Path, *, empty_first: bool) -> None:
    parts = [_adata("full", ["CD3", "CD8"], 2), _adata("empty", ["H&E"], 0)]
    write_cohort(_written(tmp_path, *(parts[::-1] if empty_first else parts)), tmp_path / "all.h5ad")
    found = anndata.read_h5ad(tmp_path / "all.h5ad")
    assert found.shape == (2, 2)
    assert set(found.uns["miti"]) == {"full", "empty"}
    assert found.obsm["spatial"].shape == (2, 2)


def test_no_cells_at_all_is_a_file_too(tmp_path: Path) -> None:
    write_cohort(_written(tmp_path, _adata("empty", ["H&E"], 0)), tmp_path / "all.h5ad")
    assert anndata.read_h5ad(tmp_path / "all.h5ad").n_obs == 0


def test_every_number_is_a_row() -> None:
    assert list(metric_rows("A", QC)) == [
        ("A", "sample", "", "n_cells", 3.0),
        ("A", "channels", "CD3", "mean", 1.5),
        ("A", "segmentation", "", "n_objects", 3.0),
        ("A", "segmentation", "", "is_odd", 1.0),
    ]


def _run_folder(folder: Path) -> None:
    for name, statistics in (("A", "library_id,statistic,value\nA,area,1\n"), ("B", "library_id,value,extra\nB,2,x\n")):
        (folder / name).mkdir()
        (folder / name / "qc.json").write_text(json.dumps(QC))
        (folder / name / "statistics.csv").write_text(statistics)
        _adata(name, ["CD3"], 2).write_h5ad(folder / name / "sample.h5ad")
    (folder / "C").mkdir()  # did not run
    (folder / "run.json").write_text(json.dumps({"samples": ["A", "B", "C"]}))


def test_a_run_gets_its_long_tables(tmp_path: Path) -> None:
    _run_folder(tmp_path)
    gather(tmp_path)
    metrics = pd.read_csv(tmp_path / "cohort_metrics.csv")
    assert list(metrics) == ["library_id", "table", "item", "metric", "value"]
    assert metrics["library_id"].value_counts().to_dict() == {"A": 4, "B": 4}
    statistics = pd.read_csv(tmp_path / "cohort_statistics.csv")
    assert list(statistics) == ["library_id", "statistic", "value", "extra"]
    assert statistics["value"].tolist() == [1, 2]
    assert anndata.read_h5ad(tmp_path / "cohort.h5ad").n_obs == 4


def test_what_is_up_to_date_is_kept(tmp_path: Path) -> None:
    _run_folder(tmp_path)
    gather(tmp_path)
    first = (tmp_path / "cohort.h5ad").stat().st_mtime_ns
    gather(tmp_path)
    assert (tmp_path / "cohort.h5ad").stat().st_mtime_ns == first
    os.utime(tmp_path / "A" / "sample.h5ad")
    gather(tmp_path)
    assert (tmp_path / "cohort.h5ad").stat().st_mtime_ns > first


def test_a_run_without_results_has_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"samples": ["C"]}')
    gather(tmp_path)
    assert pd.read_csv(tmp_path / "cohort_metrics.csv").empty
    assert not (tmp_path / "cohort.h5ad").exists()
