"""What one pass over an image and its mask gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from htan_kit.findings import Findings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from htan_kit.pixels._intensity import Intensities
    from htan_kit.pixels._picture import Picture
    from htan_kit.pixels._tissue import Tissue

__all__ = ["Measurement", "measured"]

T = TypeVar("T")


def measured(part: T | None) -> T:
    """Give a part of a measurement that was asked for and is therefore there."""
    if part is None:
        msg = "this was not measured"
        raise RuntimeError(msg)
    return part


@dataclass(frozen=True)
class Measurement:
    """Everything :func:`measure` found out; None for what was not asked for or cannot be had.

    Parameters
    ----------
    labels
        int64 (objects,), sorted.
    objects
        One row an object: ``label``, ``area_px``, ``x_px``, ``y_px`` (centroid, origin at the centre of the first
        pixel), ``touches_border``, box ``y0, y1, x0, x1`` (ends exclusive), ``in_bad_tile`` (some pixels of one of
        its compartments could not be decoded in some channel, or it ends where a tile of the mask could not).
    shapes
        One row an object, MCMICRO's columns (px, radians): ``Area``, ``MajorAxisLength``, ``MinorAxisLength``,
        ``Eccentricity``, ``Solidity``, ``Extent``, ``Orientation``, ``Perimeter``.
    compartments
        Intensities by compartment: ``"cell"`` (the whole object), and when asked for ``"ring"``, ``"nucleus"``,
        ``"cytoplasm"``.
    stains
        The same of a colour image taken apart into hematoxylin, eosin and DAB (the columns), in units of scikit-image's
        ``rgb2hed``; empty when not asked for.
    not_finite
        int64 (objects, channels): pixels of the object that are NaN or infinite, left out; None for integers.
    channels
        One row a channel, as :func:`channel_statistics` gives it.
    histograms
        int64 (channels, bins): how often each grey level occurs; its level is in ``histogram_values``.
    histogram_values
        float64 (bins,).
    tiles
        One row a channel and tile: ``channel_index``, ``y0, y1, x0, x1``, ``mean``, ``saturated_share``,
        ``laplacian_variance``, ``tenengrad``.
    tissue
        Where the tissue lies.
    cycles
        One row a tile and nuclear channel but the first: ``channel_index``, ``y0, y1, x0, x1``, ``r`` (Pearson's, of
        its pixels with those of the first cycle), ``shift_y_px``, ``shift_x_px`` (displacement from the first cycle,
        positive down and right), ``peak`` (0 to 1: how sure that is).
    cycle_cells
        One row a nuclear channel but the first: ``channel_index``, ``r_cells`` (Pearson's, of the cells' means),
        ``r_tiles`` (median), ``shift_median_px``, ``shift_p95_px`` (length, over tiles whose ``peak`` is above 0.05).
    picture
        The image made small, and the labels at the same places.
    findings
        What went wrong and could be survived.
    """

    labels: np.ndarray
    objects: pd.DataFrame
    shapes: pd.DataFrame | None = None
    compartments: dict[str, Intensities] = field(default_factory=dict)
    stains: dict[str, Intensities] = field(default_factory=dict)
    not_finite: np.ndarray | None = None
    channels: pd.DataFrame | None = None
    histograms: np.ndarray | None = None
    histogram_values: np.ndarray | None = None
    tiles: pd.DataFrame | None = None
    tissue: Tissue | None = None
    cycles: pd.DataFrame | None = None
    cycle_cells: pd.DataFrame | None = None
    picture: Picture | None = None
    findings: Findings = field(default_factory=Findings, compare=False)

    @property
    def mean(self) -> np.ndarray | None:
        """Mean over the whole object, float64 (objects, channels); None without an image."""
        return self.compartments["cell"].mean if "cell" in self.compartments else None
