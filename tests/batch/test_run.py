"""A whole run over three samples, one of which fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from htan_kit.batch import open_run, run
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from htan_kit.batch import Run

    Finished = tuple[Run, list[dict[str, Any]]]


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def test_each_sample_ends_as_its_notebooks_did(finished: Finished) -> None:
    done, _ = finished
    assert {k: (r.status, r.verdict) for k, r in done.samples.items()} == {
        "one": ("ok", "pass"),
        "two": ("ok", "fail"),
        "bad": ("failed", ""),
    }
    assert done.failed == ["bad"]
    assert done.samples["bad"].error == "ValueError: a <b>bad</b> sample"
    assert done.samples["bad"].notebook == "1_first"
    assert [n.status for n in done.samples["bad"].notebooks] == ["failed", "skipped"]
    assert done.cohort.status == "ok"
    assert done.exit_code == 1  # 1 wins over the 3 of the verdict


def test_opened_again_it_is_the_same(finished: Finished) -> None:
    done, _ = finished
    assert open_run(done.folder) == done
    frame = done.to_frame()
    assert frame["library_id"].tolist() == ["one", "two", "bad"]
    assert frame["n_cells"].tolist()[:2] == [7, 7]
    assert frame["page"].tolist() == [f"{name}/2_second.html" for name in done.samples]
    assert "did not run" in done._repr_html_()


def test_every_file_is_where_the_design_says(finished: Finished) -> None:
    done, _ = finished
    names = {str(p.relative_to(done.folder)) for p in done.folder.rglob("*") if p.is_file()}
    top = {"index.html", "run.json", "4_all.ipynb", "cohort_metrics.csv", "cohort_statistics.csv"}
    pages = {"1_first.ipynb", "1_first.html", "2_second.html", "run.json", "first.json"}
    assert names == top | {
        *(f"bad/{name}" for name in pages),
        *(f"{s}/{name}" for s in ("one", "two") for name in [*pages, "2_second.ipynb", "second.txt", "qc.json"]),
    }


def test_kernels_are_this_python_with_the_parameters_given(finished: Finished, sheet: Path) -> None:
    done, _ = finished
    first = _json(done.folder / "one" / "first.json")
    assert first["python"] == sys.executable
    assert first["cwd"] == str(Path.cwd())
    assert first["n"] == 5
    assert first["input"] == str(sheet)
    assert int(first["threads"]) >= 1
    assert (done.folder / "one" / "second.txt").read_text() == (done.folder / "one" / "first.json").read_text()


def test_the_partial_notebook_is_kept_and_rendered(finished: Finished) -> None:
    done, _ = finished
    content = nbformat.read(done.folder / "bad" / "1_first.ipynb", as_version=4)
    assert content.metadata.papermill.exception
    page = (done.folder / "bad" / "1_first.html").read_text()
    assert 'id="papermill-error-cell"' in page
    assert "a &lt;b&gt;bad&lt;/b&gt; sample" in page
    assert "<b>bad</b>" not in page


def test_a_skipped_notebook_has_a_page_that_says_why(finished: Finished) -> None:
    done, _ = finished
    page = (done.folder / "bad" / "2_second.html").read_text()
    assert "1_first stopped: ValueError" in page
    assert 'href="1_first.html#papermill-error-cell"' in page


def test_the_index_has_every_sample_and_the_reason(finished: Finished) -> None:
    done, _ = finished
    page = done.index.read_text()
    assert "3 samples: 1 pass, 0 warn, 1 fail, 1 did not run" in page
    assert "ValueError: a &lt;b&gt;bad&lt;/b&gt; sample" in page
    assert 'href="bad/1_first.html#papermill-error-cell"' in page
    for link in re.findall(r'href="([^"#]+)', page):
        assert (done.folder / link).exists(), link


def test_run_json_says_what_ran_with_what(finished: Finished, sheet: Path) -> None:
    done, _ = finished
    whole = _json(done.folder / "run.json")
    assert whole["input"] == str(sheet)
    assert whole["samples"] == ["one", "two", "bad"]
    assert whole["options"]["parameters"]["1_first"] == {"n": 5}
    assert whole["started"] <= whole["ended"]
    assert whole["status"] == "ok"
    one = _json(done.folder / "one" / "run.json")
    assert one["versions"]["papermill"]
    assert set(one["notebooks"][0]["stamp"]) == {"notebook", "parameters", "inputs", "kit"}
    assert one["notebooks"][0]["files"] == ["1_first.ipynb", "first.json", "qc.json"]
    assert one["notebooks"][1]["files"] == ["2_second.ipynb", "second.txt"]


def test_progress_tells_every_notebook(finished: Finished) -> None:
    _, events = finished
    assert events[0]["event"] == "planned"
    assert events[0]["tasks"][-1] == ("", ["4_all"])
    ends = {(e["library_id"], e["notebook"]): e["event"] for e in events[1:] if e["event"] != "started"}
    assert ends == {
        **{(s, n): "finished" for s in ("one", "two") for n in ("1_first", "2_second")},
        ("bad", "1_first"): "finished",
        ("bad", "2_second"): "skipped",
        ("", "4_all"): "finished",
    }


def test_only_what_changed_runs_again(
    finished: Finished, sheet: Path, notebooks: Path, tmp_path: Path, make_notebook: Callable[..., Path]
) -> None:
    done, _ = finished
    shutil.copytree(done.folder, tmp_path / "out")
    shutil.copytree(notebooks, tmp_path / "nbs")
    out = tmp_path / "out"

    def again(*, n: int = 5, force: bool = False, samples: tuple[str, ...] = ("one",)) -> list[str]:
        events: list[dict[str, Any]] = []
        run(sheet, out, notebooks=tmp_path / "nbs", parameters={"n": n}, samples=samples, force=force,
            progress=events.append)  # fmt: skip
        return [f"{e['notebook']} {e['event']}" for e in events if e["event"] in {"reused", "finished"}]

    # The folder has another name, which is one of the parameters.
    assert again() == ["1_first finished", "2_second finished", "4_all finished"]
    assert again() == ["1_first reused", "2_second reused", "4_all reused"]
    assert list(open_run(out).samples) == ["one", "two", "bad"]

    make_notebook(tmp_path / "nbs" / "2_second.ipynb", "1 + 1", title="Changed")
    assert again()[:2] == ["1_first reused", "2_second finished"]
    assert not (out / "one" / "second.txt").exists()  # what the old notebook wrote is not taken for the new one's

    (out / "one" / "qc.json").unlink()
    assert again()[:2] == ["1_first finished", "2_second finished"]
    assert again(n=6)[:2] == ["1_first finished", "2_second finished"]
    assert _json(out / "one" / "first.json")["n"] == 6
    assert again(n=6, force=True)[0] == "1_first finished"


def test_a_changed_input_runs_again(sheet: Path, tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    shutil.copytree(sheet.parent, tmp_path / "in")
    notebook = make_notebook(tmp_path / "1_a.ipynb", "1 + 1")

    def again() -> list[str]:
        events: list[dict[str, Any]] = []
        run(
            tmp_path / "in" / "sheet.csv", tmp_path / "out", notebooks=notebook, samples=["one"], progress=events.append
        )
        return [e["event"] for e in events if e["event"] in {"reused", "finished"}]

    assert again() == ["finished"]
    assert again() == ["reused"]
    (tmp_path / "in" / "one.tif").write_bytes((tmp_path / "in" / "two.tif").read_bytes() + b"\0")
    assert again() == ["finished"]


def test_a_changed_manifest_in_a_subfolder_runs_again(
    sample_dir: Path, tmp_path: Path, make_notebook: Callable[..., Path]
) -> None:
    shutil.copytree(sample_dir, tmp_path / "in")
    (tmp_path / "in" / "manifests").mkdir()
    for path in (tmp_path / "in").glob("manifest_*.csv"):
        path.rename(path.parent / "manifests" / path.name)
    notebook = make_notebook(tmp_path / "1_a.ipynb", "1 + 1")

    def again() -> list[str]:
        events: list[dict[str, Any]] = []
        run(tmp_path / "in", tmp_path / "out", notebooks=notebook, samples=["HTA200_1_D1"], progress=events.append)
        return [e["event"] for e in events if e["event"] in {"reused", "finished"}]

    assert again() == ["finished"]
    (tmp_path / "in" / "notes.csv").write_text("a,b\n1,2\n")  # nothing of the sample's
    assert again() == ["reused"]
    manifest = tmp_path / "in" / "manifests" / "manifest_MultiplexMicroscopyLevel2.csv"
    text = manifest.read_text()
    assert "CyCIF" in text
    manifest.write_text(text.replace("CyCIF", "CODEX"))
    assert again() == ["finished"]


def test_a_manifest_is_hashed_once_whatever_the_number_of_samples(
    sample_dir: Path, tmp_path: Path, notebooks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from htan_kit.batch import _stamp

    hashed: list[str] = []

    def counting(path: Path) -> str:
        hashed.append(path.name)
        return "sha256:0"

    monkeypatch.setattr(_stamp, "file_hash", counting)
    assert len(run(sample_dir, tmp_path / "out", notebooks=notebooks, dry_run=True).samples) == 4
    assert "manifest_MultiplexMicroscopyLevel2.csv" in hashed
    assert len(hashed) == len(set(hashed))


def test_a_dry_run_writes_nothing(sheet: Path, notebooks: Path, tmp_path: Path) -> None:
    planned = run(sheet, tmp_path / "out", notebooks=notebooks, parameters={"n": 9}, dry_run=True)
    assert list(tmp_path.iterdir()) == []
    assert list(planned.samples) == ["one", "two", "bad"]
    assert planned.samples["one"].of("1_first").parameters["n"] == 9
    assert planned.samples["one"].of("1_first").parameters["sample"] == "one"
    assert planned.exit_code == 0


def test_bad_parameters_stop_before_anything_is_written(sheet: Path, notebooks: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="parameter m"):
        run(sheet, tmp_path / "out", notebooks=notebooks, parameters={"m": 1})
    with pytest.raises(InputError, match="wants int"):
        run(sheet, tmp_path / "out", notebooks=notebooks, parameters={"n": "x"})
    with pytest.raises(InputError, match="parameter sample"):  # the run gives it itself
        run(sheet, tmp_path / "out", notebooks=notebooks, parameters={"sample": "one"})
    assert list(tmp_path.iterdir()) == []


def test_an_input_that_cannot_be_opened_writes_nothing(notebooks: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run(tmp_path / "nothing", tmp_path / "out", notebooks=notebooks)
    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_cannot_be_written_is_said_first(sheet: Path, notebooks: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(InputError, match="cannot be written"):
            run(sheet, out, notebooks=notebooks)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_said_first(sheet: Path, notebooks: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot be written"):
        run(sheet, tmp_path / "out", notebooks=notebooks)


def test_the_run_of_another_input_is_not_overwritten(finished: Finished, notebooks: Path, tmp_path: Path) -> None:
    done, _ = finished
    other = tmp_path / "other.csv"
    (tmp_path / "x.tif").write_bytes((tmp_path / "x.tif").name.encode())
    other.write_text("sample,image\nx,x.tif\n")
    with pytest.raises(InputError, match="holds the run of"):
        run(other, done.folder, notebooks=notebooks)
    run(other, done.folder, notebooks=notebooks, force=True, dry_run=True)


def test_a_cohort_can_be_given(sheet: Path, notebooks: Path, tmp_path: Path) -> None:
    from htan_kit.cohort import open_cohort

    cohort = open_cohort(sheet, samples=["two"], pixel_size_um=0.5)
    planned = run(cohort, tmp_path, notebooks=notebooks, dry_run=True)
    assert list(planned.samples) == ["two"]
    assert planned.samples["two"].input == str(sheet)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No run here"):
        open_run(tmp_path)


def test_when_stopped_the_index_says_so(sheet: Path, tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    make_notebook(tmp_path / "nbs" / "1_a.ipynb", "1 + 1")
    make_notebook(tmp_path / "nbs" / "2_b.ipynb", "import time\ntime.sleep(100)")

    def stop(event: dict[str, Any]) -> None:
        if event["event"] == "started" and event["notebook"] == "2_b":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(sheet, tmp_path / "out", notebooks=tmp_path / "nbs", progress=stop)
    left = open_run(tmp_path / "out")
    assert [r.status for r in left.samples.values()] == ["interrupted"] * 3
    assert [n.status for n in left.samples["one"].notebooks] == ["ok", "skipped"]
    assert "3 samples: 0 pass, 0 warn, 0 fail, 3 did not run" in left.index.read_text()
    assert _json(tmp_path / "out" / "run.json")["status"] == "interrupted"


def test_a_worker_that_died_is_not_taken_for_the_run_before(
    finished: Finished, sheet: Path, notebooks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, _ = finished
    shutil.copytree(done.folder, tmp_path / "out")
    monkeypatch.setattr("htan_kit.batch._pool.sys.executable", str(tmp_path / "no python"))
    (tmp_path / "no python").write_text("#!/bin/sh\necho 'Killed for a reason' >&2\nexit 9\n")
    (tmp_path / "no python").chmod(0o755)
    left = run(sheet, tmp_path / "out", notebooks=notebooks, samples=["one"])
    assert left.samples["one"].status == "failed"
    assert left.samples["one"].error == "WorkerDied: Killed for a reason"
    assert left.cohort.error == "WorkerDied: Killed for a reason"
    assert left.exit_code == 1
    page = left.index.read_text()
    assert page.count("WorkerDied: Killed for a reason") >= 2
