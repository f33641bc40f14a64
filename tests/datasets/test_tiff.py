from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from htan_kit.datasets._ome import OmeChannel, OmeImage
from htan_kit.datasets._tiff import BAND_PX, halve, level_shapes, tile_size, write_tiff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def _plane(array: np.ndarray) -> Callable[[], Iterator[np.ndarray]]:
    return lambda: (array[y : y + BAND_PX] for y in range(0, len(array), BAND_PX))


def _image(shape: tuple[int, int], dtype: str, n: int = 1, samples: int = 1) -> OmeImage:
    return OmeImage("x", shape, dtype, tuple(OmeChannel(f"c{i}", samples) for i in range(n)), 0.5)


@pytest.mark.parametrize(("height", "width"), [(600, 700), (523, 257), (130, 1100), (1040, 1030)])
@pytest.mark.parametrize("dtype", ["uint16", "float32", "uint8"])
def test_pixels_come_back(tmp_path: Path, height: int, width: int, dtype: str) -> None:
    data = np.random.default_rng(0).integers(0, 250, (2, height, width)).astype(dtype)
    write_tiff(tmp_path / "x.ome.tiff", [_plane(p) for p in data], image=_image((height, width), dtype, 2))
    with tifffile.TiffFile(tmp_path / "x.ome.tiff") as tiff:
        series = tiff.series[0]
        assert tiff.is_ome
        assert len(tiff.series) == 1
        assert series.axes == "CYX"
        np.testing.assert_array_equal(series.asarray(), data)
        assert [level.shape[1:] for level in series.levels] == level_shapes((height, width))
        for above, level in zip(series.levels[:-1], series.levels[1:], strict=True):
            np.testing.assert_array_equal(level.asarray(), np.stack([halve(p) for p in above.asarray()]))
        for page in (tiff.pages[0], *(tiff.pages[0].pages or ())):
            assert page.is_tiled
            assert page.compression == tifffile.COMPRESSION.ADOBE_DEFLATE
        assert len(tiff.pages) == 2
        # Smaller levels are SubIFDs: hidden from readers that know none.
        assert len(tiff.pages[0].subifds or ()) == len(series.levels) - 1


def test_colour(tmp_path: Path) -> None:
    data = np.random.default_rng(0).integers(0, 256, (300, 320, 3), dtype=np.uint8)
    write_tiff(tmp_path / "x.ome.tiff", [_plane(data)], image=_image((300, 320), "uint8", 1, 3))
    with tifffile.TiffFile(tmp_path / "x.ome.tiff") as tiff:
        assert tiff.pages[0].photometric == tifffile.PHOTOMETRIC.RGB
        assert tiff.pages[0].samplesperpixel == 3
        np.testing.assert_array_equal(tiff.series[0].levels[0].asarray(), data)
        assert tiff.series[0].levels[1].shape == (150, 160, 3)


def test_no_date_unless_it_is_asked_for(tmp_path: Path) -> None:
    data = np.zeros((20, 20), dtype=np.uint8)
    write_tiff(tmp_path / "a.ome.tiff", [_plane(data)], image=_image((20, 20), "uint8"))
    write_tiff(tmp_path / "b.ome.tiff", [_plane(data)], image=_image((20, 20), "uint8"), date="2021-05-17T10:20:30")
    with tifffile.TiffFile(tmp_path / "a.ome.tiff") as tiff:
        assert "DateTime" not in tiff.pages[0].tags
    with tifffile.TiffFile(tmp_path / "b.ome.tiff") as tiff:
        assert tiff.pages[0].tags["DateTime"].value == "2021:05:17 10:20:30"


def test_pixel_size_is_in_the_tags_too(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.ome.tiff", [_plane(np.zeros((20, 20), np.uint8))], image=_image((20, 20), "uint8"))
    with tifffile.TiffFile(tmp_path / "a.ome.tiff") as tiff:
        numerator, denominator = tiff.pages[0].tags["XResolution"].value
        assert tiff.pages[0].tags["ResolutionUnit"].value == tifffile.RESUNIT.CENTIMETER
    assert 1e4 / (numerator / denominator) == pytest.approx(0.5)


@pytest.mark.parametrize("shape", [(100, 100), (600, 500), (1500, 2000), (20_000, 20_000)])
def test_no_level_is_smaller_than_a_tile(shape: tuple[int, int]) -> None:
    tile, shapes = tile_size(shape), level_shapes(shape)
    assert tile % 16 == 0
    assert all(min(s) >= tile for s in shapes[1:])
    assert min(shapes[-1]) < 2 * tile


def test_halving_means_four_pixels() -> None:
    image = np.array([[1, 2, 9], [3, 4, 9], [10, 20, 100]], dtype=np.uint16)
    assert halve(image).tolist() == [[3, 9], [15, 100]]  # 2.5 and 15 round up
    assert halve(image.astype(np.float32)).tolist() == [[2.5, 9], [15, 100]]


def test_an_error_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[np.ndarray]:
        yield np.zeros((BAND_PX, 40), np.uint8)
        msg = "the disk is on fire"
        raise RuntimeError(msg)

    with pytest.raises(RuntimeError, match="fire"):
        write_tiff(tmp_path / "x.ome.tiff", [broken], image=_image((2 * BAND_PX, 40), "uint8"))
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_height(tmp_path: Path) -> None:
    def made(height: int) -> Callable[[], Iterator[np.ndarray]]:
        return lambda: (np.full((BAND_PX, 1024), y % 7, np.uint16) for y in range(0, height, BAND_PX))

    def peak(height: int) -> float:
        tracemalloc.start()
        write_tiff(tmp_path / "x.ome.tiff", [made(height)], image=_image((height, 1024), "uint16"))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(BAND_PX)  # imports
    small, large = peak(2 * BAND_PX), peak(16 * BAND_PX)
    whole = 16 * BAND_PX * 1024 * 2
    assert large < 1.5 * small
    assert large < 0.6 * whole


def test_large_files_have_offsets_of_64_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from htan_kit.datasets import _tiff

    monkeypatch.setattr(_tiff, "_CLASSIC_BYTES", 1000)
    data: Any = np.zeros((40, 40), np.uint8)
    write_tiff(tmp_path / "x.ome.tiff", [_plane(data)], image=_image((40, 40), "uint8"))
    with tifffile.TiffFile(tmp_path / "x.ome.tiff") as tiff:
        assert tiff.is_bigtiff
