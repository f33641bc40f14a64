from __future__ import annotations

import datetime
import enum
import json
from pathlib import Path, PurePosixPath
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.assemble._metadata import storable

pytestmark = [
    # anndata 0.12 announces that zarr v3 will be its default; 0.13 reads a pandas option that pandas 3.1 retires.
    pytest.mark.filterwarnings("ignore:.*zarr v[23].*:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*future.infer_string.*"),
]


class Colour(enum.StrEnum):
    red = "r"


def through(obj: Any, folder: Path, form: str) -> Any:
    """Write to a file and read it back."""
    adata = anndata.AnnData(np.zeros((1, 1), np.float32), uns={"x": obj})
    path = folder / f"a.{form}"
    if form == "h5ad":
        adata.write_h5ad(path)
        return anndata.read_h5ad(path).uns["x"]
    adata.write_zarr(path)
    return anndata.read_zarr(path).uns["x"]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(
            one, other, check_dtype=False, check_categorical=False, check_index_type=False, check_column_type=False,
            check_like=False,
        )  # fmt: skip
        return True
    if isinstance(one, np.ndarray):
        left, right = one.ravel().tolist(), np.asarray(other).ravel().tolist()
        return one.shape == np.shape(other) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(one, float) and np.isnan(one):
        return bool(np.isnan(other))
    return bool(one == other) or (one is None and other is None)


AWKWARD = {
    "none": None, "flag": True, "np flag": np.bool_(False), "int": 3, "float": 0.5, "nan": float("nan"), "text": "µm",
    "empty": "", "huge": 10**30, "np": np.int32(4), "path": PurePosixPath("a/b"), "enum": Colour.red,
    "date": datetime.date(2020, 1, 2), "bytes": b"ab\xff", "nul": "a\0b", "surrogate": "a\ud800b",
    "tuple": ("x", "y"), "set": {"b", "a"}, "list of dicts": [{"a": 1}], "ragged": [[1], [2, 3]],
    "mixed": [1, "a", None], "gaps": ["a", None], "nothing": [], "numbers": [1, 2.5], "flags": [True, False],
    "array": np.arange(6).reshape(2, 3), "half": np.zeros(2, np.float16), "texts": np.array([["a", "b"]]),
    "objects": np.array(["a", None], dtype=object), "complex": 1 + 2j, "0d": np.array(5),
    "times": np.array(["2020-01-02"], dtype="datetime64[D]"), "series": pd.Series(["a", None]),
    "index": pd.Index([1, 2]), "na": pd.NA,
    "a/b": {"c/d": 1, "": 2, ".": 3, "..": 4, 5: 6, "x\ny": 7, "__z": 8, "b\\c": 9, "_index": 10, "k" * 500: 11},
    "a_b": "comes second", "deep": {"er": {"est": [1, 2]}}, "empty dict": {},
}  # fmt: skip


@pytest.mark.parametrize("form", ["h5ad", "zarr"])
def test_every_awkward_thing_comes_back_as_it_was_stored(tmp_path: Path, form: str) -> None:
    stored = storable(AWKWARD)
    assert same(stored, through(stored, tmp_path, form))
    assert len(stored) == len(AWKWARD)
    assert stored["a_b"] == {
        "c_d": 1, "unnamed": 2, "unnamed_2": 3, "unnamed_3": 4, "5": 6, "x_y": 7, "x__z": 8, "b_c": 9, "x_index": 10,
        "k" * 120: 11,
    }  # fmt: skip


def test_what_becomes_of_it() -> None:
    stored = storable(AWKWARD)
    assert stored["huge"] == str(10**30)
    assert stored["path"] == "a/b"
    assert type(stored["enum"]) is str
    assert stored["date"] == "2020-01-02"
    assert stored["set"].tolist() == ["a", "b"]
    assert json.loads(stored["list of dicts"]) == [{"a": 1}]
    assert json.loads(stored["mixed"]) == [1, "a", None]
    assert json.loads(stored["gaps"]) == ["a", None]
    assert stored["flags"].dtype == bool
    assert stored["a_b_2"] == "comes second"
    assert AWKWARD["a/b"][5] == 6  # the caller's own is left alone


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": ["a", None, "c"],
            "strings": pd.array(["a", pd.NA, "c"], dtype="string"),
            "flags": [True, None, False],
            "boolean": pd.array([True, pd.NA, False], dtype="boolean"),
            "Int": pd.array([1, pd.NA, 3], dtype="Int64"),
            "Float": pd.array([1.5, pd.NA, 3], dtype="Float64"),
            "float": [1.5, np.nan, 3.0],
            "int": [1, 2, 3],
            "mixed": [1, "b", None],
            "nothing": [None, None, None],
            "no category": pd.Categorical([None, None, None], categories=["a"]),
            "numbers as categories": pd.Categorical([1, 2, None]),
            "flags as categories": pd.Categorical([True, False, None]),
            "a/b": ["x", "y", "z"],
            "_index": [1, 2, 3],
            "time": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
            "paths": [Path("a"), Path("b"), None],
            "all NA": pd.array([pd.NA] * 3, dtype="Int64"),
            7: ["x", "y", "z"],
        },
        index=pd.Index(["one", "two", "text"], name="text"),
    )


@pytest.mark.parametrize("form", ["h5ad", "zarr"])
@pytest.mark.parametrize("rows", [3, 1, 0])
def test_tables_come_back(tmp_path: Path, form: str, rows: int) -> None:
    stored = storable(frame().iloc[:rows])
    back = through(stored, tmp_path, form)
    assert same(stored, back)
    if rows == 3:
        assert "nothing" not in stored
        assert "no category" not in stored
        assert stored["flags"].isna().tolist() == [False, True, False]
        assert str(stored["text"].dtype) == "category"
        assert str(back["Int"].dtype) == "Int64"
        assert str(stored["flags"].dtype) == "boolean"
        assert stored["numbers as categories"].tolist()[:2] == ["1", "2"]
        assert {"a_b", "x_index", "7"} <= set(stored.columns)
        assert stored.index.tolist() == ["one", "two", "text"]


@pytest.mark.parametrize("form", ["h5ad", "zarr"])
def test_the_same_tables_in_obs_and_var(tmp_path: Path, form: str) -> None:
    stored = storable(frame())
    adata = anndata.AnnData(np.zeros((3, 3), np.float32), obs=stored, var=stored)
    path = tmp_path / f"a.{form}"
    getattr(adata, f"write_{form}")(path)
    back = getattr(anndata, f"read_{form}")(path)
    assert same(stored, back.obs)
    assert same(stored, back.var)


def test_columns_of_one_name_and_rows_of_numbers() -> None:
    table = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"], index=[10, 20])
    stored = storable(table)
    assert list(stored.columns) == ["a", "a_2"]
    assert stored.index.tolist() == ["10", "20"]
    assert list(table.columns) == ["a", "a"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(value=VALUES)
def test_anything_nested_can_be_stored(tmp_path: Path, value: Any) -> None:
    stored = storable(value)
    assert same(stored, through(stored, tmp_path, "h5ad"))


@given(VALUES)
def test_storing_twice_changes_nothing(value: Any) -> None:
    once = storable(value)
    assert same(once, storable(once))
