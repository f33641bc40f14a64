from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import htan_kit.pl as pl

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from htan_kit.cohort import Sample


def points(ax: Axes) -> tuple[np.ndarray, np.ndarray]:
    equal, off = ax.collections
    return np.asarray(equal.get_offsets()), np.asarray(off.get_offsets())


def test_equal_values_lie_on_the_diagonal(sample: Sample) -> None:
    figure = pl.agreement(sample)
    ids, areas, means = figure.axes
    assert [bar.get_width() for bar in ids.patches] == [12, 0, 0]
    for ax, n in ((areas, 12), (means, 24)):
        equal, off = points(ax)
        assert len(equal) == n
        assert len(off) == 0
        np.testing.assert_allclose(equal[:, 0], equal[:, 1])
        assert ax.get_xlim() == ax.get_ylim()
    assert means.get_title(loc="left") == "means of 12 cells: 100.0 % equal"
    assert "100.0 % of centroids" in figure.get_suptitle()


def test_what_is_off_is_told_apart(sample: Sample, files: dict[str, Path]) -> None:
    table = pd.read_csv(files["table"])
    table.loc[0, "DNA_1"] = 1000.0
    table.loc[1, "Area"] = 7
    table.iloc[2:].to_csv(files["table"], index=False)
    pd.concat([table.iloc[:2], table.iloc[4:]]).to_csv(files["table"], index=False)
    ids, areas, means = pl.agreement(sample).axes
    assert [bar.get_width() for bar in ids.patches] == [10, 2, 0]
    assert points(areas)[1].tolist() == [[144, 7]]
    assert points(means)[1][:, 1].tolist() == [1000]


def test_without_image_the_means_are_not_compared(sample: Sample) -> None:
    figure = pl.agreement(replace(sample, image=None))
    assert "no image" in figure.axes[2].texts[0].get_text()


def test_missing_levels_are_said(sample: Sample) -> None:
    assert "no table" in pl.agreement(replace(sample, table=())).axes[0].texts[1].get_text()
    assert "no mask" in pl.agreement(replace(sample, masks={}, mask_name="")).axes[0].texts[1].get_text()
