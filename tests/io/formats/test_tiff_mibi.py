"""MIBItiff, written as mibilib writes it; and folders of single channels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import Image, read_image

if TYPE_CHECKING:
    from pathlib import Path

CHANNELS = [(89, "CD45"), (113, "Vimentin"), (141, "PanCK β")]


def counts(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).poisson(2, shape).astype(np.float32)


def write_mibi(path: Path, pixels: np.ndarray, *, size_um: float | None = 400.0, **header: Any) -> Path:
    """Write pages as mibidata.tiff.write does: description JSON by tifffile, deflate, one strip, page names."""
    options: dict[str, Any] = {"compression": 8, "software": "IonpathMIBIv1.0", "rowsperstrip": pixels.shape[1]}
    per_cm = None if size_um is None else (pixels.shape[1] * 1e4 / size_um, pixels.shape[2] * 1e4 / size_um)
    with tifffile.TiffWriter(path) as writer:
        for plane, (mass, target) in zip(pixels, CHANNELS, strict=True):
            metadata = {**header, "image.type": "SIMS", "channel.mass": mass, "channel.target": target}
            name = (285, "s", 0, f"{target} ({mass})".encode())
            more: dict[str, Any] = {} if per_cm is None else {"resolution": per_cm, "resolutionunit": "CENTIMETER"}
            writer.write(plane, metadata=metadata, extratags=[name], **options, **more)
        for kind, picture in (("SED", counts(9, 9)), ("Optical", np.zeros((12, 10, 3), np.uint8))):
            photometric = "rgb" if kind == "Optical" else "minisblack"
            writer.write(picture, metadata={"image.type": kind}, photometric=photometric, software="IonpathMIBIv1.0")
    return path


def opened(path: Path) -> tuple[Image, Findings]:
    found = Findings()
    return read_image(path, findings=found), found


def test_targets_masses_and_pixel_size(tmp_path: Path) -> None:
    pixels = counts(3, 128, 128)
    image, found = opened(write_mibi(tmp_path / "a.tiff", pixels))
    assert image.kind == "MIBItiff"
    assert image.channel_names == ["CD45", "Vimentin", "PanCK β"]
    assert [c.id for c in image.channels] == ["89", "113", "141"]
    assert image.pixel_size_um == pytest.approx(400 / 128)
    np.testing.assert_array_equal(image.read(), pixels)
    np.testing.assert_array_equal(image.read([2], (10, 30, 40, 41)), pixels[[2], 10:30, 40:41])
    assert any("2 pages are pictures, not channels, and are left out: SED, Optical" in f.message for f in found)


@pytest.mark.parametrize(
    "header",
    [
        {"mibi.size": 400.0}, {"fov_size": 400}, {"raw_description": json.dumps({"fov_size": 400.0})},
        {"raw_description": json.dumps({"fov": {"fovSizeMicrons": 400}})},
    ],
)  # fmt: skip
def test_pixel_size_from_the_field(tmp_path: Path, header: dict[str, Any]) -> None:
    image, _ = opened(write_mibi(tmp_path / "a.tiff", counts(3, 64, 800), size_um=None, **header))
    assert image.pixel_size_um == pytest.approx(0.5)


def test_pictures_alone(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tiff") as writer:
        writer.write(counts(9, 9), metadata={"image.type": "SED"}, software="IonpathMIBIv1.0")
    with pytest.raises(InputError, match=r"no page of ions \(SIMS\)"):
        opened(tmp_path / "a.tiff")


def test_a_real_panel_survives_hostile_json(tmp_path: Path) -> None:
    deep = '{"image.type": "SIMS", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    tifffile.imwrite(tmp_path / "a.tiff", counts(8, 8), description=deep, metadata=None)
    image, _ = opened(tmp_path / "a.tiff")
    assert image.kind == "TIFF"


# ------------------------------------------------------------------------------------------- folders of single channels


def write_folder(folder: Path, pixels: np.ndarray, names: list[str], **options: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for plane, name in zip(pixels, names, strict=True):
        tifffile.imwrite(folder / name, plane, metadata=None, **options)
    return folder


@pytest.mark.parametrize("inside", ["", "TIFs"])
@pytest.mark.parametrize("options", [{}, {"tile": (16, 16), "compression": "zlib"}])
def test_a_file_a_channel(tmp_path: Path, inside: str, options: dict[str, Any]) -> None:
    pixels = counts(4, 40, 50)
    names = ["cyc1_DAPI.tif", "cyc2_CD3.tiff", "cyc10_CD8.TIF", "cyc10_Ki67.ome.tif"]
    write_folder(tmp_path / "fov1" / inside, pixels, names, **options)
    (tmp_path / "fov1" / inside / "notes.txt").write_text("x")
    image, found = opened(tmp_path / "fov1")
    assert image.kind == "folder of TIFFs"
    assert image.channel_names == ["cyc1_DAPI", "cyc2_CD3", "cyc10_CD8", "cyc10_Ki67"]
    np.testing.assert_array_equal(image.read(), pixels)
    np.testing.assert_array_equal(image.read([3, 1], (5, 20, 6, 7)), pixels[[3, 1], 5:20, 6:7])
    assert len(found) == 0


def test_masks_in_the_folder_are_no_channels(tmp_path: Path) -> None:
    write_folder(tmp_path, counts(4, 40, 50), ["CD3.tif", "DNA.tif", "cell_mask.tif", "nuclear-segmentation.tif"])
    image, found = opened(tmp_path)
    assert image.channel_names == ["CD3", "DNA"]
    assert any("cell_mask.tif, nuclear-segmentation.tif" in f.message for f in found)


def test_pixel_size_where_all_files_agree(tmp_path: Path) -> None:
    options = {"resolution": (20000, 20000), "resolutionunit": 3}
    write_folder(tmp_path, counts(2, 40, 50), ["a.tif", "b.tif"], **options)
    assert opened(tmp_path)[0].pixel_size_um == pytest.approx(0.5)
    write_folder(tmp_path, counts(1, 40, 50), ["b.tif"])
    assert opened(tmp_path)[0].pixel_size_um is None


def test_files_that_differ_are_all_named(tmp_path: Path) -> None:
    write_folder(tmp_path, counts(3, 40, 50), ["a.tif", "b.tif", "c.tif"])
    write_folder(tmp_path, counts(1, 40, 51), ["d.tif"])
    write_folder(tmp_path, counts(1, 40, 50).astype(np.uint8), ["e.tif"])
    with pytest.raises(InputError, match="most of the folder is 40 x 50 px, float32") as caught:
        opened(tmp_path)
    assert [f.rule for f in caught.value.findings] == ["image.folder"] * 2
    assert "d.tif: 40 x 51 px, float32" in str(caught.value)
    assert "e.tif: 40 x 50 px, uint8" in str(caught.value)


def test_folders_that_are_no_image(tmp_path: Path) -> None:
    write_folder(tmp_path / "one", counts(1, 40, 50), ["a.tif"])
    with pytest.raises(InputError, match="holds 1 TIFF files that could be channels"):
        opened(tmp_path / "one")
    write_folder(tmp_path / "many", np.stack([counts(3, 40, 50)] * 2), ["a.tif", "b.tif"], photometric="minisblack")
    with pytest.raises(InputError, match=r"2 of 2 TIFF files hold more than one plane: a.tif, b.tif.*open_cohort"):
        opened(tmp_path / "many")
    write_folder(tmp_path / "cut", counts(2, 40, 50), ["a.tif", "b.tif"])
    (tmp_path / "cut" / "b.tif").write_bytes(b"II*\0")
    with pytest.raises(InputError, match="'b.tif' in it is no channel: The TIFF file is damaged"):
        opened(tmp_path / "cut")
    write_folder(tmp_path / "strips", counts(1, 40, 50), ["a.tif"], compression="zlib", rowsperstrip=8)
    write_folder(tmp_path / "strips", counts(1, 40, 50), ["b.tif"], compression="zlib", rowsperstrip=10)
    with pytest.raises(InputError, match="strips of different sizes"):
        opened(tmp_path / "strips")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="a folder"):
        opened(tmp_path / "empty")


def test_a_link_that_leads_out(tmp_path: Path) -> None:
    write_folder(tmp_path / "in", counts(2, 40, 50), ["a.tif", "b.tif"])
    write_folder(tmp_path, counts(1, 40, 50), ["c.tif"])
    (tmp_path / "in" / "c.tif").symlink_to(tmp_path / "c.tif")
    with pytest.raises(InputError, match="outside the folder"):
        opened(tmp_path / "in")


def test_a_cohort_stays_a_cohort(tmp_path: Path) -> None:
    import htan_kit as hk

    write_folder(tmp_path, counts(3, 40, 50), ["a.tif", "b.tif", "c.tif"])
    assert len(hk.open_cohort(tmp_path)) == 3
