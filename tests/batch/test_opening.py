"""Notebooks on their own leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from htan_kit.batch._engine import execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

CODE = "from htan_kit.batch import open_results\nfolder = open_results(notebook='1_qc').out\n"


def test_a_temporary_run_goes_when_python_ends(tmp_path: Path) -> None:
    code = f"{CODE}print(folder.is_dir(), folder.parent)"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", str(tmp_path)]
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_run_goes_with_its_kernel(
    tmp_path: Path, make_notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    notebook = make_notebook(tmp_path / "a.ipynb", f"{CODE}(folder / 'result').touch()\nprint(folder)")
    assert execute(notebook, tmp_path / "b.ipynb", {}) is None
    assert "htan-kit-" in (tmp_path / "b.ipynb").read_text()
    assert list((tmp_path / "tmp").glob("htan-kit-*")) == []
