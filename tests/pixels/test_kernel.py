"""The compiled loops: cached where that is possible, working where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
import sys, numba.core.caching as caching
{before}
import numpy as np
from htan_kit.pixels._numbering import Numbering
from htan_kit.pixels._kernel import kernels_are_cached
from htan_kit.pixels import _numbering
out = np.zeros((1, 3), np.int32)
print(kernels_are_cached([_numbering._number]))
Numbering().number(np.array([[5, 0, 5]]), out)
print(out.tolist(), kernels_are_cached([_numbering._number]))
"""
NO_PLACE = """
def none(*_):
    raise RuntimeError("cannot cache function: no locator available")
for name in ("CacheImpl", "_CacheImpl"):  # the name differs between versions of numba
    if hasattr(caching, name):
        getattr(caching, name).__init__ = none
"""
FULL = """
def full(*_):
    raise OSError(28, "No space left on device")
caching.Cache._save_overload = caching.Cache.save_overload = full
"""


def run(folder: Path, before: str = "") -> list[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    result = subprocess.run(
        [sys.executable, "-c", CODE.format(before=before)], env=environment, capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()


def test_a_kernel_is_compiled_once_and_found_again(tmp_path: Path) -> None:
    assert run(tmp_path) == ["False", "[[1, 0, 1]] True"]
    assert run(tmp_path) == ["True", "[[1, 0, 1]] True"]


@pytest.mark.parametrize("before", [NO_PLACE, FULL])
def test_without_a_cache_it_still_works(tmp_path: Path, before: str) -> None:
    assert run(tmp_path, before)[-1] == "[[1, 0, 1]] True"
