"""Every compression, type and layout of a TIFF gives the values that tifffile, reading the whole file, gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import read_image

if TYPE_CHECKING:
    from pathlib import Path

LOSSLESS = ["none", "lzw", "deflate", "adobe_deflate", "zstd", "packbits", "lerc", "lzma", "png", "jpegxl"]
LOSSY = ["jpeg", "jpeg2000", "jpegxl", "webp", "jpegxr"]


def smooth(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Values that any codec can hold, different everywhere."""
    y, x = np.indices(shape[-2:])
    plane = (np.sin(y / 9) + np.cos(x / 7) + 2) * 60
    return np.stack([plane + 5 * c for c in range(int(np.prod(shape[:-2])))]).reshape(shape).astype(dtype)


def check(path: Path, pixels: np.ndarray | None = None) -> None:
    image = read_image(path, findings=Findings())
    expected = tifffile.imread(path)
    expected = expected.reshape(image.shape)
    np.testing.assert_array_equal(image.read(), expected)
    assert image.dtype == expected.dtype
    if pixels is not None:
        np.testing.assert_array_equal(image.read(), pixels.reshape(image.shape))
    y, x = image.height // 3, image.width // 4
    window = (y, image.height - 1, x, image.width)
    cut = expected[y:-1, x:] if image.is_rgb else expected[:, y:-1, x:]
    np.testing.assert_array_equal(image.read(window=window), cut)


def write(path: Path, pixels: np.ndarray, **options: Any) -> Path:
    compression = options.pop("compression", "none")
    given = {"photometric": "minisblack", "metadata": {"axes": "CYX"}, **options}
    tifffile.imwrite(path, pixels, compression=None if compression == "none" else compression, **given)
    return path


@pytest.mark.parametrize("tile", [(32, 48), None])
@pytest.mark.parametrize("compression", LOSSLESS)
def test_lossless(tmp_path: Path, compression: str, tile: tuple[int, int] | None) -> None:
    pixels = smooth((2, 75, 101), "uint8" if compression == "jpegxl" else "uint16")
    options: dict[str, Any] = {"compressionargs": {"lossless": True}} if compression == "jpegxl" else {}
    try:
        write(tmp_path / "a.tif", pixels, compression=compression, tile=tile, **options)
    except (imagecodecs.DelayedImportError, ValueError) as problem:
        pytest.skip(f"tifffile cannot write it here: {problem}")
    check(tmp_path / "a.tif", pixels)


@pytest.mark.parametrize("compression", LOSSY)
def test_lossy_colours(tmp_path: Path, compression: str) -> None:
    picture = np.moveaxis(smooth((3, 75, 101), "uint8"), 0, -1)
    options = {"photometric": "rgb", "metadata": None, "tile": (32, 48)}
    try:
        write(tmp_path / "a.tif", picture, compression=compression, **options)
    except (imagecodecs.DelayedImportError, ValueError) as problem:
        pytest.skip(f"tifffile cannot write it here: {problem}")
    check(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif", findings=Findings()).is_rgb


def test_jpeg_of_subsampled_ycbcr_as_scanners_write_it(tmp_path: Path) -> None:
    picture = np.moveaxis(smooth((3, 96, 128), "uint8"), 0, -1)
    tiles = [
        imagecodecs.jpeg_encode(
            np.ascontiguousarray(picture[y : y + 32, x : x + 32]), 95, colorspace="RGB", outcolorspace="YCBCR",
            subsampling="420",
        )
        for y in range(0, 96, 32)
        for x in range(0, 128, 32)
    ]  # fmt: skip
    options = {"photometric": "ycbcr", "subsampling": (2, 2), "metadata": None, "tile": (32, 32)}
    given = {"shape": picture.shape, "dtype": picture.dtype, "compression": "jpeg"}
    tifffile.imwrite(tmp_path / "a.tif", iter(tiles), **given, **options)
    check(tmp_path / "a.tif")
    image = read_image(tmp_path / "a.tif", findings=Findings())
    assert image.is_rgb
    assert np.abs(image.read().astype(int) - picture).mean() < 6  # and not YCbCr


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("tile", [(32, 48), None])
@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"],
)
def test_types_and_byte_orders(tmp_path: Path, dtype: str, tile: tuple[int, int] | None, order: str) -> None:
    pixels = smooth((2, 61, 83), dtype)
    if dtype == "bool":
        pixels = np.random.default_rng(0).random((2, 61, 83)) > 0.5
    for compression in ["none"] if dtype == "bool" else ["none", "deflate"]:
        write(tmp_path / "a.tif", pixels, tile=tile, byteorder=order, compression=compression)
        check(tmp_path / "a.tif", pixels)


@pytest.mark.parametrize(
    ("dtype", "predictor"), [("uint8", 2), ("uint16", 2), ("int32", 2), ("float32", 3), ("float64", 3)]
)
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("tile", [(32, 48), None])
@pytest.mark.filterwarnings("ignore:Setting the shape on a NumPy array:DeprecationWarning")  # imagecodecs' own
def test_predictors(tmp_path: Path, dtype: str, predictor: int, order: str, tile: tuple[int, int] | None) -> None:
    pixels = smooth((2, 61, 83), dtype)
    for compression in ("deflate", "lzw", "zstd"):
        write(
            tmp_path / "a.tif", pixels, tile=tile, byteorder=order, compression=compression, predictor=predictor
        )  # fmt: skip
        check(tmp_path / "a.tif", pixels)


@pytest.mark.parametrize("bits", [1, 2, 4, 10, 12])
def test_values_that_do_not_fill_bytes(tmp_path: Path, bits: int) -> None:
    dtype = "uint8" if bits <= 8 else "uint16"
    pixels = np.random.default_rng(0).integers(0, 2**bits, (31, 53)).astype(dtype)
    ones = (pixels[..., None] >> np.arange(bits - 1, -1, -1)) & 1  # the highest bit first, each row in whole bytes
    by_row = np.packbits(ones.reshape(31, -1).astype("uint8"), axis=1).tobytes()
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, bitspersample=None, photometric="minisblack", metadata=None, rowsperstrip=31
    )  # fmt: skip
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        page = tiff.pages.first
        offset = page.dataoffsets[0]
        page.tags["BitsPerSample"].overwrite(bits)
        page.tags["StripByteCounts"].overwrite(len(by_row))
        tiff.filehandle.seek(offset)
        tiff.filehandle.write(by_row)
    image = read_image(tmp_path / "a.tif", findings=Findings())
    np.testing.assert_array_equal(image.read()[0], pixels if bits > 1 else pixels.astype(bool))
    np.testing.assert_array_equal(image.read()[0], tifffile.imread(tmp_path / "a.tif"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    height=st.integers(1, 70), width=st.integers(1, 70), samples=st.sampled_from([1, 2, 3, 5]),
    planar=st.sampled_from(["contig", "separate"]), tile=st.sampled_from([None, 16, 32]), big=st.booleans(),
    strip=st.integers(1, 9), compression=st.sampled_from(["none", "deflate"]), order=st.sampled_from("<>"),
)  # fmt: skip
def test_planar_and_interleaved(
    tmp_path: Path, height: int, width: int, samples: int, planar: str, tile: int | None, big: bool, strip: int,
    compression: str, order: str,
) -> None:  # fmt: skip
    pixels = smooth((samples, height, width), "uint16")
    written = pixels if planar == "separate" else np.ascontiguousarray(np.moveaxis(pixels, 0, -1))
    options: dict[str, Any] = {"planarconfig": planar} if samples > 1 else {}
    written = written if samples > 1 else pixels[0]
    cut = {"tile": (tile, tile)} if tile else {"rowsperstrip": strip}
    write(
        tmp_path / "a.tif", written, metadata=None, compression=compression, bigtiff=big, byteorder=order,
        **options, **cut,
    )  # fmt: skip
    image = read_image(tmp_path / "a.tif", findings=Findings())
    assert image.n_channels == samples
    np.testing.assert_array_equal(image.read(), pixels)


def test_rgb_in_planes_and_with_alpha(tmp_path: Path) -> None:
    pixels = smooth((4, 40, 50), "uint8")
    write(tmp_path / "p.tif", pixels[:3], photometric="rgb", planarconfig="separate", metadata=None, tile=(16, 16))
    np.testing.assert_array_equal(
        read_image(tmp_path / "p.tif", findings=Findings()).read(), np.moveaxis(pixels[:3], 0, -1)
    )
    write(tmp_path / "a.tif", np.moveaxis(pixels, 0, -1), photometric="rgb", metadata=None, extrasamples=["unassalpha"])
    image = read_image(tmp_path / "a.tif", findings=Findings())
    assert image.shape == (40, 50, 3)
    np.testing.assert_array_equal(image.read(), np.moveaxis(pixels[:3], 0, -1))


def test_strips_that_do_not_follow_each_other(tmp_path: Path) -> None:
    pixels = smooth((1, 64, 50), "uint16")
    write(tmp_path / "a.tif", pixels[0], metadata=None, rowsperstrip=7)
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        page = tiff.pages.first
        tags = page.tags["StripOffsets"], page.tags["StripByteCounts"]
        offsets, counts = list(page.dataoffsets), page.databytecounts
        first = tiff.filehandle.read_array("u1", count=counts[0], offset=offsets[0])
        end = tiff.filehandle.size
        tiff.filehandle.seek(end)
        tiff.filehandle.write(first.tobytes())  # the first strip is moved to the end
        tags[0].overwrite([end, *offsets[1:]])
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif", findings=Findings()).read(), pixels)


def test_planes_that_are_compressed_in_different_ways(tmp_path: Path) -> None:
    pixels = smooth((3, 64, 50), "uint16")
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=False) as writer:
        xml = (
            '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
            '<Pixels ID="P" DimensionOrder="XYCZT" Type="uint16" SizeX="50" SizeY="64" SizeC="3" SizeZ="1" SizeT="1">'
            '<Channel ID="C:0"/><Channel ID="C:1"/><Channel ID="C:2"/><TiffData/></Pixels></Image></OME>'
        )
        for plane, compression in zip(pixels, ["deflate", "lzw", "zstd"], strict=True):
            options = {"metadata": None, "tile": (32, 32), "description": xml, "contiguous": False}
            writer.write(plane, compression=compression, photometric="minisblack", **options)
            xml = ""
    np.testing.assert_array_equal(read_image(tmp_path / "a.ome.tif", findings=Findings()).read(), pixels)


def test_a_compression_that_nothing_decodes(tmp_path: Path) -> None:
    write(tmp_path / "a.tif", smooth((1, 40, 40), "uint8")[0], metadata=None, compression="deflate")
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        tiff.pages.first.tags["Compression"].overwrite(34676)  # SGI LogLuv
    with pytest.raises(InputError, match="Nothing installed decodes") as caught:
        read_image(tmp_path / "a.tif", findings=Findings())
    assert next(iter(caught.value.findings)).rule == "image.compression"
