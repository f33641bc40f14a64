"""Findings keep what was said, order it by weight, and never let a file's text into a page."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Finding, Findings, InputWarning, Severity, error, info, report, warning

text = st.text(max_size=30)
findings = st.lists(st.builds(Finding, text, st.sampled_from(Severity), text, text, text, text), max_size=8)


@given(findings)
def test_json_gives_back_the_same_findings(found: list[Finding]) -> None:
    assert Findings.from_json(Findings(found).to_json()) == Findings(found)


@given(findings)
def test_sorted_puts_errors_first_and_keeps_all(found: list[Finding]) -> None:
    collected = Findings(found)
    order = [list(Severity).index(f.severity) for f in collected.sorted()]
    assert order == sorted(order)
    assert set(collected.sorted()) == set(found)


def test_worst_is_the_heaviest() -> None:
    assert Findings().worst is None
    assert Findings([info("a", "s", "m"), warning("b", "s", "m")]).worst is Severity.warning
    assert Findings([info("a", "s", "m"), error("b", "s", "m")]).worst is Severity.error


def test_the_same_finding_is_kept_once() -> None:
    assert len(Findings([info("a", "s", "m"), info("a", "s", "m")])) == 1


def test_html_escapes_what_files_say() -> None:
    html = Findings([error("a", "<script>x</script>", "<img onerror=1>")])._repr_html_()
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_report_warns_where_nobody_collects() -> None:
    with pytest.warns(InputWarning, match="the message"):
        report(None, warning("a", "s", "the message"))
    collected = Findings()
    report(collected, warning("a", "s", "the message"))
    assert len(collected) == 1


def test_input_error_lists_all_problems_and_survives_pickling() -> None:
    problem = InputError(error("a", "x.csv", "First.", "Do this."), error("b", "y.csv", "Second."))
    assert str(problem).splitlines() == ["x.csv: First. Do this.", "y.csv: Second."]
    again = pickle.loads(pickle.dumps(problem))
    assert again.findings == problem.findings
    assert str(again) == str(problem)
