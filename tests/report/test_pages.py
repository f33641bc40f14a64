"""Pages: single files, with their neighbours and their errors."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from htan_kit.report import Link, index, page, pages

if TYPE_CHECKING:
    from pathlib import Path

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Balance(HTMLParser):
    """Complains about tags that do not nest, and about what would be fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag in {"script", "iframe", "link", "object", "embed"}:
            self.problems.append(f"<{tag}>")
        if tag == "img" and not (given.get("alt") and str(given.get("src")).startswith("data:")):
            self.problems.append(f"img {given}")
        self.problems += [name for name in given if name.startswith("on")]
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.problems.append(f"</{tag}>")


def _checked(path: Path) -> Balance:
    parser = Balance()
    text = path.read_text("utf-8")
    parser.feed(text)
    assert parser.problems == []
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert not re.search(r"url\(|@import|https?://", text)
    for link in parser.links:
        target, _, anchor = link.partition("#")
        if target:
            assert (path.parent / target).exists(), link
        if anchor:
            whole = (path.parent / target if target else path).read_text("utf-8")
            assert f'id="{anchor}"' in unescape(whole), link
    return parser


def test_a_page_is_whole(executed: Path, tmp_path: Path) -> None:
    links = [Link("Quality control"), Link("Other", "2_spatial.ipynb")]
    (tmp_path / "2_spatial.ipynb").touch()
    out = page(executed, tmp_path / "1_qc.html", library_id="A<b>", verdict="warn", links=links)
    text = out.read_text("utf-8")
    _checked(out)
    assert "<title>A&lt;b&gt; · A title</title>" in text
    assert '<span aria-current="page">Quality control</span>' in text
    assert "! warn" in text
    assert "No errors." in text


def test_every_page_of_every_sample_is_whole(run_dir: Path) -> None:
    written = [path for name in ("A", "B", "C") for path in pages(run_dir / name)]
    index(run_dir)
    assert [str(p.relative_to(run_dir)) for p in written] == [
        "A/1_qc.html", "A/2_spatial.html", "B/1_qc.html", "B/2_spatial.html", "B/3_report.html",
    ]  # fmt: skip
    for path in written:
        _checked(path)


def test_errors_are_on_the_page_that_stopped(run_dir: Path) -> None:
    index(run_dir)
    pages(run_dir / "B")
    text = (run_dir / "B" / "2_spatial.html").read_text("utf-8")
    assert "ValueError" in text
    assert "No errors." not in text
    assert "did not run" in text
    assert "No errors." in (run_dir / "B" / "1_qc.html").read_text("utf-8")


def test_a_notebook_that_did_not_run_has_a_page_that_says_why(run_dir: Path) -> None:
    index(run_dir)
    pages(run_dir / "B")
    text = (run_dir / "B" / "3_report.html").read_text("utf-8")
    assert "2_spatial stopped: ValueError" in text
    assert 'href="2_spatial.html#papermill-error-cell"' in text
    assert "<h1>Report</h1>" in text


@pytest.mark.parametrize("title", ["Cells / mm²", "../A/1_qc.ipynb", "a.b"])
def test_a_title_is_no_file_name(run_dir: Path, title: str) -> None:
    record = json.loads((run_dir / "B" / "run.json").read_text())
    record["notebooks"][2]["title"] = title
    (run_dir / "B" / "run.json").write_text(json.dumps(record))
    text = pages(run_dir / "B")[2].read_text("utf-8")
    assert f"<h1>{title}</h1>" in text
    assert "7 cells" not in text  # what the notebook of another sample shows


@pytest.mark.parametrize("scheme", ["prefers-color-scheme: dark", "@media print"])
def test_pages_are_for_dark_screens_and_paper_too(executed: Path, tmp_path: Path, scheme: str) -> None:
    assert scheme in page(executed, tmp_path / "1.html").read_text("utf-8")


def test_wide_tables_scroll_and_images_fit(executed: Path, tmp_path: Path) -> None:
    css = page(executed, tmp_path / "1.html").read_text("utf-8")
    assert re.search(r"\.output_html[^}]*overflow-x: auto", css)
    assert re.search(r"img \{[^}]*max-width: 100%", css)
