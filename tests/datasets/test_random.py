from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.datasets._random import STREAM, choose, generator, grid_noise, point_noise


def test_streams_are_those_of_numpys_definition() -> None:
    # Drawn once and written down: a numpy that gives others would change every tissue.
    assert generator(0, STREAM.POINTS, 3, 4).random(3).tolist() == [
        0.09633894186962788,
        0.40937987778765283,
        0.13971085554448848,
    ]
    assert generator(0, STREAM.POINTS, 3, 4).bit_generator.random_raw() == 0x18A9AB3CA94AC0D4


def test_purposes_do_not_share_numbers() -> None:
    streams = [v for k, v in vars(STREAM).items() if k.isupper()]
    assert len(set(streams)) == len(streams)
    first = {generator(5, stream).random() for stream in streams}
    assert len(first) == len(streams)


def test_choose_takes_the_interval_the_number_is_in() -> None:
    assert choose(np.array([0.0, 0.19, 0.2, 0.5, 0.999]), np.array([0.2, 0.3, 0.5])).tolist() == [0, 0, 1, 2, 2]
    rows = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert choose(np.array([0.5, 0.5]), rows).tolist() == [0, 1]


@given(st.integers(-300, 300), st.integers(-300, 300), st.floats(0.7, 20), st.integers(0, 2**20))
def test_noise_on_a_grid_is_noise_at_its_points(x0: int, y0: int, scale: float, salt: int) -> None:
    x, y = np.arange(x0, x0 + 7) * 0.65, np.arange(y0, y0 + 5) * 0.65
    grid = grid_noise(x, y, scale, salt)
    gx, gy = np.meshgrid(x, y)
    np.testing.assert_allclose(grid, point_noise(gx, gy, scale, salt), atol=1e-12)
    assert grid.min() >= -1
    assert grid.max() < 1


def test_noise_does_not_depend_on_the_window() -> None:
    x, y = np.arange(100) * 0.5, np.arange(80) * 0.5
    whole = grid_noise(x, y, 3.0, 9)
    np.testing.assert_array_equal(grid_noise(x[30:61], y[10:40], 3.0, 9), whole[10:40, 30:61])


def test_noise_fields_differ_by_salt_and_average_to_nothing() -> None:
    x = np.arange(400) * 1.0
    a, b = grid_noise(x, x, 2.0, 1), grid_noise(x, x, 2.0, 2)
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05
    assert abs(a.mean()) < 0.02
