"""Channel tables in layouts of all kinds, seen and unseen: what was written comes back."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.channel_table import is_channel_table, read_channel_rows, read_channels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read(folder: Path, content: str | bytes, name: str = "t.csv") -> tuple[pd.DataFrame, list[str]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    findings = Findings()
    return read_channels(path, findings=findings), [f.rule for f in findings]


def values(table: pd.DataFrame, *columns: str) -> list[list[object]]:
    return [
        [None if pd.isna(cell) else cell for cell in table[column].astype(object)] if column in table else []
        for column in columns
    ]


def test_a_matrix_of_rounds_and_colours(tmp_path: Path) -> None:
    text = "SDA,c1,c2,c3\nR0,DAPI0,R0c2,R0c3\nR1,DAPI1,pHH3,CK14\nR1Q,DAPI1Q,R1Qc2,R1Qc3\n"
    table, rules = read(tmp_path, text)
    assert rules == []
    assert table["channel_name"].tolist() == text.replace("\n", ",").split(",")[5:8] + [
        "DAPI1", "pHH3", "CK14", "DAPI1Q", "R1Qc2", "R1Qc3",
    ]  # fmt: skip
    assert table["channel_index"].tolist() == list(range(9))
    assert table["cycle_number"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1]
    assert table["cycle_channel"].tolist() == [1, 2, 3] * 3
    assert table["source_rows"].tolist() == ["2"] * 3 + ["3"] * 3 + ["4"] * 3
    assert table["role"].tolist()[:5] == ["nuclear", "blank", "blank", "nuclear", "marker"]
    assert "'R1Q' -> 1" in table["understood"][6]
    assert table.attrs["ordered"]
    assert is_channel_table(tmp_path / "t.csv")


def test_a_matrix_of_filters_and_cycles_lies_the_other_way(tmp_path: Path) -> None:
    text = "Filter;Cycle 1;Cycle 2\nDAPI;DNA_1;DNA_2\nFITC;CD3;CD8\nCy5;;FOXP3\n"
    table, rules = read(tmp_path, text)
    assert rules == []
    names, dyes, cycles, places = values(table, "channel_name", "fluorophore", "cycle_number", "cycle_channel")
    assert names == ["DNA_1", "CD3", "DNA_2", "CD8", "FOXP3"]
    assert dyes == ["DAPI", "FITC", "DAPI", "FITC", "Cy5"]
    assert cycles == [1, 1, 2, 2, 2]
    assert places == [1, 2, 1, 2, 3]
    assert not table.attrs["ordered"]  # a cell is empty: whether the image has a plane for it is not known


def test_a_column_a_channel(tmp_path: Path) -> None:
    text = "Channel ID\tChannel:0:0\tChannel:0:1\nMarker\tDNA\tpanCK\nClone\t\tAE1/AE3\nVendor\t\tDako\n"
    table, rules = read(tmp_path, text, "t.tsv")
    assert rules == []
    assert values(table, "channel_id", "channel_name", "clone", "vendor") == [
        ["Channel:0:0", "Channel:0:1"], ["DNA", "panCK"], [None, "AE1/AE3"], [None, "Dako"],
    ]  # fmt: skip
    assert table["source_rows"].tolist() == ["column 2", "column 3"]
    assert is_channel_table(tmp_path / "t.tsv")


def test_a_column_a_channel_of_one_dye(tmp_path: Path) -> None:
    """The first row repeats a value that could be the name of an attribute."""
    text = "Fluorophore,Alexa Fluor 488,Alexa Fluor 488,Alexa Fluor 488\nChannel ID,0.0,1.0,2.0\nMarker,DAPI,CD3,CD8\n"
    table, _ = read(tmp_path, text)
    assert values(table, "channel_name", "fluorophore") == [["DAPI", "CD3", "CD8"], ["Alexa Fluor 488"] * 3]


def test_dyes_are_no_attributes(tmp_path: Path) -> None:
    """Values that repeat and sound like a header's names do not make a table of one attribute a row."""
    text = "Channel ID,Fluorophore,channel_name\n0.0,Alexa Fluor 488,DAPI\n1.0,Alexa Fluor 488,CD3\n"
    text += "2.0,Alexa Fluor 488,CD8\n3.0,AF555,panCK\n4.0,AF555,FOXP3\n"
    table, _ = read(tmp_path, text)
    assert table["channel_name"].tolist() == ["DAPI", "CD3", "CD8", "panCK", "FOXP3"]
    assert is_channel_table(tmp_path / "t.csv")


def test_an_attribute_a_row(tmp_path: Path) -> None:
    rows = [("Channel ID", "Channel:0:{}"), ("Channel Name", "CD{}"), ("Clone", "SP{}")]
    lines = [f"{n},{name},{value.format(n)}" for n in range(3) for name, value in rows]
    table, rules = read(tmp_path, "lineNum,attributeName,attributeValue\n" + "\n".join(lines))
    assert rules == []
    assert values(table, "channel_index", "channel_name", "clone") == [
        [0, 1, 2], ["CD0", "CD1", "CD2"], ["SP0", "SP1", "SP2"],
    ]  # fmt: skip


def test_the_name_of_a_specimen_is_the_header_of_the_names(tmp_path: Path) -> None:
    table, rules = read(tmp_path, "BEMS267865,rounds,colors,Clones\nCD20,R1,c2,EP459Y\nCD45,R2,c5,EP322Y\n")
    assert rules == []
    assert values(table, "channel_name", "cycle_number", "cycle_channel", "clone") == [
        ["CD20", "CD45"], [1, 2], [2, 5], ["EP459Y", "EP322Y"],
    ]  # fmt: skip
    assert table.attrs["columns"]["BEMS267865"] == "channel_name"
    assert table["understood"][0] == "cycle_number: 'R1' -> 1; cycle_channel: 'c2' -> 2"
    assert is_channel_table(tmp_path / "t.csv")


@pytest.mark.parametrize(
    "text",
    ['"","Channel ID","Channel Name"\n"1","Channel:0","DAPI"\n"2","Channel:1","CD3"\n',  # write.csv
     "Channel.ID\tChannel.Name\n1\tChannel:0\tDAPI\n2\tChannel:1\tCD3\n",
     "Channel.ID\tChannel.Name\tshelf\na\tChannel:0\tDAPI\t3\nb\tChannel:1\tCD3\t4\n"],
)  # fmt: skip
def test_row_names_of_r(tmp_path: Path, text: str) -> None:
    table, rules = read(tmp_path, text)
    assert rules == []
    assert values(table, "channel_index", "channel_name") == [[0, 1], ["DAPI", "CD3"]]


def test_a_manifest_of_images_with_filters_and_markers(tmp_path: Path) -> None:
    header = (
        "Component,HTAN Data File ID,Imaging Assay Type,Passed QC,Comment,ROUND,CHANNEL,MARKERID,MARKERNAME,AbID,DYE"
    )
    rows = "ImagingLevel2,HTA11_1_2,MxIF,Yes,x,1,Cy3,17,CD3d,AB_2788789,A555\n"
    rows += "ImagingLevel2,HTA11_1_2,MxIF,Yes,x,1,UV,4,DAPI,,DAPI\n"
    table, rules = read(tmp_path, f"{header}\n{rows}")
    assert rules == []
    assert values(table, "channel_name", "rrid_identifier", "fluorophore", "channel_id") == [
        ["CD3d", "DAPI"], ["AB_2788789", None], ["A555", "DAPI"], [None, None],
    ]  # fmt: skip
    assert "passed_qc" not in table  # of the image
    assert {"CHANNEL", "MARKERID", "Passed QC"} <= set(table.attrs["unread"])


def test_h_and_e_has_one_row_and_its_marker_is_a_number(tmp_path: Path) -> None:
    table, rules = read(tmp_path, "Immersion,FILENAME,FORMAT,CHANNEL,MARKER\nAir,HTA11_5363_2.tif,6-H&E,RGB,9999\n")
    assert rules == []
    assert values(table, "channel_name", "role") == [["RGB"], ["stain"]]


def test_channels_that_start_again_in_each_round(tmp_path: Path) -> None:
    text = "Markers,Round,Channel,ExpTime\nDAPI1,1,1,0.0\nCD20,1,2,500.0\nDAPI2,2,1,15\nCD8,2,2,300\n"
    table, rules = read(tmp_path, text)
    assert rules == []
    assert values(table, "cycle_number", "cycle_channel", "channel_id", "exposure") == [
        [1, 1, 2, 2], [1, 2, 1, 2], [None] * 4, [None, 500.0, 15.0, 300.0],
    ]  # fmt: skip
    assert table["understood"][0] == "exposure: '0.0' -> nothing"


def test_channels_that_count_on_through_the_rounds(tmp_path: Path) -> None:
    table, _ = read(tmp_path, "Markers,Round,Channel\nDAPI1,1,1\nCD20,1,2\nDAPI2,2,3\nCD8,2,4\n")
    assert table["channel_index"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("ids", "cycles", "channels"),
    [
        (["R6-5", "R6-1", "R7-2"], [6, 6, 7], [5, 1, 2]),
        (["Channel:7:2", "Channel:4:3", "Channel:12:2"], [7, 4, 12], [2, 3, 2]),
        (["cyc001_ch002", "cyc001_ch003", "cyc002_ch002"], [1, 1, 2], [2, 3, 2]),
        (["Round 1 Channel 2", "Round 1 Channel 3", "Round 3 Channel 1"], [1, 1, 3], [2, 3, 1]),
        (["R1-12", "R11-2", "R1-1"], [1, 11, 1], [12, 2, 1]),
    ],
)
def test_ids_of_cycle_and_channel(tmp_path: Path, ids: list[str], cycles: list[int], channels: list[int]) -> None:
    rows = "\n".join(f"{text},DNA" for text in ids)  # one name: only the ids tell them apart
    table, _ = read(tmp_path, f"Channel ID,Channel Name\n{rows}\n")
    assert values(table, "cycle_number", "cycle_channel", "channel_index") == [cycles, channels, [None] * 3]
    assert table["understood"][0] == f"channel_id: {ids[0]!r} -> cycle {cycles[0]}, channel {channels[0]}"


def test_names_without_ids_and_ids_without_names(tmp_path: Path) -> None:
    table, rules = read(tmp_path, "channel id,is antibody,channel quality\nChannel:0:0,No,good\nChannel:0:1,Yes,fair\n")
    assert rules == ["channels.name-missing"]
    assert values(table, "channel_index", "channel_name") == [[0, 1], [None, None]]
    table, _ = read(
        tmp_path, "Opal,Antibody,Clone #,Supplier\nOpal 520,anti-CD8,C8/144B,Dako\nOpal 570,PD-L1,E1L3N,CST\n"
    )
    assert values(table, "channel_name", "antibody_name", "vendor") == [
        ["anti-CD8", "PD-L1"], ["anti-CD8", "PD-L1"], ["Dako", "CST"],
    ]  # fmt: skip
    assert table["understood"].tolist() == ["channel_name: taken from antibody_name"] * 2


def test_a_title_above_the_header_and_words_of_another_kind(tmp_path: Path) -> None:
    text = '"Panel of project X, version 2"\nby somebody\n\nPlate,Ab target,Conjugate,Cat. No.,Lot #,Ch\n'
    table, rules = read(tmp_path, text + "A1,CD8,Cy5,ab1,GR,2\nA1,FoxP3,Cy3,14-47,55,1\n")
    assert rules == []
    assert values(table, "channel_name", "channel_index", "fluorophore", "catalog_number", "lot", "source_rows") == [
        ["CD8", "FoxP3"], [1, 0], ["Cy5", "Cy3"], ["ab1", "14-47"], ["GR", "55"], ["5", "6"],
    ]  # fmt: skip
    text = "Kanal Nr.;Kanalname;Farbstoff;Klon;Hersteller;Zyklus;Emission (nm)\n"
    text += "1;DAPI;DAPI;;Sigma;1;431,5\n2;CD3;AF488;SP7;Abcam;1;525\n"
    table, _ = read(tmp_path, text)
    assert values(table, "channel_index", "fluorophore", "vendor", "cycle_number", "emission_wavelength") == [
        [0, 1], ["DAPI", "AF488"], ["Sigma", "Abcam"], [1, 1], [431.5, 525.0],
    ]  # fmt: skip


def test_tables_without_a_header(tmp_path: Path) -> None:
    table, _ = read(tmp_path, "1,DAPI\n2,CD3\n3,FOXP3\n")
    assert values(table, "channel_index", "channel_name", "source_rows") == [
        [0, 1, 2], ["DAPI", "CD3", "FOXP3"], ["1", "2", "3"],
    ]  # fmt: skip
    table, _ = read(tmp_path, "DAPI-01,TRUE\nBlank,FALSE\nCD31,TRUE\n")  # HuBMAP's channelnames_report.csv
    assert values(table, "channel_index", "passed_qc") == [[0, 1, 2], [True, False, True]]
    assert not is_channel_table(tmp_path / "t.csv")
    table, _ = read(tmp_path, "BEMS340264\nDAPI\nCD20\nCD45\n")
    assert values(table, "channel_name", "source_rows") == [["DAPI", "CD20", "CD45"], ["2", "3", "4"]]
    table, _ = read(tmp_path, "FDX1\nCD20\nCD45\n")
    assert table["channel_name"].tolist() == ["FDX1", "CD20", "CD45"]


def test_the_sheet_of_a_workbook_that_has_the_channels(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["This workbook describes our panel"])
    sheet = book.create_sheet("Panel")
    for row in ([], ["#", "Marker", "Ex (nm)", "Dye"], [1, "DAPI", 395.0, "DAPI"], [2, "CD3", 485.5, "AF488"]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    table = read_channels(tmp_path / "t.xlsx")
    assert values(table, "channel_index", "channel_name", "excitation_wavelength", "source_rows") == [
        [0, 1], ["DAPI", "CD3"], [395.0, 485.5], ["3", "4"],
    ]  # fmt: skip
    assert is_channel_table(tmp_path / "t.xlsx")


@pytest.mark.parametrize(
    "header",
    ["Channel", "CHANNEL", "channel", "channelName", "MARKERNAME", "Markers", "marker_name", "Antibody name"],
)
def test_headers_that_others_give_the_name(tmp_path: Path, header: str) -> None:
    table, _ = read(tmp_path, f"{header},Cycle Number,Clone\nCD3,1,SP7\nDAPI,1,\n")
    assert table["channel_name"].tolist() == ["CD3", "DAPI"]


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n3,4\n", "CellID,CD3,CD8,X_centroid,Y_centroid\n1,2.5,3,4,5\n",
     "This is a text, with a comma\nfoo,bar\n",
     "Sample,Age\nA,1\nB,2\n", "x,y\nfoo,bar\nbaz,qux\n"],
)  # fmt: skip
def test_other_tables_are_refused_with_what_was_found(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="No column names the channels; found: "):
        read(tmp_path, text)
    assert not is_channel_table(tmp_path / "t.csv")


def test_units_and_words_are_understood_and_said(tmp_path: Path) -> None:
    text = "Channel ID,Channel Name,exposure (s),Dilution,Channel Passed QC,Emission Wavelength,RRID\n"
    text += "0,DAPI,0.25,200,No - Channel Failed QC,452 ORION,customised\n1,CD3,1,1:50,yes,525,AB_1\n"
    table, rules = read(tmp_path, text)
    assert rules == ["channels.value", "channels.rrid"]
    assert values(table, "exposure", "dilution", "passed_qc", "emission_wavelength") == [
        [250.0, 1000.0], ["1:200", "1:50"], [False, True], [452.0, 525.0],
    ]  # fmt: skip
    for said in ("exposure: '0.25' -> 250", "dilution: '200' -> 1:200", "emission_wavelength: '452 ORION' -> 452"):
        assert said in table["understood"][0]
    assert table["understood"][1] == "exposure: '1' -> 1000"


def test_antibodies_copied_from_another_row(tmp_path: Path) -> None:
    text = "Channel ID,Channel Name,Antibody name,Clone\n0,CD3,aKi67,SP6\n1,CD66B,aCD66b,C8/144B\n2,CD8,aCD8,C8/144B\n"
    findings = Findings()
    (tmp_path / "t.csv").write_text(text)
    read_channels(tmp_path / "t.csv", findings=findings)
    (finding,) = findings
    assert finding.rule == "channels.antibody-differs"
    assert "'CD3' has the antibody 'aKi67'" in finding.message
    assert "one clone for 'CD66B' (C8/144B) and 'CD8' (C8/144B)" in finding.message
    (tmp_path / "t.csv").write_text(
        "Channel ID,Channel Name,Antibody name\n0,CD3,anti-CD3e\n1,panCK,CK8\n2,CD74,Goat anti-Rabbit\n"
    )
    findings = Findings()
    read_channels(tmp_path / "t.csv", findings=findings)
    assert len(findings) == 0


def test_antibody_rows_and_the_channel_they_belong_to(tmp_path: Path) -> None:
    text = "Channel ID,Channel Name,Antibody Role,Target Name\nChannel:0:5,CD74,Secondary,Rabbit IgG\n"
    text += "Channel:0:4,CD8,Primary,CD8\n\nChannel:0:5,CD74,Primary,CD74\n"
    table, rules = read(tmp_path, text)
    assert rules == ["channels.antibodies"]
    assert values(table, "channel_name", "target_name", "antibody_role", "source_rows") == [
        ["CD8", "CD74"], ["CD8", "CD74"], ["Primary", "Primary"], ["3", "2;5"],
    ]  # fmt: skip
    rows = read_channel_rows(tmp_path / "t.csv")
    assert values(rows, "source_row", "channel_row") == [["2", "3", "5"], [0, 1, 0]]


def test_hostile_names(tmp_path: Path) -> None:
    names = ["a/b", "", "NaN", "<script>alert(1)</script>", "x" * 1000, "CD3", "CD3", "=cmd()", "2021-03-01"]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["Channel ID", "Channel Name"], *enumerate(names)])
    (tmp_path / "t.csv").write_text(buffer.getvalue())
    findings = Findings()
    table = read_channels(tmp_path / "t.csv", findings=findings)
    expected = [None if name in ("", "NaN") else name for name in names]
    assert values(table, "channel_name") == [expected]
    assert {f.rule for f in findings} == {"channels.name-odd", "channels.name-missing"}
    assert all(len(f.message) < 500 and "2021" not in f.message for f in findings)


def test_a_delimiter_too_many_is_refused_and_a_column_without_a_name_is_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Row 3 has more cells than the header, which has 2"):
        read(tmp_path, "Channel ID,Channel Name\n0,DAPI\n1,CD3, clone SP7\n2,CD8\n")
    for note in ("", "see notes"):
        table, rules = read(tmp_path, f"Channel ID,Channel Name,\n0,DAPI,{note}\n1,CD3,see notes\n")
        assert rules == []
        assert values(table, "channel_index", "channel_name") == [[0, 1], ["DAPI", "CD3"]]
    table, _ = read(tmp_path, "Channel ID\tChannel Name\n0\tDAPI\t\t\n1\tCD3\n")
    assert table["channel_name"].tolist() == ["DAPI", "CD3"]


def test_a_long_table_is_no_channel_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at most 5,000"):
        read(tmp_path, "Channel ID,Channel Name\n" + "\n".join(f"{i},CD{i}" for i in range(6000)))


# ---- any layout

MARKERS = ["CD3", "CD8", "panCK", "FOXP3", "Ki-67", "CD31", "SMA", "CD20", "PD-L1", "Vimentin", "E-cadherin", "CD68"]
HEADERS = {
    "channel_name": ["Channel Name", "channel_name", "MARKERNAME", "Marker", "markers", "Biomarker", "Kanalname"],
    "clone": ["Clone", "CLONE", "Antibody clone", "Clones", "clone_id"],
    "vendor": ["Vendor", "Supplier", "Manufacturer", "Hersteller", "ab_vendor", "VENDOR"],
    "catalog_number": ["Catalog Number", "Catalog #", "CATNUM", "Cat. No.", "catalogue no", "CATALOG_NUMBER"],
    "fluorophore": ["Fluorophore", "Flurophore", "Dye", "DYE", "fluorochrome", "Conjugate"],
    "rrid_identifier": ["RRID identifier", "RRID", "AbID", "Antibody RRID", "RRID_IDENTIFIER"],
    "cycle_number": ["Cycle Number", "cycle", "Round", "rounds", "CYCLE_NUMBER", "cyc"],
    "excitation_wavelength": ["Excitation Wavelength", "Ex (nm)", "excitation_wavelength", "Excitation"],
    "dilution": ["Dilution", "DILUTION", "Titer"],
}  # fmt: skip
CELLS = {
    "clone": ["SP7", "C8/144B", "D1A", "EPR123(2)", ""],
    "vendor": ["Abcam", "Cell Signaling Technology", "BioLegend", ""],
    "catalog_number": ["ab133357", "sc-20060", "53-0196-80", ""],
    "fluorophore": ["Alexa Fluor 488", "AF555", "Cy3", ""],
    "rrid_identifier": ["AB_2637195", "AB_10626776", ""],
    "cycle_number": ["1", "2", "3"],
    "excitation_wavelength": ["395", "485", "555", ""],
    "dilution": ["1:200", "1:50", ""],
}
IDS = {
    "ome": lambda i: f"Channel:0:{i}", "one": lambda i: f"Channel:{i}", "zero": str, "first": lambda i: str(i + 1),
    "excel": lambda i: f"{i}.0", "sample": lambda i: f"Sample:{i}",
}  # fmt: skip
UNKNOWN = ["HMSL ID", "Storage", "Unnamed: 24", ""]


class Written(NamedTuple):
    """The cells of a table and what they say."""

    rows: list[list[str]]
    truth: dict[str, list[str]]


@st.composite
def tables(draw: st.DrawFn) -> Written:
    n = draw(st.integers(2, 10))
    names = ["DAPI", *draw(st.permutations(MARKERS))][:n]
    keys = draw(st.lists(st.sampled_from(sorted(CELLS)), unique=True, max_size=6))
    truth = {"channel_name": names} | {
        k: draw(st.lists(st.sampled_from(CELLS[k]), min_size=n, max_size=n)) for k in keys
    }
    grammar = draw(st.sampled_from(sorted(IDS)))
    columns = {draw(st.sampled_from(HEADERS[k])): cells for k, cells in truth.items()}
    columns[draw(st.sampled_from(["Channel ID", "channel_id", "CHANNEL ID", "Channel #"]))] = [
        IDS[grammar](i) for i in range(n)
    ]
    for header in draw(st.lists(st.sampled_from(UNKNOWN), unique=True, max_size=2)):
        columns[header] = draw(st.lists(st.sampled_from(["", "see notes", "4 C"]), min_size=n, max_size=n))
    order = draw(st.permutations(sorted(columns)))
    lines = draw(st.permutations(range(n)))
    body = [[columns[header][line] for header in order] for line in lines]
    truth = {name: [cells[line] for line in lines] for name, cells in truth.items()} | {
        "index": [str(i) for i in lines]
    }
    return Written([list(order), *body], truth)


def save(path: Path, rows: Sequence[Sequence[str]], delimiter: str, encoding: str, newline: str, title: bool) -> None:
    if encoding == "xlsx":
        book = openpyxl.Workbook()
        for row in [["Our panel"], [], *rows] if title else rows:
            book.active.append([cell or None for cell in row])
        book.save(path)
        return
    buffer = io.StringIO()
    if title:
        buffer.write(f"Our panel{newline}{newline}")
    csv.writer(buffer, delimiter=delimiter, lineterminator=newline).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=150
)
@given(
    written=tables(),
    delimiter=st.sampled_from(",\t;|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "xlsx"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    title=st.booleans(),
    turned=st.booleans(),
)
def test_any_layout_gives_the_channels_back(
    tmp_path: Path, written: Written, delimiter: str, encoding: str, newline: str, title: bool, turned: bool
) -> None:
    rows, truth = written
    known = sum(key in CELLS for key in truth)
    if turned and known >= 1 and not title and rows[0][0]:
        rows = [list(column) for column in zip(*rows, strict=True)]
    path = tmp_path / "panel.txt"
    save(path, rows, delimiter, encoding, newline, title)
    findings = Findings()
    table = read_channels(path, findings=findings)
    assert is_channel_table(path)
    assert [f for f in findings if f.severity == "error"] == []
    for name, cells in truth.items():
        if name == "index":
            assert [str(plane) for plane in table["channel_index"]] == cells
            continue
        got = (
            [None] * len(cells)
            if name not in table
            else [None if pd.isna(c) else c for c in table[name].astype(object)]
        )
        want = [cell or None for cell in cells]
        if name in ("cycle_number", "excitation_wavelength"):
            want = [None if cell is None else float(cell) for cell in want]
        assert got == want, name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(
    cells=st.lists(
        st.lists(
            st.sampled_from(
                ["Channel ID", "Marker", "CD3", "DAPI", "1", "2", "R1", "c2", "", "Cy5", "AB_1", "Yes", "Round"]
            )
            | st.text(max_size=5),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_rows_give_a_table_or_an_input_error(tmp_path: Path, cells: list[list[str]]) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(cells)
    path = tmp_path / "t.csv"
    path.write_bytes(buffer.getvalue().encode("utf-8", "replace"))
    sure = is_channel_table(path)
    try:
        table = read_channels(path, findings=Findings())
    except InputError:
        return
    assert {"channel_index", "channel_id", "channel_name", "role", "source_rows", "understood"} <= set(table.columns)
    assert isinstance(sure, bool)
    rows = read_channel_rows(path)
    assert len(table) <= len(rows)
