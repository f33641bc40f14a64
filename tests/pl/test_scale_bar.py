from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.pl import scale_bar
from htan_kit.pl._figure import new_figure
from htan_kit.pl._scale_bar import nice_length


@given(st.floats(1e-6, 1e9))
def test_nice_length_is_the_longest_1_2_5_that_fits(most: float) -> None:
    length = nice_length(most)
    assert length <= most * (1 + 1e-6)
    assert length >= most / 2.5 * (1 - 1e-6)
    mantissa = float(f"{length:e}".split("e")[0])
    assert mantissa in (1, 2, 5)


@pytest.mark.parametrize("most", [0.0, -1.0, float("nan"), float("inf")])
def test_nice_length_of_nothing(most: float) -> None:
    assert nice_length(most) == 1.0


@given(width=st.floats(5, 1e5), um_per_unit=st.floats(0.01, 10))
def test_bar_is_as_long_as_it_says_and_lies_in_the_picture(width: float, um_per_unit: float) -> None:
    ax = new_figure(2, 2).add_subplot()
    ax.set(xlim=(0, width), ylim=(width, 0))
    scale_bar(ax, um_per_unit=um_per_unit)
    x = ax.lines[0].get_xdata()
    said = float(ax.texts[0].get_text().removesuffix(" µm"))
    assert (x[1] - x[0]) * um_per_unit == pytest.approx(said, rel=1e-6)
    assert 0 < x[0] < x[1] < width
    assert ax.get_xlim() == (0, width)
    assert ax.get_ylim() == (width, 0)


def test_unknown_pixel_size_is_said() -> None:
    ax = new_figure(2, 2).add_subplot()
    ax.set(xlim=(0, 1000), ylim=(1000, 0))
    scale_bar(ax, um_per_unit=None)
    assert ax.texts[0].get_text() == "200 px (size unknown)"
    assert ax.lines[0].get_xdata()[1] - ax.lines[0].get_xdata()[0] == pytest.approx(200)


def test_outside_ends_with_the_picture() -> None:
    ax = new_figure(2, 2).add_subplot()
    ax.set(xlim=(-5, 95), ylim=(100, 0))
    scale_bar(ax, um_per_unit=1.0, outside=True)
    assert ax.lines[0].get_xdata()[1] == 95
    assert ax.lines[0].get_ydata()[0] < 0  # in parts of the axes: below it
