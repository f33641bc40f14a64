from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import htan_kit.pl as pl

if TYPE_CHECKING:
    from htan_kit.cohort import Sample


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "marker": ["DNA_1", "CD3", "Blank"],
            "role": ["nuclear", "marker", "blank"],
            "min": [10.0, 0.0, 5.0],
            "median": [100.0, 50.0, 6.0],
            "p99_9": [5000.0, 65535.0, 9.0],
            "max": [9000.0, 65535.0, 12.0],
            "saturated_share": [0.0, 0.02, np.nan],
        }
    )


def test_rows_are_channels_from_the_top(table: pd.DataFrame) -> None:
    ax = pl.channel_intensities(table, title="s1").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["DNA_1", "CD3", "Blank"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    ranges, bars = ax.collections[0].get_segments(), ax.collections[1].get_segments()
    np.testing.assert_allclose([s[:, 0] for s in ranges], [[10, 9000], [0, 65535], [5, 12]])
    np.testing.assert_allclose([s[:, 0] for s in bars], [[100, 5000], [50, 65535], [6, 9]])
    np.testing.assert_allclose(ax.collections[2].get_offsets()[:, 0], [100, 50, 6])
    assert ax.get_title(loc="left") == "s1 · channel intensities"


def test_saturation_is_marked_and_its_absence_is_not(table: pd.DataFrame) -> None:
    assert [text.get_text() for text in pl.channel_intensities(table).axes[0].texts] == ["2.0 % saturated"]


def test_ticks_are_plain_numbers(table: pd.DataFrame) -> None:
    figure = pl.channel_intensities(table)
    figure.draw_without_rendering()
    ticks = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert "10,000" in ticks
    assert not any("$" in tick for tick in ticks)


def test_small_values_are_linear(table: pd.DataFrame) -> None:
    table[["min", "median", "p99_9", "max"]] /= 1000
    assert pl.channel_intensities(table).axes[0].get_xscale() == "linear"


def test_sample_is_measured(sample: Sample) -> None:
    ax = pl.channel_intensities(sample).axes[0]
    np.testing.assert_allclose([s[:, 0] for s in ax.collections[0].get_segments()], [[10, 16], [0, 900]])
    figure = pl.channel_intensities(replace(sample, image=None))
    assert "no image" in figure.axes[0].texts[1].get_text()
