"""What is a number in a cell, by Python's own reading of it; text and blocks of Arrow read alike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io.tables._source import whole_source
from htan_kit.io.tables._text import open_text
from htan_kit.io.tables._values import EMPTY, Kinds, is_numbers, parse_numbers

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io.tables._values import Block


def parsed(cells: list[str | None], decimal: str = ".") -> tuple[list[float], int]:
    values, words = parse_numbers(pa.chunked_array([pa.array(cells, pa.string())]), decimal)
    return values.tolist(), words.n


NUMBERS = st.one_of(
    st.floats().map(repr),
    st.integers().map(str),
    st.floats(allow_nan=False).map("{:.4e}".format),
    st.sampled_from(["1.", ".5", "+1.5", " 2 ", "-Inf", "INFINITY", "1E5", "007"]),
)
WORDS = ["x", "1,5", "1_000", "0x1A", "1.5f", "1e", "True", "１", "1 2", "--1", "nanog", "infra", "."]


@given(NUMBERS)
def test_numbers_are_what_python_reads(text: str) -> None:
    (value,), words = parsed([text])
    expected = float(text)
    assert words == 0
    assert value == expected or (math.isnan(value) and math.isnan(expected))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_decimal_comma(number: float) -> None:
    assert parsed([repr(number).replace(".", ",")], ",") == ([number], 0)


@pytest.mark.parametrize("word", WORDS)
def test_words(word: str) -> None:
    values, words = parsed([word])
    assert np.isnan(values).all()
    assert words == 1


def test_a_point_is_no_number_where_commas_are_decimal() -> None:
    assert parsed(["1.5"], ",")[1] == 1


def test_nothing_is_neither() -> None:
    values, words = parsed([None, *EMPTY])
    assert np.isnan(values).all()
    assert words == 0
    assert is_numbers(pa.chunked_array([pa.array([None, ""], pa.string())]))


def blocks(path: Path, kinds: Kinds, *, whole: bool) -> list[Block]:
    source = whole_source(path) if whole else open_text(path)
    return list(source.blocks(kinds, lambda block: block))


@given(
    cells=st.lists(st.one_of(NUMBERS, st.sampled_from(WORDS[:4]), st.sampled_from(EMPTY[:1])), min_size=1, max_size=9),
    separator=st.sampled_from(";\t"),
    windows=st.booleans(),
)
def test_arrow_and_the_slow_way_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], separator: str, *, windows: bool
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    lines = [f"id{separator}a{separator}b", *(f"{i}{separator}{cell}{separator}t" for i, cell in enumerate(cells))]
    path.write_text(("\r\n" if windows else "\n").join(lines), newline="")
    kinds = Kinds(("id", "a", "b"), frozenset({"id", "a"}))
    (fast,), (slow,) = (blocks(path, kinds, whole=whole) for whole in (False, True))
    np.testing.assert_array_equal(fast.numbers["a"], slow.numbers["a"])
    assert fast.words == slow.words
    assert fast.texts["b"].to_pylist() == slow.texts["b"].to_pylist() == ["t"] * len(cells)
    np.testing.assert_array_equal(fast.numbers["id"], np.arange(len(cells)))


def test_numbers_are_correctly_rounded(tmp_path: Path) -> None:
    values = np.random.default_rng(0).lognormal(0, 9, 5000)
    pd.DataFrame({"a": values, "b": 1}).to_csv(tmp_path / "t.csv", index=False)
    (block,) = blocks(tmp_path / "t.csv", Kinds(("a",), frozenset("a")), whole=False)
    np.testing.assert_array_equal(block.numbers["a"], values)  # to the last bit: pandas' own reader is not as exact
