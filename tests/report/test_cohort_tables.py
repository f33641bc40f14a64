"""What the page about all samples says in tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from htan_kit.batch import NotebookRecord, Run, SampleRecord
from htan_kit.report import checks_table, failures, sample_table

if TYPE_CHECKING:
    from pathlib import Path

BAD = "<script>bad</script>"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """One sample that is fine, one that stopped."""
    done = (NotebookRecord("1_qc", "ok", seconds=2.5), NotebookRecord("3_report", "ok", seconds=1.5))
    (tmp_path / "A").mkdir()
    checks = [{"check": "image", "verdict": "pass"}, {"check": "mask", "verdict": "not assessed"}]
    qc = {"assay": BAD, "n_cells": 1234, "n_markers": 5, "verdicts": checks}
    (tmp_path / "A" / "qc.json").write_text(json.dumps(qc))
    samples = {
        "A": SampleRecord("A", "ok", verdict="warn", notebooks=done),
        "B": SampleRecord("B", "failed", error=f"ValueError: {BAD}", notebook="2_spatial", notebooks=done[:1]),
        "C": SampleRecord("C", "interrupted"),
    }
    return Run(tmp_path, samples)


def test_every_sample_has_a_row_and_a_link(run: Run) -> None:
    shown = sample_table(run)
    assert '<a href="A/3_report.html">A</a>' in shown._repr_html_()
    assert "1 234 5 4" in repr(shown)
    assert repr(shown).count("✗ did not run") == 2
    assert "<script>" not in shown._repr_html_()


def test_every_check_has_a_column(run: Run) -> None:
    assert repr(checks_table(run)).startswith("image mask A ✓ pass – not assessed B ✗ did not run ✗ did not run")


def test_failures_say_why_and_where(run: Run) -> None:
    shown = failures(run)
    html = shown._repr_html_()
    assert '<a href="B/2_spatial.html#papermill-error-cell">2_spatial stopped here</a>' in html
    assert "<script>" not in html
    assert "C: It was not run." in repr(shown)
    assert "A:" not in repr(shown)
