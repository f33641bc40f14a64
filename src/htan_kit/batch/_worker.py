"""One sample in a process of its own: ``python -m htan_kit.batch._worker`` reads a task and writes events (JSON).

A process for each sample keeps the caller's state and folder as they are, survives what a sample breaks, and does not
run the caller's script again as multiprocessing would.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from htan_kit.batch._plan import Task
from htan_kit.batch._record import (
    NotebookRecord,
    SampleRecord,
    now,
    read_record,
    read_verdict,
    update_json,
    write_record,
)
from htan_kit.batch._stamp import digest_files, digest_value, stamp, versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from htan_kit.batch._plan import Step

    Emit = Callable[[dict[str, Any]], None]

__all__ = ["main", "run_task"]


def run_task(task: Task, emit: Emit) -> SampleRecord:
    """Run the notebooks of a task in order, and render their pages.

    Parameters
    ----------
    task
        What to do.
    emit
        Is told about every notebook: ``event`` (started, finished, reused, skipped), ``notebook``, ``status``,
        ``seconds``, ``error``.

    Returns
    -------
    What became of it, as written to ``run.json`` after every notebook.
    """
    folder = Path(task.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob(".tmp-*"):  # of a worker that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    old = read_record(folder)
    record = SampleRecord(task.library_id, "running", task.input, versions=versions())
    inputs = digest_value([digest_files(task.inputs), task.manifests])
    reuse, stopped, ran = not task.force, "", False
    for i, step in enumerate(task.steps):
        made_from = stamp(step.sha256, step.parameters, inputs)
        before = old.of(step.notebook)
        if stopped:
            result = NotebookRecord(step.notebook, "skipped", step.title, stopped)
            event = "skipped"
        elif reuse and before.status == "ok" and before.stamp == made_from and _all_there(folder, before):
            result, event = before, "reused"
        else:
            if reuse or not ran:
                _forget(folder, old, task.steps[i:])
            reuse, ran = False, True
            emit({"event": "started", "notebook": step.notebook})
            result = replace(_run_step(step, folder, task.timeout), stamp=made_from)
            event = "finished"
            if result.status == "failed":
                stopped = f"{step.notebook} stopped"
                record = replace(record, error=result.error, notebook=step.notebook)
        record = record.with_notebook(result)
        write_record(folder, record)
        # Told only when it is on record: who listens may stop everything now.
        emit({"event": event, **{k: getattr(result, k) for k in ("notebook", "status", "seconds", "error")}})
    record = replace(record, status="failed" if stopped else "ok", verdict=read_verdict(folder))
    if not ran and not stopped:
        record = replace(record, versions=old.versions)
    write_record(folder, record)
    if task.library_id and (ran or not all((folder / f"{s.notebook}.html").exists() for s in task.steps)):
        from htan_kit.report import pages

        pages(folder)
    return record


def _run_step(step: Step, folder: Path, timeout: float) -> NotebookRecord:
    from htan_kit.batch._engine import execute

    before, started, clock = _listing(folder), now(), time.monotonic()
    failure = execute(Path(step.path), folder / f"{step.notebook}.ipynb", step.parameters, timeout=timeout)
    after = _listing(folder)
    return NotebookRecord(
        step.notebook,
        status="failed" if failure else "ok",
        title=step.title,
        error=str(failure or ""),
        parameters=step.parameters,
        files=sorted(name for name in after if after[name] != before.get(name)),
        started=started,
        ended=now(),
        seconds=round(time.monotonic() - clock, 1),
    )


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    """Tell which files lie in a folder, and since when."""
    found = {}
    for path in folder.iterdir():
        if path.is_file():
            found[path.name] = (path.stat().st_mtime_ns, path.stat().st_size)
    return found


def _all_there(folder: Path, record: NotebookRecord) -> bool:
    return bool(record.files) and all((folder / name).exists() for name in record.files)


def _forget(folder: Path, old: SampleRecord, steps: tuple[Step, ...]) -> None:
    """Remove what the notebooks to be run now wrote the last time, so that nothing outdated can be taken for new."""
    for step in steps:
        for name in [*old.of(step.notebook).files, f"{step.notebook}.html"]:
            path = folder / name
            if path.parent == folder and path.is_file():
                path.unlink()


def _run_about_all(task: Task, emit: Emit) -> SampleRecord:
    """Join the samples' tables, run the notebooks about all samples, and write the page about the run."""
    from htan_kit.batch._gather import gather
    from htan_kit.report import index

    folder = Path(task.folder)
    gather(folder)
    record = run_task(task, emit)
    update_json(folder / "run.json", {"ended": now()})
    index(folder)
    return record


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt  # lets papermill shut its kernel down


def _watch_caller() -> None:
    """End when the caller is gone: it holds our stdin open as long as it lives."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Read one task from stdin, run it, write events to stdout."""
    # What a kernel prints to the bare stdout would break the lines of events.
    events = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    # jsonschema, which nbformat imports, would build a grammar of IRIs for a second; notebooks have none.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None means: not to be imported
    signal.signal(signal.SIGTERM, _stop)
    task = Task.from_json(sys.stdin.readline())
    threading.Thread(target=_watch_caller, daemon=True).start()

    def emit(event: dict[str, Any]) -> None:
        events.write(json.dumps({"library_id": task.library_id, **event}) + "\n")

    with tempfile.TemporaryDirectory(prefix="htan-kit-") as private:
        # The user's own IPython start-up files and Jupyter settings are not part of the analysis.
        os.environ.update(IPYTHONDIR=private, JUPYTER_RUNTIME_DIR=private, JUPYTER_CONFIG_DIR=private)
        try:
            record = run_task(task, emit) if task.library_id else _run_about_all(task, emit)
        except KeyboardInterrupt:
            return 130
    emit({"event": "done", "record": asdict(record)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
