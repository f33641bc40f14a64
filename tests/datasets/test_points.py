from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.spatial import cKDTree

from htan_kit.datasets._points import TICK_UM, hard_core

if TYPE_CHECKING:
    from collections.abc import Callable


def _constant(distance: float) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    return lambda x, _: np.full(len(x), distance)


@pytest.mark.parametrize("distance", [6.0, 10.0])
def test_no_two_points_are_closer_than_the_distance(distance: float) -> None:
    x, y = hard_core(1, 300.0, 200.0, distance_at=_constant(distance))
    nearest = cKDTree(np.column_stack([x, y])).query(np.column_stack([x, y]), k=2)[0][:, 1]
    assert nearest.min() >= distance
    # Random sequential addition jams at a coverage of 0.547; with a finite number of trials a little earlier.
    coverage = len(x) * np.pi * (distance / 2) ** 2 / (300 * 200)
    assert 0.42 < coverage < 0.56


def test_two_kinds_keep_the_mean_of_their_distances() -> None:
    def distance(x: np.ndarray, _: np.ndarray) -> np.ndarray:
        return np.where(x < 100, 6.0, 12.0)

    x, y = hard_core(2, 200.0, 200.0, distance_at=distance)
    points, d = np.column_stack([x, y]), distance(x, y)
    i, j = cKDTree(points).query_pairs(12.0, output_type="ndarray").T
    gap = np.sqrt(((points[i] - points[j]) ** 2).sum(axis=1))
    assert (gap >= 0.5 * (d[i] + d[j])).all()
    assert (x < 100).sum() > 2.5 * (x >= 100).sum()


def test_nothing_lies_where_the_distance_is_0_or_outside() -> None:
    x, y = hard_core(3, 150.0, 130.0, distance_at=lambda x, _: np.where(x > 80, 8.0, 0.0))
    assert x.min() > 80
    assert x.max() < 150
    assert y.max() < 130
    assert len(hard_core(3, 50.0, 50.0, distance_at=_constant(0.0))[0]) == 0


def test_places_are_multiples_of_a_tick_in_reading_order() -> None:
    x, y = hard_core(4, 200.0, 200.0, distance_at=_constant(9.0))
    np.testing.assert_array_equal(x / TICK_UM, np.round(x / TICK_UM))
    assert (np.diff(y) >= 0).all()


def test_a_tile_fills_the_same_whatever_lies_far_away() -> None:
    near = hard_core(5, 640.0, 200.0, distance_at=_constant(9.0))
    far = hard_core(5, 1280.0, 200.0, distance_at=_constant(9.0))
    a = {(p, q) for p, q in zip(*near, strict=True) if p < 400}
    b = {(p, q) for p, q in zip(*far, strict=True) if p < 400}
    assert a == b


def test_the_density_is_even_across_tiles() -> None:
    x, _ = hard_core(6, 1024.0, 512.0, distance_at=_constant(9.0))
    # Seams between tiles (every 64 µm) hold as many points as anywhere.
    phase = (x % 64.0) / 64.0
    counts = np.histogram(phase, bins=8, range=(0, 1))[0]
    assert counts.min() > 0.85 * counts.mean()
    assert counts.max() < 1.15 * counts.mean()
