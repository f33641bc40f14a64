from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Findings, InputWarning, Severity
from htan_kit.io.manifest import is_manifest, read_manifest
from htan_kit.models import htan1_components, htan2_components

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, text: str, name: str = "manifest.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def phase2(folder: Path, component: str, name: str | None = None, **values: str) -> Path:
    attributes = list(htan2_components()[component]["attributes"])
    header = ",".join(attributes)
    row = ",".join(values.get(attribute, "") for attribute in attributes)
    return put(folder, f"{header}\n{row}\n", name or "anything.csv")


@pytest.mark.parametrize(
    ("component", "level"),
    [
        ("MultiplexMicroscopyLevel2", "2"),
        ("MultiplexMicroscopyLevel3", "3"),
        ("MultiplexMicroscopyLevel4", "4"),
        ("DigitalPathology", "2"),
        ("ChannelMetadata", "channel"),
        ("Biospecimen", "biospecimen"),
        ("Demographics", "participant"),
    ],
)
def test_phase_2_components_are_known_by_their_columns(tmp_path: Path, component: str, level: str) -> None:
    ids = {
        "HTAN_DATA_FILE_ID": "HTA200_1_D1", "HTAN_PARENT_ID": "HTA200_1_B1", "HTAN_PANEL_ID": "HTA200_1_P1",
        "HTAN_BIOSPECIMEN_ID": "HTA200_1_B1", "HTAN_PARTICIPANT_ID": "HTA200_1", "CHANNEL_ID": "Channel:0:0",
    }  # fmt: skip
    path = phase2(tmp_path, component, **ids)
    assert is_manifest(path)
    (record,) = read_manifest(path)
    assert (record.component, record.phase, record.level) == (component, 2, level)
    assert record.attributes == {name: ids[name] for name in ids if name in htan2_components()[component]["attributes"]}


@pytest.mark.parametrize("component", list(htan1_components()))
@pytest.mark.parametrize("spelling", ["model", "bigquery", "nocomponent"])
def test_phase_1_components(tmp_path: Path, component: str, spelling: str) -> None:
    model = htan1_components()[component]
    names = [name for name in model["attributes"] if name != "Component" or spelling != "nocomponent"]
    header = [name.replace(" ", "_") if spelling == "bigquery" else name for name in names]
    schema = (model.get("also_called") or [component])[0]
    values = {"Component": schema, "HTAN Data File ID": "HTA7_1_1", "HTAN Biospecimen ID": "HTA7_1_2"}
    values |= {"HTAN Participant ID": "HTA7_1", "HTAN Channel Metadata ID": "x", "Filename": "a/b.tif"}
    path = put(tmp_path, ",".join(header) + "\n" + ",".join(values.get(name, "1") for name in names) + "\n")
    (record,) = read_manifest(path)
    assert record.phase == 1
    assert record.level == model["level"]
    if spelling != "nocomponent" or "SRRS" not in component:  # SRRS has the columns of Level 2
        assert record.component == component
    assert set(record.attributes) == set(names)
    assert is_manifest(path)


def test_a_row_of_level_2(tmp_path: Path) -> None:
    text = (
        "\ufeffComponent\tFilename\tHTAN_Participant_ID\tHTAN_Parent_Biospecimen_ID\tHTAN_Data_File_ID\tComment\tmd5\n"
        "\t\t\t\t\t\t\n"
        "ImagingLevel2\timc/a b.ome.tiff\tHT060P1\tHTA12_2_102\tHTA12_2_1112\tNone\t224b\n"
    )
    (record,) = read_manifest(put(tmp_path, text, "m.tsv"))
    assert record.data_file_id == "HTA12_2_1112"
    assert record.parent_ids == ("HTA12_2_102",)
    assert record.filename == "imc/a b.ome.tiff"
    assert record.attributes["Comment"] == "None"
    assert "md5" not in record.attributes
    assert record.extra == {"md5": "224b"}
    assert record.source == "m.tsv row 3"  # as a spreadsheet counts it: row 2 is empty
    assert record.manifest == tmp_path / "m.tsv"


@pytest.mark.parametrize(
    "written",
    ['"HTA1_1_1,\nHTA1_1_2,\nHTA1_1_3"', "HTA1_1_1;HTA1_1_2; HTA1_1_3", '"[""HTA1_1_1"", ""HTA1_1_2"", ""HTA1_1_3""]"',
     "HTA1_1_1|HTA1_1_2|HTA1_1_3", "HTA1_1_1 HTA1_1_2 HTA1_1_3 HTA1_1_1"],
)  # fmt: skip
def test_lists_of_parents(tmp_path: Path, written: str) -> None:
    text = "Component,Filename,HTAN Parent Data File ID,HTAN Data File ID\n"
    path = put(tmp_path, text + f"ImagingLevel4,a.csv,{written},HTA1_1_9\n")
    assert read_manifest(path)[0].parent_ids == ("HTA1_1_1", "HTA1_1_2", "HTA1_1_3")


def test_not_applicable_is_no_parent(tmp_path: Path) -> None:
    text = (
        "Component,Filename,HTAN Parent Data File ID,HTAN Data File ID\nImagingLevel4,a.csv,Not Applicable,HTA1_1_9\n"
    )
    assert read_manifest(put(tmp_path, text))[0].parent_ids == ()


def test_several_components_in_one_file_and_one_that_is_not_imaging(tmp_path: Path) -> None:
    text = (
        "COMPONENT,FILENAME,HTAN_DATA_FILE_ID,HTAN_PARENT_ID\n"
        "MultiplexMicroscopyLevel2,a.ome.tiff,HTA200_1_D1,HTA200_1_B1\n"
        "MultiplexMicroscopyLevel3,m.ome.tiff,HTA200_1_D2,HTA200_1_D1\n"
        "scRNALevel1,x.fastq,HTA200_1_D7,HTA200_1_B1\n"
        "BiospecimenData,,,HTA200_1\n"
    )
    findings = Findings()
    records = read_manifest(put(tmp_path, text), findings=findings)
    assert [record.level for record in records] == ["2", "3", "biospecimen"]
    assert [(f.rule, f.severity) for f in findings] == [
        ("manifest.component", Severity.info),
        ("manifest.id-missing", Severity.error),
    ]
    assert "scRNALevel1" in str(findings)


def test_the_component_biospecimen_of_either_phase(tmp_path: Path) -> None:
    one = put(tmp_path, "Component,HTAN Biospecimen ID,HTAN Parent ID\nBiospecimen,HTA7_1_5,HTA7_1\n", "1.csv")
    two = put(tmp_path, "Component,HTAN_BIOSPECIMEN_ID,HTAN_PARENT_ID\nBiospecimen,HTA207_1_B5,HTA207_1\n", "2.csv")
    assert [read_manifest(path)[0].phase for path in (one, two)] == [1, 2]
    assert read_manifest(two)[0].parent_ids == ("HTA207_1",)


@pytest.mark.parametrize(
    ("name", "header", "component"),
    [
        ("MultiplexMicroscopyLevel3.csv", "FILENAME,FILE_FORMAT,HTAN_DATA_FILE_ID,HTAN_PARENT_ID",
         "MultiplexMicroscopyLevel3"),
        ("htan_level_4_manifest.csv", "FILENAME,FILE_FORMAT,HTAN_DATA_FILE_ID,HTAN_PARENT_ID",
         "MultiplexMicroscopyLevel4"),
        ("imaging level 3.csv", "Filename,File Format,HTAN Data File ID", "Imaging Level 3 Segmentation"),
    ],
)  # fmt: skip
def test_the_file_name_decides_last_and_says_so(tmp_path: Path, name: str, header: str, component: str) -> None:
    row = ",".join("x" for _ in header.split(","))
    path = put(tmp_path, f"{header}\n{row}\n", name)
    findings = Findings()
    assert read_manifest(path, findings=findings)[0].component == component
    assert [f.rule for f in findings] == ["manifest.guessed"]
    with pytest.warns(InputWarning, match="by its name"):
        read_manifest(path)


def test_nothing_says_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Add a Component column"):
        read_manifest(put(tmp_path, "FILENAME,FILE_FORMAT,HTAN_DATA_FILE_ID,HTAN_PARENT_ID\na,b,c,d\n", "x.csv"))


def test_a_template_without_rows(tmp_path: Path) -> None:
    findings = Findings()
    path = put(tmp_path, ",".join(htan2_components()["MultiplexMicroscopyLevel2"]["attributes"]) + "\n")
    assert read_manifest(path, findings=findings) == []
    assert [f.rule for f in findings] == ["manifest.empty"]


def test_channel_records_are_their_own_file(tmp_path: Path) -> None:
    path = phase2(tmp_path, "ChannelMetadata", HTAN_PANEL_ID="HTA200_1_P1", CHANNEL_ID="Channel:0:0")
    (record,) = read_manifest(path)
    assert (record.filename, record.data_file_id) == (path.name, "HTA200_1_P1")


@pytest.mark.parametrize(
    "header",
    [
        "sample,image,channels,mask,table,pixel_size_um",
        "Channel ID,Channel Name,Cycle Number,Target Name",
        "channel_number,cycle_number,marker_name",
        "channel,name,keep,ilastik,deepcell",
        "CellID,DNA_1,X_centroid,Y_centroid,HTAN_Data_File_ID,Filename,Component",
        "Point_Num,HTAN_Parent_Data_File_ID,cell_size,CD14,label,HTAN_Biospecimen_ID",
        "Component,Filename,HTAN Data File ID,CHANNEL,MARKERID,MARKERNAME,AbID",
        "DNA,CD3,Source_filename,Source_entityId,HTAN_Center,HTAN_Data_File_ID,HTAN_Biospecimen_ID",
        "x",
    ],
)
def test_what_is_no_manifest(tmp_path: Path, header: str) -> None:
    assert not is_manifest(put(tmp_path, header + "\n" + ",".join("1" for _ in header.split(",")) + "\n"))


def test_what_cannot_be_read_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "image.tiff").write_bytes(b"II*\x00")
    assert not is_manifest(tmp_path / "image.tiff")
    assert not is_manifest(tmp_path / "none.csv")
    assert not is_manifest(tmp_path)


def book(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


LEVEL3 = ["Component", "Filename", "HTAN Parent Data File ID", "HTAN Data File ID"]


def test_a_workbook_with_a_component_a_sheet_and_one_for_people(tmp_path: Path) -> None:
    columns = list(htan2_components()["MultiplexMicroscopyLevel2"]["attributes"])
    values = {"FILENAME": "a.tif", "HTAN_DATA_FILE_ID": "HTA200_1_D1", "HTAN_PARENT_ID": "HTA200_1_B1"}
    sheets = {
        "read me": [["Fill in one row a file."]],
        "Level 2": [columns, [], [values.get(column, "") for column in columns]],
        "masks": [["Masks of spring"], LEVEL3, ["ImagingLevel3Segmentation", "m.tif", "HTA7_1_1", "HTA7_1_2"]],
    }
    path = book(tmp_path / "m.xlsx", sheets)
    assert is_manifest(path)
    first, second = read_manifest(path)
    assert (first.level, first.phase, first.source) == ("2", 2, "m.xlsx sheet 'Level 2' row 3")
    assert (second.level, second.phase, second.source) == ("3", 1, "m.xlsx sheet 'masks' row 3")
    assert second.parent_ids == ("HTA7_1_1",)
    alone = read_manifest(book(tmp_path / "alone.xlsx", {"Sheet": sheets["masks"]}))
    assert alone[0].source == "alone.xlsx row 3"


def test_what_synapse_and_bigquery_add_is_kept_apart(tmp_path: Path) -> None:
    added = {
        "entityId": "syn1", "Uuid": "e513", "eTag": "8f", "HTAN_Center": "HTAN HMS", "Manifest_Id": "syn2", "Id": "0f",
        "File_Size": "12", "CDS_Release": "V1", "Data_Release": "Release 2.0", "Base_Filename": "m.tif", "ROW_ID": "3",
    }  # fmt: skip
    row = dict(zip(LEVEL3, ["ImagingLevel3Segmentation", "f/m.tif", "HTA7_1_1", "HTA7_1_2"], strict=True))
    text = "\n".join(",".join(cells) for cells in ([*row, *added, "ours"], [*row.values(), *added.values(), "kept"]))
    (record,) = read_manifest(put(tmp_path, text + "\n"))
    assert record.extra == added
    assert record.attributes == {**row, "ours": "kept"}


def test_a_component_nobody_knows_and_none(tmp_path: Path) -> None:
    rows = [
        "ImagingLevel3Segmentaton,m.tif,HTA7_1_1,HTA7_1_2",
        ",m.tif,HTA7_1_1,HTA7_1_3",
        "scRNA-seqLevel1,x,,HTA7_1_4",
    ]
    findings = Findings()
    assert read_manifest(put(tmp_path, "\n".join([",".join(LEVEL3), *rows])), findings=findings) == []
    assert [(f.rule, f.severity) for f in findings] == [
        ("manifest.component", Severity.warning),
        ("manifest.component", Severity.warning),
        ("manifest.component", Severity.info),
    ]
    assert [f.hint for f in findings][0] == "Did you mean Imaging Level 3 Segmentation?"


def test_rows_with_too_many_cells_are_named_all_at_once(tmp_path: Path) -> None:
    rows = [
        ",".join(LEVEL3),
        "ImagingLevel4,a, b.csv,HTA7_1_1,HTA7_1_2",
        "",
        "ImagingLevel4,c, d.csv,HTA7_1_1,HTA7_1_3",
    ]
    with pytest.raises(InputError, match="row 2, manifest.csv row 4"):
        read_manifest(put(tmp_path, "\n".join(rows)))
    good = put(tmp_path, "\n".join([rows[0] + ",,", "ImagingLevel4,a.csv,HTA7_1_1,HTA7_1_2,,,", "ImagingLevel4,b.csv"]))
    assert [record.filename for record in read_manifest(good, findings=Findings())] == ["a.csv", "b.csv"]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(values=st.lists(TEXT, min_size=3, max_size=3))
def test_values_come_back_as_written(tmp_path: Path, values: list[str]) -> None:
    names = ["FILENAME", "CITATION_OR_DOI", "something of ours"]
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(
        [["COMPONENT", "HTAN_DATA_FILE_ID", *names], ["MultiplexMicroscopyLevel2", "HTA200_1_D1", *values]]
    )
    (record,) = read_manifest(put(tmp_path, buffer.getvalue()))
    expected = {name: value.strip() for name, value in zip(names, values, strict=True) if value.strip()}
    assert {name: record.attributes[name] for name in names if name in record.attributes} == expected
