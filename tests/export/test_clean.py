"""The copy has the same pixels and not one of the secrets, searched for in its bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.export import clean
from htan_kit.io._private_places import private_places
from htan_kit.io.image import read_image

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = (
    "2021-03-05", "20210305", "2021:03:05", "Lovelace", "ada@example.org", "SN-48151623", "C:\\Users\\ada",
    "/home/ada", "case 42", "12/29/09",
)  # fmt: skip
OME = """<?xml version="1.0" encoding="UTF-8"?><!-- scanned by Lovelace on 2021-03-05 -->
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:20210305-0000-1000-8000-000000000000"
 Creator="C:\\Users\\ada\\writer 2021-03-05">
<Experimenter ID="Experimenter:0" FirstName="Ada" LastName="Lovelace" Email="ada@example.org"/>
<Instrument ID="urn:lsid:ada@example.org:Instrument:1">
<Microscope Manufacturer="Maker" Model="M1" SerialNumber="SN-48151623"/>
<Objective ID="urn:lsid:ada@example.org:Objective:1" NominalMagnification="20" LensNA="0.75"/></Instrument>
<Image ID="Image:0" Name="case 42 Lovelace"><AcquisitionDate>2021-03-05T10:11:12</AcquisitionDate>
<Description>/home/ada/slides/20210305</Description><ExperimenterRef ID="Experimenter:0"/>
<InstrumentRef ID="urn:lsid:ada@example.org:Instrument:1"/>
<ObjectiveSettings ID="urn:lsid:ada@example.org:Objective:1"/>
<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="{x}" SizeY="{y}" SizeC="{c}" SizeZ="1" SizeT="1"
 PhysicalSizeX="0.65" PhysicalSizeXUnit="µm" PhysicalSizeY="0.65" PhysicalSizeYUnit="µm">
{channels}<TiffData/><Plane TheC="0" TheZ="0" TheT="0" ExposureTime="12.5" ExposureTimeUnit="ms" DeltaT="3"/></Pixels>
</Image><StructuredAnnotations><XMLAnnotation ID="Annotation:0"><Value><a>12/29/09</a></Value></XMLAnnotation>
</StructuredAnnotations></OME>"""


def ome(shape: tuple[int, int, int]) -> bytes:
    names = ["DNA", "CD3_20210305", "CD8 (144B)"]
    channels = "".join(f'<Channel ID="Channel:0:{i}" Name="{names[i % 3]}"/>' for i in range(shape[0]))
    return OME.format(c=shape[0], y=shape[1], x=shape[2], channels=channels).encode()


def tags() -> list[tuple[Any, ...]]:
    xmp = b"<x:xmpmeta><dc:creator>Lovelace</dc:creator>2021-03-05</x:xmpmeta>"
    return [
        (315, 2, 0, "Ada Lovelace", True), (316, 2, 0, "ada@example.org", True),
        (700, 1, len(xmp), xmp, True), (65000, 2, 0, "SN-48151623", True),
        (65001, 7, 40, "case 42 Lovelace".encode("utf-16-le").ljust(40, b"\0"), True),
        (34675, 7, 30, b"profile of Lovelace 2021-03-05", True),
    ]  # fmt: skip


def levels_of(path: Path) -> list[list[np.ndarray]]:
    with tifffile.TiffFile(path) as tiff:
        return [[level.asarray() for level in series.levels] for series in tiff.series]


def encodings(secret: str) -> list[bytes]:
    return [secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")]


def secrets_in(path: Path) -> list[str]:
    content = path.read_bytes()
    return [secret for secret in SECRETS if any(form in content for form in encodings(secret))]


def same_pixels(original: Path, copy: Path) -> None:
    before, after = levels_of(original), levels_of(copy)
    assert [len(levels) for levels in before] == [len(levels) for levels in after]
    for old, new in zip(sum(before, []), sum(after, []), strict=True):
        assert old.dtype == new.dtype
        np.testing.assert_array_equal(old, new)


def write_pyramid(path: Path, planes: np.ndarray, *, header: bytes | None = None, **options: Any) -> Path:
    form = {key: options.pop(key) for key in ("bigtiff", "byteorder") if key in options}
    options = {"photometric": "minisblack", "metadata": None, "datetime": "2021:03:05 10:11:12", **options}
    with tifffile.TiffWriter(path, **form) as tiff:
        for i, plane in enumerate(planes):
            extra = {"description": header} if header is not None and i == 0 else {"description": "by Lovelace"}
            tiff.write(plane, subifds=1, extratags=tags(), software="made in /home/ada/bin", **extra, **options)
            tiff.write(plane[::2, ::2], subfiletype=1, description="case 42", **options)
    return path


@pytest.fixture
def planes() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 5000, (3, 150, 210)).astype(np.uint16)


@pytest.mark.parametrize(
    "options",
    [
        {"tile": (64, 64), "compression": "zlib", "predictor": 2},
        {"tile": (64, 64), "bigtiff": True},
        {"tile": (32, 48), "byteorder": ">", "compression": "lzw"},
        {"rowsperstrip": 7, "byteorder": ">", "bigtiff": True},
        {"rowsperstrip": 200},
        {"tile": (64, 64), "compression": "zstd"},
        {"tile": (64, 64), "compression": "jpeg2000"},
        {"tile": (64, 64), "compression": "lerc"},
    ],
    ids=str,
)
def test_ome_tiff_of_every_layout(tmp_path: Path, planes: np.ndarray, options: dict[str, Any]) -> None:
    original = write_pyramid(tmp_path / "a.ome.tif", planes, header=ome(planes.shape), **options)
    content = original.read_bytes()
    assert len(secrets_in(original)) == len(SECRETS)
    cleaned = clean(original, tmp_path / "copy.ome.tif")
    assert original.read_bytes() == content
    assert secrets_in(cleaned.path) == []
    assert private_places(cleaned.path) == []
    same_pixels(original, cleaned.path)
    image, before = read_image(cleaned.path), read_image(original)
    assert image.channel_names == ["DNA", "CD3", "CD8 (144B)"]
    assert (image.pixel_size_um, image.levels, image.tile_shape) == (0.65, before.levels, before.tile_shape)
    assert {found.kind for found in cleaned.removed} == {"date", "name", "e-mail", "serial number", "user path"}
    with tifffile.TiffFile(cleaned.path) as tiff, tifffile.TiffFile(original) as other:
        assert (tiff.is_bigtiff, tiff.byteorder) == (other.is_bigtiff, other.byteorder)
        header = tiff.ome_metadata or ""
    assert 'NominalMagnification="20"' in header
    assert 'ExposureTime="12.5"' in header
    assert 'Manufacturer="Maker"' in header


def test_what_an_editor_left_behind(tmp_path: Path, planes: np.ndarray) -> None:
    original = write_pyramid(tmp_path / "a.ome.tif", planes, header=ome(planes.shape))
    tifffile.tiffcomment(original, b"short")  # the old header stays in the file, no tag speaks of it
    with original.open("ab") as file:
        file.write(b"appended by Lovelace on 2021-03-05")
    assert any(found.place == "bytes that belong to nothing" for found in private_places(original))
    assert secrets_in(clean(original, tmp_path / "b.tif").path) == []


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("tile", [None, (64, 64)])
def test_colour(tmp_path: Path, planar: str, tile: tuple[int, int] | None) -> None:
    shape = (100, 130, 3) if planar == "contig" else (3, 100, 130)
    pixels = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, photometric="rgb", planarconfig=planar, tile=tile, datetime=True,
        metadata={"Operator": "Lovelace"}, extratags=tags(),
    )  # fmt: skip
    copy = clean(tmp_path / "a.tif", tmp_path / "b.tif").path
    same_pixels(tmp_path / "a.tif", copy)
    assert secrets_in(copy) == []


def coded(tile: np.ndarray, comment: bytes) -> tuple[bytes, bytes]:
    """Encode a tile as writers of slides do: tables apart, and a comment in both."""
    stream = imagecodecs.jpeg_encode(tile, level=80)
    segment = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
    at, tables, rest = 2, b"", b""
    while stream[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(stream[at + 2 : at + 4])
        if stream[at + 1] in (0xDB, 0xC4):
            tables += stream[at:end]
        else:
            rest += stream[at:end]
        at = end
    return b"\xff\xd8" + segment + tables + b"\xff\xd9", b"\xff\xd8" + segment + rest + stream[at:]


def test_jpeg_tiles_with_tables_and_comments(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    pixels = np.kron(rng.integers(0, 255, (16, 16)), np.ones((8, 8))).astype(np.uint8)
    pieces = [coded(pixels[y : y + 64, x : x + 64], b"Lovelace 2021-03-05") for y in (0, 64) for x in (0, 64)]
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(
            iter([piece for _, piece in pieces]), shape=(128, 128), dtype="uint8", tile=(64, 64), compression="jpeg",
            jpegtables=pieces[0][0], photometric="minisblack", metadata=None,
        )  # fmt: skip
    assert secrets_in(tmp_path / "a.tif")
    assert {p.place for p in private_places(tmp_path / "a.tif")} == {
        "page 1, JPEGTables",
        "page 1, inside its first tile",
    }
    copy = clean(tmp_path / "a.tif", tmp_path / "b.tif").path
    assert secrets_in(copy) == []
    same_pixels(tmp_path / "a.tif", copy)


def test_imagej_and_planes_without_directories(tmp_path: Path, planes: np.ndarray) -> None:
    told = {"axes": "CYX", "Info": "Lovelace 2021-03-05", "Labels": ["case 42", "b", "c"], "unit": "um", "min": 1.0}
    tifffile.imwrite(tmp_path / "a.tif", planes, imagej=True, metadata=told, resolution=(2, 2))
    tifffile.imwrite(tmp_path / "t.tif", planes, imagej=True, metadata=told, truncate=True, datetime=True)
    tifffile.imwrite(tmp_path / "s.tif", planes, metadata={"by": "Lovelace"}, photometric="minisblack", truncate=True)
    for name in "ats":
        original, copy = tmp_path / f"{name}.tif", tmp_path / f"{name}2.tif"
        clean(original, copy)
        same_pixels(original, copy)
        assert secrets_in(copy) == []
        with tifffile.TiffFile(copy) as tiff:
            assert len(tiff.pages) == (3 if name == "a" else 1)


def qpi(kind: str) -> str:
    return (
        f"<PerkinElmer-QPI-ImageDescription><ImageType>{kind}</ImageType><Name>DAPI</Name><OperatorName>Lovelace"
        "</OperatorName><InstrumentSerial>SN-48151623</InstrumentSerial><ExposureTime>10</ExposureTime>"
        "</PerkinElmer-QPI-ImageDescription>"
    )


def test_qptiff(tmp_path: Path, planes: np.ndarray) -> None:
    with tifffile.TiffWriter(tmp_path / "a.qptiff") as tiff:
        options: dict[str, Any] = {"metadata": None, "software": "PerkinElmer-QPI", "photometric": "minisblack"}
        for plane in planes:
            tiff.write(plane, tile=(64, 64), description=qpi("FullResolution"), **options)
        rgb = options | {"photometric": "rgb"}
        tiff.write(np.zeros((20, 30, 3), np.uint8), description=qpi("Thumbnail"), **rgb)
        for plane in planes:
            tiff.write(plane[::2, ::2], tile=(64, 64), description=qpi("ReducedResolution"), **options)
        tiff.write(np.ones((40, 90, 3), np.uint8), description=qpi("Overview"), **rgb)
        tiff.write(np.ones((40, 40, 3), np.uint8), description=qpi("Label"), **rgb)
    cleaned = clean(tmp_path / "a.qptiff", tmp_path / "b.qptiff")
    before, after = levels_of(tmp_path / "a.qptiff"), levels_of(cleaned.path)
    assert len(before) == len(after) + 2
    for old, new in zip(sum(before[:2], []), sum(after, []), strict=True):
        np.testing.assert_array_equal(old, new)
    assert [text.split(",")[0] for text in cleaned.dropped] == ["page 8", "page 9"]
    assert secrets_in(cleaned.path) == []
    with tifffile.TiffFile(cleaned.path) as tiff:
        assert tiff.is_qpi
        assert "<Name>DAPI</Name>" in tiff.pages.first.description


def test_a_label_among_the_images_of_an_ome_tiff(tmp_path: Path, planes: np.ndarray) -> None:
    label = np.full((40, 50), 9, np.uint16)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as tiff:
        tiff.write(planes[0], metadata={"axes": "YX", "Name": "tissue"})
        tiff.write(label, metadata={"axes": "YX", "Name": "label image"})
        tiff.write(planes[1:], metadata={"axes": "CYX", "Name": "more"}, photometric="minisblack")
    assert [p.kind for p in private_places(tmp_path / "a.ome.tif")] == ["label image"]
    cleaned = clean(tmp_path / "a.ome.tif", tmp_path / "b.ome.tif")
    first, second = levels_of(cleaned.path)
    np.testing.assert_array_equal(first[0], planes[0])
    np.testing.assert_array_equal(second[0], planes[1:])
    assert cleaned.dropped == ("page 2, a picture of the slide's label",)
    assert cleaned.n_pages == 3


def test_a_page_the_header_does_not_name_is_dropped_unless_it_is_a_level(tmp_path: Path, planes: np.ndarray) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as tiff:
        header = ome((1, 150, 210)).replace(b"<TiffData/>", b'<TiffData IFD="0" PlaneCount="1"/>')
        tiff.write(planes[0], description=header, metadata=None)
        tiff.write(planes[0][::2, ::2], metadata=None)
        tiff.write(planes[1][:100, :40], metadata=None)
    cleaned = clean(tmp_path / "a.ome.tif", tmp_path / "b.ome.tif")
    assert cleaned.n_pages == 2
    assert cleaned.dropped[0].startswith("page 3, which the OME-XML does not name")


def write_set(folder: Path, planes: np.ndarray, *, companion: bool) -> list[Path]:
    """Write one file a channel, each with the whole header or pointing at a companion."""
    ids = [f"urn:uuid:0000000{i}-0000-4000-8000-000000000000" for i in range(len(planes))]
    blocks = "".join(
        f'<TiffData FirstC="{i}" FirstZ="0" FirstT="0" IFD="0" PlaneCount="1"><UUID FileName="c{i}.ome.tif">{u}</UUID>'
        "</TiffData>"
        for i, u in enumerate(ids)
    )
    header = ome(planes.shape).decode().replace("<TiffData/>", blocks)
    if companion:
        (folder / "x.companion.ome").write_text(header, encoding="utf-8")
        only = '<BinaryOnly MetadataFile="x.companion.ome" UUID="urn:uuid:9"/>'
        header = f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{only}</OME>'
    for i, plane in enumerate(planes):
        own = header.replace("urn:uuid:20210305-0000-1000-8000-000000000000", ids[i])
        tifffile.imwrite(
            folder / f"c{i}.ome.tif", plane, description=own.encode(), metadata=None, datetime="2021:03:05 10:11:12"
        )
    return [folder / f"c{i}.ome.tif" for i in range(len(planes))]


@pytest.mark.parametrize("companion", [False, True])
def test_an_image_of_several_files_becomes_one(tmp_path: Path, planes: np.ndarray, companion: bool) -> None:
    files = write_set(tmp_path, planes, companion=companion)
    for original in [*files[:2], *([tmp_path / "x.companion.ome"] if companion else [])]:
        cleaned = clean(original, tmp_path / f"{original.stem}-b.ome.tif")
        assert cleaned.n_pages == 3
        assert secrets_in(cleaned.path) == []
        assert {"date", "name", "e-mail"} <= {found.kind for found in cleaned.removed}
        np.testing.assert_array_equal(read_image(cleaned.path).read(), planes)


def test_a_missing_file_of_a_set(tmp_path: Path, planes: np.ndarray) -> None:
    files = write_set(tmp_path, planes, companion=False)
    files[2].unlink()
    with pytest.raises(InputError, match="not beside it"):
        clean(files[0], tmp_path / "b.ome.tif")
    assert not (tmp_path / "b.ome.tif").exists()


def test_sparse_tiles_stay_sparse(tmp_path: Path) -> None:
    pixels = np.full((64, 64), 7, np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels, tile=(32, 32), metadata=None, extratags=[(42113, 2, 0, "3", True)])
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        counts, offsets = (tiff.pages.first.tags[name].valueoffset for name in ("TileByteCounts", "TileOffsets"))
    with (tmp_path / "a.tif").open("r+b") as file:
        for place, size in ((counts, 2), (offsets, 4)):
            file.seek(place)
            file.write(bytes(size))
    assert levels_of(tmp_path / "a.tif")[0][0][0, 0] == 3
    same_pixels(tmp_path / "a.tif", clean(tmp_path / "a.tif", tmp_path / "b.tif").path)


def test_nothing_is_overwritten_and_nothing_left_when_it_fails(tmp_path: Path, planes: np.ndarray) -> None:
    original = tmp_path / "a.tif"
    tifffile.imwrite(original, planes, photometric="minisblack")
    content = original.read_bytes()
    with pytest.raises(InputError, match="is the image itself"):
        clean(original, original, force=True)
    (tmp_path / "b.tif").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        clean(original, tmp_path / "b.tif")
    assert (tmp_path / "b.tif").read_text() == "mine"
    clean(original, tmp_path / "b.tif", force=True)
    same_pixels(original, tmp_path / "b.tif")
    for target in ("b.tif", "c.tif"):
        with pytest.raises(InputError, match="no such file"):
            clean(tmp_path / "none.tif", tmp_path / target)
    tifffile.imwrite(tmp_path / "w.tif", planes[0].astype(np.uint8), compression="png", tile=(64, 64))
    with pytest.raises(InputError, match="whether its tiles hold text cannot be told"):
        clean(tmp_path / "w.tif", tmp_path / "c.tif")
    assert original.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif", "w.tif"]


def test_formats_whose_pages_mean_nothing_without_private_tags(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.scn", np.ones((9, 9), np.uint8), description="<scn></scn>", metadata=None)
    with pytest.raises(InputError, match="Leica SCN"):
        clean(tmp_path / "a.scn", tmp_path / "b.tif")


def test_a_file_of_nothing_but_a_label(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((9, 9), np.uint8), description="label", metadata=None)
    with pytest.raises(InputError, match="nothing but pictures"):
        clean(tmp_path / "a.tif", tmp_path / "b.tif")


def test_a_header_that_cannot_be_read(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><OME>&b;</OME>'
    tifffile.imwrite(tmp_path / "a.tif", np.ones((9, 9), np.uint8), description=bomb, metadata=None)
    with pytest.raises(InputError, match="DOCTYPE"):
        clean(tmp_path / "a.tif", tmp_path / "b.tif")


def test_pages_that_are_not_there(tmp_path: Path, planes: np.ndarray) -> None:
    header = ome(planes.shape).replace(b"<TiffData/>", b'<TiffData IFD="0" PlaneCount="3"/>')
    tifffile.imwrite(tmp_path / "a.tif", planes[0], description=header, metadata=None)
    with pytest.raises(InputError, match="names pages up to 3, the file has 1"):
        clean(tmp_path / "a.tif", tmp_path / "b.tif")


def test_a_copy_that_does_not_come_out_the_same_is_thrown_away(
    tmp_path: Path, planes: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="minisblack")
    monkeypatch.setattr("htan_kit.export._clean.digest_of", lambda *_: "another")
    with pytest.raises(InputError, match="did not come out the same"):
        clean(tmp_path / "a.tif", tmp_path / "b.tif")
    monkeypatch.undo()
    monkeypatch.setattr("htan_kit.export._clean_pages.clean_description", lambda _: b"Operator: Lovelace")
    with pytest.raises(InputError, match="still be private") as caught:
        clean(tmp_path / "a.tif", tmp_path / "b.tif")
    assert "Lovelace" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_file_cut_off(tmp_path: Path, planes: np.ndarray) -> None:
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="minisblack")
    (tmp_path / "c.tif").write_bytes((tmp_path / "a.tif").read_bytes()[:-5000])
    with pytest.raises(InputError, match="cut off"):
        clean(tmp_path / "c.tif", tmp_path / "b.tif")


def test_tiles_that_lie_on_each_other_do_not_fill_the_disk(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.ones((256, 2048), np.uint8), tile=(16, 16), metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        page = tiff.pages.first
        counts, offsets = (page.tags[name] for name in ("TileByteCounts", "TileOffsets"))
        n, first, size = len(page.dataoffsets), page.dataoffsets[0], (tmp_path / "a.tif").stat().st_size
    with (tmp_path / "a.tif").open("r+b") as file:
        file.seek(offsets.valueoffset)
        file.write(struct.pack("<I", first) * n)
        file.seek(counts.valueoffset)
        kind, length = {3: ("H", 60_000), 4: ("I", size // 2)}[int(counts.dtype)]
        file.write(struct.pack(f"<{kind}", length) * n)
    with pytest.raises(InputError, match="on top of each other"):
        clean(tmp_path / "a.tif", tmp_path / "b.tif")


@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 70), st.integers(1, 70)),
    dtype=st.sampled_from(["u1", "u2", "i4", "f4"]),
    tile=st.sampled_from([None, (16, 16), (32, 48)]),
    compression=st.sampled_from([None, "zlib", "lzw", "zstd", "packbits"]),
    byteorder=st.sampled_from("<>"),
    bigtiff=st.booleans(),
    kind=st.sampled_from(["plain", "shaped", "ome"]),
)
def test_any_image(
    tmp_path_factory: pytest.TempPathFactory, shape: tuple[int, int, int], dtype: str, tile: tuple[int, int] | None,
    compression: str | None, byteorder: Any, bigtiff: bool, kind: str,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("any")
    pixels = np.random.default_rng(3).integers(0, 100, shape).astype(dtype)
    metadata = {"axes": "CYX", "Description": "Lovelace"} if kind != "plain" else None
    tifffile.imwrite(
        folder / "a.tif", pixels, tile=tile, compression=compression, byteorder=byteorder, bigtiff=bigtiff,
        ome=kind == "ome", metadata=metadata, photometric="minisblack", software="/home/ada/x", extratags=tags(),
    )  # fmt: skip
    cleaned = clean(folder / "a.tif", folder / "b.tif")
    same_pixels(folder / "a.tif", cleaned.path)
    assert secrets_in(cleaned.path) == []


def test_real_slide(real: Path, tmp_path: Path) -> None:
    original = real / "awkward" / "svs" / "CMU-1-Small-Region.svs"
    cleaned = clean(original, tmp_path / "copy.svs")
    before, after = levels_of(original), levels_of(cleaned.path)
    assert (len(before), len(after)) == (4, 2)
    for old, new in zip(sum(before[:2], []), sum(after, []), strict=True):
        np.testing.assert_array_equal(old, new)
    content = cleaned.path.read_bytes()
    known = (b"12/29/09", b"09:59:15", b"CPAPERIOCS", b"b414003d", b"CMU-1", b"1004486", b"macro", b"label")
    assert [text for text in known if text in content] == []
    with tifffile.TiffFile(cleaned.path) as tiff:
        assert tiff.is_svs
        kept = tiff.pages.first.description.split("|")
    assert kept[:4] == [
        "Aperio Image Library v11.2.1 \r\n46000x32914 [42673,5576 2220x2967] (240x240) JPEG/RGB Q=30",
        "AppMag = 20", "StripeWidth = 2040", "MPP = 0.4990",
    ]  # fmt: skip


def test_real_companion(real: Path, tmp_path: Path) -> None:
    folder = real / "awkward" / "viv" / "sites" / "avivator" / "data"
    cleaned = clean(folder / "multifile-Z3.ome.tiff", tmp_path / "copy.ome.tif")
    assert b"2010-03-02" not in cleaned.path.read_bytes()
    assert {found.kind for found in cleaned.removed} == {"date"}
    stack = tifffile.imread(cleaned.path)
    for z in range(5):
        plane = tifffile.imread(folder / f"multifile-Z{z + 1}.ome.tiff")
        np.testing.assert_array_equal(stack[z], plane)
