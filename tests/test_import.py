"""What importing the kit costs: nothing that is not asked for. Each import is looked at in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "anndata",
    "dask",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "papermill",
    "scanpy",
    "scipy",
    "skimage",
    "sklearn",
}
HEAVY |= {"spatialdata", "squidpy", "tifffile", "zarr"}


def _loaded_by(code: str) -> set[str]:
    """The top-level modules in sys.modules after the code, those of a bare interpreter left out."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nimport json\n"
    script += "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_htan_kit_loads_nothing_heavy() -> None:
    assert _loaded_by("import htan_kit") & HEAVY == set()


def test_import_prints_nothing_and_sets_up_no_logging() -> None:
    code = "import htan_kit, logging; print(logging.getLogger('htan_kit').handlers, logging.getLogger().handlers)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[] []\n", "")


def test_looking_at_the_names_loads_nothing_heavy() -> None:
    assert _loaded_by("import htan_kit; dir(htan_kit); htan_kit.__all__") & HEAVY == set()


@pytest.mark.parametrize("module", ["qc", "tl", "pl", "datasets", "models", "report"])
def test_a_module_is_light_until_something_of_it_is_used(module: str) -> None:
    assert _loaded_by(f"import htan_kit; dir(htan_kit.{module})") & HEAVY == set()


def test_the_command_line_answers_without_the_heavy_packages() -> None:
    assert _loaded_by("import htan_kit.cli") & HEAVY == set()


def test_no_module_imports_squidpy_or_scanpy_at_the_top() -> None:
    code = """
import importlib, pkgutil, htan_kit
for found in pkgutil.walk_packages(htan_kit.__path__, "htan_kit."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
"""
    assert _loaded_by(code) & {"squidpy", "scanpy", "spatialdata"} == set()
