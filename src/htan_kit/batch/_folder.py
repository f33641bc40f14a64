"""The folder of a run: whether it can be used, how it begins, and how it ends when a worker could not do so."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.batch._record import (
    NotebookRecord,
    SampleRecord,
    now,
    read_record,
    read_verdict,
    update_json,
    write_record,
)
from htan_kit.batch._stamp import versions
from htan_kit.errors import InputError
from htan_kit.report._json import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from htan_kit.batch._plan import Settings, Task

__all__ = ["begin", "check_out", "close", "collect"]


def close(out: Path, status: str, error: str) -> None:
    """Write the end of a run whose last worker could not."""
    from htan_kit.report import index

    update_json(out / "run.json", {"status": status, "error": error, "ended": now()})
    index(out)


def check_out(settings: Settings) -> None:
    """Refuse a folder that cannot be written, or that holds the run of another input, before anything is written."""
    out = settings.out
    before = read_json(out / "run.json").get("input", settings.input)
    if before != settings.input and not settings.force:
        hint = "Give another --out, or --force to take this one over."
        raise InputError.of("run.out", out, f"This folder holds the run of {before}.", hint)
    try:
        existing = next(folder for folder in (out, *out.parents) if folder.exists())
        if existing == out:
            with tempfile.TemporaryFile(dir=out):
                pass
        elif not (existing.is_dir() and os.access(existing, os.W_OK)):
            raise PermissionError(13, "Permission denied" if existing.is_dir() else "Not a directory")
    except OSError as problem:
        message = f"The output folder cannot be written: {problem.strerror}."
        raise InputError.of("run.out", out, message, "Give another --out.") from problem


def begin(settings: Settings, tasks: Sequence[Task], jobs: int) -> None:
    """Make the folder and its ``run.json``."""
    try:
        settings.out.mkdir(parents=True, exist_ok=True)
        for task in tasks:
            Path(task.folder).mkdir(exist_ok=True)
        _begin(settings, tasks, jobs)
    except OSError as problem:
        message = f"The output folder cannot be written: {problem.filename or settings.out}: {problem.strerror}."
        raise InputError.of("run.out", settings.out, message, "Give another --out.") from problem


def _begin(settings: Settings, tasks: Sequence[Task], jobs: int) -> None:
    """Write the beginning of ``run.json``."""
    path = settings.out / "run.json"
    before = read_json(path)
    same = before.get("input") == settings.input
    # Samples of an earlier run over the same input, left out this time, stay in the index.
    earlier = [name for name in before.get("samples", ()) if same and (settings.out / name / "run.json").exists()]
    names = list(dict.fromkeys([*earlier, *(task.library_id for task in tasks)]))
    update_json(
        path,
        {
            "library_id": "",
            "status": "running",
            "input": settings.input,
            "samples": names,
            "started": now(),
            "ended": "",
            "error": "",
            "options": {"jobs": jobs, "mask": settings.mask, "pixel_size_um": settings.pixel_size_um,
                        "timeout": settings.timeout, "force": settings.force, "parameters": settings.values},
            "versions": versions(),
        },
    )  # fmt: skip


def collect(tasks: Sequence[Task], records: Mapping[str, SampleRecord]) -> None:
    """Write the record and pages of samples whose worker could not: it died, was stopped or never began."""
    from htan_kit.report import pages

    for task in tasks:
        folder = Path(task.folder)
        left = read_record(folder)
        said = records.get(task.library_id, SampleRecord(task.library_id)).error
        died = said.startswith("WorkerDied")
        if not died and left.status in {"ok", "failed", "interrupted"}:  # of this run, or still of the one before
            continue
        status, error = ("failed", said) if died else ("interrupted", "The run was interrupted.")
        settled = {r.notebook: r for r in left.notebooks if r.status in {"ok", "failed"}}
        if not died and all(s.notebook in settled and settled[s.notebook].status == "ok" for s in task.steps):
            status, error = "ok", ""  # it was stopped when only its pages were missing
        steps = [settled.get(s.notebook, NotebookRecord(s.notebook, "skipped", s.title, error)) for s in task.steps]
        folder.mkdir(exist_ok=True)
        verdict = read_verdict(folder) if status == "ok" else ""
        write_record(folder, SampleRecord(task.library_id, status, task.input, verdict, error, notebooks=tuple(steps)))
        pages(folder)
