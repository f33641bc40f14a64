from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from htan_kit.mixture import Mixture, fit_mixture

if TYPE_CHECKING:
    from collections.abc import Callable


def planted(rng: np.random.Generator, parts: list[tuple[int, float, float]]) -> np.ndarray:
    return rng.permutation(np.concatenate([rng.normal(mean, sd, n) for n, mean, sd in parts]))


def test_recovers_planted_components() -> None:
    x = planted(np.random.default_rng(1), [(3000, 1.0, 0.3), (1000, 4.0, 0.5)])
    fit = fit_mixture(x)
    assert fit.n_components == 2
    assert fit.converged
    np.testing.assert_allclose(fit.weights, [0.75, 0.25], atol=0.01)
    np.testing.assert_allclose(fit.means, [1.0, 4.0], atol=0.05)
    np.testing.assert_allclose(fit.sds, [0.3, 0.5], atol=0.03)


@pytest.mark.parametrize("n_planted", [1, 2, 3])
def test_bic_finds_the_number_of_components(n_planted: int) -> None:
    x = planted(np.random.default_rng(2), [(1000, 6.0 * i, 1.0) for i in range(n_planted)])
    assert fit_mixture(x).n_components == n_planted


def test_single_normal_has_the_known_bic() -> None:
    # BIC = -2 log L + k log n with k = 2 free parameters (mean and variance).
    x = np.random.default_rng(3).normal(5, 2, 500)
    log_likelihood = norm.logpdf(x, x.mean(), x.std()).sum()
    assert fit_mixture(x, n_components=[1]).bic == pytest.approx(-2 * log_likelihood + 2 * np.log(500), rel=1e-3)


def test_fit_does_not_depend_on_unit() -> None:
    x = planted(np.random.default_rng(4), [(500, 0.0, 1.0), (500, 6.0, 1.0)])
    small, large = fit_mixture(x), fit_mixture(x * 1e4 + 7)
    np.testing.assert_allclose(np.array(large.means), np.array(small.means) * 1e4 + 7, rtol=1e-3)
    assert large.crossing() == pytest.approx(small.crossing() * 1e4 + 7, rel=1e-3)


def test_same_seed_same_fit_and_subsample() -> None:
    x = planted(np.random.default_rng(5), [(3000, 0.0, 1.0), (3000, 6.0, 1.0)])
    assert fit_mixture(x, max_values=1000, seed=3) == fit_mixture(x, max_values=1000, seed=3)
    assert fit_mixture(x, max_values=1000).n == 1000


def test_not_finite_values_are_left_out() -> None:
    x = planted(np.random.default_rng(6), [(300, 0.0, 1.0)])
    assert fit_mixture(np.r_[x, np.nan, np.inf, -np.inf]).n == 300


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0, 2.0], [np.nan, 1.0]])
def test_too_few_different_values(values: list[float]) -> None:
    with pytest.raises(ValueError, match="too few"):
        fit_mixture(values)


def test_densities_are_weighted_normals() -> None:
    mixture = Mixture((0.3, 0.7), (0.0, 5.0), (1.0, 2.0), bic=0.0, n=10)
    expected = [[0.3 * norm.pdf(1.5, 0, 1)], [0.7 * norm.pdf(1.5, 5, 2)]]
    np.testing.assert_allclose(mixture.densities([1.5]), expected)


@given(
    weight=st.floats(0.02, 0.98), gap=st.floats(0.01, 50), s1=st.floats(0.05, 10), s2=st.floats(0.05, 10),
    start=st.floats(-100, 100),
)  # fmt: skip
def test_crossing_is_where_the_densities_meet(weight: float, gap: float, s1: float, s2: float, start: float) -> None:
    mixture = Mixture((weight, 1 - weight), (start, start + gap), (s1, s2), bic=0.0, n=10)
    crossing = mixture.crossing()
    x = np.linspace(start, start + gap, 2001)[1:-1]
    low, high = mixture.densities(x)
    if math.isnan(crossing):  # then one outweighs the other all the way
        assert np.all(low > high * (1 - 1e-6)) or np.all(high > low * (1 - 1e-6))
    else:
        assert start < crossing < start + gap
        a, b = mixture.densities([crossing])[:, 0]
        assert a == pytest.approx(b, rel=1e-5, abs=1e-290)


def test_equal_means_do_not_cross() -> None:
    assert math.isnan(Mixture((0.5, 0.5), (1.0, 1.0), (1.0, 1.0), bic=0.0, n=10).crossing())


def test_separation_counts_widths_of_the_lower_component() -> None:
    assert Mixture((0.5, 0.5), (1.0, 7.0), (3.0, 30.0), bic=0.0, n=10).separation() == 2.0


@pytest.mark.parametrize(
    "noise",
    [
        lambda rng: rng.lognormal(0, 0.4, 3000),
        lambda rng: rng.lognormal(0, 1.0, 3000),
        lambda rng: rng.lognormal(0, 1.5, 3000),
        lambda rng: rng.gamma(1, 1, 3000),
        lambda rng: rng.gamma(5, 1, 3000),
        lambda rng: rng.poisson(20, 3000) / 30,
        lambda rng: rng.normal(10, 1, 3000),
        lambda rng: rng.uniform(0.1, 1, 3000),
    ],
    ids=["lognormal_0.4", "lognormal_1", "lognormal_1.5", "gamma_1", "gamma_5", "poisson", "normal", "uniform"],
)
def test_one_population_cut_in_two_is_not_separated(noise: Callable[[np.random.Generator], np.ndarray]) -> None:
    for seed in range(3):
        x = noise(np.random.default_rng(seed))
        x = np.arcsinh(x / np.percentile(x, 20))  # as tl.normalize gives it
        assert fit_mixture(x, n_components=[2]).separation() < 3
