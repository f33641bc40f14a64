from __future__ import annotations

import numpy as np
import pytest

from htan_kit import datasets
from htan_kit.datasets._brightfield import STAINS, BrightfieldPlane
from htan_kit.datasets._geometry import region_of

WINDOW = (0, 300, 0, 320)


@pytest.fixture(scope="module")
def slide() -> tuple[datasets.Tissue, np.ndarray]:
    tissue = datasets.simulate("he", width_px=320, height_px=300, seed=1)
    return tissue, BrightfieldPlane.of(tissue).window(WINDOW)


def test_glass_is_white(slide: tuple[datasets.Tissue, np.ndarray]) -> None:
    tissue, rgb = slide
    glass = (region_of(tissue.geometry.read("code", WINDOW)) == 0) & (tissue.labels() == 0)
    assert np.median(rgb[glass], axis=0).min() > 235
    assert rgb.dtype == np.uint8


def test_unmixing_gives_hematoxylin_in_nuclei_and_eosin_outside(slide: tuple[datasets.Tissue, np.ndarray]) -> None:
    tissue, rgb = slide
    density = -np.log10(np.maximum(rgb, 1) / 243.0)
    amounts = density.reshape(-1, 3) @ np.linalg.pinv(STAINS)
    h, e = amounts.T.reshape(2, *rgb.shape[:2])
    nuclei, cytoplasm = tissue.nuclei() > 0, (tissue.labels() > 0) & (tissue.nuclei() == 0)
    assert h[nuclei].mean() > 4 * h[cytoplasm].mean()
    assert e[cytoplasm].mean() > e[nuclei].mean()


def test_nuclei_are_blue_and_the_rest_is_pink(slide: tuple[datasets.Tissue, np.ndarray]) -> None:
    tissue, rgb = slide
    nuclei, matrix = rgb[tissue.nuclei() > 0].mean(axis=0), rgb[tissue.labels() == 0].mean(axis=0)
    assert nuclei[2] > nuclei[0] > nuclei[1]
    assert matrix[0] > matrix[2] > matrix[1]


def test_a_window_is_a_piece_of_the_whole(slide: tuple[datasets.Tissue, np.ndarray]) -> None:
    tissue, rgb = slide
    part = BrightfieldPlane.of(tissue).window((37, 120, 61, 303))
    assert np.abs(part.astype(int) - rgb[37:120, 61:303]).max() <= 1
