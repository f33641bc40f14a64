"""Executed notebooks as fragments."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import nbformat

from htan_kit.report import fragment

if TYPE_CHECKING:
    from pathlib import Path


def test_readers_see_text_figures_and_tables_but_no_code(executed: Path) -> None:
    found = fragment(executed)
    assert found.title == "A title"
    assert list(found.headings.values()) == ["First part", "Second & last part"]
    assert all(f'id="{anchor}"' in unescape(found.html) for anchor in found.headings)
    assert "7 cells" in found.html
    assert "secret_code" not in found.html
    assert "In&nbsp;[" not in found.html
    assert found.stops == ()


def test_the_text_of_a_figure_is_kept(executed: Path) -> None:
    (alt,) = re.findall(r"alt=('[^']*'|\"[^\"]*\")", fragment(executed).html)
    assert unescape(alt[1:-1]) == 'A "green" <square>'


def test_messages_are_folded_and_escaped(executed: Path) -> None:
    html = fragment(executed).html
    assert "<summary>1 line of messages</summary>" in html
    assert "FutureWarning: red &lt;b&gt;" in html


def test_scripts_are_left_out(executed: Path) -> None:
    html = fragment(executed).html
    assert "<script" not in html
    assert "alert(1)" not in html


def test_nothing_is_fetched(executed: Path, stopped: Path) -> None:
    for path in (executed, stopped):
        assert "http" not in fragment(path).html.replace("http://www.w3.org", "")


def test_a_stop_is_marked_where_it_happened(stopped: Path) -> None:
    found = fragment(stopped)
    (stop,) = found.stops
    assert (stop.name, stop.source) == ("ValueError", "raise ValueError")
    assert stop.traceback == "Trace <i>"
    assert found.html.count('id="papermill-error-cell"') == 1
    assert "An Exception was encountered" not in found.html  # papermill's own marks name a cell readers do not see
    assert "<script>" not in found.html
    assert "Trace &lt;i&gt;" in found.html
    assert found.title == "Stopped"
    assert "What would have come" not in found.html
    assert found.headings == {}


def test_the_file_is_not_changed(stopped: Path) -> None:
    before = stopped.read_text()
    fragment(stopped)
    assert stopped.read_text() == before


def test_a_notebook_without_a_title_has_its_name(tmp_path: Path) -> None:
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "x.ipynb")
    assert fragment(tmp_path / "x.ipynb").title == "x"
