from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io._channel_ids import planes_of_ids


@pytest.mark.parametrize(
    ("ids", "planes", "base"),
    [
        (["Channel:0:0", "channel:0:1"], [0, 1], 0),
        (["Channel:0:3", "Channel:0:1"], [3, 1], 0),  # OME's ids always count from 0
        (["Channel:1:0", "Channel:2:0"], [None, None], None),  # cycle and channel
        (["Channel:0", "Channel:1"], [0, 1], 0),
        (["Channel:11", "Channel:12"], [0, 1], 11),
        (["1", "3"], [0, 2], 1),
        (["0", "7"], [0, 7], 0),
        (["4", "32"], [None, None], None),
        (["1.0", "2.0"], [0, 1], 1),
        (["5"], [0], 5),
        (["c 1/4", "c 2/4"], [None, None], None),
        (["Ir191", "Ir193"], [None, None], None),
        (["", None, "1", "2"], [None, None, 0, 1], 1),
        ([None, ""], [None, None], None),
        ([], [], None),
        (["1", "two"], [None, None], None),
        (["9" * 400], [None], None),
    ],
)
def test_ids(ids: list[str | None], planes: list[int | None], base: int | None) -> None:
    assert planes_of_ids(ids) == (planes, base)


@given(st.integers(0, 1000), st.integers(1, 40), st.randoms())
def test_gapless_counts_start_at_plane_0_in_any_order(first: int, n: int, random) -> None:
    numbers = list(range(first, first + n))
    random.shuffle(numbers)
    assert planes_of_ids([str(number) for number in numbers]).planes == [number - first for number in numbers]


@given(st.lists(st.text(max_size=8) | st.none()))
def test_any_ids_give_planes_from_0(ids: list[str | None]) -> None:
    planes, _ = planes_of_ids(ids)
    assert len(planes) == len(ids)
    assert all(plane is None or plane >= 0 for plane in planes)
