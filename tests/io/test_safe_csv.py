from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io.safe_csv import safe_text, write_csv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "\n=1", "＝1", "--1", "-", "-inf "],
)
def test_what_could_run_does_not(text: str) -> None:
    expected = text if len(text) == 1 else f"'{text}"
    assert safe_text(text) == expected


@pytest.mark.parametrize("text", ["", "CD3", "-1.5", "+3", "-1e-05", "-.5", "a=b", "'=1", "µm", "5'-ATG", "NaN"])
def test_what_cannot_run_stays(text: str) -> None:
    assert safe_text(text) == text


@given(st.text())
def test_nothing_starts_like_a_formula(text: str) -> None:
    safe = safe_text(text)
    assert safe in (text, f"'{text}")
    if len(safe) > 1 and safe.lstrip()[:1] in ("=", "+", "-", "@"):
        assert np.isfinite(float(safe)) or "e" in safe.lower()


def test_a_table_is_written_for_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    frame = pd.DataFrame(
        {
            "=marker": pd.Categorical(["@x", None, 'a,"b"']),
            "n": pd.array([-1, None, 3], dtype="Int64"),
            "ok": pd.array([True, None, False], dtype="boolean"),
            "x": np.array([-0.5, np.nan, 1e-9], np.float32),
        },
        index=["-r1 + 1", "r2", "r3"],
    )
    frame.insert(4, "n", ["=2", "3", "4"], allow_duplicates=True)
    write_csv(frame, path, index=True)
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["", "'=marker", "n", "ok", "x", "n"]
    assert rows[1] == ["'-r1 + 1", "'@x", "-1", "True", "-0.5", "'=2"]
    assert rows[2] == ["r2", "", "", "", "", "3"]
    assert rows[3][1] == 'a,"b"'
    assert float(rows[3][4]) == pytest.approx(1e-9)
    assert frame.columns[0] == "=marker"
    assert list(tmp_path.iterdir()) == [path]
