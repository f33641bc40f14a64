"""DICOM whole slides: files written byte by byte from the standard, and by wsidicom, are read as they were written."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from typer.testing import CliRunner

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.formats import _dicom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

pydicom = pytest.importorskip("pydicom")
imagecodecs = pytest.importorskip("imagecodecs")

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
EXPLICIT, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
JPEG, JPEG_LS, J2K, HTJ2K, RLE = (f"1.2.840.10008.1.2.{n}" for n in ("4.50", "4.80", "4.90", "4.201", "5"))
LONG = {"OB", "OW", "SQ", "UN", "UT", "OV"}
PATIENT = "Doe^Jane"


class Bytes:
    """Elements of DICOM as PS3.5 section 7 has them: the writer of these tests, without any library."""

    def __init__(self, *, big: bool = False, implicit: bool = False) -> None:
        self.order, self.implicit = ">" if big else "<", implicit

    def element(self, tag: int, vr: str, value: bytes, *, length: int | None = None) -> bytes:
        value += (b"\0" if vr in {"UI", "OB"} else b" ") * (len(value) % 2)
        size = len(value) if length is None else length
        head = struct.pack(f"{self.order}HH", tag >> 16, tag & 0xFFFF)
        if self.implicit:
            return head + struct.pack(f"{self.order}L", size) + value
        wide = struct.pack(f"{self.order}HL", 0, size) if vr in LONG else struct.pack(f"{self.order}H", size)
        return head + vr.encode() + wide + value

    def text(self, tag: int, vr: str, value: object) -> bytes:
        return self.element(tag, vr, str(value).encode())

    def short(self, tag: int, value: int) -> bytes:
        return self.element(tag, "US", struct.pack(f"{self.order}H", value))

    def long(self, tag: int, value: int) -> bytes:
        return self.element(tag, "UL", struct.pack(f"{self.order}L", value))

    def float(self, tag: int, value: float) -> bytes:
        return self.element(tag, "FL", struct.pack(f"{self.order}f", value))

    def sequence(self, tag: int, *items: bytes) -> bytes:
        wrapped = [struct.pack(f"{self.order}HHL", 0xFFFE, 0xE000, len(item)) + item for item in items]
        return self.element(tag, "SQ", b"".join(wrapped))

    def items(self, pieces: Iterable[bytes]) -> bytes:
        even = [piece + b"\0" * (len(piece) % 2) for piece in pieces]
        wrapped = [struct.pack(f"{self.order}HHL", 0xFFFE, 0xE000, len(piece)) + piece for piece in even]
        return b"".join(wrapped) + struct.pack(f"{self.order}HHL", 0xFFFE, 0xE0DD, 0)


def frames_of(plane: np.ndarray, tile: int) -> list[np.ndarray]:
    """Cut a plane into tiles in reading order, those at the edge padded."""
    height, width = plane.shape[:2]
    pad = [(0, -height % tile), (0, -width % tile), *([(0, 0)] * (plane.ndim - 2))]
    padded = np.pad(plane, pad)
    return [
        np.ascontiguousarray(padded[y : y + tile, x : x + tile])
        for y in range(0, height, tile)
        for x in range(0, width, tile)
    ]


def write(
    path: Path,
    planes: list[np.ndarray],
    *,
    tile: int = 32,
    ids: tuple[str, ...] = ("1",),
    names: tuple[str, ...] = ("",),
    syntax: str = EXPLICIT,
    encode: Callable[[np.ndarray], bytes] | None = None,
    photometric: str | None = None,
    spacing: str = "0.00065\\0.00065",
    volume: tuple[float, float, float] | None = None,
    series: str = "1.2.3",
    number: int = 1,
    kind: str = "VOLUME",
    table: str = "none",
    pieces: int = 1,
    sparse: list[tuple[int, int, int]] | None = None,
    frames: list[np.ndarray] | None = None,
    extra: Callable[[Bytes], dict[int, bytes]] | None = None,
    planar: bool = False,
    stains: bool = False,
) -> Path:
    """Write one instance: planes are its optical paths, each (height, width) or (height, width, 3)."""
    make = Bytes(big=syntax == BIG, implicit=syntax == IMPLICIT)
    plane = planes[0]
    cut = frames if frames is not None else [frame for p in planes for frame in frames_of(p, tile)]
    samples = 3 if plane.ndim == 3 else 1
    bits = plane.dtype.itemsize * 8
    colours = photometric or ("RGB" if samples == 3 else "MONOCHROME2")
    measures = (
        make.sequence(0x00289110, make.text(0x00180050, "DS", "0.001") + make.text(0x00280030, "DS", spacing))
        if spacing
        else b""
    )
    paths = [
        make.text(0x00480106, "SH", i) + (make.text(0x00480107, "ST", n) if n and not stains else b"")
        for i, n in zip(ids, names, strict=True)
    ]
    parts = {
        0x00080008: make.text(0x00080008, "CS", f"DERIVED\\PRIMARY\\{kind}\\NONE"),
        0x00080016: make.text(0x00080016, "UI", WHOLE_SLIDE),
        0x00080018: make.text(0x00080018, "UI", f"1.2.3.{number}"),
        0x00100010: make.text(0x00100010, "PN", PATIENT),
        0x0020000D: make.text(0x0020000D, "UI", "1.2"),
        0x0020000E: make.text(0x0020000E, "UI", series),
        0x00200013: make.text(0x00200013, "IS", number),
        0x00200052: make.text(0x00200052, "UI", "1.2.8"),
        0x00209311: make.text(0x00209311, "CS", "TILED_SPARSE" if sparse else "TILED_FULL"),
        0x00280002: make.short(0x00280002, samples),
        0x00280004: make.text(0x00280004, "CS", colours),
        0x00280008: make.text(0x00280008, "IS", len(cut)),
        0x00280010: make.short(0x00280010, tile),
        0x00280011: make.short(0x00280011, tile),
        0x00280100: make.short(0x00280100, bits),
        0x00280101: make.short(0x00280101, bits),
        0x00280102: make.short(0x00280102, bits - 1),
        0x00280103: make.short(0x00280103, int(plane.dtype.kind == "i")),
        0x00480006: make.long(0x00480006, plane.shape[1]),
        0x00480007: make.long(0x00480007, plane.shape[0]),
        0x00480105: make.sequence(0x00480105, *paths),
        0x52009229: make.sequence(0x52009229, measures),
    }
    if volume is not None:
        for tag, size in zip((0x00480001, 0x00480002, 0x00480003), volume, strict=True):
            parts[tag] = make.float(tag, size)
    if samples == 3:
        parts[0x00280006] = make.short(0x00280006, int(planar))
    if stains:
        parts[0x00400560] = _stains(make, ids, names)
    if sparse:
        groups = []
        for channel, y, x in sparse:
            place = struct.pack(f"{make.order}l", x + 1), struct.pack(f"{make.order}l", y + 1)
            where = make.element(0x0048021E, "SL", place[0]) + make.element(0x0048021F, "SL", place[1])
            which = make.sequence(0x00480207, make.text(0x00480106, "SH", ids[channel]))
            groups.append(make.sequence(0x0048021A, where) + which)
        parts[0x52009230] = make.sequence(0x52009230, *groups)
    parts |= extra(make) if extra else {}
    if encode is None:
        stored = [(f.transpose(2, 0, 1) if planar else f).astype(f.dtype.newbyteorder(make.order)) for f in cut]
        pixels = make.element(0x7FE00010, "OW", b"".join(frame.tobytes() for frame in stored))
    else:
        streams = [encode(frame) for frame in cut]
        streams = [stream + b"\0" * (len(stream) % 2) for stream in streams]
        broken = [[s[i : i + -(-len(s) // pieces // 2) * 2] for i in range(0, len(s), -(-len(s) // pieces // 2) * 2)]
                  for s in streams]  # fmt: skip
        sizes = [sum(8 + len(piece) for piece in frame) for frame in broken]
        starts = [sum(sizes[:i]) for i in range(len(sizes))]
        if table == "extended":
            parts[0x7FE00001] = make.element(0x7FE00001, "OV", struct.pack(f"<{len(starts)}Q", *starts))
            lengths = struct.pack(f"<{len(starts)}Q", *(len(s) for s in streams))
            parts[0x7FE00002] = make.element(0x7FE00002, "OV", lengths)
        basic = struct.pack(f"<{len(starts)}L", *starts) if table == "basic" else b""
        body = make.items([basic, *(piece for frame in broken for piece in frame)])
        pixels = make.element(0x7FE00010, "OB", b"", length=0xFFFFFFFF) + body
    meta = Bytes()
    about = meta.text(0x00020002, "UI", WHOLE_SLIDE) + meta.text(0x00020003, "UI", f"1.2.3.{number}")
    about += meta.text(0x00020010, "UI", syntax) + meta.text(0x00020012, "UI", "1.2.9")
    about = meta.element(0x00020001, "OB", b"\0\1") + about
    header = b"\0" * 128 + b"DICM" + meta.long(0x00020000, len(about)) + about
    path.write_bytes(header + b"".join(parts[tag] for tag in sorted(parts)) + pixels)
    return path


def _stains(make: Bytes, ids: tuple[str, ...], names: tuple[str, ...]) -> bytes:
    """Write the preparation steps that say which stain each channel shows, as the Imaging Data Commons does."""

    def item(code: str, scheme: str, value: str) -> bytes:
        concept = make.text(0x00080100, "SH", code) + make.text(0x00080102, "SH", scheme)
        return (
            make.text(0x0040A040, "CS", "TEXT")
            + make.sequence(0x0040A043, concept)
            + make.text(0x0040A160, "UT", value)
        )

    steps = [
        make.sequence(0x00400612, item("C44170", "NCIt", i), item("246094008", "SCT", n))
        for i, n in zip(ids, names, strict=True)
    ]
    return make.sequence(0x00400560, make.sequence(0x00400610, *steps))


def random(shape: tuple[int, ...], dtype: str = "u2", seed: int = 0) -> np.ndarray:
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def opened(path: Path, **choice: object) -> tuple[hk.Image, Findings]:
    findings = Findings()
    return hk.read_image(path, findings=findings, **choice), findings


@pytest.fixture
def slide(tmp_path: Path) -> tuple[Path, np.ndarray]:
    """A series as the Imaging Data Commons stores HTAN's: a file for each of 11 channels and 2 levels, unsorted."""
    pixels = random((11, 90, 70))
    folder = tmp_path / "slide"
    folder.mkdir()
    for c in range(11):
        for level, plane in enumerate((pixels[c], np.ascontiguousarray(pixels[c, ::2, ::2]))):
            spacing = f"{0.00065 * 2**level}\\{0.00065 * 2**level}"
            write(
                folder / f"{(7 * c + level) % 23:02}_{c}_{level}.dcm", [plane], ids=(str(c + 1),), names=(f"M{c}",),
                spacing=spacing, number=1 + c + 11 * level, volume=(70 * 0.00065, 90 * 0.00065, 0.001),
            )  # fmt: skip
    return folder, pixels


def test_a_file_a_channel_and_level(slide: tuple[Path, np.ndarray]) -> None:
    folder, pixels = slide
    image, findings = opened(folder)
    assert list(findings) == []
    assert (image.kind, image.compression, image.dtype, image.tile_shape) == ("DICOM", "none", np.dtype("u2"), (32, 32))
    assert image.channel_names == [f"M{c}" for c in range(11)]  # in the order of numbers: 2 before 11
    assert [channel.id for channel in image.channels] == [str(c + 1) for c in range(11)]
    assert image.pixel_size_um == pytest.approx(0.65)
    assert [(level.height, level.width, level.downsample) for level in image.levels] == [(90, 70, 1.0), (45, 35, 2.0)]
    np.testing.assert_array_equal(image.read(), pixels)
    np.testing.assert_array_equal(image.read([10, 3], (20, 71, 30, 999)), pixels[[10, 3], 20:71, 30:])
    np.testing.assert_array_equal(image.read(level=1), pixels[:, ::2, ::2])
    np.testing.assert_array_equal(image.dask().compute(), pixels)


def test_one_file_finds_its_siblings(slide: tuple[Path, np.ndarray]) -> None:
    folder, pixels = slide
    write(folder / "other.dcm", [random((40, 40), seed=1)], series="1.2.4", number=99)
    image, findings = opened(sorted(folder.iterdir())[0])
    np.testing.assert_array_equal(image.read(), pixels)
    assert list(findings) == []
    image, findings = opened(folder)
    assert [f.rule for f in findings] == ["image.series"]
    image, _ = opened(folder, series="1.2.4")
    assert image.shape == (1, 40, 40)


def encoders() -> dict[str, tuple[str, Callable[[np.ndarray], bytes], str]]:
    return {
        "jpeg2000": (J2K, lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="j2k"), "u2"),
        "jpeg-ls": (JPEG_LS, imagecodecs.jpegls_encode, "u2"),
        "rle": (RLE, lambda a: imagecodecs.dicomrle_encode(np.moveaxis(a, -1, 0) if a.ndim == 3 else a), "u2"),
    }


@pytest.mark.parametrize("table", ["none", "basic", "extended"])
@pytest.mark.parametrize("name", ["jpeg2000", "jpeg-ls"])
def test_compressed_frames_with_and_without_tables(tmp_path: Path, name: str, table: str) -> None:
    syntax, encode, dtype = encoders()[name]
    plane = random((70, 50), dtype)
    path = write(tmp_path / "a.dcm", [plane], syntax=syntax, encode=encode, table=table)
    image, _ = opened(path)
    assert image.compression == name
    np.testing.assert_array_equal(image.read()[0], plane)
    np.testing.assert_array_equal(image.read(0, (40, 45, 33, 40))[0], plane[40:45, 33:40])


def test_a_frame_in_several_pieces(tmp_path: Path) -> None:
    syntax, encode, _ = encoders()["jpeg2000"]
    plane = random((70, 50))
    path = write(tmp_path / "a.dcm", [plane], syntax=syntax, encode=encode, table="basic", pieces=3)
    np.testing.assert_array_equal(opened(path)[0].read()[0], plane)
    image, _ = opened(write(tmp_path / "b.dcm", [plane], syntax=syntax, encode=encode, pieces=3, series="1.2.5"))
    with pytest.raises(InputError, match="no table says which"):
        image.read()


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u4"])
def test_uncompressed_of_every_order(tmp_path: Path, syntax: str, dtype: str) -> None:
    plane = random((33, 64), dtype)
    image, _ = opened(write(tmp_path / "a.dcm", [plane], syntax=syntax))
    assert image.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(image.read()[0], plane)


def test_run_lengths(tmp_path: Path) -> None:
    plane = np.repeat(random((40, 5)), 8, axis=1)  # runs, as the encoding is made for

    def encode(frame: np.ndarray) -> bytes:
        """Encode as PS3.5 annex G: high bytes, then low bytes, each in PackBits."""
        segments = [imagecodecs.packbits_encode(np.ascontiguousarray(frame >> s).astype("u1")) for s in (8, 0)]
        segments = [s + b"\0" * (len(s) % 2) for s in segments]
        offsets = [64, 64 + len(segments[0])]
        return struct.pack("<16L", 2, *offsets, *([0] * 13)) + b"".join(segments)

    image, _ = opened(write(tmp_path / "a.dcm", [plane], syntax=RLE, encode=encode))
    np.testing.assert_array_equal(image.read()[0], plane)


def test_several_channels_in_one_file(tmp_path: Path) -> None:
    pixels = random((3, 50, 70))
    names = ("DNA", "CD3", "CD8")
    path = write(tmp_path / "a.dcm", list(pixels), ids=("b", "a", "c"), names=names)
    image, _ = opened(path)
    assert image.channel_names == list(names)
    np.testing.assert_array_equal(image.read(), pixels)


def test_names_from_the_preparation_steps(tmp_path: Path) -> None:
    pixels = random((2, 32, 32))
    path = write(tmp_path / "a.dcm", list(pixels), ids=("1", "2"), names=("DNA_1", "CD45"), stains=True)
    assert opened(path)[0].channel_names == ["DNA_1", "CD45"]


def test_sparse_tiles(tmp_path: Path) -> None:
    plane = random((64, 96), "u2")
    plane[:32, 32:64] = 0  # a tile that is not stored is 0
    where = [(0, y, x) for y in (32, 0) for x in (64, 0, 32) if (y, x) != (0, 32)]
    frames = [np.ascontiguousarray(plane[y : y + 32, x : x + 32]) for _, y, x in where]
    path = write(tmp_path / "a.dcm", [plane], sparse=where, frames=frames)
    np.testing.assert_array_equal(opened(path)[0].read()[0], plane)


def test_sparse_tiles_that_overlap_are_refused(tmp_path: Path) -> None:
    plane = random((32, 64))
    frames = [plane[:, :32].copy(), plane[:, 16:48].copy()]
    path = write(tmp_path / "a.dcm", [plane], sparse=[(0, 0, 0), (0, 0, 16)], frames=frames)
    with pytest.raises(InputError, match="TILED_FULL"):
        opened(path)[0].read()


def test_a_concatenation(tmp_path: Path) -> None:
    plane = random((70, 90))
    frames = frames_of(plane, 32)
    for n, (first, some) in enumerate(((0, frames[:4]), (4, frames[4:])), 1):
        write(
            tmp_path / f"{3 - n}.dcm", [plane], frames=some, number=n,
            extra=lambda make, first=first: {
                0x00209161: make.text(0x00209161, "UI", "1.2.77"), 0x00209228: make.long(0x00209228, first)
            },
        )  # fmt: skip
    np.testing.assert_array_equal(opened(tmp_path)[0].read()[0], plane)
    (tmp_path / "1.dcm").unlink()
    with pytest.raises(InputError, match="4 of 9 frames"):
        opened(tmp_path)


@pytest.mark.parametrize("planar", [False, True])
def test_colours(tmp_path: Path, *, planar: bool) -> None:
    pixels = random((50, 40, 3), "u1")
    image, _ = opened(write(tmp_path / "a.dcm", [pixels], planar=planar))
    assert image.is_rgb
    assert image.shape == (50, 40, 3)
    assert image.channel_names == [None]
    np.testing.assert_array_equal(image.read(), pixels)


def test_colours_in_jpeg(tmp_path: Path) -> None:
    y, x = np.mgrid[:64, :64]
    pixels = np.stack([4 * x, 4 * y, 255 - 4 * x], axis=-1).astype("u1")  # smooth: JPEG keeps it nearly
    for colours, outside in (("YBR_FULL_422", "YCBCR"), ("RGB", "RGB")):
        path = write(
            tmp_path / f"{outside}.dcm", [pixels], syntax=JPEG, photometric=colours, series=f"1.2.{len(outside)}",
            encode=lambda a, outside=outside: imagecodecs.jpeg8_encode(
                a, level=98, colorspace="RGB", outcolorspace=outside
            ),
        )  # fmt: skip
        image, _ = opened(path)
        assert np.abs(image.read().astype(int) - pixels).max() <= 8


def test_wsidicom_reads_the_same(slide: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    """The bytes of these tests are DICOM to another reader too."""
    wsidicom = pytest.importorskip("wsidicom")
    folder, pixels = slide
    with wsidicom.WsiDicom.open(folder) as other:
        for c in (0, 3, 10):
            region = other.read_region((0, 0), 0, (70, 90), path=str(c + 1))
            np.testing.assert_array_equal(np.asarray(region), pixels[c])
        (out := tmp_path / "again").mkdir()
        other.save(out)  # 11 channels in one file, of which it describes one
    with pytest.raises(InputError, match="has 11 channels and describes 1"):
        opened(out)


@pytest.mark.parametrize("table", ["bot", "eot", "empty"])
def test_what_wsidicom_writes(tmp_path: Path, table: str) -> None:
    wsidicom = pytest.importorskip("wsidicom")
    from wsidicom.codec import Jpeg2kSettings
    from wsidicom.codec.settings import Channels

    plane = random((90, 70))
    write(tmp_path / "a.dcm", [plane], ids=("7",), names=("CD45",), volume=(70 * 0.00065, 90 * 0.00065, 0.001))
    out = tmp_path / "again"
    out.mkdir()
    with wsidicom.WsiDicom.open(tmp_path / "a.dcm") as other:
        other.save(
            out, transcoding=Jpeg2kSettings([0], 16, Channels.GRAYSCALE), offset_table=table, add_missing_levels=True
        )
    image, _ = opened(out)
    assert image.channel_names == ["CD45"]
    assert image.compression == "jpeg2000"
    assert len(image.levels) > 1
    assert image.pixel_size_um == pytest.approx(0.65)
    np.testing.assert_array_equal(image.read()[0], plane)


def test_nothing_of_the_patient_is_told(slide: tuple[Path, np.ndarray]) -> None:
    from htan_kit.cli import app

    result = CliRunner().invoke(app, ["info", str(slide[0])])
    assert result.exit_code == 0, result.output
    assert "M10" in result.output
    assert "0.65" in result.output
    assert "DICOM" in result.output
    assert "Doe" not in result.output
    assert "Doe" not in repr(vars(opened(slide[0])[0]))


def test_a_channel_that_lacks_a_level(slide: tuple[Path, np.ndarray]) -> None:
    folder, pixels = slide
    next(folder.glob("*_5_1.dcm")).unlink()
    image, findings = opened(folder)
    assert [f.rule for f in findings] == ["image.level"]
    assert "M5" in next(iter(findings)).message
    assert len(image.levels) == 1
    np.testing.assert_array_equal(image.read(), pixels)
    next(folder.glob("*_5_0.dcm")).unlink()
    assert opened(folder)[0].n_channels == 10  # nothing tells that there was another
    next(folder.glob("*_6_0.dcm")).unlink()
    with pytest.raises(InputError, match="M6"):
        opened(folder)


def test_two_files_of_one_channel(slide: tuple[Path, np.ndarray]) -> None:
    folder, _ = slide
    write(folder / "zz.dcm", [random((90, 70))], ids=("1",), names=("M0",), number=50)
    with pytest.raises(InputError, match="Several files hold channel M0"):
        opened(folder)


def test_overviews_and_labels_are_left_out(slide: tuple[Path, np.ndarray]) -> None:
    folder, pixels = slide
    write(folder / "label.dcm", [random((200, 200, 3), "u1")], kind="LABEL", number=70)
    write(folder / "overview.dcm", [random((200, 200, 3), "u1")], kind="OVERVIEW", number=71)
    np.testing.assert_array_equal(opened(folder)[0].read(), pixels)


def focal(make: Bytes) -> dict[int, bytes]:
    return {0x00480303: make.long(0x00480303, 2)}


def test_focal_planes(tmp_path: Path) -> None:
    stack = random((2, 40, 40))
    frames = [frame for plane in stack for frame in frames_of(plane, 32)]
    path = write(tmp_path / "a.dcm", [stack[0]], frames=frames, extra=focal)
    with pytest.raises(InputError, match="2 focal planes"):
        opened(path)
    np.testing.assert_array_equal(opened(path, z=1)[0].read()[0], stack[1])
    with pytest.raises(InputError, match="no such plane"):
        opened(path, z=2)


def cut(path: Path, n: int) -> None:
    path.write_bytes(path.read_bytes()[:n])


def test_damaged_files(tmp_path: Path) -> None:
    plane = random((70, 50))
    path = write(tmp_path / "a.dcm", [plane])
    whole = path.read_bytes()
    cut(path, len(whole) - 100)
    with pytest.raises(InputError, match="cut off") as caught:
        opened(path)
    assert next(iter(caught.value.findings)).rule == "image.truncated"
    for n in (0, 100, 140, 400, 700):
        path.write_bytes(whole[:n])
        with pytest.raises(InputError) as caught:
            opened(path)
        assert PATIENT not in str(caught.value)
    rng = np.random.default_rng(0)
    for _ in range(60):  # a byte changed anywhere in the header: read, or refused in words
        spoilt = bytearray(whole)
        spoilt[rng.integers(132, 1200)] = rng.integers(256)
        path.write_bytes(spoilt)
        try:
            opened(path)[0].read(0, (0, 8, 0, 8))
        except InputError as problem:
            assert PATIENT not in str(problem)  # noqa: PT017 - it may as well be read


def test_a_small_file_that_claims_much(tmp_path: Path) -> None:
    plane = np.zeros((32, 32), "u2")
    tiny = [imagecodecs.jpeg2k_encode(plane, level=0, codecformat="j2k")]

    def huge(side: int) -> Callable[[Bytes], dict[int, bytes]]:
        return lambda make: {
            0x00280010: make.short(0x00280010, side), 0x00280011: make.short(0x00280011, side),
            0x00480006: make.long(0x00480006, 1_000_000), 0x00480007: make.long(0x00480007, 1_000_000),
        }  # fmt: skip

    path = write(tmp_path / "a.dcm", [plane], syntax=J2K, encode=lambda _: tiny[0], extra=huge(65535))
    with pytest.raises(InputError, match="1 GiB is the most"):
        opened(path)
    write(path, [plane], syntax=J2K, encode=lambda _: tiny[0], extra=huge(512))
    with pytest.raises(InputError, match="1 of 3,818,116 frames"):
        opened(path)

    def many(make: Bytes) -> dict[int, bytes]:
        return huge(512)(make) | {0x00280008: make.text(0x00280008, "IS", 3_818_116)}

    write(path, [plane], syntax=J2K, encode=lambda _: tiny[0], extra=many)
    with pytest.raises(InputError, match="cut off"):
        opened(path)


def test_a_stream_of_another_size_than_the_frame(tmp_path: Path) -> None:
    plane = random((32, 32), "u1")
    for number, (syntax, encode) in enumerate(
        ((J2K, lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="j2k")), (JPEG, imagecodecs.jpeg8_encode))
    ):
        stream = encode(np.zeros((4096, 4096), "u1"))
        path = write(
            tmp_path / f"{number}.dcm", [plane], syntax=syntax, encode=lambda _, s=stream: s, series=f"1.{number}"
        )
        with pytest.raises(InputError, match="Tile 0, 0"):
            opened(path)[0].read()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"photometric": "MONOCHROME1"}, "MONOCHROME1"),
        ({"photometric": "PALETTE COLOR"}, "PALETTE"),
        ({"syntax": "1.2.840.10008.1.2.4.102", "encode": lambda _: b"\0\0"}, "compression"),
    ],
)
def test_what_is_not_read(tmp_path: Path, change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        opened(write(tmp_path / "a.dcm", [random((32, 32))], **change))
    assert next(iter(caught.value.findings)).rule == "image.dicom"


def test_pixels_that_are_not_square_or_have_no_size(tmp_path: Path) -> None:
    image, findings = opened(write(tmp_path / "a.dcm", [random((32, 32))], spacing="0.00065\\0.0013"))
    assert image.pixel_size_um is None
    assert [f.rule for f in findings] == ["image.pixel-size"]
    image, findings = opened(write(tmp_path / "a.dcm", [random((32, 32))], spacing=""))
    assert image.pixel_size_um is None
    image, _ = opened(write(tmp_path / "a.dcm", [random((32, 64))], spacing="", volume=(0.032, 0.016, 0.001)))
    assert image.pixel_size_um == pytest.approx(0.5)  # of 64 px that span 0.032 mm


def test_other_dicom_and_no_dicom(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", [random((32, 32))])
    path.write_bytes(path.read_bytes().replace(WHOLE_SLIDE.encode(), WHOLE_SLIDE[:-1].encode() + b"4"))
    for place in (path, tmp_path):
        with pytest.raises(InputError, match="no DICOM whole slide image"):
            opened(place)
    path.write_text("not DICOM at all")
    with pytest.raises(InputError, match="no DICOM whole slide image"):
        opened(path)


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.dcm", [random((32, 32))])
    monkeypatch.setitem(__import__("sys").modules, "pydicom", None)
    with pytest.raises(InputError, match=r'pip install "htan_kit\[dicom\]"'):
        opened(path)


def test_what_counts_as_dicom(tmp_path: Path) -> None:
    path = write(tmp_path / "a.dcm", [random((32, 32))])
    assert _dicom.matches(path)
    assert _dicom.matches(tmp_path)
    bare = path.rename(tmp_path / "DCM_0")  # as pixelmed names them
    assert _dicom.matches(bare)
    assert _dicom.matches(tmp_path)
    np.testing.assert_array_equal(opened(tmp_path)[0].shape, (1, 32, 32))
    assert not _dicom.matches(tmp_path / "none.tif")
    (tmp_path / "DCM_0").write_bytes(b"II*\0" + b"\0" * 124 + b"DICM")  # both: read as a TIFF
    assert not _dicom.matches(tmp_path / "DCM_0")
