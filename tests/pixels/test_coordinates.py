"""Each mistake is made with coordinates, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io.mask import read_mask
from htan_kit.pixels import explain_coordinates, explain_ids

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = (300, 500)
OWN = np.random.default_rng(5).random((200, 2)) * [SHAPE[1] - 1, SHAPE[0] - 1]
MISTAKES = {
    "x and y are swapped": OWN[:, ::-1],
    "y is flipped (counted from the bottom)": np.column_stack([OWN[:, 0], SHAPE[0] - 1 - OWN[:, 1]]),
    "x is flipped (counted from the right)": np.column_stack([SHAPE[1] - 1 - OWN[:, 0], OWN[:, 1]]),
    "they are in µm": OWN * 0.325,
    "they are pixels of a level 4 times smaller": (OWN + 0.5) / 4 - 0.5,
    "they are pixels of an image 2 times larger": (OWN + 0.5) * 2 - 0.5,
    "they are off by -120.0, 35.0 px (x, y)": OWN + [-120, 35],
    "they are counted from 1": OWN + 1,
    "x and y are swapped and they are in µm": OWN[:, ::-1] * 0.325,
    "they are in µm and they are off by 40.0, 40.0 px (x, y)": (OWN + 40) * 0.325,
    "the image is turned by 180°": [SHAPE[1] - 1, SHAPE[0] - 1] - OWN,
}


@pytest.mark.parametrize("what", MISTAKES)
def test_every_mistake_is_named(what: str) -> None:
    found = explain_coordinates(MISTAKES[what], OWN, SHAPE, pixel_size_um=0.325, downsamples=(1.0, 2.0, 4.0))
    assert found.what == what
    assert found.explained == 1
    assert found.share < 0.1
    assert found.n == 200


def test_right_coordinates_need_no_explanation() -> None:
    found = explain_coordinates(OWN + 0.3, OWN, SHAPE, pixel_size_um=0.325)
    assert (found.share, found.what, found.explained) == (1, "", 1)


@pytest.mark.parametrize(("turns", "what"), [(1, "90° counter-clockwise"), (2, "180°"), (3, "90° clockwise")])
def test_turns_undo_what_numpy_does(turns: int, what: str) -> None:
    picture = np.zeros((70, 90), int)
    picture.flat[np.random.default_rng(7).permutation(picture.size)[:12]] = np.arange(1, 13)
    turned = np.rot90(picture, turns)
    told, own = (
        np.array([np.argwhere(image == label)[0][::-1] for label in range(1, 13)], float) for image in (turned, picture)
    )
    found = explain_coordinates(told, own, picture.shape)
    assert found.explained == 1
    assert found.what == f"the image is turned by {what}"


def test_no_explanation_is_made_up() -> None:
    noise = np.random.default_rng(6).random(OWN.shape) * [SHAPE[1], SHAPE[0]]
    found = explain_coordinates(noise, OWN, SHAPE, pixel_size_um=0.325)
    assert found.explained < 0.1
    few = explain_coordinates(noise[:1], OWN[:1], SHAPE)
    assert few.what == ""  # one cell is off by something, whatever it is


def test_what_is_not_finite_is_left_out() -> None:
    told = OWN.copy()
    told[:100] = np.nan
    assert explain_coordinates(told, OWN, SHAPE).n == 100
    assert explain_coordinates(np.full_like(OWN, np.nan), OWN, SHAPE).n == 0


@given(st.floats(-900, 900), st.floats(-900, 900))
def test_any_offset_is_measured(dx: float, dy: float) -> None:
    found = explain_coordinates(OWN + [dx, dy], OWN, SHAPE)
    assert found.shift_px == (pytest.approx(dx, abs=1e-6), pytest.approx(dy, abs=1e-6))
    assert found.explained == 1


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    """40 squares of 6 px on a grid that no turn maps onto itself, labelled 101, 102, ..."""
    labels = np.zeros((100, 160), np.uint16)
    for i in range(40):
        y, x = 3 + 11 * (i // 8), 2 + 14 * (i % 8)
        labels[y : y + 6, x : x + 6] = 101 + i
    tifffile.imwrite(tmp_path / "m.tif", labels, metadata=None)
    return tmp_path / "m.tif"


def places() -> np.ndarray:
    return np.array([[4.5 + 14 * (i % 8), 5.5 + 11 * (i // 8)] for i in range(40)], float)


def test_ids_of_another_numbering(grid: Path) -> None:
    mask = read_mask(grid)
    found, relation = explain_ids(np.arange(1, 41), places(), mask)
    assert (found.share, found.explained, found.what) == (1, 1, "")
    assert relation == "ids of the table are labels minus 100"
    shuffled = np.random.default_rng(0).permutation(40)
    assert explain_ids(shuffled, places(), mask)[1] == ""
    assert explain_ids(np.arange(101, 141), places(), mask)[1] == ""


def test_ids_and_coordinates_of_another_world(grid: Path) -> None:
    found, relation = explain_ids(np.arange(0, 40), places() * 0.65, read_mask(grid), pixel_size_um=0.65)
    assert found.what == "they are in µm"
    assert found.explained == 1
    assert relation == "ids of the table are labels minus 101"
