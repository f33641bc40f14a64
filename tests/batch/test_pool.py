"""Workers at a time, and every way a worker can end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from htan_kit.batch import _pool
from htan_kit.batch._notebooks import read_notebook
from htan_kit.batch._plan import Settings, Step, Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _task(folder: Path, notebook: Path, library_id: str = "A") -> Task:
    read = read_notebook(notebook)
    step = Settings("in", folder).step(read, library_id)
    return Task(library_id, str(folder / library_id), "in", (step,))


def test_a_worker_gets_its_share_of_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_pool, "cores", lambda: 8)
    monkeypatch.setenv("MKL_NUM_THREADS", "1")
    monkeypatch.setenv("NUMBA_NUM_THREADS", "64")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    environment = _pool.worker_environment(3)
    assert environment["OMP_NUM_THREADS"] == "2"
    assert environment["NUMBA_NUM_THREADS"] == "2"
    assert environment["MKL_NUM_THREADS"] == "1"
    assert "PYTHONWARNINGS" not in environment
    assert _pool.worker_environment(100)["OMP_NUM_THREADS"] == "1"


def test_a_task_crosses_as_one_line() -> None:
    task = Task("A", "f", "in", (Step("1", "p", "Title\nü", "0", {"n": [1, None]}),), ("x",), 2.5, force=True)
    assert "\n" not in task.to_json()
    assert Task.from_json(task.to_json()) == task


def test_a_worker_that_dies_leaves_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "A").write_text("a file where the folder should be")
    task = Task("A", str(tmp_path / "A"), "in", ())
    monkeypatch.chdir(tmp_path)
    record = _pool.run_tasks([task])["A"]
    assert record.status == "failed"
    assert record.error.startswith("WorkerDied: FileExistsError")


def test_a_killed_worker_does_not_stop_the_others(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    deadly = make_notebook(tmp_path / "1_deadly.ipynb", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    fine = make_notebook(tmp_path / "1_fine.ipynb", "1 + 1")
    records = _pool.run_tasks([_task(tmp_path, deadly, "A"), _task(tmp_path, fine, "B")], jobs=1)
    assert (records["A"].status, records["B"].status) == ("failed", "ok")
    assert "memory" in records["A"].error


def test_what_a_notebook_prints_to_the_bare_stdout_does_no_harm(
    tmp_path: Path, make_notebook: Callable[..., Path]
) -> None:
    source = make_notebook(tmp_path / "1_a.ipynb", "import subprocess\nsubprocess.run(['echo', '{not json'])")
    assert _pool.run_tasks([_task(tmp_path, source)])["A"].status == "ok"


INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs deaf to it
from htan_kit.batch._plan import Task
from htan_kit.batch._pool import run_tasks

def tell(event):
    print(event["event"], flush=True)

try:
    run_tasks([Task.from_json(sys.argv[1])], progress=tell)
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_an_interrupt_ends_workers_and_kernels(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    note = tmp_path / "pid"
    code = f"import os, pathlib, time\npathlib.Path({str(note)!r}).write_text(str(os.getpid()))\ntime.sleep(120)"
    task = _task(tmp_path, make_notebook(tmp_path / "1_a.ipynb", code))
    caller = subprocess.Popen([sys.executable, "-c", INTERRUPTED, task.to_json()], stdout=subprocess.PIPE, text=True)
    _wait_for(lambda: note.exists() and note.read_text())
    kernel = int(note.read_text())
    caller.send_signal(signal.SIGINT)
    said, _ = caller.communicate(timeout=60)
    assert said.split() == ["started", "stopped"]
    _wait_for(lambda: not _alive(kernel))
    assert [p.name for p in (tmp_path / "A").iterdir() if p.name.startswith(".tmp")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_workers_do_not_outlive_their_caller(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    note = tmp_path / "pid"
    code = f"import os, pathlib, time\npathlib.Path({str(note)!r}).write_text(str(os.getpid()))\ntime.sleep(120)"
    task = _task(tmp_path, make_notebook(tmp_path / "1_a.ipynb", code))
    caller = subprocess.Popen([sys.executable, "-c", INTERRUPTED, task.to_json()], stdout=subprocess.DEVNULL)
    _wait_for(lambda: note.exists() and note.read_text())
    kernel = int(note.read_text())
    caller.kill()
    caller.wait()
    _wait_for(lambda: not _alive(kernel))


def _wait_for(condition: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
