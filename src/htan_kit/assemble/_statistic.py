"""Names of what can be measured of an object: in layers, and in MCMICRO's columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    from htan_kit.pixels._intensity import Intensities

__all__ = ["COMPARTMENTS", "Statistic", "layer_of", "read_statistics"]

_PROPERTIES: Final = {
    "mean": "intensity_mean", "median": "intensity_median", "sum": "intensity_sum", "sd": "intensity_std",
    "min": "intensity_min", "max": "intensity_max",
}  # fmt: skip
COMPARTMENTS: Final = ("cell", "nucleus", "cytoplasm", "ring")
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@dataclass(frozen=True, slots=True)
class Statistic:
    """One statistic of an object's pixels.

    Parameters
    ----------
    name
        ``mean``, ``median``, ``sum``, ``sd``, ``min``, ``max`` or a percentile such as ``p99.9``.
    """

    name: str

    @property
    def quantile(self) -> float | None:
        """The quantile (0 to 1) that it is, None for those that are none."""
        if self.name == "median":
            return 0.5
        return round(float(self.name[1:]) / 100, 12) if _PERCENTILE.fullmatch(self.name) else None

    @property
    def is_spread(self) -> bool:
        """Whether SD, minimum and maximum must be measured for it."""
        return self.name in {"sd", "min", "max"}

    def of(self, intensities: Intensities) -> np.ndarray:
        """Give float (objects, channels)."""
        if self.quantile is not None:
            return intensities.quantiles[self.quantile]
        values: np.ndarray = getattr(intensities, self.name)
        return values

    def column(self, marker: str, compartment: str) -> str:
        """Name its column as MCMICRO does: the mean of the object is the marker's own, others say what they are."""
        if (self.name, compartment) == ("mean", "cell"):
            return marker
        measured = _PROPERTIES.get(self.name, f"intensity_{self.name}")
        return f"{marker}_{measured}" if compartment == "cell" else f"{marker}_{measured}_{compartment}"


def read_statistics(names: Iterable[str]) -> tuple[Statistic, ...]:
    """Read the names of statistics.

    Parameters
    ----------
    names
        As the user gives them.

    Returns
    -------
    Each once, in order, the mean first: it is always measured.

    Raises
    ------
    InputError
        A name is none.

    Examples
    --------
    >>> from htan_kit.assemble._statistic import read_statistics
    >>> [s.column("CD3", "cell") for s in read_statistics(["median", "p99.9"])]
    ['CD3', 'CD3_intensity_median', 'CD3_intensity_p99.9']
    """
    given = [name.strip().lower() for name in names]
    wrong = [name for name in given if name not in _PROPERTIES and not _PERCENTILE.fullmatch(name)]
    if wrong:
        message = f"{', '.join(repr(name[:40]) for name in wrong)} is no statistic."
        hint = f"There are {', '.join(_PROPERTIES)}, and percentiles such as p5 or p99.9."
        raise InputError.of("measure.statistic", "statistics", message, hint)
    return tuple(Statistic(name) for name in dict.fromkeys(["mean", *given]))


def layer_of(name: str) -> tuple[Statistic, str] | None:
    """Read the name of a layer.

    Parameters
    ----------
    name
        Such as ``median_cell``.

    Returns
    -------
    The statistic and the compartment; None for a layer that is something else.

    Examples
    --------
    >>> from htan_kit.assemble._statistic import layer_of
    >>> layer_of("mean_nucleus"), layer_of("arcsinh")
    ((Statistic(name='mean'), 'nucleus'), None)
    """
    statistic, _, compartment = name.partition("_")
    known = compartment in COMPARTMENTS and (statistic in _PROPERTIES or _PERCENTILE.fullmatch(statistic))
    return (Statistic(statistic), compartment) if known else None
