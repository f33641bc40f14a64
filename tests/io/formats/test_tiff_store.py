"""A TIFF costs what is asked of it: few bytes for a window, no memory for a lie, no time for its tables."""

from __future__ import annotations

import contextlib
import pickle
import struct
import time
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io._bytes import Files
from htan_kit.io.image import Image, read_image

if TYPE_CHECKING:
    from pathlib import Path


def opened(path: Path) -> Image:
    return read_image(path, findings=Findings())


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 60000, shape, dtype=np.uint16)


@pytest.fixture
def bytes_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the length of every read of pixels."""
    seen: list[int] = []
    plain = Files.read

    def read(self: Files, path: Path, offset: int, n: int) -> memoryview:
        seen.append(n)
        return plain(self, path, offset, n)

    monkeypatch.setattr(Files, "read", read)
    return seen


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_window_costs_the_tiles_it_touches(tmp_path: Path, bytes_read: list[int], compression: str | None) -> None:
    pixels = noise(4, 512, 640)
    options: dict[str, Any] = {"tile": (64, 64), "compression": compression, "photometric": "minisblack"}
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, ome=True, metadata={"axes": "CYX"}, **options)
    image = opened(tmp_path / "a.ome.tif")
    assert not bytes_read  # opening decodes nothing
    cut = image.read([2], (100, 130, 300, 330))  # tiles 1-2 by 4-5
    np.testing.assert_array_equal(cut[0], pixels[2, 100:130, 300:330])
    assert len(bytes_read) == 4
    assert sum(bytes_read) <= 4 * 64 * 64 * 2 * 1.01
    bytes_read.clear()
    np.testing.assert_array_equal(image.dask()[3, 0:10, 630:640].compute(), pixels[3, 0:10, 630:640])
    assert len(bytes_read) <= (1024 // 64) ** 2  # of one dask chunk


@pytest.mark.parametrize("strip", [1, 512])
def test_a_window_of_plain_strips_costs_its_rows(tmp_path: Path, bytes_read: list[int], strip: int) -> None:
    """However they are cut: single rows are not read one by one, and a strip of all rows is not read whole."""
    pixels = noise(512, 4096)
    tifffile.imwrite(tmp_path / "a.tif", pixels, rowsperstrip=strip, metadata=None)
    image = opened(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.read(window=(200, 203, 5, 9))[0], pixels[200:203, 5:9])
    assert len(bytes_read) == 1
    assert bytes_read[0] <= 2**20
    with image.store.tiles() as tiles:
        assert tiles.chunk == image.tile_shape


def test_stores_travel_to_other_processes(tmp_path: Path) -> None:
    pixels = noise(2, 70, 90)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", metadata={"axes": "CYX"}, tile=(32, 32))
    image = opened(tmp_path / "a.tif")
    again = pickle.loads(pickle.dumps(image.store))
    assert again == image.store
    with again.tiles() as tiles:
        np.testing.assert_array_equal(tiles.decode(1, 1, 2)[:, :26, 0], pixels[1, 32:64, 64:])


def test_a_file_that_grows_or_vanishes(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise(70, 90), metadata=None, tile=(32, 32))
    image = opened(path)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(InputError, match="changed since it was opened") as caught:
        image.read()
    assert next(iter(caught.value.findings)).rule == "image.changed"
    path.unlink()
    with pytest.raises(InputError, match="no such file"):
        next(image.blocks())


def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise(256, 256), metadata=None, tile=(32, 32))
    image = opened(path)
    with image.store.tiles() as tiles:
        tiles.decode(0, 0, 0)
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
        with pytest.raises(EOFError, match="ends .* bytes too early"):
            tiles.decode(0, 7, 7)


# ----------------------------------------------------------------------------------------------------------- many tiles


def write_many(path: Path, *, n_channels: int, n_levels: int, side: int, tile: int) -> Path:
    """Write an OME-BigTIFF of many tiles that all lie at one place, by hand: real ones would take a terabyte."""
    data = zlib.compress(bytes(tile * tile * 2))
    channels = "".join(f'<Channel ID="C:{c}" Name="c{c}"/>' for c in range(n_channels))
    xml = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        f'<Pixels ID="P" DimensionOrder="XYCZT" Type="uint16" SizeX="{side}" SizeY="{side}" SizeC="{n_channels}" '
        f'SizeZ="1" SizeT="1">{channels}<TiffData IFD="0" PlaneCount="{n_channels}"/></Pixels></Image></OME>'
    ).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 0) + data)

        def directory(side: int, more: list[tuple[int, int, int, bytes]]) -> tuple[int, int]:
            n = (-(-side // tile)) ** 2
            numbers = [(256, side), (257, side), (258, 16), (259, 8), (262, 1), (277, 1), (322, tile), (323, tile)]
            tags = [(code, 4, 1, struct.pack("<I", value)) for code, value in numbers] + more
            tags.append((324, 16, n, np.full(n, 16, "<u8").tobytes()))
            tags.append((325, 4, n, np.full(n, len(data), "<u4").tobytes()))
            block = struct.pack("<Q", len(tags))
            for code, kind, count, value in sorted(tags):
                if len(value) > 8:
                    file.write(bytes(-file.tell() % 8))
                    value, _ = struct.pack("<Q", file.tell()), file.write(value)
                block += struct.pack("<HHQ", code, kind, count) + value.ljust(8, b"\0")
            file.write(bytes(-file.tell() % 8))
            at = file.tell()
            file.write(block + bytes(8))
            return at, at + len(block)

        link = 8
        for c in range(n_channels):
            below = [directory(side >> level, [])[0] for level in range(1, n_levels)]
            more = [(330, 18, len(below), struct.pack(f"<{len(below)}Q", *below))]
            at, after = directory(side, more + ([(270, 2, len(xml) + 1, xml + b"\0")] if c == 0 else []))
            end = file.tell()
            file.seek(link)
            file.write(struct.pack("<Q", at))
            file.seek(end)
            link = after
    return path


def test_an_image_of_a_million_tiles_opens_at_once(tmp_path: Path, bytes_read: list[int]) -> None:
    path = write_many(tmp_path / "a.ome.tif", n_channels=20, n_levels=7, side=51_200, tile=256)
    start = time.perf_counter()
    image = opened(path)
    assert time.perf_counter() - start < 8  # about 0.1 s alone on a machine; before tables were arrays it took longer
    assert [level.height for level in image.levels] == [51_200 >> level for level in range(7)]
    assert image.n_channels == 20
    assert not image.read([19], (30_000, 30_100, 30_000, 30_100)).any()
    assert len(bytes_read) <= 4


# --------------------------------------------------------------------------------------------------------------- bombs


def lie(path: Path, *, tags: dict[int, int], **options: Any) -> Path:
    """Write a small TIFF, then overwrite tags."""
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), metadata=None, **options)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for code, value in tags.items():
            tag = tiff.pages.first.tags[code]
            tag.overwrite(value, dtype="I")
    assert path.stat().st_size < 10_000
    return path


HUGE = {256: 10**6, 257: 10**6}


@pytest.mark.parametrize(
    ("tags", "options", "said"),
    [
        ({**HUGE, 278: 10**6}, {"compression": "zlib"}, "claim 1,000,000,000,000 bytes"),
        ({**HUGE, 278: 10**6}, {}, "cut off"),
        (HUGE, {"compression": "zlib", "tile": (16, 16)}, "says of 16 where they are"),
        ({**HUGE, 322: 250_000, 323: 250_000}, {"compression": "zlib", "tile": (16, 16)}, "claim 62,500,000,000 bytes"),
        ({**HUGE, 322: 16_384, 323: 16_384}, {"compression": "zlib", "tile": (16, 16)}, "says of 16 where they are"),
        ({257: 10**6}, {"compression": "zlib", "rowsperstrip": 1}, "says of 64 where they are"),
    ],
)
def test_a_small_file_that_claims_a_terabyte(
    tmp_path: Path, tags: dict[int, int], options: dict[str, Any], said: str
) -> None:
    path = lie(tmp_path / "a.tif", tags=tags, **options)
    start = time.perf_counter()
    with pytest.raises(InputError, match=said):
        opened(path)
    assert time.perf_counter() - start < 5


def test_tiles_without_bytes_that_claim_a_terabyte(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    n = 4096
    tifffile.imwrite(path, np.zeros((16 * 64, 16 * 64), np.uint8), tile=(16, 16), metadata=None, compression="zlib")
    with tifffile.TiffFile(path, mode="r+") as tiff:
        page = tiff.pages.first
        page.tags["TileByteCounts"].overwrite([0] * n)
        for code, value in {256: 2**20, 257: 2**20, 322: 2**14, 323: 2**14}.items():
            page.tags[code].overwrite(value, dtype="I")
    with pytest.raises(InputError, match=r"claims 1,099,511,627,776 bytes of pixels, of which 0 are stored") as caught:
        opened(path)
    assert next(iter(caught.value.findings)).rule == "image.bomb"


def test_planes_of_different_sizes_in_one_ome_image(tmp_path: Path) -> None:
    xml = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="P" DimensionOrder="XYCZT" Type="uint16" SizeX="50" SizeY="64" SizeC="2" SizeZ="1" SizeT="1">'
        '<Channel ID="C:0"/><Channel ID="C:1"/><TiffData/></Pixels></Image></OME>'
    )
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        writer.write(noise(64, 50), metadata=None, description=xml, contiguous=False, compression="zlib")
        writer.write(noise(40, 50), metadata=None, contiguous=False, compression="zlib")
    with pytest.raises(InputError, match="stored in different ways|damaged"):
        opened(tmp_path / "a.ome.tif")


# ----------------------------------------------------------------------------------------------------- dask and xarray


def test_xarray_has_names_and_places(tmp_path: Path, bytes_read: list[int]) -> None:
    pixels = noise(2, 41, 50)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        options: dict[str, Any] = {"tile": (16, 16), "photometric": "minisblack"}
        header = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "Channel": {"Name": ["DNA", "CD3"]}}
        writer.write(pixels, subifds=1, metadata=header, **options)
        writer.write(pixels[:, ::2, ::2], subfiletype=1, **options)
    image = opened(tmp_path / "a.ome.tif")
    array = image.to_xarray()
    assert not bytes_read
    assert array.dims == ("c", "y", "x")
    assert array.c.to_numpy().tolist() == ["DNA", "CD3"]
    assert array.y.to_numpy()[[0, 1, 40]].tolist() == [0.0, 0.5, 20.0]
    np.testing.assert_array_equal(array.sel(c="CD3", y=slice(1, 2), x=slice(0, 1)), pixels[1, 2:5, :3])
    half = image.to_xarray(1)
    assert half.x.to_numpy()[:2].tolist() == [0.25, 1.25]  # a pixel of level 1 covers 0 and 0.5 µm
    assert half.attrs["pixel_size_um"] == 1.0
    np.testing.assert_array_equal(half, pixels[:, ::2, ::2])


def test_xarray_of_colours_and_without_a_pixel_size(tmp_path: Path) -> None:
    picture = noise(20, 30, 3).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", picture, photometric="rgb", metadata=None)
    array = opened(tmp_path / "a.tif").to_xarray()
    assert array.c.to_numpy().tolist() == ["r", "g", "b"]
    assert array.x.attrs["units"] == "px"
    np.testing.assert_array_equal(array, np.moveaxis(picture, -1, 0))


def test_dask_lists_no_more_chunks_than_it_can(tmp_path: Path) -> None:
    image = opened(write_many(tmp_path / "a.ome.tif", n_channels=40, n_levels=2, side=51_200, tile=512))
    array = image.dask()
    assert array.shape == image.shape
    assert array.npartitions <= 20_000
    assert max(array.chunksize) <= 4096
    assert not array[39, 51_190:, 51_190:].compute().any()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=4))
def test_directories_with_wrong_bytes(tmp_path: Path, places: list[tuple[int, int]]) -> None:
    """Whatever they say, the image opens or an InputError does; most of what can go wrong is tifffile's."""
    pixels = noise(3, 100, 150)
    path = tmp_path / "a.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        options: dict[str, Any] = {"tile": (32, 32), "compression": "zlib", "photometric": "minisblack"}
        writer.write(pixels, subifds=1, metadata={"axes": "CYX"}, **options)
        writer.write(pixels[:, ::2, ::2], subfiletype=1, **options)
    raw = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        start = tiff.pages.first.offset
    for place, value in places:
        raw[(start + place) % len(raw)] = value
    path.write_bytes(raw)
    with contextlib.suppress(InputError):
        image = opened(path)
        for level in range(len(image.levels)):
            image.read(window=(0, 40, 0, 40), level=level)


def test_a_page_of_more_values_a_pixel_than_any_camera_has(tmp_path: Path) -> None:
    path = lie(tmp_path / "a.tif", tags={277: 60_000}, compression="zlib", tile=(16, 16))
    with pytest.raises(InputError, match="60,000 values a pixel"):
        opened(path)
