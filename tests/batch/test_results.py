"""What a notebook finds and leaves in a sample's folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest

from htan_kit.batch import Results
from htan_kit.findings import Findings, error, info

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.cohort import Cohort


@pytest.fixture
def results(cohort: Cohort, tmp_path: Path) -> Results:
    """A sample with cells, and an empty folder."""
    return Results(cohort["HTA200_1_D1"], tmp_path, "1_qc")


@pytest.fixture
def small() -> anndata.AnnData:
    adata = anndata.AnnData(np.ones((3, 2), np.float32), var=pd.DataFrame({"role": "marker"}, index=["DNA", "CD3"]))
    adata.uns["htan_kit"] = {"HTA200_1_D1": {"findings": Findings([info("a.b", "x", "Read so.")]).to_json()}}
    return adata


TABLES = {
    "verdicts": pd.DataFrame({"check": ["one", "two"], "verdict": ["pass", "warn"], "reason": ["", "why"]}),
    "channels": pd.DataFrame({"marker": ["DNA"], "median": [np.nan]}),
    "named": pd.DataFrame({"n": [1]}, index=["row"]),
}


def test_an_empty_folder_holds_nothing(results: Results, tmp_path: Path) -> None:
    assert results.library_id == "HTA200_1_D1"
    assert results.folder == tmp_path / "HTA200_1_D1"
    assert results.qc == {}
    assert results.verdict == "not assessed"
    assert list(results.verdicts) == ["check", "verdict", "reason", "source"]
    assert results.statistics.empty
    assert results.findings == results.sample.findings
    assert list(tmp_path.iterdir()) == []


def test_quality_control_leaves_four_files(results: Results, small: anndata.AnnData) -> None:
    findings = Findings([error("c.d", "y", "Wrong.")])
    paths = results.save_qc(small, findings, TABLES)
    assert sorted(p.name for p in paths) == ["channels_validated.csv", "findings.json", "qc.h5ad", "qc.json"]
    assert sorted(p.name for p in results.folder.iterdir()) == sorted(p.name for p in paths)
    assert results.verdict == "warn"
    assert results.verdicts["check"].tolist() == ["one", "two"]
    assert [f.rule for f in results.findings] == ["c.d", "a.b"]  # those of reading stay
    assert results.qc["n_cells"] == 3
    assert results.qc["n_markers"] == 2
    assert results.qc["tables"] == {"channels": [{"marker": "DNA", "median": None}], "named": [{"item": "row", "n": 1}]}
    block = anndata.read_h5ad(results.folder / "qc.h5ad").uns["htan_kit"]["HTA200_1_D1"]
    assert json.loads(block["verdicts"])[1]["reason"] == "why"
    assert Findings.from_json(block["findings"]) == results.findings
    assert pd.read_csv(results.folder / "channels_validated.csv")["marker"].tolist() == ["DNA"]


@pytest.mark.parametrize(
    ("given", "worst"),
    [
        (["pass", "pass"], "pass"),
        (["not assessed", "pass"], "pass"),
        (["warn", "fail", "pass"], "fail"),
        (["not assessed"], "not assessed"),
        ([], "not assessed"),
    ],
)
def test_the_verdict_is_the_worst(results: Results, small: anndata.AnnData, given: list[str], worst: str) -> None:
    verdicts = pd.DataFrame({"check": [str(i) for i in range(len(given))], "verdict": given, "reason": ""})
    results.save_qc(small, Findings(), {"verdicts": verdicts})
    assert results.verdict == worst


def test_the_spatial_analysis_leaves_two_files(results: Results, small: anndata.AnnData) -> None:
    small.uns["spatial_statistics"] = pd.DataFrame({"library_id": ["A"], "value": [0.5]}, index=["0"])
    paths = results.save_spatial(small)
    assert [p.name for p in paths] == ["sample.h5ad", "statistics.csv"]
    assert results.statistics[["library_id", "value"]].to_dict("list") == {"library_id": ["A"], "value": [0.5]}
    assert {"statistic", "q", "reason"} <= set(results.statistics)  # also what nothing was written in


def test_without_statistics_the_table_has_a_header(results: Results, small: anndata.AnnData) -> None:
    results.save_spatial(small)
    assert results.statistics.empty


def test_a_notebook_reads_what_the_ones_before_it_wrote(results: Results, small: anndata.AnnData) -> None:
    def cells_for(notebook: str) -> int:
        return int(Results(results.sample, results.out, notebook).adata().n_obs)

    whole = cells_for("1_qc")
    assert whole > 100
    results.save_qc(small[:1].copy(), Findings(), {})
    results.save_spatial(small[:2].copy())
    assert (cells_for("1_qc"), cells_for("2_spatial"), cells_for("3_report"), cells_for("mine")) == (whole, 1, 2, 2)
