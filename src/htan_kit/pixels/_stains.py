"""Hematoxylin, eosin and DAB in a colour image: how much of each stain lies on an object."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from htan_kit.pixels._intensity import Intensities, IntensitySums
    from htan_kit.pixels._quantiles import Quantiles
    from htan_kit.pixels._runs import Segment

    _Local = list[dict[tuple[str, str], Any]]

__all__ = ["STAINS", "Stains"]

STAINS: Final = ("hematoxylin", "eosin", "dab")
"""What a colour is taken apart into, in this order."""

_COLOURS: Final = ((0.65, 0.70, 0.29), (0.07, 0.99, 0.11), (0.27, 0.57, 0.78))  # absorbed red, green, blue, by stain
_DARKEST: Final = 1e-6  # of full brightness; darker is taken as this, and is a density of 1


@kernel
def _separate_whole(red, green, blue, height, width, density, lowest, unmix, out):  # type: ignore[no-untyped-def]
    for y in range(height):
        for x in range(width):
            r = density[np.int64(red[y, x]) - lowest]
            g = density[np.int64(green[y, x]) - lowest]
            b = density[np.int64(blue[y, x]) - lowest]
            for k in range(3):
                out[k, y, x] = max(r * unmix[0, k] + g * unmix[1, k] + b * unmix[2, k], 0.0)


@kernel
def _separate_real(red, green, blue, height, width, white, darkest, unmix, out):  # type: ignore[no-untyped-def]
    full = np.log(darkest)
    for y in range(height):
        for x in range(width):
            if not abs(np.float64(red[y, x]) + green[y, x] + blue[y, x]) < np.inf:
                out[0, y, x] = out[1, y, x] = out[2, y, x] = np.nan
                continue
            r = np.log(max(red[y, x] / white, darkest)) / full
            g = np.log(max(green[y, x] / white, darkest)) / full
            b = np.log(max(blue[y, x] / white, darkest)) / full
            for k in range(3):
                out[k, y, x] = max(r * unmix[0, k] + g * unmix[1, k] + b * unmix[2, k], 0.0)


class Stains:
    """Colour deconvolution, and the statistics of each stain over the objects.

    Parameters
    ----------
    sums
        Where sums of the three stains go, by compartment.
    quantiles
        The same for quantiles; empty where none are wanted.
    dtype
        The type pixels are measured in.
    stored
        The type they are stored in, whose maximum is white; 1 is for floats.

    References
    ----------
    Ruifrok & Johnston 2001, Anal. Quant. Cytol. Histol. 23:291; scikit-image ``rgb2hed``, whose unit this is: the
    density of 10^-6 of white is 1.
    """

    def __init__(
        self,
        sums: dict[str, IntensitySums],
        quantiles: dict[str, Quantiles],
        dtype: np.dtype[Any],
        stored: np.dtype[Any],
    ) -> None:
        self._sums, self._quantiles = sums, quantiles
        self._unmix = np.linalg.inv(np.array(_COLOURS))
        self._white = float(np.iinfo(stored).max) if stored.kind in "iu" else 1.0
        self._lowest, self._density = 0, np.zeros(0)
        if dtype.kind in "iu":
            self._lowest = int(np.iinfo(dtype).min)
            levels = np.arange(self._lowest, int(np.iinfo(dtype).max) + 1) / self._white
            self._density = np.log(np.maximum(levels, _DARKEST)) / np.log(_DARKEST)

    def start(self, segment: Segment) -> _Local:
        """Give the empty states of a segment: by stain, compartment, and kind."""
        return [
            {(name, kind): collector.start(segment.members[name]) for name, kind, collector in self._collectors()}
            for _ in STAINS
        ]

    def see(self, local: _Local, colours: Sequence[np.ndarray], segment: Segment, i: int) -> None:
        """Take block i of a segment: red, green and blue."""
        out, shape = np.empty((3, *colours[0].shape)), segment.blocks[i].shape
        if len(self._density):
            _separate_whole(*colours, *shape, self._density, self._lowest, self._unmix, out)
        else:
            _separate_real(*colours, *shape, self._white, _DARKEST, self._unmix, out)
        for stain, state in enumerate(local):
            for name, kind, collector in self._collectors():
                collector.see(state[name, kind], out[stain], segment.members[name].runs[i])

    def miss(self, local: _Local, segment: Segment, i: int) -> None:
        """Note that block i cannot be decoded in one of the colours."""
        for state in local:
            for name, sums in self._sums.items():
                sums.miss(state[name, "sums"], segment.members[name].runs[i])

    def merge(self, local: _Local, segment: Segment) -> None:
        """Add the states of a segment."""
        for stain, state in enumerate(local):
            for name, kind, collector in self._collectors():
                collector.merge(stain, segment.members[name], state[name, kind], segment)

    def result(self, order: np.ndarray, areas: dict[str, np.ndarray]) -> dict[str, Intensities]:
        """Finish the statistics of each compartment, for rows of the table in the order wanted."""
        found = {name: sums.result(order, areas[name]) for name, sums in self._sums.items()}
        for name, quantiles in self._quantiles.items():
            found[name] = replace(found[name], quantiles=quantiles.result(order))
        return found

    def _collectors(self) -> Iterator[tuple[str, str, Any]]:
        for kind, collectors in (("sums", self._sums), ("quantiles", self._quantiles)):
            for name, collector in collectors.items():
                yield name, kind, collector
