"""Stains of objects are the means of scikit-image's rgb2hed over the whole array, however the file is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.color import hed2rgb, rgb2hed

from htan_kit.findings import Findings
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask, read_mask
from htan_kit.pixels import measure

if TYPE_CHECKING:
    from pathlib import Path


def files(
    tmp_path: Path, colours: np.ndarray, labels: np.ndarray, tile: tuple[int, int], planar: str
) -> tuple[Image, Mask]:
    stored = colours if planar == "contig" else np.moveaxis(colours, -1, 0)
    tifffile.imwrite(tmp_path / "c.tif", stored, tile=tile, photometric="rgb", planarconfig=planar, compression="zlib")
    tifffile.imwrite(tmp_path / "m.tif", labels, tile=(48, 16))
    return read_image(tmp_path / "c.tif", findings=Findings()), read_mask(tmp_path / "m.tif", findings=Findings())


def some_labels(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    labels = np.zeros(shape, np.uint32)
    for value in (3, 70_000, 5):
        y, x = (rng.integers(0, side) for side in shape)
        labels[y : y + rng.integers(1, 40), x : x + rng.integers(1, 40)] = value
    labels[0, :2] = 8, 9
    return labels


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    seed=st.integers(0, 999), tile=st.sampled_from([(16, 16), (32, 80), (256, 256)]),
    dtype=st.sampled_from([np.uint8, np.uint16, np.float32]), planar=st.sampled_from(["contig", "separate"]),
    workers=st.integers(1, 3),
)  # fmt: skip
def test_means_and_spread_are_those_of_rgb2hed(
    tmp_path: Path, seed: int, tile: tuple[int, int], dtype: type, planar: str, workers: int
) -> None:
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(20, 120)), int(rng.integers(20, 120)))
    colours, labels = rng.random((*shape, 3)), some_labels(rng, shape)
    colours[rng.random(shape) < 0.1] = 0  # darker than any dye
    whole = np.dtype(dtype).kind == "u"
    colours = (colours * np.iinfo(dtype).max).astype(dtype) if whole else colours.astype(dtype)
    expected = rgb2hed(colours)
    if not whole:
        colours[2, 3, 1] = np.nan
        expected[2, 3] = np.nan
    image, mask = files(tmp_path, colours, labels, tile, planar)
    found = measure(image, mask, stains=True, ring_px=2, workers=workers, findings=Findings())
    cells = found.stains["cell"]
    assert cells.mean.shape == (len(found.labels), 3)
    for i, value in enumerate(found.labels):
        own = expected[labels == value]
        own = own[np.isfinite(own).all(axis=1)]
        assert cells.count[i].tolist() == [len(own)] * 3
        if len(own):
            near = {"rtol": 1e-6 if not whole else 1e-9, "atol": 1e-7 if not whole else 1e-12}
            np.testing.assert_allclose(cells.mean[i], own.mean(axis=0), **near)
            np.testing.assert_allclose(cells.sd[i], own.std(axis=0), rtol=1e-5, atol=1e-7)
            np.testing.assert_allclose(cells.max[i], own.max(axis=0), **near)
    assert set(found.stains) == set(found.compartments) == {"cell", "ring"}


def test_a_pure_dye_is_that_dye(tmp_path: Path) -> None:
    amounts = np.zeros((40, 40, 3))
    amounts[:, :20, 0], amounts[:, 20:, 1] = 0.12, 0.08
    labels = np.ones((40, 40), np.uint8)
    labels[:, 20:] = 2
    colours = (hed2rgb(amounts) * 65535 + 0.5).astype(np.uint16)
    found = measure(*files(tmp_path, colours, labels, (16, 16), "contig"), stains=True)
    np.testing.assert_allclose(found.stains["cell"].mean, [[0.12, 0, 0], [0, 0.08, 0]], atol=1e-4)


def test_stains_are_not_measured_where_a_colour_cannot_be_decoded(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    colours, labels = rng.integers(0, 255, (700, 600, 3), dtype=np.uint8), np.zeros((700, 600), np.uint16)
    labels[10:40, 10:40], labels[600:640, 550:590] = 1, 2
    image, mask = files(tmp_path, colours, labels, (512, 512), "separate")
    with tifffile.TiffFile(image.path) as tiff:
        offset, n = tiff.pages.first.dataoffsets[4], tiff.pages.first.databytecounts[4]  # green, upper left
    with image.path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * n)
    image = read_image(image.path, findings=Findings())
    found = measure(image, mask, stains=True, skip_bad_tiles=True, findings=Findings())
    assert found.stains["cell"].count[0].tolist() == [0, 0, 0]
    assert np.isnan(found.stains["cell"].mean[0]).all()
    index = [2]
    expected = [ndimage.mean(plane, labels, index)[0] for plane in np.moveaxis(rgb2hed(colours), -1, 0)]
    np.testing.assert_allclose(found.stains["cell"].mean[1], expected)
    assert found.objects["in_bad_tile"].tolist() == [True, False]


def test_an_image_of_channels_has_no_stains(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "i.tif", np.zeros((3, 32, 32), np.uint8), photometric="minisblack")
    tifffile.imwrite(tmp_path / "m.tif", np.ones((32, 32), np.uint8))
    image = read_image(tmp_path / "i.tif", findings=Findings())
    assert measure(image, read_mask(tmp_path / "m.tif", findings=Findings()), stains=True).stains == {}


@pytest.mark.parametrize("dtype", [np.int16, np.uint32, np.float64])
def test_other_types_of_colour(tmp_path: Path, dtype: type) -> None:
    rng = np.random.default_rng(1)
    unit, labels = rng.random((30, 30, 3)), np.ones((30, 30), np.uint8)
    top = np.iinfo(dtype).max if np.dtype(dtype).kind in "iu" else 1
    colours = (unit * top).astype(dtype)
    found = measure(*files(tmp_path, colours, labels, (16, 16), "contig"), stains=True)
    np.testing.assert_allclose(found.stains["cell"].mean[0], rgb2hed(colours / top).mean(axis=(0, 1)), rtol=1e-6)
