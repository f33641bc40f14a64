"""Small tissues, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from htan_kit import datasets

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.datasets import Tissue


@pytest.fixture(scope="session")
def tissue() -> Tissue:
    """A CyCIF without defects that has every region; read only."""
    return datasets.simulate("cycif", width_px=420, height_px=380, seed=0)


@pytest.fixture(scope="session")
def image(tissue: Tissue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its image."""
    path = tmp_path_factory.mktemp("image") / "good.ome.tiff"
    datasets.write_image(tissue, path)
    return path
