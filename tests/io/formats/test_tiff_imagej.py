"""ImageJ's TIFF and plain ones: hyperstacks, labels, pixel size, stacks of which the file says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import Image, read_image

if TYPE_CHECKING:
    from pathlib import Path


def noise(*shape: int, dtype: str = "uint16") -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 200, shape).astype(dtype)


def opened(path: Path, **choice: Any) -> tuple[Image, Findings]:
    found = Findings()
    return read_image(path, findings=found, **choice), found


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_channels_with_labels(tmp_path: Path, dtype: str) -> None:
    pixels = noise(3, 40, 50, dtype=dtype)
    metadata = {"axes": "CYX", "Labels": ["DNA", " CD3\n", "CD8"]}
    tifffile.imwrite(tmp_path / "a.tif", pixels, imagej=True, metadata=metadata)
    image, found = opened(tmp_path / "a.tif")
    assert image.kind == "ImageJ TIFF"
    assert image.channel_names == ["DNA", "CD3", "CD8"]
    np.testing.assert_array_equal(image.read(), pixels)
    assert [f.rule for f in found] == ["image.ome-xml"]


@pytest.mark.parametrize(
    ("unit", "per_unit", "expected"),
    [
        ("micron", 2.0, 0.5), ("\\u00B5m", 4.0, 0.25), ("um", 3.0769, 0.325), ("nm", 0.002, 0.5),
        ("mm", 2000.0, 0.5), ("pixel", 2.0, None), ("inch", 72.0, None), ("", 2.0, None),
    ],
)  # fmt: skip
def test_pixel_size_in_its_unit(tmp_path: Path, unit: str, per_unit: float, expected: float | None) -> None:
    metadata = {"axes": "YX", **({"unit": unit} if unit else {})}
    tifffile.imwrite(
        tmp_path / "a.tif", noise(20, 30), imagej=True, resolution=(per_unit, per_unit), metadata=metadata
    )  # fmt: skip
    image, found = opened(tmp_path / "a.tif")
    assert image.pixel_size_um == (None if expected is None else pytest.approx(expected, rel=1e-4))
    assert [f.rule for f in found] == ["image.ome-xml"]


def test_a_pixel_size_that_cannot_be_one(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(20, 30), imagej=True, resolution=(1e-3, 1e-3), metadata={"unit": "mm"})
    image, found = opened(tmp_path / "a.tif")
    assert image.pixel_size_um is None
    assert "image.pixel-size" in {f.rule for f in found}


@pytest.mark.parametrize("contiguous", [True, False])
def test_hyperstacks_one_plane_at_a_time(tmp_path: Path, contiguous: bool) -> None:
    """Of one directory for all planes, and of a directory a plane."""
    pixels = noise(2, 3, 4, 20, 30)
    labels = [f"t{t} z{z} c{c}" for t in range(2) for z in range(3) for c in range(4)]
    options: dict[str, Any] = {} if contiguous else {"compression": "zlib"}
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, imagej=True, metadata={"axes": "TZCYX", "Labels": labels}, **options
    )  # fmt: skip
    with pytest.raises(InputError, match="2 along T"):
        opened(tmp_path / "a.tif")
    for t in range(2):
        for z in range(3):
            image, _ = opened(tmp_path / "a.tif", z=z, t=t)
            np.testing.assert_array_equal(image.read(), pixels[t, z])
            assert image.channel_names == [f"t{t} z{z} c{c}" for c in range(4)]


@pytest.mark.parametrize("axis", "ZT")
def test_channels_that_are_called_z_or_t(tmp_path: Path, axis: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(5, 20, 30), imagej=True, metadata={"axes": f"{axis}YX"})
    with pytest.raises(InputError, match=rf"5 along {axis}.*ImageJ calls the stack z or t"):
        opened(tmp_path / "a.tif")


def test_a_stack_that_is_cut_off(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(5, 100, 120), imagej=True, metadata={"axes": "CYX"})
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[: len(whole) * 3 // 5])
    with pytest.raises(InputError, match="cut off"):
        opened(tmp_path / "a.tif")


def test_planes_beyond_4_gb_that_have_one_directory(tmp_path: Path) -> None:
    """A sparse file of 4.4 GB: only the rows that are asked for are read."""
    path, side = tmp_path / "a.tif", 16_384
    n = 2**32 // (side * side * 2) + 1
    said = f"ImageJ=1.53\nimages={n}\nchannels={n}\nhyperstack=true\n"
    tifffile.imwrite(
        path, shape=(side, side), dtype="uint16", byteorder=">", description=said, metadata=None, rowsperstrip=side
    )  # fmt: skip
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages.first.dataoffsets[0]
    with path.open("r+b") as file:
        file.truncate(offset + n * side * side * 2)
    mark = np.arange(100, dtype=">u2")
    with path.open("r+b") as file:
        file.seek(offset + ((n - 1) * side + 9000) * side * 2 + 700 * 2)
        file.write(mark.tobytes())
    image, _ = opened(path)
    assert image.shape == (n, side, side)
    with image.store.tiles() as tiles:
        assert tiles.chunk == image.tile_shape
    np.testing.assert_array_equal(image.read([n - 1], (9000, 9001, 700, 800))[0, 0], mark)
    assert not image.read([0, n - 2], (9000, 9001, 0, 800)).any()


def test_pages_of_which_the_file_says_nothing(tmp_path: Path) -> None:
    pixels = noise(3, 40, 50)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata=None)
    with tifffile.TiffWriter(tmp_path / "b.tif") as writer:  # plane by plane
        for plane in pixels:
            writer.write(plane)
        writer.write(pixels[0, ::2, ::2])
    for name in ("a.tif", "b.tif"):
        image, found = opened(tmp_path / name)
        np.testing.assert_array_equal(image.read(), pixels)
        assert any("does not say what its 3 pages are" in f.message for f in found)


def test_page_names_are_channel_names(tmp_path: Path) -> None:
    pixels = noise(3, 40, 50)
    for names in (["DNA", "CD3", "CD8"], ["same", "same", "same"]):
        with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
            for plane, name in zip(pixels, names, strict=True):
                writer.write(plane, metadata=None, contiguous=False, extratags=[(285, "s", 0, name, True)])
        image, found = opened(tmp_path / "a.tif")
        assert image.channel_names == (names if names[0] == "DNA" else [None] * 3)
        assert ("image.axes" in {f.rule for f in found}) == (names[0] == "same")
        np.testing.assert_array_equal(image.read(), pixels)


def test_axes_that_a_writer_turned(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(3, 40, 50), photometric="minisblack", metadata={"axes": "CXY"})
    with pytest.raises(InputError, match="not channels of one image"):
        opened(tmp_path / "a.tif")
