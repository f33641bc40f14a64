from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from htan_kit.datasets._noise import camera, counts, hot, normal_field, uniform_field


def test_fields_do_not_depend_on_the_window() -> None:
    whole = normal_field(3, 1, (0, 600, 0, 530))
    np.testing.assert_array_equal(normal_field(3, 1, (250, 300, 200, 513)), whole[250:300, 200:513])
    assert abs(whole.mean()) < 0.01
    assert abs(whole.std() - 1) < 0.01


def test_tiles_and_channels_have_their_own_noise() -> None:
    a, b = normal_field(3, 1, (0, 256, 0, 256)), normal_field(3, 1, (0, 256, 256, 512))
    c = normal_field(3, 2, (0, 256, 0, 256))
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(a.ravel(), c.ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("signal", [0.0, 100.0, 5000.0])
def test_variance_of_a_camera_is_shot_and_read_noise(signal: float) -> None:
    z = normal_field(1, 0, (0, 256, 0, 256))
    pixels = camera(np.full_like(z, signal), z, offset=200.0, gain=0.5, read_noise=3.0).astype(float)
    assert abs(pixels.mean() - 200 - signal) < 0.5
    # Rounding adds 1/12.
    assert abs(pixels.var() / (0.5 * signal + 9 + 1 / 12) - 1) < 0.03


def test_a_camera_saturates() -> None:
    signal = np.array([[1e9, -1e9]], dtype=np.float32).clip(0)
    assert camera(signal, np.zeros_like(signal), offset=5, gain=1, read_noise=0).tolist() == [[65535, 5]]


@pytest.mark.parametrize("mean", [0.0, 0.05, 1.0, 7.5, 24.0])
def test_counts_are_the_quantiles_of_poisson(mean: float) -> None:
    window = (0, 60, 0, 70)
    u = uniform_field(8, 2, window).astype(float)
    drawn = counts(np.full((60, 70), mean, dtype=np.float32), 8, 2, window)
    np.testing.assert_array_equal(drawn, np.maximum(poisson.ppf(u, mean), 0) if mean else np.zeros_like(u))


def test_many_counts_have_the_moments_of_poisson() -> None:
    window = (0, 256, 0, 256)
    drawn = counts(np.full((256, 256), 60.0, dtype=np.float32), 8, 2, window)
    assert abs(drawn.mean() - 60) < 0.2
    assert abs(drawn.var() / 60 - 1) < 0.03
    assert drawn.dtype == np.float32


def test_hot_pixels_are_as_many_and_as_bright_as_asked() -> None:
    window = (0, 512, 0, 512)
    dark = np.zeros((512, 512), dtype=np.uint16)
    found = hot(dark, 1, 0, window, share=0.001, low=300, high=400)
    assert 200 < (found > 0).sum() < 330
    assert found[found > 0].min() >= 300
    assert found.max() < 400
    assert hot(dark, 1, 0, window, share=0.0, low=300, high=400) is dark
