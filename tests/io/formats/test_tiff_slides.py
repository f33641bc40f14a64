"""Whole slides: QPTIFF and Aperio as their makers describe them (written with tifffile), a real SVS, and others."""

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

BIOMARKERS = ["DAPI", "CD8", "PanCK"]


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 250, shape, dtype=np.uint8)


def opened(path: Path, **choice: Any) -> tuple[Image, Findings]:
    found = Findings()
    return read_image(path, findings=found, **choice), found


def qpi_page(kind: str, name: str = "", biomarker: str = "", more: str = "") -> str:
    fields = "".join(f"<{tag}>{text}</{tag}>" for tag, text in (("Name", name), ("Biomarker", biomarker)) if text)
    body = f"<DescriptionVersion>5</DescriptionVersion><ImageType>{kind}</ImageType>{fields}{more}"
    root = "PerkinElmer-QPI-ImageDescription"
    return f'<?xml version="1.0" encoding="utf-16"?><{root}>{body}</{root}>'


def write_qptiff(
    path: Path, levels: list[np.ndarray], *, biomarkers: bool = True, per_cm: float | None = 20000.0
) -> Path:
    """Write full resolution, thumbnail, reduced resolutions, overview and label, in the order of the format."""
    options: dict[str, Any] = {"metadata": None, "software": "PerkinElmer-QPI", "contiguous": False}
    resolution: dict[str, Any] = {} if per_cm is None else {"resolution": (per_cm, per_cm), "resolutionunit": 3}
    scan = "<ScanProfile><root><PixelSizeMicrons>0.497</PixelSizeMicrons></root></ScanProfile>"
    rgb = noise(30, 40, 3)
    with tifffile.TiffWriter(path) as writer:
        for number, level in enumerate(levels):
            for plane, name in zip(level, BIOMARKERS, strict=True):
                kind = "ReducedResolution" if number else "FullResolution"
                text = qpi_page(kind, f"Opal {name}", name if biomarkers else "", "" if number else scan)
                writer.write(plane, tile=(64, 64), compression="lzw", description=text, **options, **resolution)
            if not number:
                writer.write(rgb, photometric="rgb", description=qpi_page("Thumbnail"), **options)
        writer.write(rgb[:20], photometric="rgb", description=qpi_page("Overview"), **options)
        writer.write(rgb[:10], photometric="rgb", description=qpi_page("Label"), **options)
    return path


def test_qptiff(tmp_path: Path) -> None:
    full = noise(3, 301, 403)
    levels = [full, full[:, ::2, ::2][:, :150, :201], full[:, ::4, ::4][:, :75, :100]]
    image, found = opened(write_qptiff(tmp_path / "a.qptiff", levels))
    assert image.kind == "QPTIFF"
    assert image.channel_names == BIOMARKERS
    assert image.pixel_size_um == pytest.approx(0.5)
    assert [(level.height, level.width) for level in image.levels] == [(301, 403), (150, 201), (75, 100)]
    for number, level in enumerate(levels):
        np.testing.assert_array_equal(image.read(level=number), level)
    listed = next(f.message for f in found if f.rule == "image.series")
    assert "0 'Baseline', 1 'Thumbnail', 2 'Overview', 3 'Label'" in listed
    label, _ = opened(tmp_path / "a.qptiff", series="Label")
    assert label.is_rgb
    assert label.shape == (10, 40, 3)


def test_qptiff_without_biomarkers_and_resolution(tmp_path: Path) -> None:
    image, _ = opened(write_qptiff(tmp_path / "a.qptiff", [noise(3, 70, 80)], biomarkers=False, per_cm=None))
    assert image.channel_names == ["Opal DAPI", "Opal CD8", "Opal PanCK"]
    assert image.pixel_size_um == pytest.approx(0.497)


def test_qptiff_of_brightfield(tmp_path: Path) -> None:
    picture = noise(90, 120, 3)
    options: dict[str, Any] = {"metadata": None, "software": "PerkinElmer-QPI", "photometric": "rgb"}
    with tifffile.TiffWriter(tmp_path / "a.qptiff") as writer:
        writer.write(picture, tile=(64, 64), description=qpi_page("FullResolution"), **options)
        writer.write(picture[::3, ::3], description=qpi_page("Thumbnail"), **options)
        writer.write(picture[::2, ::2], tile=(64, 64), description=qpi_page("ReducedResolution"), **options)
    image, _ = opened(tmp_path / "a.qptiff")
    assert image.is_rgb
    assert len(image.levels) == 2
    np.testing.assert_array_equal(image.read(), picture)
    np.testing.assert_array_equal(image.read(level=1), picture[::2, ::2])


def test_hostile_xml_in_a_qptiff(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]>' + qpi_page("FullResolution")[39:]
    tifffile.imwrite(tmp_path / "a.qptiff", noise(9, 9), metadata=None, software="PerkinElmer-QPI", description=text)
    with pytest.raises(InputError, match="DOCTYPE or entities"):
        opened(tmp_path / "a.qptiff")


def test_a_real_svs(real: Path) -> None:
    path = real / "awkward" / "svs" / "CMU-1-Small-Region.svs"
    image, found = opened(path)
    assert (image.kind, image.is_rgb, image.pixel_size_um) == ("Aperio SVS", True, 0.499)
    np.testing.assert_array_equal(image.read(), tifffile.imread(path))
    said = " ".join(f"{f.message} {f.hint}" for f in found)
    assert "Baseline" in said
    for secret in ("ScanScope", "AppMag", "Date", "User", "Filename"):  # the description says who scanned what and when
        assert secret not in said
    with tifffile.TiffFile(path) as tiff:
        for series in tiff.series[1:]:
            np.testing.assert_array_equal(opened(path, series=series.name)[0].read(), series.asarray())


def test_an_svs_with_levels(tmp_path: Path) -> None:
    picture = noise(400, 600, 3)
    said = "Aperio Image Library v11\r\n600x400 (64x64) JPEG/RGB Q=70|AppMag = 20|MPP = 0.5010|User = someone"
    options: dict[str, Any] = {"metadata": None, "photometric": "rgb", "contiguous": False, "compression": "zlib"}
    with tifffile.TiffWriter(tmp_path / "a.svs") as writer:
        writer.write(picture, tile=(64, 64), description=said, **options)
        writer.write(picture[::8, ::8], description="Aperio thumbnail", **options)
        writer.write(picture[::4, ::4], tile=(64, 64), description="Aperio", **options)
        writer.write(picture[:50, :40], description="Aperio\r\nlabel 40x50", subfiletype=1, **options)
        writer.write(picture[:60, :90], description="Aperio\r\nmacro 90x60", subfiletype=9, **options)
    image, found = opened(tmp_path / "a.svs")
    assert [(level.height, level.downsample) for level in image.levels] == [(400, 1), (100, 4)]
    assert image.pixel_size_um == pytest.approx(0.501)
    np.testing.assert_array_equal(image.read(level=1), picture[::4, ::4])
    assert any("1 'Thumbnail', 2 'Label', 3 'Macro'" in f.message for f in found)
    assert "someone" not in str(found)
    macro, _ = opened(tmp_path / "a.svs", series="Macro")
    assert macro.pixel_size_um is None  # that of the slide is not the macro's


def test_philips(tmp_path: Path) -> None:
    """Levels are padded to whole tiles; their true sizes are in the XML."""
    picture = noise(256, 512, 3)

    def level(number: int, mm: float) -> str:
        spacing = f'<Attribute Name="DICOM_PIXEL_SPACING" Group="0x0028" PMSVR="IDoubleArray">"{mm}" "{mm}"</Attribute>'
        inside = f'<Attribute Name="N">{number}</Attribute>{spacing}'
        return f'<DataObject ObjectType="PixelDataRepresentation">{inside}</DataObject>'

    inner = f'<DataObject ObjectType="DPScannedImage"><Array>{level(0, 0.00025)}{level(1, 0.0005)}</Array></DataObject>'
    text = f'<?xml version="1.0"?><DataObject ObjectType="DPUfsImport"><Attribute>{inner}</Attribute></DataObject>'
    options: dict[str, Any] = {"metadata": None, "photometric": "rgb", "contiguous": False, "tile": (128, 128)}
    with tifffile.TiffWriter(tmp_path / "a.tiff") as writer:
        writer.write(picture, description=text, software="Philips DP v1.0", **options)
        writer.write(picture[::2, ::2], **options)
        writer.write(picture[:40, :50], description="Macro", metadata=None, photometric="rgb", contiguous=False)
    image, found = opened(tmp_path / "a.tiff")
    assert image.kind == "Philips TIFF"
    assert image.pixel_size_um == pytest.approx(0.25)
    assert [(size.height, size.width) for size in image.levels] == [(256, 512), (128, 256)]
    np.testing.assert_array_equal(image.read(level=1), picture[::2, ::2])
    assert any("1 'Macro'" in f.message for f in found)


SCN = (
    '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01"><collection name="patient 7">'
    '{images}</collection></scn>'
)  # fmt: skip


def scn_image(name: str, first: int, channels: int) -> str:
    sizes = "".join(f'<dimension sizeX="80" sizeY="60" c="{c}" r="0" ifd="{first + c}"/>' for c in range(channels))
    return f'<image name="{name}"><pixels sizeX="80" sizeY="60">{sizes}</pixels></image>'


def test_leica_scn(tmp_path: Path) -> None:
    pixels = noise(3, 60, 80)
    text = SCN.format(images=scn_image("patient 7 image", 0, 2) + scn_image("patient 7 macro", 2, 1))
    with tifffile.TiffWriter(tmp_path / "a.scn") as writer:
        for plane in pixels:
            resolution = {"resolution": (40000, 40000), "resolutionunit": 3}
            writer.write(plane, description=text, metadata=None, contiguous=False, **resolution)
            text = ""
    image, found = opened(tmp_path / "a.scn")
    assert image.kind == "Leica SCN"
    assert image.pixel_size_um == pytest.approx(0.25)
    np.testing.assert_array_equal(image.read(), pixels[:2])
    np.testing.assert_array_equal(opened(tmp_path / "a.scn", series=1)[0].read(), pixels[2:])
    assert "patient" not in " ".join(f.message for f in found)
    text = SCN.format(images='<image name="x"><pixels><dimension c="999999999" r="0" ifd="0"/></pixels></image>')
    tifffile.imwrite(tmp_path / "b.scn", pixels[0], description=text, metadata=None)
    with pytest.raises(InputError, match="promises more than"):
        opened(tmp_path / "b.scn")


def test_ndpi(tmp_path: Path) -> None:
    picture = noise(120, 160, 3)
    options: dict[str, Any] = {"metadata": None, "photometric": "rgb", "contiguous": False}
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        for level, lens in ((picture, 20.0), (picture[::2, ::2], 10.0), (picture[:30, :20], -1.0)):
            tags = [(65420, "I", 1, 1, True), (65421, "f", 1, lens, True), (271, "s", 0, "Hamamatsu", True)]
            writer.write(level, extratags=tags, resolution=(44000, 44000), resolutionunit=3, **options)
    raw = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.ndpi").write_bytes(as_ndpi(raw))
    image, found = opened(tmp_path / "a.ndpi")
    assert image.kind == "Hamamatsu NDPI"
    assert image.pixel_size_um == pytest.approx(1e4 / 44000)
    np.testing.assert_array_equal(image.read(), picture)
    np.testing.assert_array_equal(image.read(level=1), picture[::2, ::2])
    assert any("'Macro'" in f.message for f in found)


def as_ndpi(raw: bytes) -> bytes:
    """Move the directories of a classic TIFF to the end, with the 64-bit offsets of NDPI."""
    import struct

    out, offset, link = bytearray(raw), struct.unpack_from("<I", raw, 4)[0], 4
    while offset:
        (n,) = struct.unpack_from("<H", raw, offset)
        entries = raw[offset + 2 : offset + 2 + 12 * n]
        out += bytes(-len(out) % 8)
        struct.pack_into("<Q", out, link, len(out))  # at 4 it runs over the first directory, which has moved
        link = len(out) + 2 + 12 * n
        out += struct.pack("<H", n) + entries + bytes(8) + bytes(4 * n)
        (offset,) = struct.unpack_from("<I", raw, offset + 2 + 12 * n)
    return bytes(out)


def test_a_ventana_bif_is_refused(tmp_path: Path) -> None:
    xmp = b"<iScan Magnification='20'/>"
    tag = [(700, "B", len(xmp), xmp, True)]
    options = {
        "metadata": None,
        "photometric": "rgb",
        "description": "level=0 mag=20",
        "software": "ScanOutputManager 1",
    }
    tifffile.imwrite(tmp_path / "a.bif", noise(64, 64, 3), tile=(32, 32), extratags=tag, **options)
    with pytest.raises(InputError, match="Ventana BIF.*overlap"):
        opened(tmp_path / "a.bif")


def test_colours_that_are_not_rgb(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(30, 40, 4), photometric="separated", metadata=None)
    with pytest.raises(InputError, match="CMYK, not RGB"):
        opened(tmp_path / "a.tif")
    tifffile.imwrite(tmp_path / "b.tif", noise(30, 40, 3), photometric="rgb", metadata=None, compression="zlib")
    with tifffile.TiffFile(tmp_path / "b.tif", mode="r+") as tiff:
        tiff.pages.first.tags["PhotometricInterpretation"].overwrite(6)
    with pytest.raises(InputError, match="YCbCr without JPEG"):
        opened(tmp_path / "b.tif")
