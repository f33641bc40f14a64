from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.pl._crops import clamp_window, contrast, grey, grid_windows, sharpest_windows

sides = st.integers(1, 400)


@given(sides, sides, sides, st.integers(0, 5))
def test_grid_covers_the_image_with_whole_windows(height: int, width: int, side: int, seed: int) -> None:
    windows = grid_windows(height, width, side, seed=seed)
    covered = np.zeros((height, width), bool)
    for y0, y1, x0, x1 in windows:
        assert 0 <= y0 < y1 <= height
        assert 0 <= x0 < x1 <= width
        assert (y1 - y0, x1 - x0) == (min(side, height), min(side, width))
        covered[y0:y1, x0:x1] = True
    assert covered.all()
    assert len(set(windows)) == len(windows)


@given(st.floats(-500, 900), st.floats(-500, 900), sides, sides, sides)
def test_clamped_window_lies_inside(y: float, x: float, side: int, height: int, width: int) -> None:
    y0, y1, x0, x1 = clamp_window(y, x, side, height, width)
    assert 0 <= y0 < y1 <= height
    assert 0 <= x0 < x1 <= width
    assert (y1 - y0, x1 - x0) == (min(side, height), min(side, width))


def test_sharpest_window_and_hot_pixels() -> None:
    plane = np.zeros((20, 2000), np.float32)
    plane[5:15, 1000:1500:2] = 10  # texture
    plane[0, 0] = 1e6  # one hot pixel
    windows = [(0, 20, 0, 500), (0, 20, 500, 1000), (0, 20, 1000, 1500), (0, 20, 1500, 2000)]
    assert sharpest_windows(plane, windows)[0] == 2


@pytest.mark.parametrize("plane", [np.full((3, 3), 7.0), np.full((3, 3), np.nan), np.zeros((0, 3))])
def test_contrast_of_nothing_is_still_a_range(plane: np.ndarray) -> None:
    low, high = contrast(plane)
    assert low < high
    assert np.isfinite(grey(plane, low, high)).all()


def test_grey_is_0_to_1() -> None:
    np.testing.assert_allclose(grey(np.array([-5.0, 10, 15, 20, 99, np.nan]), 10, 20), [0, 0, 0.5, 1, 1, 0])
