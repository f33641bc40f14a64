"""Tables and facts for readers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from htan_kit.report import facts, table
from htan_kit.report._html import number


@given(st.text(), st.text(min_size=1))
def test_all_text_is_escaped(value: str, name: str) -> None:
    shown = table(pd.DataFrame({name: [value]}, index=[value + "x"]), value)._repr_html_()
    bare = shown
    for known in ("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span"):
        bare = bare.replace(f"</{known}>", "")
    assert str(escape(value)) in shown or value in {"pass", "warn", "fail", "not assessed", "did not run"}
    assert bare.count("<") == bare.count("<div ") + sum(
        bare.count(f"<{t}") for t in ("ta", "ca", "th", "tb", "tr", "td", "sp")
    )


def test_numbers_are_rounded_and_right() -> None:
    html = table(pd.DataFrame({"a": [1234567, 2], "b": [0.123456, np.nan], "c": ["x", None]}))._repr_html_()
    assert '<td class="number">1\u202f234\u202f567</td>' in html
    assert '<td class="number">0.1235</td>' in html
    assert '<td class="number">–</td>' in html
    assert "<td>x</td>" in html
    assert "<td>–</td>" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (12.3456, "12.35"),
        (1234.56, "1\u202f235"),
        (-0.00012345, "-0.0001234"),
        (1e9, "1e+09"),
        (np.float32(0.5), "0.5"),
        (np.int64(7), "7"),
        (np.bool_(True), "yes"),
        (pd.NA, "–"),
        (None, "–"),
        (float("inf"), "inf"),
        ("text", "text"),
    ],
)
def test_number(value: object, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("column", "title"),
    [
        ("area_um2", "area, µm²"),
        ("area_px_p5", "area p5, px"),
        ("objects_per_mm2", "objects per mm²"),
        ("n_objects", "objects"),
        ("p99_9", "p99.9"),
        ("zero_share", "zero, %"),
        ("um", "um"),
        ("marker", "marker"),
        ("library_id", "library id"),
    ],
)
def test_column_names_are_written_for_reading(column: str, title: str) -> None:
    assert f">{title}</th>" in table(pd.DataFrame({column: [1.0]}))._repr_html_()


def test_shares_are_in_percent() -> None:
    assert '<td class="number">2.5</td>' in table(pd.DataFrame({"zero_share": [0.025]}))._repr_html_()


def test_columns_can_be_left_out() -> None:
    assert repr(table(pd.DataFrame({"a": [1], "b": [2]}), omit=["b", "c"])) == "a 1"


def test_verdicts_have_a_sign_and_a_word() -> None:
    html = table(pd.DataFrame({"verdict": ["pass", "fail", "passive"]}))._repr_html_()
    assert '<span class="verdict pass">✓ pass</span>' in html
    assert '<span class="verdict fail">✗ fail</span>' in html
    assert "<td>passive</td>" in html


def test_row_names_are_shown_when_they_are_names() -> None:
    named = table(pd.DataFrame({"a": [1]}, index=["CD3"]))._repr_html_()
    assert '<th scope="row">CD3</th>' in named
    assert "row" not in table(pd.DataFrame({"a": [1]}))._repr_html_()


def test_long_tables_are_cut_and_say_so() -> None:
    html = table(pd.DataFrame({"a": range(10)}), max_rows=3)._repr_html_()
    assert html.count("<tr>") == 4
    assert "7 more rows" in html


def test_an_empty_table_says_why() -> None:
    empty = pd.DataFrame({"a": []})
    assert "none" in repr(table(empty))
    empty.attrs["reason"] = "there is no <mask>"
    assert "there is no &lt;mask&gt;" in table(empty)._repr_html_()
    assert repr(facts(empty)) == "Not assessed: there is no <mask>."


def test_facts_are_the_names_and_values_of_one_row() -> None:
    html = facts(pd.DataFrame({"library_id": ["A"], "pixel_size_um": [0.65], "note": [""]}))._repr_html_()
    assert "<dt>pixel size, µm</dt> <dd>0.65</dd>" in html
    assert "library" not in html
    assert "note" not in html


def test_links_lead_where_they_are_told() -> None:
    html = table(pd.DataFrame({"id": ["A", "B"]}), links={"id": {"A": 'x.html" onclick="y'}})._repr_html_()
    assert '<a href="x.html&#34; onclick=&#34;y">A</a>' in html
    assert "<td>B</td>" in html
