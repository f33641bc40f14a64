from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import openpyxl
import pytest
import tifffile

import htan_kit as hk

if TYPE_CHECKING:
    from pathlib import Path

LEVEL1 = ["Component", "Filename", "HTAN Parent Biospecimen ID", "HTAN Data File ID", "Imaging Assay Type"]
LEVEL2 = [
    *LEVEL1[:2],
    "HTAN Parent Data File ID",
    "HTAN Data File ID",
    "Imaging Assay Type",
    "Channel Metadata Filename",
]
LEVEL3 = [*LEVEL2[:4], "Imaging Object Class", "Imaging Segmentation Data Type"]
RAW = ["ImagingLevel1", "raw.tif", "HTA7_1_2", "HTA7_1_8", "CyCIF"]
IMAGE = ["ImagingLevel2", "f/a.tif", "HTA7_1_8", "HTA7_1_1", "CyCIF", "syn54240599"]
CELLS = ["ImagingLevel3Segmentation", "f/m.tif", "HTA7_1_1", "HTA7_1_3", "whole cell", "Mask"]
SPOTS = ["ImagingLevel3Segmentation", "f/p.tif", "HTA7_1_1", "HTA7_1_4", "spot", "Point"]


def write(folder: Path, name: str, *rows: list[str]) -> None:
    with (folder / name).open("w", newline="") as handle:
        csv.writer(handle).writerows(rows)


def put(path: Path) -> None:
    tifffile.imwrite(path, np.arange(168, dtype=np.uint16).reshape(12, 14))


@pytest.fixture
def phase1(tmp_path: Path) -> Path:
    write(tmp_path, "1.csv", LEVEL1, RAW)
    write(tmp_path, "2.csv", LEVEL2, IMAGE)
    write(tmp_path, "3.csv", LEVEL3, CELLS, SPOTS)
    for name in ("raw", "a", "m", "p"):
        put(tmp_path / f"{name}.tif")
    (tmp_path / "syn54240599.csv").write_text("Channel ID,Channel Name\nChannel:0:0,DNA\n")
    return tmp_path


def test_the_packaged_cohort(cohort: hk.Cohort) -> None:
    table = cohort.lineage()
    assert set(table["state"]) == {"ok", "implied"}
    assert table["file_found"].dropna().all()
    mask = table[table["id"] == "HTA200_1_D2"].iloc[0]
    assert (mask["parent_id"], mask["relation"], mask["what"]) == ("HTA200_1_D1", "segmented from", "cell")
    person = table[table["level"] == "participant"]
    assert person["n_samples"].tolist() == [2, 2]
    assert person["library_id"].tolist() == ["", ""]
    assert not table.duplicated(["level", "id", "parent_id"]).any()
    files = {identifier for sample in cohort.samples if sample.unit for identifier in _ids(sample)}
    assert set(table[table["file_found"].notna() & (table["level"] != "channel")]["id"]) == files


def _ids(sample: hk.Sample) -> list[str]:
    return [record.data_file_id for record in sample.unit.files] if sample.unit else []


def test_one_sample_is_a_part_of_its_cohort(cohort: hk.Cohort) -> None:
    whole, part = cohort.lineage(), cohort["HTA200_2_D1"].lineage()
    keys = ["level", "id", "parent_id", "state"]
    assert len(part) == len(part.merge(whole, on=keys))
    assert part["level"].tolist() == ["participant", "biospecimen", "channel", "2", "2", "3", "4", "4"]


def test_level_1_is_shown_and_its_pixels_are_not_opened(phase1: Path) -> None:
    cohort = hk.open_cohort(phase1)
    assert [f.rule for f in cohort.findings] == []
    sample = cohort["HTA7_1_1"]
    assert sample.image == phase1 / "a.tif"
    raw = sample.lineage().set_index("level").loc["1"]
    assert (raw["id"], raw["parent_id"], raw["file"], raw["file_found"]) == ("HTA7_1_8", "HTA7_1_2", "raw.tif", True)
    image = sample.lineage().set_index("level").loc["2"]
    assert (image["parent_id"], image["relation"]) == ("HTA7_1_8", "assembled from")
    (phase1 / "2.csv").unlink()
    (phase1 / "3.csv").unlink()
    with pytest.raises(hk.InputError, match="1 file of Level 1 and no image of Level 2.*ASHLAR.*MCMICRO") as caught:
        hk.open_cohort(phase1)
    assert [f.rule for f in caught.value.findings] == ["level1.pixels"]


def test_what_is_no_mask_is_not_read_as_one(phase1: Path) -> None:
    sample = hk.open_cohort(phase1)["HTA7_1_1"]
    assert sample.masks == {"cell": phase1 / "m.tif"}
    assert [f.rule for f in sample.findings] == ["manifest.not-a-mask"]


def test_a_channel_file_that_is_named_by_its_synapse_id(phase1: Path) -> None:
    assert hk.open_cohort(phase1)["HTA7_1_1"].channels == phase1 / "syn54240599.csv"
    (phase1 / "syn54240599.csv").unlink()
    (finding,) = hk.open_cohort(phase1)["HTA7_1_1"].findings.errors
    assert finding.rule == "manifest.file-exists"
    assert "named after its id" in finding.hint
    write(phase1, "2.csv", LEVEL2, [*IMAGE[:-1], "Not Applicable"])
    assert not hk.open_cohort(phase1)["HTA7_1_1"].findings.errors


def test_the_assay_of_a_mask_whose_image_is_elsewhere(tmp_path: Path) -> None:
    header = [*LEVEL3[:4], "Imaging Assay Type"]
    write(tmp_path, "3.csv", header, ["Imaging Level 3 Image", "m.tif", "HTA7_1_1", "HTA7_1_3", "CyCIF"])
    assert hk.open_cohort(tmp_path)["HTA7_1_3"].assay == "CyCIF"


def test_a_workbook_is_a_manifest_like_any_other(phase1: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in {"images": [LEVEL2, IMAGE], "masks": [LEVEL3, CELLS]}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for name in ("1.csv", "2.csv", "3.csv"):
        (phase1 / name).unlink()
    book.save(phase1 / "manifest.xlsx")
    (phase1 / "~$manifest.xlsx").write_bytes(b"locked")
    for path in (phase1, phase1 / "manifest.xlsx"):
        cohort = hk.open_cohort(path)
        assert cohort.kind == "HTAN manifests"
        assert cohort["HTA7_1_1"].mask == phase1 / "m.tif"
        assert cohort["HTA7_1_1"].levels == (2, 3)


@pytest.mark.parametrize("name", ["a.rcpnl", "b.CZI", "c.mcd"])
def test_a_microscopes_own_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    for open_it in (
        hk.read_image,
        hk.open_cohort,
        lambda path: hk.open_cohort(path.parent),
        lambda p: hk.read(image=p),
    ):
        with pytest.raises(hk.InputError, match="ASHLAR") as caught:
            open_it(tmp_path / name)
        assert next(iter(caught.value.findings)).rule == "level1.pixels"


def test_files_without_manifests_have_a_lineage(tmp_path: Path) -> None:
    for name in ("s1.tif", "s1_mask.tif", "s2.tif"):
        put(tmp_path / name)
    (tmp_path / "s1.csv").write_text("CellID,DNA,X_centroid,Y_centroid,Area\n1,2.0,3.0,4.0,5\n")
    (tmp_path / "s2.csv").write_text("CellID,DNA,X_centroid,Y_centroid,Area\n1,2.0,3.0,4.0,5\n")
    table = hk.open_cohort(tmp_path).lineage()
    assert table[["level", "id", "parent_id", "relation", "state"]].to_numpy().tolist() == [
        ["2", "s1.tif", "", "", "ok"],
        ["3", "s1_mask.tif", "s1.tif", "segmented from", "ok"],
        ["4", "s1.csv", "s1_mask.tif", "measured with", "ok"],
        ["2", "s2.tif", "", "", "ok"],
        ["4", "s2.csv", "s2.tif", "measured on", "ok"],
    ]
    assert hk.open_cohort(tmp_path / "s1.csv").lineage()["state"].tolist() == ["no parent"]


def test_a_file_that_is_not_there(phase1: Path) -> None:
    (phase1 / "m.tif").unlink()
    table = hk.open_cohort(phase1).lineage().set_index("id")["file_found"]
    assert table.dropna().to_dict() == {"HTA7_1_8": True, "HTA7_1_1": True, "HTA7_1_3": False, "HTA7_1_4": True}
    assert table[["HTA7_1", "HTA7_1_2"]].isna().all()


@pytest.mark.parametrize("written", ["../outside.tif", "/etc/passwd"])
def test_a_manifest_does_not_reach_out_of_its_folder(phase1: Path, written: str) -> None:
    inside = phase1 / "data"
    inside.mkdir()
    put(phase1 / "outside.tif")
    write(inside, "2.csv", LEVEL2, [IMAGE[0], written, *IMAGE[2:]])
    sample = hk.open_cohort(inside)["HTA7_1_1"]
    assert sample.image is not None
    assert not sample.image.exists()
    assert not bool(sample.lineage().set_index("level").loc["2", "file_found"])
