from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from htan_kit.errors import InputError
from htan_kit.io._delimited import read_delimited, read_sheets, sniff_header
from htan_kit.io._text_form import unique

if TYPE_CHECKING:
    from pathlib import Path


def put(folder: Path, content: bytes) -> Path:
    (folder / "t.csv").write_bytes(content)
    return folder / "t.csv"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a," * 500_000 + b"\n", "500,001 cells"),
        (b",".join(b"c%d" % i for i in range(200_000)) + b"\n1\n", "No line ends within the first MiB"),
        (b"a" + b"," * 30_000 + b"\n", "30,001 cells"),
        (b'a,"b\n' + b"1,2\n" * 100_000, "never closed"),
        (b"a,b\n1,\0\n", "binary"),
        (b"a,b\n" + b"1,2\n" * 300_000 + b"1,\0\n", "binary"),
    ],
)
def test_what_is_no_table_ends_in_one_message(tmp_path: Path, content: bytes, message: str) -> None:
    path = put(tmp_path, content)
    with pytest.raises(InputError, match=message) as caught:
        read_delimited(path)
    assert len(caught.value.findings) == 1


def test_a_line_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("htan_kit.io._text_form._LONGEST_LINE", 2 << 20)
    path = put(tmp_path, b"a,b\n1," + b"x" * (5 << 20))
    assert sniff_header(path) == ["a", "b"]
    with pytest.raises(InputError, match="A line is longer"):
        read_delimited(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = put(tmp_path, b"a,b\n")
    with path.open("r+b") as handle:
        handle.truncate(10**9)  # a hole: it takes no room
    with pytest.raises(InputError, match=r"has 1000\.0 MB"):
        read_sheets(path, max_bytes=1 << 24)


def test_too_many_rows(tmp_path: Path) -> None:
    path = put(tmp_path, b"a,b\n" * 200)
    assert len(read_sheets(path, max_rows=200)[0].rows) == 200
    with pytest.raises(InputError, match="more than 199 rows"):
        read_sheets(path, max_rows=199)


def test_a_title_above_the_header_does_not_hide_the_delimiter(tmp_path: Path) -> None:
    (sheet,) = read_sheets(put(tmp_path, b"My panel\n\na;b;c\n1,5;2;3\n"))
    assert sheet.rows == [["My panel"], [], ["a", "b", "c"], ["1,5", "2", "3"]]


def test_the_first_rows_alone(tmp_path: Path) -> None:
    (sheet,) = read_sheets(put(tmp_path, b"a,b\n" + b"1,2\n" * 400_000), n_rows=3)
    assert sheet.rows == [["a", "b"], ["1", "2"], ["1", "2"]]


def test_a_hundred_thousand_equal_names() -> None:
    names = unique(["a"] * 100_000)
    assert len(set(names)) == 100_000
    assert names[:3] == ["a", "a.1", "a.2"]


def test_a_name_with_a_null_character(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_delimited(tmp_path / "a\0b.csv")
