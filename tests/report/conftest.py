"""A run folder made by hand: one sample that is fine, one that stopped, one that never began."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert('x')</script>"


def png(width: int = 40, height: int = 30) -> str:
    """A picture, as a notebook holds it."""
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (width, height), (10, 200, 30)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


@pytest.fixture
def executed(tmp_path: Path) -> Path:
    """An executed notebook with a figure, a table, messages and a script."""
    figure = new_output(
        "display_data", data={"image/png": png()}, metadata={"image/png": {"alt": 'A "green" <square>'}}
    )
    table = new_output("execute_result", data={"text/html": "<table><tr><td>7 cells</td></tr></table>"})
    noise = new_output("stream", name="stderr", text="FutureWarning: \x1b[31mred\x1b[0m <b>\n")
    script = new_output("display_data", data={"application/javascript": "alert(1)"})
    cells = [
        new_markdown_cell("# A title\n\nText."),
        new_markdown_cell("## First part\n\nLook."),
        new_code_cell("secret_code()", outputs=[figure, table], execution_count=1),
        new_markdown_cell("## Second & last part"),
        new_code_cell("more_code()", outputs=[noise, script], execution_count=2),
    ]
    path = tmp_path / "1_qc.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A notebook as papermill leaves it when a cell raises."""
    tags = {"tags": ["papermill-error-cell-tag"]}
    error = new_output(
        "error", ename="ValueError", evalue=f"no {HOSTILE}\nsecond line", traceback=["\x1b[0;31mTrace\x1b[0m <i>"]
    )
    cells = [
        new_markdown_cell("An Exception was encountered at 'In [2]'.", metadata=tags),
        new_markdown_cell("# Stopped"),
        new_markdown_cell('<span id="papermill-error-cell">Execution stopped here</span>', metadata=tags),
        new_code_cell("raise ValueError", outputs=[error], execution_count=2),
        new_markdown_cell("## What would have come"),
        new_code_cell("never()"),
    ]
    path = tmp_path / "2_spatial.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def run_dir(tmp_path: Path, executed: Path, stopped: Path) -> Path:
    """The folder of a run over A (fine), B (stopped in 2_spatial) and C (not run)."""
    folder = tmp_path / "run"
    for name in ("A", "B", "C"):
        (folder / name).mkdir(parents=True)
    executed_text, stopped_text = executed.read_text(), stopped.read_text()
    for name in ("A", "B"):
        (folder / name / "1_qc.ipynb").write_text(executed_text)
        _write(folder / name / "qc.json", {"verdict": "warn", "n_cells": 1234, "assay": f"CyCIF {HOSTILE}"})
    (folder / "A" / "2_spatial.ipynb").write_text(executed_text)
    (folder / "B" / "2_spatial.ipynb").write_text(stopped_text)
    one, two, three = ({"notebook": n, "title": t, "status": "ok"} for n, t in NOTEBOOKS)
    error = f"ValueError: no {HOSTILE}"
    _write(folder / "A" / "run.json", {"library_id": "A", "status": "ok", "verdict": "warn", "notebooks": [one, two]})
    skipped = {**three, "status": "skipped", "error": f"2_spatial stopped: {error}"}
    failed = {"library_id": "B", "status": "failed", "verdict": "warn", "error": error, "notebook": "2_spatial"}
    _write(folder / "B" / "run.json", {**failed, "notebooks": [one, {**two, "status": "failed"}, skipped]})
    _write(folder / "run.json", {"samples": ["A", "B", "C"], "input": HOSTILE, "started": "then", "ended": "later"})
    return folder


NOTEBOOKS = [("1_qc", "Quality control"), ("2_spatial", "Space"), ("3_report", "Report")]


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))
