from __future__ import annotations

import datetime
import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from htan_kit.errors import InputError
from htan_kit.io._delimited import read_delimited, read_sheets, sniff_header
from htan_kit.io._workbook import read_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def book(folder: Path, *rows: Sequence[object], name: str = "t.xlsx") -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    made.save(folder / name)
    return folder / name


def changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """Write the workbook again, with one part changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old, new) if name == part else content)
    path.write_bytes(buffer.getvalue())
    return path


SHEET = "xl/worksheets/sheet1.xml"


def rule(caught: pytest.ExceptionInfo[InputError]) -> str:
    (finding,) = caught.value.findings
    return finding.rule


def test_cells_as_a_person_would_write_them(tmp_path: Path) -> None:
    day = datetime.datetime(2020, 1, 2)
    path = book(tmp_path, ["a", "b", "c", "d", "e"], [1.0, 0.25, True, day, None], [], [2**40, "007", "", None, "µ"])
    assert read_workbook(path) == {
        "Sheet": [["a", "b", "c", "d", "e"], ["1", "0.25", "True", "2020-01-02"], [], [str(2**40), "007", "", "", "µ"]]
    }
    assert sniff_header(path) == ["a", "b", "c", "d", "e"]
    frame = read_delimited(path)
    assert frame["b"].tolist() == ["0.25", "007"]
    assert frame["e"].tolist() == ["", "µ"]
    assert read_delimited(path, dtype=None, keep_default_na=True, usecols=["a"])["a"].tolist() == [1, 2**40]


def test_the_ending_of_the_name_does_not_matter(tmp_path: Path) -> None:
    assert sniff_header(book(tmp_path, ["a"], [1], name="t.csv")) == ["a"]


def test_hidden_and_empty_sheets_are_left_out(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.title = "empty"
    made.create_sheet("hidden").append(["secret"])
    made["hidden"].sheet_state = "hidden"
    made.create_sheet("seen").append(["a"])
    made.save(tmp_path / "t.xlsx")
    assert [sheet.name for sheet in read_sheets(tmp_path / "t.xlsx")] == ["seen"]


def test_formulas_without_a_value_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path, ["a", "b"], ["=1+1", "=cmd|' /C calc'!A0"])
    with pytest.raises(InputError, match="A2, B2; formulas are not evaluated") as caught:
        read_delimited(path)
    assert rule(caught) == "file.formula"


def test_of_a_formula_the_stored_value_is_read(tmp_path: Path) -> None:
    path = changed(book(tmp_path, ["a"], ["=1+1"]), SHEET, b"<v></v>", b"<v>2</v>")
    path = changed(path, SHEET, b"<v />", b"<v>2</v>")
    assert read_delimited(path)["a"].tolist() == ["2"]


def test_a_row_with_surplus_content(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Data row 1 has 3 cells, the header has 2"):
        read_delimited(book(tmp_path, ["a", "b"], [1, 2, 3]))


def test_what_a_sheet_says_about_its_size_is_not_believed(tmp_path: Path) -> None:
    path = book(tmp_path, ["a", "b"], [1, 2])
    changed(path, SHEET, b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    assert read_workbook(path) == {"Sheet": [["a", "b"], ["1", "2"]]}


def test_a_cell_in_the_last_corner(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active["A1"] = "a"
    made.active["XFD1048576"] = 1
    made.save(tmp_path / "t.xlsx")
    with pytest.raises(InputError):
        read_delimited(tmp_path / "t.xlsx")


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr(SHEET, b" " * (70 << 20))
    assert (tmp_path / "t.xlsx").stat().st_size < 100_000
    with pytest.raises(InputError, match="unpacks to 73 MB") as caught:
        sniff_header(tmp_path / "t.xlsx")
    assert rule(caught) == "file.too-large"


def test_more_cells_than_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htan_kit.io._workbook._MOST_CELLS", 50)
    with pytest.raises(InputError, match="more than 50 cells"):
        read_workbook(book(tmp_path, *[["x"] * 9] * 20))


def test_an_xml_bomb(tmp_path: Path) -> None:
    entities = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path = changed(book(tmp_path, ["a"], [1]), SHEET, b"<worksheet", entities + b"<worksheet")
    changed(path, SHEET, b"<v>1</v>", b"<v>&b;</v>")
    with pytest.raises(InputError, match="damaged or not what it seems"):
        read_delimited(path)


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("12345")
    entity = f'<!DOCTYPE l [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]>'.encode()
    path = changed(book(tmp_path, ["a"], [1]), SHEET, b"<worksheet", entity + b"<worksheet")
    changed(path, SHEET, b"<v>1</v>", b"<v>&s;</v>")
    with pytest.raises(InputError, match="damaged or not what it seems"):
        read_delimited(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"junk" * 50])
def test_damaged_archives(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(InputError, match="damaged or not what it seems"):
        read_delimited(tmp_path / "t.xlsx")


def test_another_zip_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "a,b")
    with pytest.raises(InputError, match="a zip archive, not an Excel workbook"):
        read_delimited(tmp_path / "t.zip")


def test_a_workbook_of_before_2007(tmp_path: Path) -> None:
    (tmp_path / "t.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)
    with pytest.raises(InputError, match="before 2007"):
        read_delimited(tmp_path / "t.xls")


def test_an_empty_workbook(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No visible sheet") as caught:
        read_delimited(book(tmp_path))
    assert rule(caught) == "file.empty"
