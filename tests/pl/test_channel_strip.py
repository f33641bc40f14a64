from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

import htan_kit.pl as pl

if TYPE_CHECKING:
    from htan_kit.cohort import Cohort, Sample


def test_each_channel_shows_where_its_contrast_is(sample: Sample) -> None:
    figure = pl.channel_strip(sample, crop_px=30)
    titles = [ax.get_title(loc="left").strip() for ax in figure.axes]
    assert titles == ["DNA_1", "CD3"]
    bright = np.asarray(figure.axes[1].images[0].get_array())
    assert bright.shape == (30, 30)
    assert bright.max() == 1
    assert np.mean(bright > 0.5) > 0.05  # the checked corner, not the flat rest
    assert "nuclear" in figure.axes[0].texts[-1].get_text()


def test_scale_bar_uses_the_samples_pixel_size(sample: Sample) -> None:
    ax = pl.channel_strip(sample, crop_px=40).axes[0]  # 40 px are 20 µm: the bar is 5 µm, 10 px
    assert ax.texts[0].get_text() == "5 µm"
    np.testing.assert_allclose(np.ptp(ax.lines[0].get_xdata()), 10)


def test_pixels_are_not_flipped(sample: Sample) -> None:
    import tifffile

    picture = np.asarray(pl.channel_strip(sample, crop_px=500).axes[1].images[0].get_array())
    plane = tifffile.imread(sample.image)[1]
    assert picture.shape == plane.shape
    np.testing.assert_array_equal(picture > 0.5, plane > 450)


def test_small_image_is_shown_whole_and_flat_channel_is_legal(sample: Sample) -> None:
    figure = pl.channel_strip(sample, crop_px=500)
    assert "90 × 60 px" in figure.get_suptitle()


def test_colour_image_in_colour(cohort: Cohort) -> None:
    figure = pl.channel_strip(next(s for s in cohort.samples if s.assay == "H&E"), crop_px=100)
    assert len(figure.axes) == 3
    assert all(ax.images[0].get_array().shape == (100, 100, 3) for ax in figure.axes)


def test_no_image_is_said(sample: Sample) -> None:
    figure = pl.channel_strip(replace(sample, image=None))
    assert "no image" in figure.axes[0].texts[1].get_text()
