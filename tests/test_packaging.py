"""The wheel holds what the kit needs away from the checkout, and works there. (A whole install: ``make wheel``.)"""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

SIZE_LIMIT = 15_000_000


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with the build backend itself (no network)."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder that is no checkout."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def _python(installed: Path, code: str, folder: Path) -> str:
    env = os.environ | {"PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_notebooks_are_inside(checkout: Path, names: set[str]) -> None:
    notebooks = {f"htan_kit/notebooks/{path.name}" for path in (checkout / "notebooks").glob("*.ipynb")}
    assert len(notebooks) >= 4
    assert notebooks <= names


def test_every_file_of_the_sample_is_inside(checkout: Path, names: set[str]) -> None:
    sample = checkout / "data" / "sample"
    files = {
        f"htan_kit/data/sample/{path.relative_to(sample).as_posix()}" for path in sample.rglob("*") if path.is_file()
    }
    assert files
    assert files <= names


def test_every_file_of_the_source_is_inside(checkout: Path, names: set[str]) -> None:
    source = checkout / "src"
    files = {p.relative_to(source).as_posix() for p in (source / "htan_kit").rglob("*") if p.is_file()}
    assert {name for name in files if "__pycache__" not in name} <= names


def test_nothing_else_is_inside(names: set[str]) -> None:
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"htan_kit"}
    assert not [name for name in names if "__pycache__" in name or ".ipynb_checkpoints" in name or "/tests/" in name]


def test_sample_is_small(checkout: Path) -> None:
    assert sum(path.stat().st_size for path in (checkout / "data" / "sample").rglob("*")) < SIZE_LIMIT


def test_metadata_is_that_of_the_project(checkout: Path, wheel: Path, names: set[str]) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(wheel) as archive:
        read = email.message_from_bytes(archive.read(metadata))
    assert read["Requires-Python"] == project["requires-python"]
    assert read["License-Expression"] == "BSD-3-Clause"
    required = {name for name in read.get_all("Requires-Dist") or [] if "extra ==" not in name}
    assert len(required) == len(project["dependencies"])


def test_the_sample_is_found_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = "import htan_kit as hk; print(hk.datasets.sample()); print(len(hk.open_cohort(hk.datasets.sample())))"
    folder, n_samples = _python(installed, code, tmp_path).splitlines()
    assert Path(folder).is_relative_to(installed)
    assert int(n_samples) == 4


def test_the_command_hands_out_the_packaged_notebooks(checkout: Path, installed: Path, tmp_path: Path) -> None:
    code = "import sys; from htan_kit.cli import main; sys.argv[1:] = ['notebooks', 'mine']; main()"
    _python(installed, code, tmp_path)
    handed_out = {path.name for path in (tmp_path / "mine").glob("*.ipynb")}
    assert handed_out == {path.name for path in (checkout / "notebooks").glob("*.ipynb")}


def test_type_checkers_are_told_that_it_is_typed(names: set[str]) -> None:
    assert "htan_kit/py.typed" in names
