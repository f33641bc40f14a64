"""A pixel belongs to the polygon its centre lies in; held against exact arithmetic, scikit-image and shapely."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from htan_kit.io.outlines import _judge, _raster
from htan_kit.io.outlines._judge import n_crossing
from htan_kit.io.outlines._raster import rasterise
from htan_kit.io.outlines._shapes import Shapes, ShapesBuilder

SIDE = 12
COORDINATE = st.one_of(st.integers(-8, 4 * SIDE + 8).map(lambda n: n / 4), st.floats(-3, SIDE + 3, width=32))
RING = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=7)
POLYGON = st.lists(RING, min_size=1, max_size=3)
OBJECTS = st.lists(st.lists(POLYGON, min_size=0, max_size=2), min_size=1, max_size=4)


def shapes_of(objects: list[list[list[list[tuple[float, float]]]]]) -> Shapes:
    builder = ShapesBuilder(Path("x.geojson"))
    for parts in objects:
        builder.add([[np.array(ring, float) for ring in rings] for rings in parts])
    return builder.build()


def draw(shapes: Shapes, window: tuple[int, int, int, int]) -> np.ndarray:
    return rasterise(shapes, window, shapes.within(window), np.dtype(np.uint32)).labels


def crosses(x: Fraction, y: Fraction, ring: list[tuple[float, float]]) -> int:
    """Count the edges that a ray from a point to the left meets, in exact arithmetic."""
    n = 0
    for (xa, ya), (xb, yb) in zip(ring, [*ring[1:], ring[0]], strict=True):
        a, b = sorted([(Fraction(ya), Fraction(xa)), (Fraction(yb), Fraction(xb))])
        if a[0] <= y < b[0]:
            n += a[1] + (y - a[0]) * (b[1] - a[1]) / (b[0] - a[0]) <= x
    return n


def exactly(objects: list[list[list[list[tuple[float, float]]]]]) -> np.ndarray:
    labels = np.zeros((SIDE, SIDE), np.uint32)
    for row in range(SIDE):
        for column in range(SIDE):
            x, y = Fraction(2 * column + 1, 2), Fraction(2 * row + 1, 2)
            inside = (
                label
                for label, parts in enumerate(objects, 1)
                if any(sum(crosses(x, y, ring) for ring in rings) % 2 for rings in parts)
            )
            labels[row, column] = next(inside, 0)
    return labels


@settings(deadline=None, max_examples=150)
@given(OBJECTS)
def test_equals_exact_arithmetic_for_any_rings_holes_and_overlaps(
    objects: list[list[list[list[tuple[float, float]]]]],
) -> None:
    drawn, expected = draw(shapes_of(objects), (0, SIDE, 0, SIDE)), exactly(objects)
    for row, column in zip(*np.nonzero(drawn != expected), strict=True):  # only where rounding decides
        centre = shapely.Point(column + 0.5, row + 0.5)
        rings = [ring for parts in objects for rings in parts for ring in rings]
        assert min(shapely.LineString([*r, r[0]]).distance(centre) for r in rings) < 1e-12


@settings(deadline=None, max_examples=60)
@given(OBJECTS, st.integers(1, SIDE), st.integers(1, SIDE))
def test_pieces_are_cut_from_the_same_picture(
    objects: list[list[list[list[tuple[float, float]]]]], rows: int, columns: int
) -> None:
    shapes = shapes_of(objects)
    whole = draw(shapes, (0, SIDE, 0, SIDE))
    for y in range(0, SIDE, rows):
        for x in range(0, SIDE, columns):
            window = (y, min(y + rows, SIDE), x, min(x + columns, SIDE))
            np.testing.assert_array_equal(draw(shapes, window), whole[window[0] : window[1], window[2] : window[3]])


@pytest.mark.parametrize(("crossings", "pixels"), [(1, 10**6), (10**6, 1), (7, 5)])
def test_little_memory_gives_the_same(monkeypatch: pytest.MonkeyPatch, crossings: int, pixels: int) -> None:
    rng = np.random.default_rng(1)
    objects = [[[[tuple(xy) for xy in rng.uniform(0, SIDE, (5, 2))]]] for _ in range(6)]
    expected = draw(shapes_of(objects), (0, SIDE, 0, SIDE))
    monkeypatch.setattr(_raster, "_MAX_CROSSINGS", crossings)
    monkeypatch.setattr(_raster, "_MAX_PIXELS", pixels)
    np.testing.assert_array_equal(draw(shapes_of(objects), (0, SIDE, 0, SIDE)), expected)


def test_equals_scikit_image_and_shapely_where_no_centre_lies_on_an_edge() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
        radius = rng.uniform(4, 18, 9)
        ring = np.c_[20.123 + radius * np.cos(angles), 19.321 + radius * np.sin(angles)]
        drawn = draw(shapes_of([[[[tuple(xy) for xy in ring]]]]), (0, 40, 0, 40)) == 1
        # scikit-image counts rows and columns from the centre of the first pixel.
        np.testing.assert_array_equal(drawn, polygon2mask((40, 40), ring[:, ::-1] - 0.5))
        x, y = np.meshgrid(np.arange(40) + 0.5, np.arange(40) + 0.5)
        np.testing.assert_array_equal(drawn, shapely.contains_xy(shapely.Polygon(ring), x, y))


def test_a_square_of_pixels_is_drawn_as_it_was_outlined() -> None:
    square = [[[[(2.0, 3.0), (5.0, 3.0), (5.0, 4.0), (2.0, 4.0)]]]]
    labels = draw(shapes_of(square), (0, 8, 0, 8))
    assert np.argwhere(labels).tolist() == [[3, 2], [3, 3], [3, 4]]


def test_neighbours_that_share_an_edge_leave_no_gap_and_no_overlap() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        a, b = rng.uniform(0, 30, 2)
        left = [[[(0.0, 0.0), (a, 0.0), (b, 30.0), (0.0, 30.0)]]]
        right = [[[(30.0, 0.0), (30.0, 30.0), (b, 30.0), (a, 0.0)]]]
        shapes = shapes_of([left, right])
        drawn = rasterise(shapes, (0, 30, 0, 30), np.array([0, 1]), np.dtype(np.uint32))
        assert drawn.labels.min() > 0
        assert drawn.n_contested == 0


def test_the_first_object_keeps_its_pixels_and_the_contested_ones_are_counted() -> None:
    def square(x: float) -> list[list[list[tuple[float, float]]]]:
        return [[[(x, 0.0), (x + 4, 0.0), (x + 4, 4.0), (x, 4.0)]]]

    shapes = shapes_of([square(2), square(0), square(3)])
    drawn = rasterise(shapes, (0, 4, 0, 8), np.arange(3), np.dtype(np.uint32))
    assert drawn.labels[0].tolist() == [2, 2, 1, 1, 1, 1, 3, 0]
    assert drawn.n_contested == 2 * 4 + 3 * 4


def test_a_hole_is_background_and_an_island_in_it_is_not() -> None:
    def box(a: float, b: float) -> list[tuple[float, float]]:
        return [(a, a), (b, a), (b, b), (a, b)]

    labels = draw(shapes_of([[[box(0, 9), box(2, 7)], [box(4, 5)]]]), (0, 9, 0, 9))
    assert labels[1, 1] == 1
    assert labels[3, 3] == 0
    assert labels[4, 4] == 1
    assert (labels > 0).sum() == 81 - 25 + 1


@settings(deadline=None, max_examples=100)
@given(OBJECTS, st.integers(1, 4))
def test_outlines_that_cross_themselves_are_those_shapely_calls_not_valid(
    objects: list[list[list[list[tuple[float, float]]]]], batch: int
) -> None:
    expected = 0
    for rings in (rings for parts in objects for rings in parts):
        closed = [ring if ring[0] == ring[-1] else [*ring, ring[0]] for ring in rings]
        expected += min(map(len, closed)) >= 4 and not shapely.Polygon(closed[0], closed[1:]).is_valid
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_judge, "_BATCH", batch)
        assert n_crossing(shapes_of(objects)) == expected
