from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.channel_table import is_channel_table, read_channel_rows, read_channels

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = (
    "Channel ID,Channel Name,Channel Passed QC,Cycle Number,Sub Cycle Number,Target Name,Antibody Name,Antibody Role,"
    "RRID identifier,Fluorophore,Clone,Lot,Vendor,Catalog Number,Excitation Wavelength,Emission Wavelength,"
    "Excitation Bandwidth,Emission Bandwidth,Metal Isotope Element,Metal Isotope Mass,Oligo Barcode Upper Strand,"
    "Oligo Barcode Lower Strand,Dilution,Concentration,Channel QC Failure Comment"
)


def put(folder: Path, text: str, name: str = "channels.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, **options: str) -> tuple[pd.DataFrame, list[str]]:
    findings = Findings()
    return read_channels(path, findings=findings, **options), [f.rule for f in findings]


def row(**cells: str) -> str:
    return ",".join(cells.get(name, "") for name in TEMPLATE.split(","))


def template(folder: Path, *rows: dict[str, str]) -> Path:
    return put(folder, "\n".join(["\ufeff" + TEMPLATE, *(row(**cells) for cells in rows)]) + "\n")


def test_the_htan_template(tmp_path: Path) -> None:
    path = template(
        tmp_path,
        {
            "Channel ID": "Channel:0:0",
            "Channel Name": "DNA (1)",
            "Channel Passed QC": "Yes",
            "Cycle Number": "1",
            "RRID identifier": "AB_10626776",
            "Excitation Wavelength": "395",
            "Dilution": "1:5000",
            "Target Name": "DNA",
        },
        {
            "Channel ID": "Channel:0:1",
            "Channel Name": "CD11b",
            "Channel Passed QC": "No - Channel Failed QC",
            "Cycle Number": "1.0",
            "Excitation Wavelength": "485.5",
            "Target Name": "CD11b",
            "Channel QC Failure Comment": "bubble",
        },
    )
    table, rules = read(path)
    assert rules == []
    assert table["channel_index"].tolist() == [0, 1]
    assert table["channel_name"].tolist() == ["DNA (1)", "CD11b"]
    assert table["passed_qc"].tolist() == [True, False]
    assert table["cycle_number"].tolist() == [1, 1]
    assert table["excitation_wavelength"].tolist() == [395.0, 485.5]
    assert table["qc_details"].isna().tolist() == [True, False]
    assert table["dilution"].iloc[0] == "1:5000"
    assert table["role"].tolist() == ["nuclear", "marker"]
    kinds = [str(table[name].dtype) for name in ("channel_index", "cycle_number", "excitation_wavelength", "passed_qc")]
    assert kinds == ["Int64", "Int64", "Float64", "boolean"]
    assert "lot" not in table  # nobody filled it in
    assert (table.attrs["layout"], table.attrs["ordered"]) == ("htan", False)
    assert table.attrs["columns"]["Catalog Number"] == "catalog_number"
    assert table.attrs["unread"] == []
    assert table["source_rows"].tolist() == ["2", "3"]
    assert isinstance(table.index, pd.RangeIndex)
    assert is_channel_table(path)


def test_several_antibodies_of_a_channel_collapse_to_the_primary(tmp_path: Path) -> None:
    path = template(
        tmp_path,
        {
            "Channel ID": "Channel:0:1",
            "Channel Name": "HHLA2",
            "Antibody Role": "Secondary",
            "Target Name": "Rabbit IgG",
        },
        {"Channel ID": "Channel:0:1", "Channel Name": "HHLA2", "Antibody Role": "primary", "Target Name": "HHLA2"},
        {
            "Channel ID": "Channel:0:2",
            "Channel Name": "Lamin-A/B/C",
            "Antibody Role": "Primary",
            "Target Name": "Lamin A/C",
        },
        {
            "Channel ID": "Channel:0:2",
            "Channel Name": "Lamin-A/B/C",
            "Antibody Role": "Primary",
            "Target Name": "Lamin B1",
        },
    )
    table, rules = read(path)
    assert rules == ["channels.antibodies"]
    assert table["target_name"].tolist() == ["HHLA2", "Lamin A/C"]
    assert table["channel_index"].tolist() == [1, 2]
    rows = read_channel_rows(path)
    assert rows["target_name"].tolist() == ["Rabbit IgG", "HHLA2", "Lamin A/C", "Lamin B1"]
    assert rows["antibody_role"].tolist()[0] == "Secondary"


def test_a_control_is_a_secondary_without_a_primary(tmp_path: Path) -> None:
    cells = {"Channel ID": "Channel:0:2", "Channel Name": "Control-555", "Antibody Role": "Control"}
    table, _ = read(template(tmp_path, cells | {"Target Name": "Goat IgG"}))
    assert table["role"].tolist() == ["secondary"]


def test_numbers_with_words_behind_them(tmp_path: Path) -> None:
    path = template(
        tmp_path,
        {"Channel ID": "1", "Channel Name": "A", "Emission Wavelength": "452 ORION"},
        {"Channel ID": "2", "Channel Name": "B", "Emission Wavelength": "Not Applicable"},
        {"Channel ID": "3", "Channel Name": "C", "Excitation Bandwidth": "(UV) 405"},
    )
    table, rules = read(path)
    assert rules == ["channels.value", "channels.value"]
    assert table["emission_wavelength"].tolist()[0] == 452.0
    assert table["emission_wavelength"].isna().tolist() == [False, True, True]
    assert "excitation_bandwidth" not in table


@pytest.mark.parametrize("order", [("Channel ID", "Channel Name"), ("Channel Name", "Channel ID")])
@pytest.mark.parametrize("ids", [("1", "2"), ("0", "1"), ("Channel:0:0", "Channel:0:1"), ("Sample:0", "Sample:1")])
def test_two_columns(tmp_path: Path, order: tuple[str, str], ids: tuple[str, str]) -> None:
    lines = [dict(zip(("Channel ID", "Channel Name"), pair, strict=True)) for pair in zip(ids, "AB", strict=True)]
    path = put(tmp_path, "\t".join(order) + "\n" + "".join(f"{c[order[0]]}\t{c[order[1]]}\t\n" for c in lines), "c.txt")
    table, rules = read(path)
    assert rules == []
    assert table["channel_index"].tolist() == [0, 1]
    assert table["channel_name"].tolist() == ["A", "B"]
    assert is_channel_table(path)


def test_integers_from_anywhere(tmp_path: Path) -> None:
    text = "channel_number,cycle_number,marker_name\n21,6,DNA_6\n22,6,ELANE\n23,6,CD57\n"
    table, rules = read(put(tmp_path, text))
    assert table["channel_index"].tolist() == [0, 1, 2]
    assert table["channel_id"].tolist() == ["21", "22", "23"]
    assert rules == ["channels.base"]
    assert not table.attrs["ordered"]


def test_integers_with_gaps_and_no_known_base(tmp_path: Path) -> None:
    table, rules = read(put(tmp_path, "Channel ID,Channel Name\n4,A\n19,B\n32,C\n"))
    assert table["channel_index"].isna().all()
    assert rules == ["channels.base"]


def test_mcmicro_rows_are_their_own_ids(tmp_path: Path) -> None:
    table, rules = read(
        put(tmp_path, "cycle,marker_name,exposure,background\n1,DNA_1,100,\n1,CD3,200.5,AF\n2,DNA_2,,\n")
    )
    assert rules == []
    assert table["channel_index"].tolist() == [0, 1, 2]
    assert table["cycle_number"].tolist() == [1, 1, 2]
    assert table["exposure"].tolist()[:2] == [100, 200.5]
    assert table["background"].tolist()[1] == "AF"
    assert (table.attrs["layout"], table.attrs["ordered"]) == ("mcmicro", True)
    assert str(table["channel_index"].dtype) == "Int64"


def test_numbers_that_start_again_each_cycle(tmp_path: Path) -> None:
    text = "channel_number,cycle_number,marker_name\n1,1,DNA_1\n2,1,CD3\n1,2,DNA_2\n2,2,CD8\n"
    table, rules = read(put(tmp_path, text))
    assert table["channel_index"].tolist() == [0, 1, 2, 3]
    assert table.attrs["ordered"]
    assert rules == []


def test_htan_ids_within_a_cycle_mean_no_plane(tmp_path: Path) -> None:
    text = "Channel ID,Cycle Number,Channel Name\nc 1/2,1,DNA\nc 2/2,1,CD3\nc 1/2,2,DNA\nc 2/2,2,CD8\n"
    table, rules = read(put(tmp_path, text))
    assert len(table) == 4  # both DNA rows share id and name: the cycle tells them apart
    assert table["channel_index"].isna().all()
    assert table["cycle_channel"].tolist() == [1, 2, 1, 2]
    assert rules == []


def test_steinbock(tmp_path: Path) -> None:
    text = "channel,name,keep,ilastik,deepcell,Tube Number\nAg107,Ag107,1,1,,\nPr141,Cytokeratin 5,1,,2.0,2266.0\n"
    text += "Xe131,Xe131,0,,,\nIr191,DNA1,1,,1,\n"
    path = put(tmp_path, text, "panel.csv")
    table, rules = read(path)
    assert rules == []
    assert table["channel_id"].tolist() == ["Ag107", "Pr141", "Ir191"]
    assert table["metal_isotope_element"].tolist() == ["Ag", "Pr", "Ir"]
    assert table["metal_isotope_mass"].tolist() == [107, 141, 191]
    assert table["role"].tolist() == ["element", "marker", "nuclear"]
    assert table["channel_index"].isna().all()
    assert (table.attrs["layout"], table.attrs["ordered"]) == ("steinbock", True)
    assert len(read_channel_rows(path)) == 4
    assert is_channel_table(path)


def test_htan_2_panels(tmp_path: Path) -> None:
    text = "HTAN_PANEL_ID,CHANNEL_ID,CHANNEL_NAME,METAL_ISOTOPE_ELEMENT_ABBREVIATION,METAL_ISOTOPE_ELEMENT_MASS\n"
    text += "HTA200_1_P1,Channel:0:0,CD3,Er,170\nHTA200_1_P2,Channel:0:0,CD8,Nd,146\n"
    path = put(tmp_path, text)
    assert is_channel_table(path)
    with pytest.raises(InputError, match="HTA200_1_P1, HTA200_1_P2.*panel="):
        read_channels(path)
    with pytest.raises(InputError, match="no panel 'x'"):
        read_channels(path, panel="x")
    table, _ = read(path, panel="HTA200_1_P2")
    assert table["channel_name"].tolist() == ["CD8"]
    assert table["metal_isotope_mass"].tolist() == [146]
    assert len(read_channel_rows(path, panel="HTA200_1_P1")) == 1


def test_other_spellings(tmp_path: Path) -> None:
    text = "Immersion,CHANNEL,MARKERID,MARKERNAME,AbID,CLONE,DYE,VENDOR,CATNUM,EXPOSURE(ms),DILUTION\n"
    text += "Air,GFP,8,CD11B,AB_2650514,C67F154,A488,Abcam,ab133357,100,0.11111\n"
    path = put(tmp_path, text)
    table, _ = read(path)
    (first,) = table.to_dict("records")
    assert first["channel_name"] == "CD11B"
    assert first["rrid_identifier"] == "AB_2650514"
    assert first["fluorophore"] == "A488"
    assert first["catalog_number"] == "ab133357"
    assert first["exposure"] == 100
    assert table["channel_index"].isna().all()
    assert not table.attrs["ordered"]
    assert is_channel_table(path)
    text = "Channel ID,Channel Name,Metal isotope: Element,Metal isotope: Mass,PassedQC\nChannel:0:9,CD20,Er,164,True\n"
    table, _ = read(put(tmp_path, text))
    assert table["passed_qc"].tolist() == [True]
    assert table["metal_isotope_mass"].tolist() == [164]


def test_sodium_is_a_name(tmp_path: Path) -> None:
    table, _ = read(put(tmp_path, "Channel ID,Channel Name,Metal Isotope Element\n0,Na,Na\n1,Unknown,None\n"))
    assert table["channel_name"].tolist() == ["Na", "Unknown"]
    assert table["metal_isotope_element"].isna().tolist() == [False, True]
    assert table["role"].tolist()[0] == "element"


def test_one_id_for_two_names(tmp_path: Path) -> None:
    table, rules = read(put(tmp_path, "Channel ID,Channel Name\nChannel:0:1,A\nChannel:0:1,B\n"))
    assert rules == ["channels.id-repeated"]
    assert len(table) == 2


def test_ids_that_are_empty(tmp_path: Path) -> None:
    table, rules = read(put(tmp_path, "Channel ID,Channel Name,Cycle Number\n,CD3,1\n,Hem,1\n,Hem,2\n"))
    assert table["channel_index"].isna().all()
    assert table["channel_id"].isna().all()
    assert len(table) == 3
    assert not table.attrs["ordered"]
    assert rules == []


def test_a_list_of_names(tmp_path: Path) -> None:
    path = put(tmp_path, "DAPI-01\nCD3\nBlank\n", "channelNames.txt")
    table, _ = read(path)
    assert table["channel_name"].tolist() == ["DAPI-01", "CD3", "Blank"]
    assert table["channel_index"].tolist() == [0, 1, 2]
    assert (table.attrs["layout"], table.attrs["ordered"]) == ("list", True)
    assert not is_channel_table(path)  # any file of one column would be one


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a,b,c\n1,2,3\n", "channels.columns"),
        ("CellID\n1\n2\n", "channels.columns"),
        ("This is a text that happens to have no comma in it but is much too long for the name of a channel\n",
         "channels.columns"),
        ("Channel ID,Channel Name\n", "channels.empty"),
        ("Channel ID,Channel Name,Comment\n,,nothing here\n", "channels.empty"),
        ("", "file.empty"),
    ],
)  # fmt: skip
def test_what_is_no_channel_table(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        read_channels(put(tmp_path, text))
    assert next(iter(caught.value.findings)).rule == rule


@pytest.mark.parametrize(
    "header",
    ["sample,image,channels,mask,table,pixel_size_um", "CellID,DNA_1,X_centroid,Y_centroid", "Image,Object,Ag107",
     "FILENAME,HTAN_DATA_FILE_ID,HTAN_PARENT_ID,IMAGING_ASSAY_TYPE", "markers,gate", "channel,mode", "Ag107",
     "column_name,category,image_name,object_name,feature_name,channel,parameters,channel_id,data_type", "Key,Value",
     "image,width_px,height_px,num_channels,source_file"],
)  # fmt: skip
def test_what_the_sniff_leaves_alone(tmp_path: Path, header: str) -> None:
    assert not is_channel_table(put(tmp_path, header + "\n"))
    assert not is_channel_table(tmp_path / "none.csv")


NAME = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(names=st.lists(NAME, min_size=1, max_size=8), base=st.integers(0, 50), delimiter=st.sampled_from(",\t;"))
def test_names_and_planes_come_back(tmp_path: Path, names: list[str], base: int, delimiter: str) -> None:
    buffer = io.StringIO()
    rows = [[str(base + index), name] for index, name in enumerate(names)]
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["Channel ID", "Channel Name"], *rows])
    table, _ = read(put(tmp_path, buffer.getvalue()))
    errors = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}  # of spreadsheets
    expected = [None if name.casefold() == "nan" or name in errors else name for name in names]
    assert [None if pd.isna(name) else name for name in table["channel_name"]] == expected
    assert table["channel_index"].tolist() == list(range(len(names)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(cells=st.lists(st.lists(st.text(max_size=6), min_size=4, max_size=4), max_size=6))
def test_any_cells_give_a_table_or_an_input_error(tmp_path: Path, cells: list[list[str]]) -> None:
    buffer = io.StringIO()
    header = ["Channel ID", "Channel Name", "Cycle Number", "Channel Passed QC"]
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows([header, *cells])
    path = tmp_path / "c.csv"
    path.write_bytes(buffer.getvalue().encode("utf-8", "replace"))
    try:
        table, _ = read(path)
    except InputError:
        return
    assert set(table["role"]) <= {
        "marker", "nuclear", "autofluorescence", "blank", "element", "secondary", "stain", "unknown"
    }  # fmt: skip
    assert len(table) <= len(cells)


def test_real_files(real: Path) -> None:
    panel, rules = read(real / "imc_bodenmiller/steinbock/panel.csv")
    assert panel["channel_name"].tolist() == ["Ag107", "Cytokeratin 5", "Laminin", "YBX1", "H3K27Ac"]
    assert rules == []
    markers, rules = read(real / "scimap_exemplar001/scimapExampleData/markers.csv")
    assert markers["channel_index"].tolist() == list(range(12))
    assert markers["role"].tolist().count("nuclear") == 3
    assert rules == ["channels.base"]
    sheet, _ = read(real / "nfcore_mcmicro/marker/marker_sheet.valid.csv")
    assert sheet["channel_name"].tolist()[-1] == "CD457"
    zero, _ = read(real / "mcmicro_tools/mti-utils/intensity_channels.csv")
    assert zero["channel_index"].tolist() == list(range(12))
    assert zero["role"].tolist() == ["nuclear", *["autofluorescence"] * 3] * 2 + ["nuclear", *["marker"] * 3]
    names, _ = read(real / "mcmicro_tools/mti-utils/rename_channels.csv")
    assert names["role"].tolist()[0] == "stain"
    one, _ = read(real / "mcmicro_tools/quantification/channels.csv")
    assert one["excitation_wavelength"].tolist() == [395]
    rounds, _ = read(real / "mcmicro_tools/ashlar/ashlar_test_markers.csv")
    assert rounds["channel_name"].tolist() == ["DAPI", "CD3"]
    imctools, _ = read(next((real / "imc_bodenmiller/analysis/ometiff").glob("*1/*a1_ac.csv")))
    assert imctools["channel_id"].tolist()[1] == "Pr141"
    metal, _ = read(real / "imc_bodenmiller/panel.csv")
    assert metal["channel_name"].tolist()[0] == "Laminin"
    assert not metal.attrs["ordered"]
    listed, _ = read(next((real / "imc_bodenmiller/analysis/cpout/images").glob("*_full.csv")))
    assert listed["channel_name"].tolist() == ["Ag107", "Pr141", "Sm147", "Eu153", "Yb172"]


def test_the_sniff_on_every_real_text_table(real: Path) -> None:
    found = {path.name for path in real.rglob("*.csv") if is_channel_table(path)}
    assert {name for name in found if not name.endswith("_ac.csv")} == {
        "panel.csv", "markers.csv", "marker_sheet.valid.csv", "intensity_channels.csv", "rename_channels.csv",
        "channels.csv", "ashlar_test_markers.csv",
    }  # fmt: skip
