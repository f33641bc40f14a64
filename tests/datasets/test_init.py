from __future__ import annotations

import subprocess
import sys

import pytest

from htan_kit import datasets


def test_every_name_is_there() -> None:
    assert dir(datasets) == sorted(datasets.__all__)
    for name in datasets.__all__:
        assert getattr(datasets, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'tissue'"):
        _ = datasets.tissue


def test_importing_costs_no_numpy() -> None:
    code = "import sys, htan_kit.datasets; sys.exit('numpy' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
