from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import anndata
import jsonschema
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.export import manifests, write_manifests
from htan_kit.findings import Findings
from htan_kit.models import components, schema

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

    from htan_kit.cohort import Cohort

CHANNELS = "Imaging Level 3 Channels"
IMAGE = "Imaging Level 3 Image"
TABLE = "Imaging Level 4"
TABLE2 = "MultiplexMicroscopyLevel4"


@pytest.fixture(scope="module")
def read_once(cohort: Cohort) -> AnnData:
    return hk.read(cohort["HTA200_1_D1"])


@pytest.fixture
def adata(read_once: AnnData) -> AnnData:
    return read_once.copy()


@pytest.fixture(scope="module")
def measured(cohort: Cohort) -> AnnData:
    """The same image without its table: the kit measures the cells."""
    from dataclasses import replace

    return hk.read(replace(cohort["HTA200_1_D1"], table=()))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def typed(component: str, row: dict[str, str]) -> dict[str, Any]:
    """What a program that knows the model's types makes of a row of text."""
    attributes = components()[f"{component}/2"]["attributes"]
    make = {"int": int, "float": float, "bool": lambda text: text == "true"}
    out: dict[str, Any] = {}
    for name, text in row.items():
        if text:
            value = make.get(attributes[name]["kind"], str)(text)
            out[name] = value.split(",") if attributes[name].get("multiple") else value
    return out


def test_phase_2_passes_the_validator_and_the_json_schema(adata: AnnData, tmp_path: Path) -> None:
    found = Findings()
    paths = write_manifests(adata, tmp_path, findings=found)
    assert found == Findings()
    written = {path.stem.removeprefix("manifest_"): rows(path) for path in paths if path.parent == tmp_path}
    assert {name: len(each) for name, each in written.items()} == {"ChannelMetadata": 16, TABLE2: 1}
    for component, each in written.items():
        validator = jsonschema.validators.validator_for(schema("htan2", component))(schema("htan2", component))
        for row in each:
            assert list(validator.iter_errors(typed(component, row))) == []


def test_a_table_that_was_read_keeps_its_record(adata: AnnData, tmp_path: Path) -> None:
    (row,) = manifests(adata)[TABLE2].to_dict("records")
    own = adata.uns["htan"]["HTA200_1_D1"]["level4"]["HTA200_1_D4"]
    changed = {name for name, value in own.items() if row[name].lower() != str(value).lower()}
    assert changed == {"FILENAME"}
    assert row["FILENAME"] == "level4/HTA200_1_D1.csv"
    write_manifests(adata, tmp_path, findings=Findings())
    table = hk.read_table(tmp_path / row["FILENAME"])
    assert len(table.ids) == int(row["NUMBER_OF_OBJECTS"]) == adata.n_obs
    assert len(rows(tmp_path / row["FILENAME"])[0]) - 1 == int(row["NUMBER_OF_FEATURES"])


def test_a_table_that_the_kit_measured_names_the_kit_and_has_no_made_up_id(measured: AnnData, tmp_path: Path) -> None:
    found = Findings()
    write_manifests(measured, tmp_path, findings=found)
    assert [finding.rule for finding in found] == ["htan2.multiplex-microscopy-level-4.htan-data-file-id.required"]
    values = {"htan data file id": "HTA200_1_D9"}
    (row,) = manifests(measured, values=values)[TABLE2].to_dict("records")
    assert row["FEATURE_EXTRACTION_WORKFLOW_TYPE"] == "htan_kit"
    assert row["HTAN_DATA_FILE_ID"] == "HTA200_1_D9"
    assert row["HTAN_PARENT_ID"] == "HTA200_1_D2,HTA200_1_D1"
    assert row["OBJECTIVE"] == "20x 0.75 NA"
    found = Findings()
    write_manifests(measured, tmp_path, values=values, findings=found)
    assert found == Findings()


def test_phase_1_passes_but_for_ids_of_the_other_phase(adata: AnnData, tmp_path: Path) -> None:
    found = Findings()
    values = {f"{IMAGE}.HTAN Data File ID": "HTA200_1_D10"}
    paths = write_manifests(adata, tmp_path, phase=1, values=values, findings=found)
    assert {finding.rule.rpartition(".")[2] for finding in found} == {"pattern"}
    assert found.errors == Findings()
    (table,) = rows(tmp_path / "manifest_ImagingLevel4.csv")
    assert (table["Imaging Object Class"], table["Number of Objects"], table["Number of Features"]) == (
        "whole cell", "994", "25",
    )  # fmt: skip
    assert table["Component"] == "ImagingLevel4"
    (image,) = rows(tmp_path / "manifest_ImagingLevel3Image.csv")
    assert (image["Passed QC"], image["Pyramid"], image["Zstack"]) == ("Yes", "Yes", "No")
    assert image["HTAN Parent Data File ID"] == "HTA200_1_D1"
    assert image["Software and Version"].startswith("htan_kit ")
    assert len(paths) == 4


def test_channels_in_the_models_exact_words(adata: AnnData, tmp_path: Path) -> None:
    passed = [True] * adata.n_vars
    details: list[str | None] = [None] * adata.n_vars
    said = {1: "autofluorescence", 2: "saturated", 3: "bad lot"}
    for position, text in said.items():
        passed[position], details[position] = False, text
    adata.var["passed_qc"] = pd.array(passed, dtype="boolean")
    adata.var["qc_details"] = pd.Series(details, index=adata.var_names, dtype=object)
    found = Findings()
    write_manifests(adata, tmp_path, phase=1, values={f"{IMAGE}.HTAN Data File ID": "HTA1_1_1"}, findings=found)
    assert found.errors == Findings()
    written = rows(tmp_path / "manifest_ImagingLevel3Channels.csv")
    by_name = {row["Channel Name"]: row for row in written}
    failed = [by_name[adata.var["channel_name"].iloc[position]] for position in said]
    assert {row["Channel Passed QC"] for row in failed} == {"No - Channel Failed QC"}
    assert [row["Channel QC Failure Type"] for row in failed] == [
        "Auto-fluoresence", "Imaging artefact", "Other/multiple channel QC faliure types",
    ]  # fmt: skip
    assert [row["Channel QC Failure Comment"] for row in failed] == list(said.values())
    assert sum(row["Channel Passed QC"] == "Yes" for row in written) == len(written) - 3
    assert by_name["DNA_1"]["Antibody Role"] == "Neither-Dye/Stain"
    assert by_name["DNA_1"]["RRID identifier"] == "Not Applicable"
    (image,) = rows(tmp_path / "manifest_ImagingLevel3Image.csv")
    assert image["Passed QC"] == "No - Channels QC"
    assert all(row["Channel Name"] in image["Comment"] for row in failed)


def test_channels_nobody_judged_are_not_passed(adata: AnnData) -> None:
    block = adata.uns["miti"]["HTA200_1_D1"]
    block["channel"] = block["channel"].drop(columns="passed_qc")
    block["json"] = "{}"
    adata.var = adata.var.drop(columns="passed_qc")
    assert set(manifests(adata, phase=1)[CHANNELS]["Channel Passed QC"]) == {""}
    given = manifests(adata, phase=1, values={"Channel Passed QC": "Yes"})[CHANNELS]
    assert set(given["Channel Passed QC"]) == {"Yes"}


def test_a_channels_own_values_stay(adata: AnnData) -> None:
    given = manifests(adata, phase=1, values={"Channel Name": "x", f"{CHANNELS}.Concentration": "1 µg/ml"})[CHANNELS]
    assert "x" not in set(given["Channel Name"])
    assert set(given["Concentration"]) == {"1 µg/ml"}


def test_several_images_share_a_manifest(cohort: Cohort, tmp_path: Path) -> None:
    both = hk.concat([hk.read(cohort[name]) for name in ("HTA200_1_D1", "HTA200_2_D1")])
    write_manifests(both, tmp_path, findings=Findings())
    written = rows(tmp_path / f"manifest_{TABLE2}.csv")
    assert [row["HTAN_DATA_FILE_ID"] for row in written] == ["HTA200_1_D4", "HTA200_2_D3"]
    for row in written:
        assert len(rows(tmp_path / row["FILENAME"])) == int(row["NUMBER_OF_OBJECTS"])
    found = Findings()
    write_manifests(both, tmp_path, values={"HTAN_DATA_FILE_ID": "HTA200_1_D9"}, findings=found)
    assert [finding.rule for finding in found] == ["export.id-repeated"]


def test_an_image_without_cells_has_no_table(cohort: Cohort, tmp_path: Path) -> None:
    assert list(manifests(hk.read(cohort["HTA200_1_D5"]), phase=1)) == [IMAGE]
    assert write_manifests(hk.read(cohort["HTA200_1_D5"]), tmp_path, findings=Findings()) == []


def test_mistakes(adata: AnnData) -> None:
    with pytest.raises(InputError, match="no phase 3"):
        manifests(adata, phase=3)
    with pytest.raises(InputError) as problem:
        manifests(adata, values={"Shoe size": "44", "Imaging Level 4.HTAN Data File ID": "x"})
    assert [finding.rule for finding in problem.value.findings] == ["export.value"] * 2


def test_it_is_the_same_from_a_stored_file(adata: AnnData, tmp_path: Path) -> None:
    adata.write_h5ad(tmp_path / "a.h5ad")
    back = anndata.read_h5ad(tmp_path / "a.h5ad")
    for phase in (1, 2):
        one, other = manifests(adata, phase=phase), manifests(back, phase=phase)
        assert list(one) == list(other)
        for component, frame in one.items():
            pd.testing.assert_frame_equal(frame, other[component])


def test_cells_that_look_like_formulas_are_escaped(adata: AnnData, tmp_path: Path) -> None:
    adata.var_names = ["=cmd()", *adata.var_names[1:]]
    block = adata.uns["miti"]["HTA200_1_D1"]["channel"]
    block["lot"] = block["lot"].astype(object).astype(str).where(block["channel_index"] != 1, "@SUM(A1)")
    write_manifests(adata, tmp_path, findings=Findings())
    assert "'=cmd()" in rows(tmp_path / "level4" / "HTA200_1_D1.csv")[0]
    assert "'@SUM(A1)" in {row["LOT"] for row in rows(tmp_path / "manifest_ChannelMetadata.csv")}
