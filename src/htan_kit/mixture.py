"""One-dimensional mixtures of normals, fitted by EM and chosen by BIC: what gates and cut-offs stand on."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Mixture", "fit_mixture"]

_MAX_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weighted normals in order of their means.

    Parameters
    ----------
    weights
        Share of each component; they sum to 1.
    means
        Means, ascending, in the unit of the values.
    sds
        Standard deviations, in the unit of the values.
    bic
        Bayesian information criterion of the fit (lower is better), comparable between fits to the same values.
    n
        Number of values the fit used.
    converged
        Whether EM came to rest.

    Examples
    --------
    >>> from htan_kit.mixture import Mixture
    >>> two = Mixture((0.5, 0.5), (0.0, 4.0), (1.0, 1.0), bic=0.0, n=100)
    >>> two.crossing()
    2.0
    >>> two.separation()
    4.0
    """

    weights: tuple[float, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    bic: float
    n: int
    converged: bool = True

    @property
    def n_components(self) -> int:
        """Number of normals."""
        return len(self.means)

    def densities(self, x: ArrayLike) -> NDArray[np.float64]:
        """Give the weighted density of each component at each value, shape (n_components, len(x))."""
        z = (np.asarray(x, dtype=float)[None, :] - _column(self.means)) / _column(self.sds)
        return _column(self.weights) * np.exp(-(z**2) / 2) / (_column(self.sds) * math.sqrt(2 * math.pi))

    def crossing(self, lower: int = 0) -> float:
        """Give the value between two neighbouring means where their weighted densities are equal.

        Parameters
        ----------
        lower
            Index of the lower component; the other is the next one up.

        Returns
        -------
        The crossing, or NaN where one component outweighs the other all the way between the two means.
        """
        (m1, m2), (s1, s2), (w1, w2) = (pair[lower : lower + 2] for pair in (self.means, self.sds, self.weights))
        if m1 == m2:
            return math.nan
        # log w1 N(x; m1, s1) = log w2 N(x; m2, s2) is a quadratic a x² + b x + c = 0.
        a = 1 / s2**2 - 1 / s1**2
        b = 2 * (m1 / s1**2 - m2 / s2**2)
        c = m2**2 / s2**2 - m1**2 / s1**2 + 2 * math.log(w1 * s2 / (w2 * s1))
        if abs(a) * (m2 - m1) < 1e-9 * abs(b):  # equal widths: a straight line
            roots = [-c / b]
        else:
            under = b * b - 4 * a * c
            # The form that does not cancel when a is small.
            q = -(b + math.copysign(math.sqrt(max(under, 0.0)), b)) / 2
            roots = [] if under < 0 else [q / a] + ([c / q] if q else [])
        return next((root for root in sorted(roots) if m1 < root < m2), math.nan)

    def separation(self, lower: int = 0) -> float:
        """Give how many standard deviations of the lower component the next one's mean lies above its own.

        Parameters
        ----------
        lower
            Index of the lower component.

        Notes
        -----
        Unlike measures that are symmetric in both (Ashman's D), it is large for the narrow background with a wide,
        bright tail that antibodies give, and stays below 3 where one skewed population is cut in two (lognormal,
        gamma and Poisson noise; ``tests/test_mixture.py``).
        """
        m1, m2 = self.means[lower : lower + 2]
        return (m2 - m1) / self.sds[lower]


def fit_mixture(
    values: ArrayLike, *, n_components: Sequence[int] = (1, 2, 3), seed: int = 0, max_values: int = _MAX_VALUES
) -> Mixture:
    """Fit normals to values, with as many components as BIC prefers.

    Parameters
    ----------
    values
        Numbers, shape (n,); those that are not finite are left out.
    n_components
        The numbers of components to choose from.
    seed
        Of the start values, and of the subsample.
    max_values
        Above this many values a seeded subsample is fitted.

    Returns
    -------
    The fit with the lowest BIC.

    Raises
    ------
    ValueError
        There are too few different values for that many components.

    Notes
    -----
    CyLinter's choice for its cut-offs (1 to 3 components by BIC, k-means start; ``cylinter/utils.py``).

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.mixture import fit_mixture
    >>> rng = np.random.default_rng(0)
    >>> fit = fit_mixture(np.concatenate([rng.normal(0, 1, 700), rng.normal(8, 1, 300)]))
    >>> fit.n_components, round(fit.weights[1], 2)
    (2, 0.3)
    """
    x = np.asarray(values, dtype=float).ravel()
    x = x[np.isfinite(x)]
    if len(x) > max_values:
        x = np.random.default_rng(seed).choice(x, max_values, replace=False)
    n_different = len(np.unique(x))
    if n_different < max(2, *n_components):
        msg = f"{n_different} different finite values are too few to fit {max(n_components)} normals"
        raise ValueError(msg)
    fits = [_fit(x, k, seed) for k in n_components]
    return min(fits, key=lambda fit: fit.bic)


def _fit(x: NDArray[np.float64], k: int, seed: int) -> Mixture:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    centre, scale = float(x.mean()), float(x.std())
    z = ((x - centre) / scale)[:, None]  # EM's floor on a variance is absolute: let it mean the same everywhere
    model = GaussianMixture(k, init_params="kmeans", random_state=seed, max_iter=500, reg_covar=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # carried as Mixture.converged
        model.fit(z)
    order = np.argsort(model.means_[:, 0])
    sds = np.sqrt(model.covariances_[:, 0, 0])[order] * scale
    return Mixture(
        weights=tuple(model.weights_[order].tolist()),
        means=tuple((model.means_[order, 0] * scale + centre).tolist()),
        sds=tuple(sds.tolist()),
        bic=float(model.bic(z)) + 2 * len(x) * math.log(scale),
        n=len(x),
        converged=bool(model.converged_),
    )


def _column(values: Sequence[float]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=float)[:, None]
