from __future__ import annotations

from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.export import export, write_channels
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.cohort import Cohort

IDS = ["HTA200_1_D1", "HTA200_1_D5", "HTA200_2_D1", "HTA200_2_D4"]


def test_a_cohort_as_miti(sample_dir: Path, cohort: Cohort, tmp_path: Path) -> None:
    for file_format in ("yaml", "json"):
        paths = export(sample_dir, tmp_path, to="miti", file_format=file_format)
        assert [path.name for path in paths] == [f"{name}.{file_format}" for name in IDS]
    sample = cohort["HTA200_1_D1"]
    from dataclasses import replace

    again = hk.miti(hk.read(replace(sample, miti=tmp_path / "HTA200_1_D1.yaml")))
    assert again == hk.miti(hk.read(sample))


def test_channel_tables_are_corrected(sample_dir: Path, tmp_path: Path) -> None:
    found = Findings()
    paths = export(sample_dir / "level2" / "HTA200_2_D1.ome.tiff", tmp_path, to="channels", findings=found)
    (path,) = paths
    planes = hk.read_image(sample_dir / "level2" / "HTA200_2_D1.ome.tiff").channel_names
    assert hk.read_channels(path)["channel_name"].tolist() == planes


def test_the_judgement_of_var_is_in_the_channel_table(cohort: Cohort, tmp_path: Path) -> None:
    adata = hk.read(cohort["HTA200_1_D1"])
    adata.var["passed_qc"] = pd.array([False] + [True] * (adata.n_vars - 1), dtype="boolean")
    table = hk.read_channels(write_channels(adata, tmp_path / "c.csv"))
    plane = int(adata.var["channel_index"].iloc[0])
    assert table.loc[~table["passed_qc"], "channel_index"].tolist() == [plane]
    assert "No - Channel Failed QC" in (tmp_path / "c.csv").read_text(encoding="utf-8")


def test_stored_objects_and_runs_are_taken_as_they_are(cohort: Cohort, tmp_path: Path) -> None:
    adata = hk.read(cohort["HTA200_1_D1"])
    adata.uns["miti"]["HTA200_1_D1"]["file"]["comment"] = "changed by hand"
    run = tmp_path / "run"
    for name in ("b", "c"):
        (run / name).mkdir(parents=True)
    (run / "run.json").write_text("{}", encoding="utf-8")
    adata.write_h5ad(run / "b" / "qc.h5ad")
    for source in (run, run / "b" / "qc.h5ad"):
        (path,) = export(source, tmp_path / "out", to="miti")
        assert "changed by hand" in path.read_text(encoding="utf-8")


def test_what_cannot_be_read_does_not_stop_the_others(cohort: Cohort, tmp_path: Path) -> None:
    run = tmp_path / "run"
    for name in ("a", "b"):
        (run / name).mkdir(parents=True)
    (run / "run.json").write_text("{}", encoding="utf-8")
    (run / "a" / "sample.h5ad").write_text("no", encoding="utf-8")
    hk.read(cohort["HTA200_1_D5"]).write_h5ad(run / "b" / "sample.h5ad")
    found = Findings()
    assert [path.name for path in export(run, tmp_path / "out", to="miti", findings=found)] == ["HTA200_1_D5.yaml"]
    assert [finding.rule for finding in found] == ["export.h5ad"]


def test_mistakes(sample_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no form 'pdf'"):
        export(sample_dir, tmp_path / "x", to="pdf")
    with pytest.raises(InputError, match="no form 'xml'"):
        export(sample_dir, tmp_path / "x", to="miti", file_format="xml")
    with pytest.raises(InputError):
        export(tmp_path / "none", tmp_path / "x", to="miti")
    with pytest.raises(InputError, match="Shoe"):
        export(sample_dir, tmp_path / "x", to="htan2", values={"Shoe": "1"})
    assert not (tmp_path / "x").exists()
    with pytest.raises(InputError, match="no channels"):
        write_channels(anndata.AnnData(np.zeros((1, 1), np.float32), uns={"miti": {"A": {}}}), tmp_path / "c.csv")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for to in ("miti", "htan1", "channels"):
        with pytest.raises(InputError, match="cannot be written"):
            export(sample_dir / "level2" / "HTA200_1_D1.ome.tiff", tmp_path / "file" / "x", to=to)
