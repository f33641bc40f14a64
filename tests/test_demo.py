"""The main job on the packaged data, as a stranger would run it; and every notebook alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import anndata
import nbformat
import pandas as pd
import pytest

from htan_kit.batch import open_results, open_run
from htan_kit.batch._engine import execute
from htan_kit.batch._notebooks import notebooks_folder
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.batch import Run
    from htan_kit.cohort import Cohort

CLI = [sys.executable, "-c", "from htan_kit.cli import main; main()"]
SAMPLES = ("HTA200_1_D1", "HTA200_1_D5", "HTA200_2_D1", "HTA200_2_D4")
HE, DEFECTS = "HTA200_1_D5", "HTA200_2_D1"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, subprocess.CompletedProcess[str]]:
    """The demo, run once from an empty folder."""
    folder = tmp_path_factory.mktemp("demo")
    command = [*CLI, "demo", "--out", "here"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [p.name for p in folder.iterdir()] == ["here"]
    return open_run(folder / "here"), done


def test_every_sample_ran_and_the_defects_are_found(demo: tuple[Run, subprocess.CompletedProcess[str]]) -> None:
    run, done = demo
    assert list(run.samples) == list(SAMPLES)
    assert run.failed == []
    assert run.samples[DEFECTS].verdict == "fail"
    assert {run.samples[name].verdict for name in SAMPLES if name != DEFECTS} <= {"pass", "warn"}
    assert run.exit_code == 3  # and yet the demo returns 0
    assert "4 samples:" in done.stdout
    assert str(run.index) in done.stdout
    assert len(done.stderr.splitlines()) == 13


def test_the_folder_is_that_of_the_design(demo: tuple[Run, subprocess.CompletedProcess[str]]) -> None:
    run, _ = demo
    top = {"index.html", "run.json", "cohort.h5ad", "cohort_metrics.csv", "cohort_statistics.csv", "4_cohort.ipynb"}
    notebooks = {f"{n}.{suffix}" for n in ("1_qc", "2_spatial", "3_report") for suffix in ("ipynb", "html")}
    data = {
        "qc.h5ad",
        "sample.h5ad",
        "qc.json",
        "findings.json",
        "statistics.csv",
        "channels_validated.csv",
        "run.json",
        "measure",
    }
    assert {p.name for p in run.folder.iterdir()} == top | set(SAMPLES)
    for name in SAMPLES:
        assert {p.name for p in (run.folder / name).iterdir()} == notebooks | data


def test_all_cells_are_in_one_file(demo: tuple[Run, subprocess.CompletedProcess[str]]) -> None:
    run, _ = demo
    cells = anndata.read_h5ad(run.folder / "cohort.h5ad")
    counts = cells.obs["library_id"].value_counts().to_dict()
    assert {name: n for name, n in counts.items() if n} == {
        name: run.qc(name)["n_cells"] for name in SAMPLES if name != HE
    }
    assert run.qc(HE)["n_cells"] == 0
    assert set(cells.uns["miti"]) == set(SAMPLES)
    assert "phenotype" in cells.obs
    assert "arcsinh" in cells.layers


def test_numbers_lie_beside_the_pages(demo: tuple[Run, subprocess.CompletedProcess[str]]) -> None:
    run, _ = demo
    assert set(run.metrics["library_id"]) == set(SAMPLES)
    assert {"channels", "segmentation", "agreement", "cells", "images"} <= set(run.metrics["table"])
    assert {"composition", "density", "nhood_enrichment"} <= set(run.statistics["statistic"])
    assert set(run.statistics["library_id"]) == set(SAMPLES)


def test_what_an_he_image_cannot_give_is_said_with_the_reason(
    demo: tuple[Run, subprocess.CompletedProcess[str]],
) -> None:
    run, _ = demo
    verdicts = {v["check"]: v for v in run.qc(HE)["verdicts"]}
    for check in ("mask", "table", "mask ↔ table"):
        assert verdicts[check]["verdict"] == "not assessed"
        assert verdicts[check]["reason"]
    report = (run.folder / HE / "3_report.html").read_text("utf-8")
    assert "Not assessed" in report or "not assessed" in report
    reasons = pd.read_csv(run.folder / HE / "statistics.csv")["reason"]
    assert reasons.notna().all()


class Images(HTMLParser):
    """Collects what a page shows and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.alts: list[str] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag == "img":
            self.alts.append(given.get("alt") or "")
        source = given.get("src") or ""
        if source and not source.startswith("data:"):
            self.fetched.append(source)


@pytest.mark.parametrize("name", ["", *SAMPLES])
def test_pages_stand_alone_and_every_image_has_its_text(
    demo: tuple[Run, subprocess.CompletedProcess[str]], name: str
) -> None:
    run, _ = demo
    pages = [run.index] if not name else sorted((run.folder / name).glob("*.html"))
    for page in pages:
        text = page.read_text("utf-8")
        found = Images()
        found.feed(text)
        assert found.fetched == []
        assert not found.tags & {"script", "iframe", "link", "object"}
        assert found.alts
        assert [alt for alt in found.alts if len(alt) < 10 or "description" in alt] == []
        assert "No errors." in text
        assert "Traceback" not in text
        assert not re.search(r"url\(|@import", text)
        assert page.stat().st_size < 15_000_000


def test_nothing_had_to_be_folded_away(demo: tuple[Run, subprocess.CompletedProcess[str]]) -> None:
    run, _ = demo
    said = {}
    for path in run.folder.rglob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            texts = [o.text for o in cell.get("outputs", []) if o.get("name") == "stderr"]
            if texts:
                said[f"{path.parent.name}/{path.name}: {cell.source[:40]}"] = texts
    assert said == {}


def test_again_nothing_is_repeated(demo: tuple[Run, subprocess.CompletedProcess[str]]) -> None:
    run, _ = demo
    before = {p: p.stat().st_mtime_ns for p in run.folder.rglob("*.ipynb")}
    command = [*CLI, "demo", "--out", str(run.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert all("up to date" in line for line in done.stderr.splitlines())
    assert {p: p.stat().st_mtime_ns for p in run.folder.rglob("*.ipynb")} == before


@pytest.mark.parametrize("name", ["1_qc", "2_spatial", "4_cohort"])
def test_a_notebook_runs_on_what_others_left(
    demo: tuple[Run, subprocess.CompletedProcess[str]], tmp_path: Path, name: str
) -> None:
    run, _ = demo
    # The others run alone, with nothing but the sample's name: into a temporary folder, which they make themselves.
    parameters = {"out": str(run.folder)} if name == "4_cohort" else {"sample": SAMPLES[0]}
    assert execute(notebooks_folder() / f"{name}.ipynb", tmp_path / "executed.ipynb", parameters) is None
    assert [p.name for p in tmp_path.iterdir()] == ["executed.ipynb"]


def test_the_report_alone_has_the_earlier_notebooks_run(cohort: Cohort, tmp_path: Path) -> None:
    results = open_results(cohort.root, HE, tmp_path, notebook="3_report")
    left = {p.name for p in results.folder.iterdir()}
    assert {"1_qc.ipynb", "2_spatial.ipynb", "sample.h5ad", "qc.json"} <= left
    assert "3_report.ipynb" not in left
    assert json.loads((results.folder / "qc.json").read_text())["library_id"] == HE


def test_a_wrong_sample_is_named_with_those_there_are(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="HTA200_1_D1"):
        open_results(cohort.root, "HTA200_1_D9", tmp_path, notebook="1_qc")
