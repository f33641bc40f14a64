"""Images: what is read is what was written, axes come from the file, and what is wrong is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def write_ome(path: Path, pixels: np.ndarray, **metadata: object) -> Path:
    options = {"photometric": "rgb" if pixels.shape[-1] == 3 and pixels.ndim == 3 else "minisblack"}
    tifffile.imwrite(path, pixels, ome=True, metadata={"axes": "CYX", **metadata}, **options)
    return path


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 60000, (4, 37, 53), dtype=np.uint16)


def test_names_pixel_size_and_pixels(tmp_path: Path, pixels: np.ndarray) -> None:
    path = write_ome(
        tmp_path / "a.ome.tif", pixels, Channel={"Name": list("abcd")}, PhysicalSizeX=325.0, PhysicalSizeXUnit="nm",
        PhysicalSizeY=0.325, PhysicalSizeYUnit="µm",
    )  # fmt: skip
    image = read_image(path, findings=Findings())
    assert image.channel_names == list("abcd")
    assert image.pixel_size_um == pytest.approx(0.325)
    assert image.shape == (4, 37, 53)
    np.testing.assert_array_equal(image.read(), pixels)
    np.testing.assert_array_equal(image.read([2, 0], (5, 20, 50, 99)), pixels[[2, 0], 5:20, 50:])
    np.testing.assert_array_equal(image.dask().compute(), pixels)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    height=st.integers(1, 70), width=st.integers(1, 70), channels=st.integers(1, 4),
    tile=st.sampled_from([None, 16, 32]), max_bytes=st.integers(1, 20_000), rgb=st.booleans(),
)  # fmt: skip
def test_blocks_cover_every_pixel_once(
    tmp_path: Path, height: int, width: int, channels: int, tile: int | None, max_bytes: int, rgb: bool
) -> None:
    shape = (height, width, 3) if rgb else (channels, height, width)
    written = np.arange(1, np.prod(shape) + 1, dtype=np.uint32).reshape(shape).astype(np.uint16)
    path = tmp_path / "b.ome.tif"
    tifffile.imwrite(
        path, written, photometric="rgb" if rgb else "minisblack", tile=(tile, tile) if tile else None,
        metadata={"axes": "YXS" if rgb else "CYX"}, ome=True,
    )  # fmt: skip
    image = read_image(path, findings=Findings())
    seen = np.zeros(shape, np.uint16)
    times = np.zeros(shape, int)
    for (y0, y1, x0, x1), some, values in image.blocks(max_bytes=max_bytes):
        where = np.s_[y0:y1, x0:x1] if rgb else np.ix_(some, range(y0, y1), range(x0, x1))
        seen[where] = values
        times[where] += 1
    np.testing.assert_array_equal(seen, written)
    assert (times == 1).all()


def test_blocks_stay_within_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, np.zeros((6, 512, 512), np.uint16), tile=(64, 64), photometric="minisblack")
    biggest = max(block.pixels.nbytes for block in read_image(path, findings=Findings()).blocks(max_bytes=200_000))
    assert biggest <= 200_000


def test_a_pyramid_and_its_downsampling(tmp_path: Path) -> None:
    path = tmp_path / "p.ome.tif"
    full = np.arange(301 * 203, dtype=np.uint16).reshape(1, 301, 203)
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(full, subifds=1, tile=(64, 64), metadata={"axes": "CYX"}, photometric="minisblack")
        writer.write(full[:, ::2, ::2], subfiletype=1, tile=(64, 64), photometric="minisblack")
    image = read_image(path, findings=Findings())
    assert [(level.height, level.width, level.downsample) for level in image.levels] == [
        (301, 203, 1.0),
        (151, 102, 2.0),
    ]
    np.testing.assert_array_equal(image.read(level=1), full[:, ::2, ::2])


def test_rgb_is_one_channel_of_three_samples(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "he.tif", picture, photometric="rgb")
    image = read_image(tmp_path / "he.tif", findings=Findings())
    assert image.is_rgb
    assert image.n_channels == 1
    np.testing.assert_array_equal(image.read(), picture)
    np.testing.assert_array_equal(image.dask().compute(), picture)


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"PhysicalSizeX": 10000.0, "PhysicalSizeY": 10000.0}, "cannot be the size"),
        ({"PhysicalSizeX": 0.0, "PhysicalSizeY": 0.0}, "cannot be the size"),
        ({"PhysicalSizeX": 1.0, "PhysicalSizeXUnit": "pixel", "PhysicalSizeY": 1.0}, "is not a length"),
        ({"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.6}, "not square"),
    ],
)
def test_an_impossible_pixel_size_is_not_believed(tmp_path: Path, metadata: dict[str, object], why: str) -> None:
    path = write_ome(tmp_path / "a.ome.tif", np.zeros((2, 8, 9), np.uint8), **metadata)
    findings = Findings()
    assert read_image(path, findings=findings).pixel_size_um is None
    assert any(why in f.message for f in findings)


def test_pixel_size_from_tags_per_centimetre_only(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "cm.tif", np.zeros((8, 8), np.uint8), resolution=(20000, 20000), resolutionunit=3)
    tifffile.imwrite(tmp_path / "in.tif", np.zeros((8, 8), np.uint8), resolution=(300, 300), resolutionunit=2)
    assert read_image(tmp_path / "cm.tif", findings=Findings()).pixel_size_um == pytest.approx(0.5)
    assert read_image(tmp_path / "in.tif", findings=Findings()).pixel_size_um is None


def test_bad_files_each_have_one_clear_message(tmp_path: Path, pixels: np.ndarray) -> None:
    (tmp_path / "text.ome.tif").write_text("not an image at all\n")
    (tmp_path / "empty.ome.tif").touch()
    whole = write_ome(tmp_path / "whole.ome.tif", pixels).read_bytes()
    (tmp_path / "cut.ome.tif").write_bytes(whole[: len(whole) // 2])
    tifffile.imwrite(tmp_path / "tiled.ome.tif", pixels, tile=(16, 16), ome=True, metadata={"axes": "CYX"})
    tiled = (tmp_path / "tiled.ome.tif").read_bytes()
    (tmp_path / "page.ome.tif").write_bytes(tiled[: len(tiled) * 2 // 5])
    tifffile.imwrite(tmp_path / "z.ome.tif", np.zeros((5, 8, 8), np.uint8), ome=True, metadata={"axes": "ZYX"})
    expected = {
        "text.ome.tif": "not a TIFF", "empty.ome.tif": "an empty file", "cut.ome.tif": "cut off",
        "page.ome.tif": "cut off", "z.ome.tif": "5 along Z",
        "none.ome.tif": "no such file", ".": "a folder",
    }  # fmt: skip
    for name, message in expected.items():
        with pytest.raises(InputError, match=message) as caught:
            read_image(tmp_path / name, findings=Findings())
        assert len(caught.value.findings) == 1
        assert str(tmp_path) in str(caught.value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0.0, 0.999))
def test_a_truncated_file_never_passes(tmp_path: Path, pixels: np.ndarray, cut: float) -> None:
    path = tmp_path / "t.ome.tif"
    tifffile.imwrite(path, pixels, tile=(16, 16), compression="zlib", ome=True, metadata={"axes": "CYX"})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(InputError):
        read_image(path, findings=Findings()).read()


def test_a_damaged_tile_is_an_input_error(tmp_path: Path, pixels: np.ndarray) -> None:
    path = tmp_path / "t.ome.tif"
    tifffile.imwrite(path, pixels, tile=(16, 16), compression="zlib", ome=True, metadata={"axes": "CYX"})
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages[1].dataoffsets[3]
    data = bytearray(path.read_bytes())
    data[offset : offset + 20] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(InputError, match="cannot be decoded"):
        read_image(path, findings=Findings()).read()


def test_a_channel_or_level_that_is_not_there(tmp_path: Path, pixels: np.ndarray) -> None:
    image = read_image(write_ome(tmp_path / "a.ome.tif", pixels), findings=Findings())
    with pytest.raises(InputError, match="no channel"):
        image.read([4])
    with pytest.raises(InputError, match="no level"):
        image.read(level=1)


def test_a_header_of_another_file(real: Path) -> None:
    with pytest.raises(InputError, match="contradicts the pixels") as caught:
        read_image(real / "mcmicro_tools" / "mti-utils" / "rename_test.ome.tiff")
    assert "3552" in str(caught.value)


def test_real_headers_that_lie_about_size(real: Path) -> None:
    for name in (
        "mcmicro_tools/cycif48/cropped_reactive_core.ome.tiff",
        "awkward/minerva_author/testimages/64x64.ome.tif",
    ):
        findings = Findings()
        assert read_image(real / name, findings=findings).pixel_size_um is None
        assert [f.rule for f in findings].count("image.pixel-size") == 2


def test_real_imc_names(real: Path) -> None:
    image = read_image(real / "imc_bodenmiller/steinbock/ome/20210305_NE_mockData1_001.ome.tiff", findings=Findings())
    assert image.channel_names[1] == "Pr141_Cytokeratin 5"
    assert image.dtype == np.float32
    assert image.pixel_size_um is None
