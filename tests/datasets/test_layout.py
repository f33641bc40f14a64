from __future__ import annotations

import numpy as np
import pytest

from htan_kit.datasets._layout import REGIONS, boxes, make_layout


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [(300.0, 260.0), (500.0, 500.0), (900.0, 700.0)])
def test_every_region_is_there(seed: int, size: tuple[float, float]) -> None:
    layout = make_layout(seed, *size)
    regions = layout.on_grid(np.arange(0, size[0], 2.0), np.arange(0, size[1], 2.0))
    shares = np.bincount(regions.ravel(), minlength=len(REGIONS)) / regions.size
    assert (shares > 0.002).all(), dict(zip(REGIONS, shares, strict=True))
    assert shares[REGIONS.index("tumour")] > 0.08
    assert shares[REGIONS.index("empty")] < 0.35


def test_points_and_grid_agree() -> None:
    layout = make_layout(3, 600.0, 500.0)
    x, y = np.arange(0, 600, 7.0), np.arange(0, 500, 7.0)
    gx, gy = np.meshgrid(x, y)
    at = layout.at(gx.ravel(), gy.ravel()).reshape(gx.shape)
    # The two ways may round differently on a boundary.
    assert (at != layout.on_grid(x, y)).mean() < 1e-3


def test_b_cells_lie_inside_the_ring_of_t_cells() -> None:
    layout = make_layout(0, 500.0, 400.0)
    x = np.arange(0, 500, 1.0)
    regions = layout.on_grid(x, np.arange(0, 400, 1.0))
    b, t, empty = (regions == REGIONS.index(name) for name in ("b_zone", "t_zone", "empty"))
    touching = np.zeros_like(b)
    for axis in (0, 1):
        for step in (1, -1):
            touching |= np.roll(b, step, axis)
    outside = touching & ~b
    # What touches the core is the ring (or a vessel or a hole that cuts through it).
    assert (t[outside].sum() + empty[outside].sum()) / outside.sum() > 0.8


def test_boxes_hold_every_point_once() -> None:
    x, y = np.random.default_rng(0).uniform(0, 3000, (2, 500))
    parts = list(boxes(x, y))
    assert sorted(np.concatenate(parts).tolist()) == list(range(500))
    assert all(np.ptp(x[p]) <= 512 and np.ptp(y[p]) <= 512 for p in parts)
    assert list(boxes(np.empty(0), np.empty(0))) == []


def test_direction_goes_around_a_nest() -> None:
    layout = make_layout(1, 900.0, 700.0)
    nests = np.flatnonzero(layout.kind == 0)
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radial = []
    for i in nests:
        r = layout.radius[i] + 4.0
        tx, ty = layout.wall_direction(layout.x[i] + r * np.cos(angle), layout.y[i] + r * np.sin(angle))
        radial.append(np.abs(tx * np.cos(angle) + ty * np.sin(angle)) / np.hypot(tx, ty))
    # 2 / pi is what directions without any order would give.
    assert np.mean(radial) < 0.5
