"""Several workers at a time: start, listen, and clean up, whatever way each of them ends."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from htan_kit.batch._record import SampleRecord, from_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from htan_kit.batch._plan import Task

__all__ = ["run_tasks", "worker_environment"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_PATIENCE = 10  # seconds for a worker to end its kernel


@dataclass(eq=False)
class _Worker:
    """A running process, its task, and where its messages go."""

    task: Task
    process: subprocess.Popen[str]
    messages: IO[bytes]
    record: SampleRecord | None = None


if TYPE_CHECKING:
    _Events = queue.Queue[tuple[_Worker, dict[str, Any] | None]]


def cores() -> int:
    """Tell how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_environment(jobs: int) -> dict[str, str]:
    """Give the environment of a worker: its share of the cores, and nothing that is known to break kernels.

    Parameters
    ----------
    jobs
        How many workers run at a time.

    Examples
    --------
    >>> from htan_kit.batch._pool import worker_environment
    >>> int(worker_environment(1)["OMP_NUM_THREADS"]) >= 1
    True
    """
    environment = dict(os.environ)
    environment.pop("PYTHONWARNINGS", None)  # "error" there would keep kernels from starting
    share = max(1, cores() // jobs)
    for name in _THREADS:
        asked = environment.get(name, "")
        environment[name] = str(min(share, int(asked)) if asked.isdigit() and int(asked) else share)
    return environment


def run_tasks(
    tasks: Iterable[Task], *, jobs: int = 1, progress: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, SampleRecord]:
    """Run each task in a process of its own, ``jobs`` of them at a time.

    Parameters
    ----------
    tasks
        What to do.
    jobs
        How many at a time.
    progress
        Is told every event.

    Returns
    -------
    ``library_id`` → what became of it, also for a worker that died.

    Raises
    ------
    KeyboardInterrupt
        The user asked to stop; the workers and their kernels are gone by then.
    """
    waiting = list(tasks)[::-1]
    events: _Events = queue.Queue()
    running: set[_Worker] = set()
    records: dict[str, SampleRecord] = {}
    environment = worker_environment(jobs)
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.add(_start(waiting.pop(), environment, events))
            worker, event = events.get()
            if event is None:
                running.discard(worker)
                records[worker.task.library_id] = _end(worker)
            elif event["event"] == "done":
                worker.record = from_dict(event["record"])
            elif progress:
                progress(event)
    finally:
        for worker in running:
            worker.process.terminate()
        for worker in running:
            _end(worker)
    return records


def _start(task: Task, environment: dict[str, str], events: _Events) -> _Worker:
    messages = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "htan_kit.batch._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=messages,
        env=environment,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C reaches us; we end the workers in order
    )
    worker = _Worker(task, process, messages)
    threading.Thread(target=_listen, args=(worker, events), daemon=True).start()
    if process.stdin:  # stays open: the worker ends when it closes
        with suppress(BrokenPipeError):  # it died at once; its last words are told at its end
            process.stdin.write(task.to_json() + "\n")
            process.stdin.flush()
    return worker


def _listen(worker: _Worker, events: _Events) -> None:
    for line in worker.process.stdout or ():
        events.put((worker, json.loads(line)))
    events.put((worker, None))


def _end(worker: _Worker) -> SampleRecord:
    """Wait for a worker's end; one that left no record died, and its last words say why."""
    process = worker.process
    if process.stdin:
        with suppress(BrokenPipeError):
            process.stdin.close()
    try:
        code = process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    if process.stdout:
        process.stdout.close()
    worker.messages.seek(0)
    said = worker.messages.read().decode("utf-8", "replace").strip().splitlines()
    worker.messages.close()
    if worker.record is not None:
        return worker.record
    why = said[-1] if said else f"it ended with code {code}; a killed process often means too little memory"
    from htan_kit.batch._record import read_record

    left = read_record(Path(worker.task.folder))
    return SampleRecord(
        worker.task.library_id, "failed", worker.task.input, error=f"WorkerDied: {why}", notebooks=left.notebooks
    )
