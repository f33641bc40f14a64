"""The page about all samples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from htan_kit.report import headline, index, pages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("verdicts", "line"),
    [
        ([], "0 samples: 0 pass, 0 warn, 0 fail, 0 did not run"),
        (["pass"], "1 sample: 1 pass, 0 warn, 0 fail, 0 did not run"),
        (
            ["fail", "pass", "not assessed", "did not run"],
            "4 samples: 1 pass, 0 warn, 1 fail, 1 not assessed, 1 did not run",
        ),
    ],
)
def test_the_first_line_counts_everything(verdicts: list[str], line: str) -> None:
    assert headline(verdicts) == line


def test_all_samples_are_there_with_pictures_links_and_reasons(run_dir: Path) -> None:
    for name in ("A", "B"):
        pages(run_dir / name)
    text = index(run_dir).read_text("utf-8")
    assert "<h1>3 samples: 0 pass, 1 warn, 0 fail, 2 did not run</h1>" in text
    assert text.count('<article class="card">') == 3
    assert text.count("data:image/jpeg;base64,") == 2  # C has no figure
    assert 'alt="Overview of A"' in text
    assert 'href="A/2_spatial.html"' in text
    assert "1\u202f234 cells" in text
    assert 'href="B/2_spatial.html#papermill-error-cell"' in text
    assert "It did not run." in text


def test_text_from_files_is_escaped(run_dir: Path) -> None:
    text = index(run_dir).read_text("utf-8")
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 3


def test_the_notebook_about_all_is_inside(run_dir: Path) -> None:
    shown = new_output("display_data", data={"text/html": "<p>all of them</p>"})
    cells = [new_markdown_cell("# All samples\n\n## Composition"), new_code_cell("x", outputs=[shown])]
    nbformat.write(new_notebook(cells=cells), run_dir / "4_cohort.ipynb")
    record = json.loads((run_dir / "run.json").read_text())
    record["notebooks"] = [{"notebook": "4_cohort", "status": "ok"}]
    (run_dir / "run.json").write_text(json.dumps(record))
    text = index(run_dir).read_text("utf-8")
    assert "all of them" in text
    assert 'id="Composition"' in text


def test_a_failure_of_all_is_said(run_dir: Path) -> None:
    record = json.loads((run_dir / "run.json").read_text())
    record["error"] = "WorkerDied: no space left"
    (run_dir / "run.json").write_text(json.dumps(record))
    assert "WorkerDied: no space left" in index(run_dir).read_text("utf-8")
