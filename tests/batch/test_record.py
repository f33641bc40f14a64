"""Records survive their file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from htan_kit.batch import NotebookRecord, SampleRecord
from htan_kit.batch._record import from_dict, read_json, read_record, read_verdict, update_json, write_record

if TYPE_CHECKING:
    from pathlib import Path


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    first = NotebookRecord("1_qc", "ok", parameters={"n": 1}, stamp={"kit": "x"}, files=["a"], seconds=1.5)
    record = SampleRecord("A", "failed", "in", "warn", "Oops: ü", "2_spatial", (first, NotebookRecord("2_spatial")))
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    assert record.seconds == 1.5
    assert record.of("1_qc") == first
    assert record.of("3_report").status == "waiting"


def test_a_notebooks_record_is_replaced_in_its_place() -> None:
    record = SampleRecord("A", notebooks=(NotebookRecord("1"), NotebookRecord("2")))
    record = record.with_notebook(NotebookRecord("1", "ok")).with_notebook(NotebookRecord("3"))
    assert [(n.notebook, n.status) for n in record.notebooks] == [("1", "ok"), ("2", "waiting"), ("3", "waiting")]


def test_missing_broken_and_newer_files_are_read(tmp_path: Path) -> None:
    assert read_record(tmp_path) == SampleRecord("")
    (tmp_path / "run.json").write_text("{broken")
    assert read_json(tmp_path / "run.json") == {}
    (tmp_path / "run.json").write_text("[1]")
    assert read_json(tmp_path / "run.json") == {}
    newer = {"library_id": "A", "colour": "red", "notebooks": [{"notebook": "1", "mood": "good"}]}
    assert from_dict(newer) == SampleRecord("A", notebooks=(NotebookRecord("1"),))


def test_other_keys_stay(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    update_json(path, {"a": 1, "b": 2})
    update_json(path, {"b": 3})
    assert json.loads(path.read_text()) == {"a": 1, "b": 3}


def test_the_verdict_is_that_of_qc_json(tmp_path: Path) -> None:
    assert read_verdict(tmp_path) == ""
    (tmp_path / "qc.json").write_text('{"verdict": "warn"}')
    assert read_verdict(tmp_path) == "warn"
