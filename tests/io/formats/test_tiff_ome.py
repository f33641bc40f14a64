"""OME-TIFF: pyramids old and new, several images, sets of files, stacks."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import read_image

if TYPE_CHECKING:
    from pathlib import Path

NS = 'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 60000, shape, dtype=np.uint16)


def halves(pixels: np.ndarray, n: int) -> list[np.ndarray]:
    return [pixels[..., :: 2**i, :: 2**i] for i in range(n)]


def check_levels(path: Path, levels: list[np.ndarray], **choice: Any) -> Findings:
    found = Findings()
    image = read_image(path, findings=found, **choice)
    assert [(level.height, level.width) for level in image.levels] == [level.shape[-2:] for level in levels]
    for number, level in enumerate(levels):
        np.testing.assert_array_equal(image.read(level=number), level)
    return found


def ome(images: list[tuple[str, tuple[int, int, int], str]], **attributes: str) -> str:
    """Write OME-XML of uint16 images: name, shape (C, Y, X), TiffData."""
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    text = f'<?xml version="1.0"?><OME {NS}{more}>'
    for i, (name, (c, y, x), data) in enumerate(images):
        channels = "".join(f'<Channel ID="Channel:{i}:{n}" Name="{name} {n}" SamplesPerPixel="1"/>' for n in range(c))
        text += (
            f'<Image ID="Image:{i}" Name="{name}"><Pixels ID="Pixels:{i}" DimensionOrder="XYCZT" Type="uint16" '
            f'SizeX="{x}" SizeY="{y}" SizeC="{c}" SizeZ="1" SizeT="1" PhysicalSizeX="0.{i + 1}" '
            f'PhysicalSizeY="0.{i + 1}">{channels}{data}</Pixels></Image>'
        )
    return text + "</OME>"


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("order", "<>")
def test_levels_in_subifds(tmp_path: Path, order: str, big: bool) -> None:
    levels = halves(noise(3, 201, 301), 3)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True, bigtiff=big, byteorder=order) as writer:
        options: dict[str, Any] = {"tile": (32, 64), "compression": "zlib", "photometric": "minisblack"}
        writer.write(levels[0], subifds=2, metadata={"axes": "CYX"}, **options)
        for level in levels[1:]:
            writer.write(level, subfiletype=1, **options)
    assert len(check_levels(tmp_path / "a.ome.tif", levels)) == 0


@pytest.mark.parametrize("order", "<>")
def test_levels_as_further_pages(tmp_path: Path, order: str) -> None:
    """As ASHLAR and Faas wrote them: the OME-XML speaks of the first pages only."""
    levels = halves(noise(3, 200, 302), 3)
    xml = ome([("a", (3, 200, 302), '<TiffData IFD="0" PlaneCount="3"/>')])
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", byteorder=order) as writer:
        for plane in itertools.chain(*levels):
            writer.write(plane, tile=(32, 64), metadata=None, description=xml, contiguous=False)
            xml = ""
    check_levels(tmp_path / "a.ome.tif", levels)


def test_levels_as_further_images(tmp_path: Path) -> None:
    """As Bio-Formats before 6 wrote them, with another image after them."""
    levels, other = halves(noise(2, 200, 302), 3), noise(2, 90, 80)
    sizes = [
        (f"slide #{i}", level.shape, f'<TiffData IFD="{2 * i}" PlaneCount="2"/>') for i, level in enumerate(levels)
    ]
    xml = ome([*sizes, ("other", other.shape, '<TiffData IFD="6" PlaneCount="2"/>')])
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        for plane in itertools.chain(*levels, other):
            writer.write(plane, tile=(32, 64), metadata=None, description=xml, contiguous=False)
            xml = ""
    found = check_levels(tmp_path / "a.ome.tif", levels)
    assert any("2 of the 4 images are smaller copies" in f.message for f in found)
    check_levels(tmp_path / "a.ome.tif", [other], series="other")
    image = read_image(tmp_path / "a.ome.tif", series="other", findings=Findings())
    assert image.pixel_size_um == pytest.approx(0.4)
    assert image.channel_names == ["other 0", "other 1"]


def test_images_that_are_no_levels(tmp_path: Path) -> None:
    """Half as large, but of another name, or of other channels: another image."""
    full, small = noise(2, 100, 120), noise(2, 50, 60)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        writer.write(full, metadata={"axes": "CYX", "Name": "core"}, photometric="minisblack")
        writer.write(small, metadata={"axes": "CYX", "Name": "control"}, photometric="minisblack")
        writer.write(small[:1], metadata={"axes": "CYX", "Name": "control"}, photometric="minisblack")
    found = check_levels(tmp_path / "a.ome.tif", [full])
    message = next(f.message for f in found if f.rule == "image.series")
    assert "3 images (0 'core', 1 'control', 2 'control')" in message
    check_levels(tmp_path / "a.ome.tif", [small], series=1)
    with pytest.raises(InputError, match="Several images are 'control'"):
        read_image(tmp_path / "a.ome.tif", series="control", findings=Findings())
    with pytest.raises(InputError, match="No image is 'kidney'"):
        read_image(tmp_path / "a.ome.tif", series="kidney", findings=Findings())


def test_label_and_macro_of_a_converted_slide(tmp_path: Path) -> None:
    picture = np.moveaxis(noise(3, 60, 70).astype(np.uint8), 0, -1)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        for name, shape in (("slide", (60, 70)), ("label image", (30, 35)), ("macro image", (20, 40))):
            writer.write(picture[: shape[0], : shape[1]], metadata={"axes": "YXS", "Name": name}, photometric="rgb")
    found = check_levels_rgb(tmp_path / "a.ome.tif", picture)
    assert any("1 'label image', 2 'macro image'" in f.message for f in found)
    image = read_image(tmp_path / "a.ome.tif", series="macro image", findings=Findings())
    np.testing.assert_array_equal(image.read(), picture[:20, :40])


def check_levels_rgb(path: Path, picture: np.ndarray) -> Findings:
    found = Findings()
    image = read_image(path, findings=found)
    assert len(image.levels) == 1
    np.testing.assert_array_equal(image.read(), picture)
    return found


# ----------------------------------------------------------------------------------------------------- sets of files


def write_set(folder: Path, pixels: np.ndarray, *, companion: bool) -> list[Path]:
    """Write a file a channel, each with the whole OME-XML or with BinaryOnly that names the companion."""
    n = len(pixels)
    data = "".join(
        f'<TiffData FirstC="{c}" IFD="0" PlaneCount="1"><UUID FileName="c{c}.ome.tif">urn:uuid:{c}</UUID></TiffData>'
        for c in range(n)
    )
    whole = [("set", pixels.shape, data)]
    paths = []
    for c in range(n):
        only = '<BinaryOnly MetadataFile="a.companion.ome" UUID="urn:uuid:9"/>'
        own = f'<?xml version="1.0"?><OME {NS} UUID="urn:uuid:{c}">{only}</OME>'
        path = folder / f"c{c}.ome.tif"
        text = own if companion else ome(whole, UUID=f"urn:uuid:{c}")
        with tifffile.TiffWriter(path) as writer:
            options: dict[str, Any] = {"tile": (32, 32), "metadata": None, "compression": "zlib"}
            writer.write(pixels[c], subifds=1, description=text, **options)
            writer.write(pixels[c, ::2, ::2], subfiletype=1, **options)
        paths.append(path)
    if companion:
        (folder / "a.companion.ome").write_text(ome(whole, UUID="urn:uuid:9"))
        paths.append(folder / "a.companion.ome")
    return paths


@pytest.mark.parametrize("companion", [False, True])
def test_a_set_is_one_image_by_whichever_file(tmp_path: Path, companion: bool) -> None:
    pixels = noise(3, 70, 90)
    for path in write_set(tmp_path, pixels, companion=companion):
        assert len(check_levels(path, halves(pixels, 2))) == 0
        image = read_image(path, findings=Findings())
        assert image.channel_names == ["set 0", "set 1", "set 2"]
        assert image.pixel_size_um == pytest.approx(0.1)
        assert image.path == path
        np.testing.assert_array_equal(image.dask().compute(), pixels)


@pytest.mark.parametrize("companion", [False, True])
def test_a_set_with_a_file_missing_cut_or_changed(tmp_path: Path, companion: bool) -> None:
    pixels = noise(3, 70, 90)
    paths = write_set(tmp_path, pixels, companion=companion)
    image = read_image(paths[0], findings=Findings())
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole + b"more")
    with pytest.raises(InputError, match="changed since it was opened"):
        image.read()
    paths[1].write_bytes(whole[:-400])
    with pytest.raises(InputError, match="cut off"):
        read_image(paths[0], findings=Findings())
    paths[1].unlink()
    with pytest.raises(InputError, match="no such file"):
        image.read()
    with pytest.raises(InputError, match="1 of the 3 files that hold the image are not here: c1.ome.tif"):
        read_image(paths[-1], findings=Findings())
    if companion:
        paths[-1].unlink()
        with pytest.raises(InputError, match="points to 'a.companion.ome', which describes the image and is not here"):
            read_image(paths[0], findings=Findings())


def test_a_companion_that_lies_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    paths = write_set(tmp_path / "in", noise(2, 40, 40), companion=True)
    shutil.move(paths[-1], tmp_path / "a.companion.ome")
    (tmp_path / "in" / "a.companion.ome").symlink_to(tmp_path / "a.companion.ome")
    with pytest.raises(InputError, match="outside the folder"):
        read_image(paths[0], findings=Findings())
    for name in ("../a.companion.ome", "/etc/passwd", ""):
        text = f'<?xml version="1.0"?><OME {NS}><BinaryOnly MetadataFile="{name}"/></OME>'
        tifffile.imwrite(tmp_path / "in" / "b.ome.tif", noise(9, 9), description=text, metadata=None)
        with pytest.raises(InputError, match="only points to"):
            read_image(tmp_path / "in" / "b.ome.tif", findings=Findings())


def test_a_document_that_names_no_pixels_or_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.companion.ome").write_text(ome([("a", (1, 8, 8), "")]))
    with pytest.raises(InputError, match="names no file"):
        read_image(tmp_path / "a.companion.ome", findings=Findings())
    (tmp_path / "b.companion.ome").write_text(
        "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///x'>]><OME/>"
    )
    with pytest.raises(InputError, match="DOCTYPE or entities"):
        read_image(tmp_path / "b.companion.ome", findings=Findings())
    (tmp_path / "c.companion.ome").write_bytes(b"\x00\xff" * 50)
    with pytest.raises(InputError, match="not well-formed"):
        read_image(tmp_path / "c.companion.ome", findings=Findings())


def test_a_file_that_was_renamed(tmp_path: Path) -> None:
    """Its OME-XML has the old name; the pixels are its own all the same, also when another file has that name now."""
    pixels = noise(2, 40, 50)
    uuid = '<UUID FileName="old.ome.tif">urn:uuid:1</UUID>'
    xml = ome([("a", pixels.shape, f'<TiffData IFD="0" PlaneCount="2">{uuid}</TiffData>')])
    tifffile.imwrite(tmp_path / "new.ome.tif", pixels, photometric="minisblack", description=xml, metadata=None)
    check_levels(tmp_path / "new.ome.tif", [pixels])
    tifffile.imwrite(tmp_path / "old.ome.tif", np.zeros_like(pixels), photometric="minisblack", metadata=None)
    check_levels(tmp_path / "new.ome.tif", [pixels])


def test_real_sets(real: Path) -> None:
    folder = real / "awkward" / "viv" / "sites" / "avivator" / "data"
    planes = [tifffile.imread(folder / f"multifile-Z{z + 1}.ome.tiff", _multifile=False) for z in range(5)]
    for name in ("multifile.companion.ome", "multifile-Z1.ome.tiff", "multifile-Z4.ome.tiff"):
        with pytest.raises(InputError, match="5 along Z"):
            read_image(folder / name, findings=Findings())
        for z in range(5):
            image = read_image(folder / name, z=z, findings=Findings())
            np.testing.assert_array_equal(image.read()[0], planes[z].reshape(24, 18))


# ------------------------------------------------------------------------------------------------------------ stacks


@pytest.mark.parametrize("order", ["TCZYX", "TZCYX", "CTZYX", "CZTYX", "ZCTYX", "ZTCYX"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_one_plane_of_a_stack(tmp_path: Path, order: str, compression: str | None) -> None:
    sizes = {"T": 2, "C": 3, "Z": 4, "Y": 20, "X": 30}
    pixels = noise(*(sizes[axis] for axis in order))
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, pixels, ome=True, metadata={"axes": order}, photometric="minisblack", compression=compression
    )
    with pytest.raises(InputError, match=r"axes \w+ \(\d along [TZ]\).*hk\.read_image\(path, [tz]=0\)"):
        read_image(path, findings=Findings())
    with pytest.raises(InputError, match="2 along T"):
        read_image(path, z=1, findings=Findings())
    ordered = np.einsum(f"{order.lower()}->tzcyx", pixels)
    for t, z in itertools.product(range(2), range(4)):
        np.testing.assert_array_equal(read_image(path, z=z, t=t, findings=Findings()).read(), ordered[t, z])
    with pytest.raises(InputError, match="no plane z=4; there are 4, 0 to 3"):
        read_image(path, z=4, t=0, findings=Findings())
    with pytest.raises(InputError, match="no plane z=-1"):
        read_image(path, z=-1, t=0, findings=Findings())


def test_a_plane_of_what_is_no_stack(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "a.ome.tif", noise(3, 20, 30), ome=True, metadata={"axes": "CYX"}, photometric="minisblack"
    )
    assert read_image(tmp_path / "a.ome.tif", z=0, findings=Findings()).n_channels == 3
    with pytest.raises(InputError, match="no plane z=2: the image has one plane along Z"):
        read_image(tmp_path / "a.ome.tif", z=2, findings=Findings())


def test_real_stacks(real: Path) -> None:
    path = real / "awkward" / "dimension_order" / "multi-channel-z-series.ome.tif"
    pixels = tifffile.imread(path)
    assert pixels.shape == (3, 5, 167, 439)
    for z in range(5):
        np.testing.assert_array_equal(read_image(path, z=z, findings=Findings()).read(), pixels[:, z])
    path = real / "awkward" / "dimension_order" / "time-series.ome.tif"
    np.testing.assert_array_equal(read_image(path, t=6, findings=Findings()).read()[0], tifffile.imread(path)[6])


def test_planes_in_an_order_of_their_own(tmp_path: Path) -> None:
    pixels = noise(3, 40, 50)
    order = [2, 0, 1]  # channel c is in page order[c]
    data = "".join(f'<TiffData FirstC="{c}" IFD="{page}" PlaneCount="1"/>' for c, page in enumerate(order))
    xml = ome([("a", pixels.shape, data)])
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, photometric="minisblack", description=xml, metadata=None)
    check_levels(tmp_path / "a.ome.tif", [pixels[order]])


def test_samples_side_by_side_are_channels(tmp_path: Path) -> None:
    pixels = noise(4, 40, 50)
    options: dict[str, Any] = {"photometric": "minisblack", "planarconfig": "contig", "tile": (16, 16)}
    header = {"axes": "YXS", "Channel": {"Name": ["all"]}}
    tifffile.imwrite(tmp_path / "a.ome.tif", np.moveaxis(pixels, 0, -1), ome=True, metadata=header, **options)
    assert len(check_levels(tmp_path / "a.ome.tif", [pixels])) == 0
    image = read_image(tmp_path / "a.ome.tif", findings=Findings())
    assert image.channel_names == [f"all sample {i}" for i in range(1, 5)]


def test_a_page_that_is_a_volume(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(4, 32, 48), volumetric=True, tile=(2, 16, 16), photometric="minisblack")
    with pytest.raises(InputError, match="axes ZYX|Axes ZYX"):
        read_image(tmp_path / "a.tif", findings=Findings())


def test_an_image_that_is_stored_turned(tmp_path: Path) -> None:
    for orientation in range(2, 9):
        tag = [(274, "H", 1, orientation, True)]
        tifffile.imwrite(tmp_path / "a.tif", noise(20, 30), extratags=tag, metadata=None)
        with pytest.raises(InputError, match=f"Orientation {orientation}") as caught:
            read_image(tmp_path / "a.tif", findings=Findings())
        assert next(iter(caught.value.findings)).rule == "image.orientation"
    tifffile.imwrite(tmp_path / "a.tif", noise(20, 30), extratags=[(274, "H", 1, 1, True)], metadata=None)
    assert read_image(tmp_path / "a.tif", findings=Findings()).height == 20
