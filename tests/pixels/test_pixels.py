"""Passes over pixels give what scikit-image and numpy give on the whole array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from skimage.measure import regionprops_table

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import read_image
from htan_kit.io.mask import Mask, read_mask
from htan_kit.pixels import (
    channel_statistics,
    labels_at,
    mask_objects,
    mask_thumbnail,
    object_means,
    object_morphology,
    thumbnail,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def labels() -> np.ndarray:
    rng = np.random.default_rng(3)
    labels = np.zeros((300, 260), np.uint32)
    for value in rng.permutation(np.arange(1, 400, 3)):
        y, x = rng.integers(0, 290), rng.integers(0, 250)
        labels[y : y + rng.integers(2, 12), x : x + rng.integers(2, 12)] = value
    return labels


def small_blocks(mask: Mask, monkeypatch: pytest.MonkeyPatch) -> Mask:
    """Make a pass go over many blocks."""
    whole = Mask.blocks
    monkeypatch.setattr(Mask, "blocks", lambda self, **_: whole(self, max_bytes=4_000))
    return mask


def open_mask(tmp_path: Path, labels: np.ndarray) -> Mask:
    tifffile.imwrite(tmp_path / "mask.tif", labels, tile=(32, 32))
    return read_mask(tmp_path / "mask.tif", findings=Findings())


def test_objects_and_shapes_are_regionprops(
    tmp_path: Path, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = small_blocks(open_mask(tmp_path, labels), monkeypatch)
    names = ("label", "area", "centroid", "bbox", "axis_major_length", "eccentricity", "solidity", "extent")
    expected = regionprops_table(labels, properties=names)
    objects = mask_objects(mask)
    assert objects["label"].tolist() == expected["label"].tolist()
    assert objects["area_px"].tolist() == expected["area"].tolist()
    np.testing.assert_allclose(objects["y_px"], expected["centroid-0"])
    np.testing.assert_allclose(objects["x_px"], expected["centroid-1"])
    np.testing.assert_array_equal(
        objects[["y0", "x0", "y1", "x1"]], np.stack([expected[f"bbox-{i}"] for i in range(4)], 1)
    )
    border = {*labels[0], *labels[-1], *labels[:, 0], *labels[:, -1]} - {0}
    assert set(objects["label"][objects["touches_border"]]) == border
    shapes = object_morphology(mask, objects)
    np.testing.assert_allclose(shapes["MajorAxisLength"], expected["axis_major_length"])
    np.testing.assert_allclose(shapes["Solidity"], expected["solidity"])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_means_are_regionprops(tmp_path: Path, labels: np.ndarray, dtype: type) -> None:
    pixels = np.random.default_rng(4).gamma(2, 20, (3, *labels.shape)).astype(dtype)
    tifffile.imwrite(tmp_path / "i.ome.tif", pixels, tile=(64, 64), metadata={"axes": "CYX"}, photometric="minisblack")
    image, mask = read_image(tmp_path / "i.ome.tif", findings=Findings()), open_mask(tmp_path, labels)
    table = regionprops_table(labels, np.moveaxis(pixels, 0, -1).astype(float), properties=("label", "intensity_mean"))
    expected = np.stack([table[f"intensity_mean-{c}"] for c in range(3)], 1)
    ids, means = object_means(image, mask)
    assert ids.tolist() == table["label"].tolist()
    np.testing.assert_allclose(means, expected)
    some, some_means = object_means(image, mask, ids[5:9])
    assert some.tolist() == ids[5:9].tolist()
    np.testing.assert_allclose(some_means, expected[5:9])


def test_a_mask_of_another_size_is_refused(tmp_path: Path, labels: np.ndarray) -> None:
    tifffile.imwrite(tmp_path / "i.tif", np.zeros((50, 60), np.uint8))
    with pytest.raises(InputError, match="300 x 260 px, the image 50 x 60"):
        object_means(read_image(tmp_path / "i.tif", findings=Findings()), open_mask(tmp_path, labels))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dtype=st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.float32]), seed=st.integers(0, 99),
    share=st.floats(0, 1),
)  # fmt: skip
def test_statistics_are_numpy_s(tmp_path: Path, dtype: type, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(10, 60, (2, 41, 43)) * (rng.random((2, 41, 43)) < share)
    limits = np.iinfo(dtype) if np.issubdtype(dtype, np.integer) else np.finfo(dtype)
    pixels = np.clip(values, limits.min, limits.max).astype(dtype)
    tifffile.imwrite(tmp_path / "s.ome.tif", pixels, tile=(16, 16), metadata={"axes": "CYX"}, photometric="minisblack")
    table = channel_statistics(read_image(tmp_path / "s.ome.tif", findings=Findings()))
    for row, plane in zip(table.itertuples(), pixels.astype(np.float64), strict=True):
        near = {"rtol": 0 if np.dtype(dtype).itemsize <= 2 else 0.004, "atol": 1e-12}
        assert (row.min, row.max) == (plane.min(), plane.max())
        np.testing.assert_allclose(row.mean, plane.mean(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(row.median, np.quantile(plane, 0.5, method="inverted_cdf"), **near)
        np.testing.assert_allclose(row.p99_9, np.quantile(plane, 0.999, method="inverted_cdf"), **near)
        assert row.zero_share == pytest.approx((plane == 0).mean())


def test_saturation_and_pixels_that_are_not_finite(tmp_path: Path) -> None:
    pixels = np.full((10, 10), 7, np.uint16)
    pixels[:2] = 65535
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    assert channel_statistics(read_image(tmp_path / "a.tif", findings=Findings())).loc[0, "saturated_share"] == 0.2
    bad = np.ones((10, 10), np.float32)
    bad[0, :3] = np.nan, np.inf, -np.inf
    tifffile.imwrite(tmp_path / "b.tif", bad)
    row = channel_statistics(read_image(tmp_path / "b.tif", findings=Findings())).loc[0]
    assert (row["n_not_finite"], row["mean"], row["max"]) == (3, 1.0, 1.0)


def test_otsu_is_scikit_image_s(tmp_path: Path) -> None:
    from skimage.filters import threshold_otsu

    rng = np.random.default_rng(0)
    pixels = np.where(rng.random((200, 200)) < 0.3, rng.normal(900, 60, (200, 200)), rng.normal(200, 50, (200, 200)))
    pixels = np.clip(pixels, 0, None).astype(np.uint16)
    tifffile.imwrite(tmp_path / "o.tif", pixels)
    row = channel_statistics(read_image(tmp_path / "o.tif", findings=Findings())).loc[0]
    threshold = threshold_otsu(pixels)
    assert row["otsu"] == pytest.approx(threshold, abs=8)  # any threshold in the gap between the two is Otsu's
    ratio = pixels[pixels > row["otsu"]].mean() / pixels[pixels <= row["otsu"]].mean()
    assert row["snr_otsu_ratio"] == pytest.approx(ratio)


@pytest.mark.parametrize("pyramid", [False, True])
def test_a_thumbnail_is_the_mean_of_its_pixels(tmp_path: Path, pyramid: bool) -> None:
    pixels = np.random.default_rng(1).integers(0, 1000, (2, 400, 300), dtype=np.uint16)
    with tifffile.TiffWriter(tmp_path / "t.ome.tif", ome=True) as writer:
        options = {"tile": (64, 64), "photometric": "minisblack"}
        writer.write(pixels, subifds=int(pyramid), metadata={"axes": "CYX"}, **options)
        if pyramid:
            halves = pixels.reshape(2, 200, 2, 150, 2).mean(axis=(2, 4))
            writer.write(halves.astype(np.uint16), subfiletype=1, **options)
    small, scale = thumbnail(read_image(tmp_path / "t.ome.tif", findings=Findings()), 100)
    assert scale == 0.25
    expected = pixels.reshape(2, 100, 4, 75, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(small, expected, atol=1.0 if pyramid else 1e-3)


def test_mask_thumbnail_and_lookup(tmp_path: Path, labels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    mask = small_blocks(open_mask(tmp_path, labels), monkeypatch)
    np.testing.assert_array_equal(mask_thumbnail(mask, 0.5, (150, 130)), labels[1::2, 1::2])
    places = np.array([[3.4, 7.6], [259.4, 299.4], [-1, 5], [np.nan, 2], [5, 1e9]])
    expected = [labels[8, 3], labels[299, 259], 0, 0, 0]
    assert labels_at(mask, places).tolist() == expected
