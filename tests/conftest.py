"""What every test may ask for."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

# Before anything imports pyplot: tests have no screen.
os.environ["MPLBACKEND"] = "agg"

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htan_kit.cohort import Cohort

CHECKOUT = Path(__file__).resolve().parents[1]

# No deadline: the first example pays for imports and numba, and a shared machine is slow at times.
settings.register_profile("kit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kit")


@pytest.fixture(scope="session", autouse=True)
def _own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever asks for a temporary folder, kernels and examples too, gets it where pytest tidies up."""
    folder = str(tmp_path_factory.mktemp("tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def sample_dir() -> Path:
    """The packaged cohort of four images; read only."""
    from htan_kit import datasets

    return datasets.sample()


@pytest.fixture(scope="session")
def cohort(sample_dir: Path) -> Cohort:
    """The packaged cohort, opened once; read only."""
    from htan_kit.cohort import open_cohort

    return open_cohort(sample_dir)


@pytest.fixture(scope="session")
def real() -> Path:
    """Public data of others, which are not in the repository: HTAN_KIT_REAL, else beside the checkout."""
    folder = Path(os.environ.get("HTAN_KIT_REAL") or CHECKOUT.parent / "shared" / "real")
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set HTAN_KIT_REAL")
    return folder


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    """Close what a test drew, so that no test sees another's figures."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
