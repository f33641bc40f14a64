"""Tables however they are written: in blocks, uneven, packed, as Parquet; and files that are none."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.cell_table import CellTable, is_cell_table, read_table
from htan_kit.io.table_header import read_table_header
from htan_kit.io.tables import _text

if TYPE_CHECKING:
    from pathlib import Path

N = 500


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "CellID": rng.permutation(np.arange(1, N + 1)), "DNA": rng.lognormal(5, 1, N), "CD3": rng.poisson(9, N),
            "X_centroid": rng.uniform(0, 999, N), "Y_centroid": rng.uniform(0, 999, N), "Area": rng.poisson(90, N),
            "phenotype": rng.choice(["T cell", "tumour, µ", 'a "b"', None], N), "flag": rng.choice([True, False], N),
            "slide": rng.integers(0, 9, N).astype(str),
        }
    )  # fmt: skip


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_text, "_BLOCK", 300)


def same(table: CellTable, frame: pd.DataFrame) -> None:
    assert table.marker_names == ("DNA", "CD3")
    np.testing.assert_array_equal(table.ids, frame["CellID"])
    assert table.x.dtype == np.float32
    assert table.x.flags.writeable
    np.testing.assert_array_equal(table.x, frame[["DNA", "CD3"]].to_numpy(np.float32))
    np.testing.assert_array_equal(table.xy_px, frame[["X_centroid", "Y_centroid"]])
    np.testing.assert_array_equal(table.features["Area"], frame["Area"])
    expected = frame["phenotype"].astype(object).where(frame["phenotype"].notna(), None)
    assert table.notes["phenotype"].astype(object).where(table.notes["phenotype"].notna(), None).tolist() == list(
        expected
    )
    assert table.notes["flag"].dtype == bool
    np.testing.assert_array_equal(table.notes["flag"], frame["flag"])


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_text_in_blocks(tmp_path: Path, frame: pd.DataFrame, separator: str, line: str, encoding: str) -> None:
    frame.to_csv(tmp_path / "t.csv", index=False, sep=separator, lineterminator=line, encoding=encoding)
    same(read_table(tmp_path / "t.csv", findings=Findings()), frame)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", ["line breaks in cells", "rows too long", "rows too short", "old line ends", "blanks"])
def test_text_that_is_not_regular(tmp_path: Path, frame: pd.DataFrame, kind: str) -> None:
    path = tmp_path / "t.csv"
    if kind == "line breaks in cells":
        frame["phenotype"] = "two\nlines of it"
    text = frame.to_csv(index=False, lineterminator="\n")
    if kind == "rows too long":
        text = text.replace("\n", ",,\n").replace(",,\n", "\n", 1)
    elif kind == "rows too short":
        frame["slide"] = frame["slide"].where(frame.index != N - 1, None)
        text = text.rstrip("\n")[:-2] + "\n"
    elif kind == "old line ends":
        text = text.replace("\n", "\r")
    elif kind == "blanks":
        text = "\n,,,,,,,,\n" + text.replace("\n", "\n\n")
    path.write_text(text, newline="", encoding="utf-8")
    same(read_table(path, findings=Findings()), frame)


@pytest.mark.usefixtures("small_blocks")
def test_words_far_down(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "t.csv"
    text = frame.astype({"CD3": object})
    text.loc[N - 2, "CD3"] = "none yet"
    text.to_csv(path, index=False)
    with pytest.raises(InputError, match="'CD3' holds text among numbers, such as 'none yet'"):
        read_table(path, findings=Findings())
    frame["slide"] = ["7"] + [f"slide {i}" for i in range(N - 1)]
    frame["late"] = [None] * (N - 1) + ["a word after many rows of nothing"]
    frame.to_csv(path, index=False)
    table = read_table(path, findings=Findings())
    same(table, frame)
    assert table.notes["slide"].tolist() == frame["slide"].tolist()
    assert table.notes["late"].iloc[-1] == "a word after many rows of nothing"


@pytest.mark.parametrize(
    ("rest", "message"),
    [(b"\0" * 9, "binary"), (b"1" * 40_000_000, "A line is longer"), (b"1,2\n1,2,3,4,5,6\n", "6 cells")],
)
def test_what_stops_to_be_a_table_far_down(tmp_path: Path, rest: bytes, message: str) -> None:
    rows = b"".join(b"%d,1,2,3\n" % i for i in range(1, 150_001))
    (tmp_path / "t.csv").write_bytes(b"CellID,DNA,X_centroid,Y_centroid\n" + rows + rest)
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / "t.csv", findings=Findings())


@pytest.mark.usefixtures("small_blocks")
def test_ids_that_become_words_far_down(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame["CellID"] = [str(i) for i in range(1, N)] + ["0f8a"]
    frame.to_csv(tmp_path / "t.csv", index=False)
    table = read_table(tmp_path / "t.csv", findings=Findings())
    assert table.object_ids is not None
    assert table.object_ids.tolist() == frame["CellID"].tolist()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("order", ["a first", "b first", "mixed"])
def test_one_image_of_several_in_blocks(tmp_path: Path, frame: pd.DataFrame, order: str) -> None:
    frame["imageid"] = np.where(np.arange(N) < N // 3, "a", "b") if order != "mixed" else np.resize(["a", "b", "b"], N)
    frame["CellID"] = frame.groupby("imageid").cumcount() + 1
    if order == "b first":
        frame = frame.iloc[::-1].reset_index(drop=True)
    frame.to_csv(tmp_path / "t.csv", index=False)
    for name in "ab":
        mine = frame[frame["imageid"] == name].reset_index(drop=True)
        same(read_table(tmp_path / "t.csv", image=(name, "other"), findings=Findings()), mine)


def test_values_of_other_images_are_nobody_s_finding(tmp_path: Path) -> None:
    text = "CellID,DNA,X_centroid,Y_centroid,imageid\n1,1e39,,3,b\n2,,2,3,b\n1,5,2,3,a\n"
    (tmp_path / "t.csv").write_text(text)
    found = Findings()
    assert read_table(tmp_path / "t.csv", image="a", findings=found).x.tolist() == [[5]]
    assert len(found) == 0


@pytest.mark.parametrize("name", ["t.csv.gz", "t.tsv.gz", "T.CSV.GZ"])
def test_packed_text(tmp_path: Path, frame: pd.DataFrame, name: str) -> None:
    path = tmp_path / name
    with gzip.open(path, "wt", encoding="utf-8") as file:
        frame.to_csv(file, index=False, sep="\t" if "tsv" in name else ",")
    assert is_cell_table(path)
    same(read_table(path, findings=Findings()), frame)
    header = read_table_header(path)
    assert (header.format, header.n_rows, header.markers) == (name.lower()[2:], N, ("DNA", "CD3"))
    assert hk.read(table=path).n_obs == N


def test_packed_text_that_is_broken(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "t.csv.gz"
    whole = gzip.compress(frame.to_csv(index=False).encode())
    for content in (whole[:-200], b"no archive", b"\x1f\x8b" + bytes(50), gzip.compress(b"")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"t\.csv\.gz: (The gzip archive is damaged|The file is empty)"):
            read_table(path, findings=Findings())
        is_cell_table(path)
    path.write_bytes(gzip.compress(b"CellID,DNA,X_centroid,Y_centroid\n" + b"1,1,1,1\n" * 4_000_000))
    with pytest.raises(InputError, match="more than 100 times its size"):
        read_table(path, findings=Findings())
    path.write_bytes(gzip.compress(b"CellID,DNA,X_centroid,Y_centroid\n1,1,1,1\n1,1,1,1,9\n"))
    with pytest.raises(InputError, match=r"t\.csv\.gz: Data row 2 has 5 cells"):
        read_table(path, findings=Findings())


def test_parquet(tmp_path: Path, frame: pd.DataFrame) -> None:
    path = tmp_path / "t.parquet"
    more = frame.astype({"phenotype": "category"}).assign(nested=[[1]] * N, when=pd.Timestamp("2020-01-01"), text="1.5")
    parquet.write_table(pa.Table.from_pandas(more), path, row_group_size=77)
    assert is_cell_table(path)
    table = read_table(path, findings=Findings())
    same(table, frame)
    assert "nested" not in table.notes
    assert table.features["text"].tolist() == [1.5] * N  # numbers that were written as text
    header = read_table_header(path)
    assert (header.format, header.dialect, header.n_rows, header.markers) == ("parquet", "mcquant", N, ("DNA", "CD3"))
    assert hk.read(table=path).n_obs == N


def test_parquet_that_is_none_or_too_much(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    for content in (b"", b"PAR1" + bytes(40) + b"PAR1", b"CellID,DNA\n1,2\n"):
        path.write_bytes(content)
        assert not is_cell_table(path)
        with pytest.raises(InputError, match="not a readable Parquet file"):
            read_table(path, findings=Findings())
    alike = pa.array(np.ones(20_000_000, np.int8))  # a few kB
    parquet.write_table(pa.table({"CellID": alike, "DNA": alike, "X_centroid": alike, "Y_centroid": alike}), path)
    with pytest.raises(InputError, match="too many for its size"):
        read_table(path, findings=Findings())


def test_a_table_of_a_folder_may_be_packed_or_parquet(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "a.csv.gz", index=False)
    frame.to_parquet(tmp_path / "b.parquet")
    pd.DataFrame({"Object": [1], "Neighbor": [2]}).to_parquet(tmp_path / "c.parquet")
    cohort = hk.open_cohort(tmp_path)
    assert list(cohort) == ["a", "b"]
    assert [hk.read(sample).n_obs for sample in cohort.samples] == [N, N]


def test_a_workbook(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    table = read_table(tmp_path / "t.xlsx", findings=Findings())
    np.testing.assert_allclose(table.x, frame[["DNA", "CD3"]].to_numpy(np.float32), rtol=1e-6)
    assert table.ids.tolist() == frame["CellID"].tolist()


def test_a_large_table_takes_no_more_memory_than_its_numbers(tmp_path: Path) -> None:
    """X is made once: no second copy of it, and none in float64, is ever there."""
    import tracemalloc

    n, m = 60_000, 30
    values = np.random.default_rng(0).lognormal(5, 1, (n, m)).astype(np.float32)
    frame = pd.DataFrame(values, columns=[f"M{i}" for i in range(m)])
    frame.insert(0, "CellID", np.arange(1, n + 1))
    frame[["X_centroid", "Y_centroid"]] = 1.5
    frame.to_csv(tmp_path / "t.csv", index=False)
    tracemalloc.start()
    try:
        table = read_table(tmp_path / "t.csv", findings=Findings())
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(table.x, values)
    assert peak < kept + 0.75 * values.nbytes + 40e6  # blocks on at most eight threads
