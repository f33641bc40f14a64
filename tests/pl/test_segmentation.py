from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import tifffile

import htan_kit.pl as pl
from htan_kit.pl._segmentation import _CUT, _OUTLINE, choose_crops

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.cohort import Cohort, Sample


def is_color(picture: np.ndarray, color: np.ndarray) -> np.ndarray:
    return np.isclose(picture, color).all(axis=-1)


def test_outlines_lie_on_the_borders_of_the_objects(sample: Sample) -> None:
    figure = pl.segmentation(sample, crop_px=90)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["whole image · 12 objects"]
    picture = np.asarray(figure.axes[0].images[0].get_array())
    zoom = picture.shape[0] // 60
    assert picture.shape == (60 * zoom, 90 * zoom, 3)
    outlined = is_color(picture, _OUTLINE) | is_color(picture, _CUT)
    labels = tifffile.imread(sample.masks["cell"])
    # Object 2 begins at row 1, column 22: its corner is outlined, its middle and the background around are not.
    assert outlined[1 * zoom, 22 * zoom]
    assert not outlined[7 * zoom, 28 * zoom]
    assert not outlined[16 * zoom, 17 * zoom]
    for y, x in np.argwhere(outlined)[::97]:
        around = labels[max(y // zoom - 1, 0) : y // zoom + 2, max(x // zoom - 1, 0) : x // zoom + 2]
        assert len(np.unique(around)) > 1


def test_objects_cut_by_the_edge_are_red(sample: Sample) -> None:
    picture = np.asarray(pl.segmentation(sample, crop_px=90).axes[0].images[0].get_array())
    zoom = picture.shape[0] // 60
    red = is_color(picture, _CUT)
    assert red[1 * zoom : 13 * zoom, : 14 * zoom].any()  # object 1 touches the left edge
    assert not red[:, 30 * zoom : 60 * zoom].any()


def test_picture_is_in_place(sample: Sample) -> None:
    image = pl.segmentation(sample, crop_px=90).axes[0].images[0]
    assert image.origin == "upper"
    assert list(image.get_extent()) == [-0.5, 89.5, 59.5, -0.5]


def test_crops_are_what_they_say() -> None:
    rng = np.random.default_rng(0)
    places = np.r_[rng.uniform(0, 100, (300, 2)), rng.uniform(0, 1000, (60, 2))]
    objects = pd.DataFrame(places, columns=["x_px", "y_px"])
    chosen = choose_crops(objects, 1000, 1000, 100, 6, seed=1)
    assert [name for name, _ in chosen[:3]] == ["densest", "sparsest", "median"]
    counts = {
        window: int(((places[:, 1] >= y0) & (places[:, 1] < y1) & (places[:, 0] >= x0) & (places[:, 0] < x1)).sum())
        for _, window in chosen
        for y0, y1, x0, x1 in [window]
    }
    densest, sparsest = chosen[0][1], chosen[1][1]
    assert counts[densest] == max(counts.values())
    assert 0 < counts[sparsest] == min(count for count in counts.values() if count)
    assert len(chosen) == 6
    assert choose_crops(objects, 1000, 1000, 100, 6, seed=1) == chosen
    for i, (_, a) in enumerate(chosen):
        for _, b in chosen[i + 1 :]:
            shared = max(min(a[1], b[1]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[2], b[2]), 0)
            assert shared <= 5000


def test_colour_picture_under_the_outlines(cohort: Cohort, tmp_path: Path) -> None:
    sample = next(s for s in cohort.samples if s.assay == "H&E")
    mask = np.zeros((464, 528), np.uint16)
    mask[100:120, 200:230] = 1
    tifffile.imwrite(tmp_path / "mask.tiff", mask)
    with_mask = replace(sample, masks={"cell": tmp_path / "mask.tiff"}, mask_name="cell")
    figure = pl.segmentation(with_mask, n_crops=1, crop_px=64)
    picture = np.asarray(figure.axes[0].images[0].get_array())
    assert (picture[..., 0] != picture[..., 1]).any()
    assert "grey: the picture" in figure.get_supxlabel()


def test_missing_levels_and_empty_mask_are_said(sample: Sample, tmp_path: Path) -> None:
    def says(changed: Sample) -> str:
        return pl.segmentation(changed).axes[0].texts[1].get_text()

    assert "no mask" in says(replace(sample, masks={}, mask_name=""))
    assert "no image" in says(replace(sample, image=None))
    tifffile.imwrite(tmp_path / "empty.tiff", np.zeros((60, 90), np.uint16))
    assert "no objects" in says(replace(sample, masks={"cell": tmp_path / "empty.tiff"}, table=()))
