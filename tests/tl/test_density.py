from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import htan_kit.tl as tl
from htan_kit.errors import InputError
from htan_kit.tl._density import disc_area_um2

if TYPE_CHECKING:
    from conftest import MakeAdata


def test_one_disc() -> None:
    assert disc_area_um2(np.array([[300.0, 200.0]]), radius_um=25) == pytest.approx(np.pi * 625, rel=0.005)


def test_two_discs_apart_and_overlapping() -> None:
    apart = disc_area_um2(np.array([[100.0, 100.0], [400.0, 100.0]]), radius_um=25)
    assert apart == pytest.approx(2 * np.pi * 625, rel=0.005)
    # Two discs of radius r whose centres are d apart share 2 r² acos(d / 2r) - d/2 sqrt(4r² - d²).
    d, r = 30.0, 25.0
    shared = 2 * r**2 * np.arccos(d / (2 * r)) - d / 2 * np.sqrt(4 * r**2 - d**2)
    both = disc_area_um2(np.array([[100.0, 100.0], [130.0, 100.0]]), radius_um=r)
    assert both == pytest.approx(2 * np.pi * r**2 - shared, rel=0.005)


def test_clipped_to_the_image() -> None:
    # A quarter of the disc of a cell in the corner lies in the image.
    assert disc_area_um2(np.array([[0.0, 0.0]]), radius_um=25, size_um=(500, 500)) == pytest.approx(
        np.pi * 625 / 4, rel=0.03
    )
    assert disc_area_um2(np.array([[5.0, 5.0]]), radius_um=25, size_um=(10, 20)) == pytest.approx(200, rel=0.01)


def test_a_full_image_is_the_image() -> None:
    xy = np.stack(np.meshgrid(np.arange(5, 800, 10.0), np.arange(5, 300, 10.0)), -1).reshape(-1, 2)
    assert disc_area_um2(xy, radius_um=25, size_um=(300, 800)) == pytest.approx(240_000, rel=1e-6)


def test_large_slide_stays_small_in_memory_and_right() -> None:
    rng = np.random.default_rng(0)
    xy = rng.uniform(1000, 29_000, (200, 2))  # 30 mm wide: steps of about 15 µm
    area = disc_area_um2(xy, radius_um=100, size_um=(30_000, 30_000))
    assert area == pytest.approx(200 * np.pi * 1e4, rel=0.1)


@given(st.lists(st.tuples(st.floats(-50, 550), st.floats(-50, 550)), min_size=1, max_size=30))
def test_area_is_between_its_bounds(points: list[tuple[float, float]]) -> None:
    area = disc_area_um2(np.array(points), radius_um=25)
    assert np.pi * 625 * 0.97 <= area <= len(points) * np.pi * 625 * 1.03


def test_rows(make_adata: MakeAdata) -> None:
    xy = [[100.0, 100.0], [100.0, 100.5], [900.0, 100.0]]
    rows = tl.density(make_adata(xy=xy, types=["A", "A", "B"]))
    area = rows.loc[rows["statistic"] == "area", "value"].item()
    assert area == pytest.approx(2 * np.pi * 625 / 1e6, rel=0.03)
    density = rows.loc[rows["statistic"] == "density"].set_index(
        rows.loc[rows["statistic"] == "density", "type_a"].astype(object)
    )
    assert density.loc["A", "value"] == pytest.approx(2 / area)
    assert density.loc["B", "value"] == pytest.approx(1 / area)
    assert density["value"].iloc[0] == pytest.approx(3 / area)  # all cells: no type
    assert set(rows["radius_um"]) == {25.0}


def test_unknown_pixel_size_is_na_with_the_reason(make_adata: MakeAdata) -> None:
    rows = tl.density(make_adata(types=["A", "B"]))
    assert rows["value"].isna().all()
    assert all("pixel size" in reason for reason in rows["reason"])


def test_no_cells(make_adata: MakeAdata) -> None:
    rows = tl.density(make_adata(n=0, types=[], xy=np.empty((0, 2))))
    assert set(rows["reason"]) == {"no cells"}


@pytest.mark.parametrize("radius", [0, -3.0, float("nan")])
def test_impossible_radius(make_adata: MakeAdata, radius: float) -> None:
    with pytest.raises(InputError, match="radius_um"):
        tl.density(make_adata(xy=[[0, 0]], types=["A"]), radius_um=radius)
