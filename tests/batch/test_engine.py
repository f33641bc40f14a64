"""One notebook in one kernel."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from htan_kit.batch._engine import Failure, execute

if TYPE_CHECKING:
    from collections.abc import Callable

SLEEP = "import time\ntime.sleep(60)"


def _outputs(path: Path) -> str:
    content = nbformat.read(path, as_version=4)
    return json.dumps([cell.get("outputs", []) for cell in content.cells])


def _tags(path: Path) -> list[list[str]]:
    return [cell.metadata.get("tags", []) for cell in nbformat.read(path, as_version=4).cells]


def test_it_runs_with_its_parameters_in_this_python(
    tmp_path: Path, make_notebook: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    source = make_notebook(
        tmp_path / "a {b} c.ipynb", "import sys\nprint(sys.executable, sample, n)", parameters="n: int = 1\n"
    )
    target = tmp_path / "executed {b}.ipynb"
    before = source.read_text()
    assert execute(source, target, {"sample": 'S "1"', "n": 4}) is None
    assert source.read_text() == before
    assert f'{sys.executable} S \\"1\\" 4' in _outputs(target)
    metadata = nbformat.read(target, as_version=4).metadata.papermill
    assert (metadata.input_path, metadata.output_path) == (target.name, target.name)
    assert capfd.readouterr().err == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([source.name, target.name])


def test_a_kernel_of_another_python_is_not_taken(
    tmp_path: Path, make_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({"argv": ["/no/such/python", "-f", "{connection_file}"], "display_name": "x", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    source = make_notebook(tmp_path / "a.ipynb", "import sys\nprint(sys.executable)")
    assert execute(source, tmp_path / "b.ipynb", {}) is None
    assert sys.executable in _outputs(tmp_path / "b.ipynb")


def test_an_error_keeps_what_ran_and_marks_the_place(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    source = make_notebook(tmp_path / "a.ipynb", "print('before')", "raise KeyError('x')", "print('after')")
    target = tmp_path / "b.ipynb"
    assert execute(source, target, {}) == Failure("KeyError", "'x'")
    assert "before" in _outputs(target)
    assert "after" not in _outputs(target)
    content = nbformat.read(target, as_version=4)
    assert content.metadata.papermill.exception
    assert any("papermill-error-cell" in cell.source for cell in content.cells)


def test_the_time_is_that_of_the_whole_notebook(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    source = make_notebook(tmp_path / "a.ipynb", "print('before')", SLEEP, "print('after')")
    failure = execute(source, tmp_path / "b.ipynb", {}, timeout=2)
    assert failure is not None
    assert failure.name == "Timeout"
    assert "2 s" in failure.message
    assert "before" in _outputs(tmp_path / "b.ipynb")
    assert "Timeout" in _outputs(tmp_path / "b.ipynb")
    assert ["papermill-error-cell-tag"] in _tags(tmp_path / "b.ipynb")


def test_a_dead_kernel_is_told_from_an_error(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    source = make_notebook(tmp_path / "a.ipynb", "print('before')", "import os\nos._exit(1)")
    failure = execute(source, tmp_path / "b.ipynb", {})
    assert failure is not None
    assert failure.name == "KernelDied"
    assert "memory" in failure.message
    assert "before" in _outputs(tmp_path / "b.ipynb")
    assert ["papermill-error-cell-tag"] in _tags(tmp_path / "b.ipynb")


def test_the_callers_folder_is_not_left(tmp_path: Path, make_notebook: Callable[..., Path]) -> None:
    here = Path.cwd()
    source = make_notebook(tmp_path / "a.ipynb", "import os\nprint(os.getcwd())")
    assert execute(source, tmp_path / "b.ipynb", {}) is None
    assert Path.cwd() == here
    assert json.dumps(str(here))[1:-1] in _outputs(tmp_path / "b.ipynb")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no signal 0")
@pytest.mark.parametrize(("cell", "timeout"), [("1 + 1", 0), ("raise KeyError", 0), (SLEEP, 1)])
def test_the_kernel_is_gone_afterwards(
    tmp_path: Path, make_notebook: Callable[..., Path], cell: str, timeout: float
) -> None:
    note = tmp_path / "pid"
    first = f"import os, pathlib\npathlib.Path({str(note)!r}).write_text(str(os.getpid()));"
    execute(make_notebook(tmp_path / "a.ipynb", first, cell), tmp_path / "b.ipynb", {}, timeout=timeout)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
