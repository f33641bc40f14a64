from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import pandas as pd
import pytest
import yaml

import htan_kit as hk
from htan_kit.checks._adata import check_adata
from htan_kit.checks._miti import check_miti, check_miti_file
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.cohort import Cohort
    from htan_kit.findings import Findings


def of(record: dict[str, Any] | None = None, **sections: Any) -> anndata.AnnData:
    text = json.dumps({"record": record or {}})
    return anndata.AnnData(np.zeros((1, 1), np.float32), uns={"miti": {"A": {**sections, "json": text}}})


def said(findings: Findings) -> dict[str, str]:
    return {finding.rule: str(finding.severity) for finding in findings}


def test_a_whole_record_has_no_errors(cohort: Cohort) -> None:
    for sample in cohort.values():
        assert sample.miti is not None
        found = check_miti_file(sample.miti)
        assert found.errors == type(found)()
        assert not check_miti(hk.read(sample)).errors


def test_a_record_that_somebody_gave_is_held_to_mitis_words() -> None:
    file = {"Data File Id": "A", "Lens NA": "high", "Pyramid": True}
    found = said(check_miti(of({"File": [file]}, file={"data_file_id": "A", "lens_na": "high", "pyramid": True})))
    assert found["miti.file.filename.required"] == "error"
    assert found["miti.file.lens-na.type"] in ("error", "warning")
    assert "miti.file.incomplete" not in found


def test_what_was_only_gathered_is_not_blamed_for_gaps() -> None:
    found = check_miti(of(file={"data_file_id": "A", "lens_na": "high", "pyramid": "perhaps"}))
    assert said(found) == {
        "miti.file.incomplete": "info", "miti.file.lens-na.type": "warning", "miti.file.pyramid.type": "warning",
    }  # fmt: skip
    assert next(iter(found)).message.startswith("11 attributes that MITI requires are not known: Filename, File Format")


def test_an_empty_section_of_a_record_counts_as_not_given() -> None:
    channel = pd.DataFrame({"channel_id": ["c"]})
    assert set(said(check_miti(of({"channel": []}, channel=channel)))) == {"miti.channel.incomplete"}


def test_what_several_entries_lack_alike_is_said_once() -> None:
    channel = pd.DataFrame({"channel_id": [f"c{i}" for i in range(9)], "channel_name": ["x"] * 9})
    rows = channel.to_dict("records")
    (found,) = [f for f in check_miti(of({"channel": rows}, channel=channel)) if f.rule.endswith("lot.required")]
    assert found.message.endswith("So in 9 of 9 entries: c0, c1, c2, c3, c4, ....")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"SizeZ": 3}, "miti.ome-tiff-header.physical-size-z.condition"),
        ({"SizeX": "wide"}, "miti.ome-tiff-header.size-x.type"),
        ({"Image ID": None}, "miti.ome-tiff-header.image-id.required"),
    ],
)
def test_planted_defects_in_a_file(sample_dir: Path, tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    record = json.loads((sample_dir / "miti" / "HTA200_1_D1.json").read_text(encoding="utf-8"))
    header = record["ome-tiff-header"]
    for name in change:
        header.pop({"SizeZ": "size_z", "SizeX": "size_x", "Image ID": "image_id"}[name])
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(record | {"ome-tiff-header": header | change}), encoding="utf-8")
    assert rule in {finding.rule for finding in check_miti_file(path).errors}


def test_what_is_no_section_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"<b>own</b>": {}, "file": "text", "clinical": [1]}), encoding="utf-8")
    assert [finding.rule for finding in check_miti_file(path)] == ["miti.section"] * 3
    path.write_text("[", encoding="utf-8")
    assert [finding.rule for finding in check_miti_file(path)] == ["miti.json"]
    assert [finding.rule for finding in check_miti_file(tmp_path / "none.yaml")] == ["miti.yaml"]


def test_sections_by_data_file_id(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"cell": {"D1": {"filename": "a.csv"}, "D2": {"filename": "b.csv"}}}), encoding="utf-8")
    (found,) = [f for f in check_miti_file(path) if f.rule == "miti.cell.parent-id.required"]
    assert found.message.endswith("So in 2 of 2 entries: D1, D2.")


def test_which_image() -> None:
    with pytest.raises(InputError):
        check_miti(of(), "x")


def test_an_anndata_says_what_was_found_and_what_it_carries(cohort: Cohort) -> None:
    adata = hk.read(cohort["HTA200_2_D1"])
    before = check_adata(adata)
    assert "identity.label-missing-in-table" in said(before)
    block = adata.uns["htan"]["HTA200_2_D1"]
    block["level2"]["HTA200_2_D1"]["SIZE_X"] = "wide"
    del block["level4"]["HTA200_2_D3"]["LICENSE"]
    block["channel"] = block["channel"].assign(CHANNEL_ID=None)
    adata.uns["miti"]["HTA200_2_D1"]["ome_tiff_header"]["size_x"] = "wide"
    new = set(said(check_adata(adata))) - set(said(before))
    assert new == {
        "htan2.multiplex-microscopy-level-2.size-x.type",
        "htan2.multiplex-microscopy-level-4.license.required",
        "htan2.channel-metadata.channel-id.required",
        "miti.ome-tiff-header.size-x.type",
    }


def test_an_anndata_of_others_has_nothing_to_say() -> None:
    assert len(check_adata(anndata.AnnData(np.zeros((1, 1), np.float32)))) == 0


@pytest.mark.filterwarnings("ignore:.*zarr v[23].*:UserWarning")
@pytest.mark.parametrize("form", ["h5ad", "zarr"])
def test_findings_are_the_same_after_a_file(cohort: Cohort, tmp_path: Path, form: str) -> None:
    adata = hk.read(cohort["HTA200_1_D1"])
    path = tmp_path / f"a.{form}"
    getattr(adata, f"write_{form}")(path)
    assert set(said(check_adata(getattr(anndata, f"read_{form}")(path)))) == set(said(check_adata(adata)))
