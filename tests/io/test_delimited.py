from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.io._delimited import read_delimited, sniff_header

if TYPE_CHECKING:
    from pathlib import Path


def rule(caught: pytest.ExceptionInfo[InputError]) -> str:
    return next(iter(caught.value.findings)).rule


def put(folder: Path, content: bytes | str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_delimiters_newlines_and_bom(tmp_path: Path, delimiter: str, newline: str, bom: bytes) -> None:
    text = newline.join(["a#b#c", "1#x#", "2##z"]).replace("#", delimiter)
    path = put(tmp_path, bom + text.encode())
    assert sniff_header(path) == ["a", "b", "c"]
    assert read_delimited(path).to_dict("records") == [{"a": "1", "b": "x", "c": ""}, {"a": "2", "b": "", "c": "z"}]


def test_every_cell_stays_text(tmp_path: Path) -> None:
    frame = read_delimited(put(tmp_path, "id,name\n0012345678901234567890,NA\n007,nan\n"))
    assert frame["id"].tolist() == ["0012345678901234567890", "007"]
    assert frame["name"].tolist() == ["NA", "nan"]


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "name,size µm\nβ–cat,1\n".replace("β", "ß"), encoding=encoding)
    assert sniff_header(path) == ["name", "size µm"]
    assert read_delimited(path)["name"].tolist() == ["ß–cat"]


def test_cp1252_that_only_shows_late(tmp_path: Path) -> None:
    path = put(tmp_path, b"a,b\n" + b"1,2\n" * 300_000 + b"3,\xb5\n")
    frame = read_delimited(path, usecols=["b"])
    assert frame["b"].iloc[-1] == "µ"
    assert len(frame) == 300_001


def test_a_character_cut_by_the_sample_is_no_reason_for_cp1252(tmp_path: Path) -> None:
    for shift in range(3):
        path = put(tmp_path, "a,b\n" + "x" * shift + "1,€€€€€\n" * 100_000)
        assert read_delimited(path, nrows=2)["b"].tolist() == ["€€€€€"] * 2


def test_blank_lines_blank_rows_and_short_rows(tmp_path: Path) -> None:
    frame = read_delimited(put(tmp_path, "\n,,\na,b,c\n\n1\n,,\n , ,\n,2,\n"))
    assert frame.to_dict("records") == [{"a": "1", "b": "", "c": ""}, {"a": "", "b": "2", "c": ""}]


@pytest.mark.parametrize("text", ["a\tb\n1\t2\t\t\n3\t4\n", "a\tb\n3\t4\n1\t2\t\t\n", "a\tb\n3\t4\t\n1\t2\t\n"])
def test_trailing_delimiters_are_forgiven(tmp_path: Path, text: str) -> None:
    frame = read_delimited(put(tmp_path, text))
    assert sorted(map(tuple, frame.to_numpy().tolist())) == [("1", "2"), ("3", "4")]


def test_a_row_with_surplus_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Data row 2 has 3 cells, the header has 2") as caught:
        read_delimited(put(tmp_path, "a,b\n1,2\n3,4,5\n"))
    assert rule(caught) == "file.ragged"


def test_a_delimiter_in_a_quoted_cell_does_not_count(tmp_path: Path) -> None:
    path = put(tmp_path, 'Name\tCells, all\n"x\ty"\t"1,5"\nz\t2\n')
    assert sniff_header(path) == ["Name", "Cells, all"]
    assert read_delimited(path)["Name"].tolist() == ["x\ty", "z"]


def test_decimal_commas_do_not_hide_the_semicolon(tmp_path: Path) -> None:
    assert sniff_header(put(tmp_path, "a;b\n1,5;2,5\n3,5;4,5\n")) == ["a", "b"]


def test_repeated_and_empty_names_are_made_unique(tmp_path: Path) -> None:
    path = put(tmp_path, "DNA, DNA ,,DNA.1,DNA\n1,2,3,4,5\n")
    assert sniff_header(path) == ["DNA", "DNA.1", "Unnamed: 2", "DNA.1.1", "DNA.2"]
    assert read_delimited(path, usecols=["DNA.2"])["DNA.2"].tolist() == ["5"]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    frame = read_delimited(put(tmp_path, "a,b\n"))
    assert list(frame.columns) == ["a", "b"]
    assert frame.empty


def test_numbers_when_asked(tmp_path: Path) -> None:
    frame = read_delimited(put(tmp_path, "a,b\n1,\n2,3\n"), dtype="float64", keep_default_na=True)
    assert frame["b"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "file.empty"),
        (b" \n\n", "file.empty"),
        (b"\xef\xbb\xbf", "file.empty"),
        (b",,\n,,\n", "file.empty"),
        (b"a,b\0c\n", "file.binary"),
        (b"PK\x03\x04 and so on", "file.binary"),
        (b"II*\x00 and so on", "file.binary"),
        (b"x" * ((1 << 20) + 10), "file.binary"),
        (b"a," + b"x" * 200_000 + b"\n1,2\n", "file.binary"),
        (b"a,\xb5\x81\n", "file.encoding"),
    ],
)
def test_what_is_not_a_text_table(tmp_path: Path, content: bytes, expected: str) -> None:
    for function in (sniff_header, read_delimited):
        with pytest.raises(InputError) as caught:
            function(put(tmp_path, content))
        assert rule(caught) == expected


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError) as caught:
            read_delimited(path)
        assert rule(caught) == "file.missing"


def test_the_bound_holds(tmp_path: Path) -> None:
    path = put(tmp_path, "a,b\n" + "1,2\n" * 100)
    with pytest.raises(InputError) as caught:
        read_delimited(path, max_bytes=100)
    assert rule(caught) == "file.too-large"
    assert len(read_delimited(path, max_bytes=1000)) == 100


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6), delimiter=st.sampled_from(",\t;"))
def test_what_the_csv_module_writes_is_read_back(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["first", "second", "third"], *rows])
    frame = read_delimited(put(tmp_path, buffer.getvalue()))
    assert list(frame.columns) == ["first", "second", "third"]
    assert frame.to_numpy().tolist() == [row for row in rows if any(cell.strip() for cell in row)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(content=st.binary(max_size=200))
def test_any_bytes_give_a_table_or_an_input_error(tmp_path: Path, content: bytes) -> None:
    try:
        frame = read_delimited(put(tmp_path, content))
    except InputError:
        return
    assert isinstance(frame, pd.DataFrame)
    assert len(frame.columns) == len(sniff_header(tmp_path / "t.csv"))
