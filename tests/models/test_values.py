from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.models import is_blank, typed


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("Yes", "boolean", True), ("no - Channels QC", "boolean", False), ("maybe", "boolean", "maybe"),
        (True, "boolean", True), ("3", "integer", 3), ("3.0", "int", 3), ("3.5", "integer", "3.5"),
        ("0.11111", "float", 0.11111), ("1:200", "float", "1:200"), ("nan", "float", "nan"), ("inf", "float", "inf"),
        ("1_000", "float", "1_000"), ("1e400", "float", "1e400"), (True, "integer", True), ("0123", "string", "0123"),
    ],
)  # fmt: skip
def test_typed(value: object, kind: str, expected: object) -> None:
    got = typed(value, kind)
    assert got == expected
    assert type(got) is type(expected)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_float_comes_back(number: float) -> None:
    assert typed(repr(number), "float") == number


@given(st.integers(-(2**52), 2**52))
def test_a_written_integer_comes_back(number: int) -> None:
    assert typed(str(number), "integer") == number


@given(st.text(), st.sampled_from(["boolean", "integer", "float", "string"]))
def test_any_text_gives_a_value(text: str, kind: str) -> None:
    got = typed(text, kind)
    assert not (isinstance(got, float) and not math.isfinite(got))


def test_blank() -> None:
    assert all(is_blank(text) for text in ("", "  ", "N/A", "None", "Not Applicable", "nan"))
    assert not any(is_blank(text) for text in ("0", "No", "Blank"))
