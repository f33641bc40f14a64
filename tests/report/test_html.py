"""Small pieces."""

from __future__ import annotations

from markupsafe import Markup

from htan_kit.report import Html
from htan_kit.report._html import badge, definitions


def test_html_shows_itself_and_reads_as_text() -> None:
    shown = Html("<p>a &amp; b</p>")
    assert shown._repr_html_() == "<p>a &amp; b</p>"
    assert repr(shown) == "a & b"
    assert Markup("{}").format(shown) == "<p>a &amp; b</p>"


def test_a_badge_is_not_colour_alone() -> None:
    signs = {badge(v).striptags().split()[0] for v in ("pass", "warn", "fail", "not assessed")}
    assert len(signs) == 4
    assert "did-not-run" in badge("did not run")


def test_definitions_escape_and_leave_out_what_is_empty() -> None:
    html = definitions({"<a>": "<b>", "empty": "", "zero": 0, "safe": Markup("<i>x</i>")})
    assert "<dt>&lt;a&gt;</dt> <dd>&lt;b&gt;</dd>" in html
    assert "empty" not in html
    assert "<dd>0</dd>" in html
    assert "<dd><i>x</i></dd>" in html
