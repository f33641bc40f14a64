"""OME-Zarr: what ome-zarr-py and zarr write is read as it was written, with its names, sizes and levels."""

from __future__ import annotations

import functools
import http.server
import inspect
import json
import threading
import warnings
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.formats import _zarr, is_image_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMATS = pytest.mark.parametrize("version", ["0.4", "0.5"])


def opened(path: Path | str, **choice: Any) -> tuple[hk.Image, Findings]:
    findings = Findings()
    return hk.read_image(path, findings=findings, **choice), findings


def refused(path: Path, **choice: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        opened(path, **choice)
    return caught.value


def rule(problem: InputError) -> str:
    return next(iter(problem.findings)).rule


def write(
    path: Path,
    levels: Sequence[np.ndarray],
    *,
    version: str = "0.4",
    axes: str = "cyx",
    unit: str | None = "micrometer",
    pixel: tuple[float, float] = (0.65, 0.65),
    names: Sequence[object] | None = None,
    chunks: tuple[int, ...] | None = None,
    paths: Sequence[str] | None = None,
    change: dict[str, Any] | None = None,
    **array: Any,
) -> Path:
    """Write an image with zarr and metadata by hand, as the specification has them."""
    zarr_format = 2 if version == "0.4" else 3
    group = zarr.open_group(str(path), mode="a", zarr_format=zarr_format)
    paths = paths or [str(i) for i in range(len(levels))]
    datasets = []
    for at, pixels in zip(paths, levels, strict=True):
        if pixels is not None:
            options = {"chunks": chunks or tuple(min(n, 32) for n in pixels.shape), **array}
            group.create_array(at, shape=pixels.shape, dtype=pixels.dtype, **options)[...] = pixels
        factor = 1 if pixels is None else levels[0].shape[-1] / pixels.shape[-1]
        scale = [pixel["yx".index(a)] * factor if a in "yx" else 1.0 for a in axes]
        datasets.append({"path": at, "coordinateTransformations": [{"type": "scale", "scale": scale}]})
    kinds = {"c": "channel", "t": "time"}
    described = [{"name": a, "type": kinds.get(a, "space")} for a in axes]
    for axis in described:
        if axis["type"] == "space" and unit:
            axis["unit"] = unit
    multiscale: dict[str, Any] = {"axes": described, "datasets": datasets, "name": path.name}
    if version == "0.4":
        multiscale["version"] = version
    attributes: dict[str, Any] = {"multiscales": [multiscale]}
    if names is not None:
        attributes["omero"] = {"channels": [{"label": n, "color": "FF0000"} for n in names]}
    for key, value in (change or {}).items():
        (attributes if key in {"multiscales", "omero", "image-label"} else multiscale)[key] = value
    group.attrs.update(attributes if version == "0.4" else {"ome": {"version": version, **attributes}})
    return path


def blocks() -> np.ndarray:
    """Make a mask of nine cells with gaps between them."""
    labels = np.kron(np.arange(1, 10).reshape(3, 3), np.ones((25, 18), int))[:75, :53].astype("u4")
    labels[::7] = 0
    return labels


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 60000, (5, 75, 53), dtype=np.uint16)


@FORMATS
def test_what_ome_zarr_py_writes(tmp_path: Path, pixels: np.ndarray, version: str) -> None:
    with warnings.catch_warnings():  # of what it does inside
        warnings.simplefilter("ignore")
        from ome_zarr.format import FormatV04, FormatV05
        from ome_zarr.writer import write_multiscale, write_multiscale_labels

        form = FormatV04() if version == "0.4" else FormatV05()
        path = tmp_path / "a.ome.zarr"
        group = zarr.open_group(str(path), mode="w", zarr_format=2 if version == "0.4" else 3)
        levels = [pixels, np.ascontiguousarray(pixels[:, ::2, ::2])]
        units = dict.fromkeys("yx", "micrometer")
        axes = [{"name": "c", "type": "channel"}, *({"name": a, "type": "space", "unit": units[a]} for a in "yx")]
        scales = [[{"type": "scale", "scale": [1.0, 0.325 * 2**i, 0.325 * 2**i]}] for i in range(2)]
        window = {"start": 0, "end": 1, "min": 0, "max": 1}
        names = [{"label": n, "color": "FFFFFF", "window": window, "active": True} for n in "vwxyz"]
        more = {"axes_units": units} if "axes_units" in inspect.signature(write_multiscale).parameters else {}
        write_multiscale(
            levels, group, fmt=form, axes=axes, coordinate_transformations=scales,
            metadata={"omero": {"channels": names}}, storage_options={"chunks": (2, 32, 32)}, **more,
        )  # fmt: skip
        cells = blocks()
        write_multiscale_labels(
            [cells], group, "cells", fmt=form, axes=axes[1:], storage_options={"chunks": (32, 32)},
            coordinate_transformations=[[{"type": "scale", "scale": [1, 1]}]],
        )  # fmt: skip
    image, findings = opened(path)
    assert list(findings) == []
    assert image.kind == f"OME-Zarr {version}"
    assert image.channel_names == list("vwxyz")
    assert image.pixel_size_um == 0.325
    assert [(level.height, level.width, level.downsample) for level in image.levels] == [(75, 53, 1.0), (38, 27, 2.0)]
    assert (image.tile_shape, image.dtype, image.tiled, image.is_rgb) == ((32, 32), np.dtype("u2"), True, False)
    np.testing.assert_array_equal(image.read(), pixels)
    np.testing.assert_array_equal(image.read([4, 1], (7, 70, 20, 99)), pixels[[4, 1], 7:70, 20:])
    np.testing.assert_array_equal(image.read(level=1), levels[1])
    np.testing.assert_array_equal(image.dask(1).compute(), levels[1])
    for place in (path, path / "labels", path / "labels" / "cells"):
        np.testing.assert_array_equal(hk.read_mask(place, findings=Findings()).read(), cells)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    axes=st.sampled_from(["yx", "cyx", "tczyx", "zcyx", "yxc"]), height=st.integers(1, 50), width=st.integers(1, 50),
    channels=st.integers(1, 4), chunk=st.tuples(st.integers(1, 4), st.integers(1, 60), st.integers(1, 60)),
    version=st.sampled_from(["0.4", "0.5"]), dtype=st.sampled_from(["u1", "<u2", ">u2", "<i4", "<f4"]),
    window=st.tuples(*[st.integers(0, 50)] * 4),
)  # fmt: skip
def test_any_axes_and_chunks(
    tmp_path_factory: pytest.TempPathFactory, axes: str, height: int, width: int, channels: int,
    chunk: tuple[int, int, int], version: str, dtype: str, window: tuple[int, int, int, int],
) -> None:  # fmt: skip
    if version == "0.5":
        dtype = dtype.replace(">", "<")
    sizes = {"c": channels, "y": height, "x": width, "z": 1, "t": 1}
    sides = {"c": min(chunk[0], channels), "y": chunk[1], "x": chunk[2], "z": 1, "t": 1}
    written = np.random.default_rng(1).integers(0, 200, [sizes[a] for a in axes]).astype(dtype)
    path = tmp_path_factory.mktemp("z") / "a.ome.zarr"
    write(path, [written], version=version, axes=axes, chunks=tuple(sides[a] for a in axes))
    image, _ = opened(path)
    order = [axes.index(a) for a in "cyx" if a in axes]
    rest = tuple(i for i, a in enumerate(axes) if a in "zt")
    truth = written.squeeze(rest).transpose(np.argsort(np.argsort(order)) if not rest else _left(axes))
    truth = truth if truth.ndim == 3 else truth[np.newaxis]
    assert image.dtype == truth.dtype.newbyteorder("=")
    np.testing.assert_array_equal(image.read(), truth)
    y0, y1, x0, x1 = window
    np.testing.assert_array_equal(image.read(None, (y0, max(y0, y1), x0, max(x0, x1))), truth[:, y0:y1, x0:x1])
    assert sum(block.pixels.size for block in image.blocks(max_bytes=500)) == truth.size


def _left(axes: str) -> list[int]:
    kept = [a for a in axes if a in "cyx"]
    return [kept.index(a) for a in "cyx" if a in kept]


@pytest.mark.parametrize("compressor", [None, "zstd", "gzip", "blosc"])
def test_compression_and_shards(tmp_path: Path, pixels: np.ndarray, compressor: str | None) -> None:
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    codec = {"zstd": ZstdCodec(), "gzip": GzipCodec(), "blosc": BloscCodec(), None: None}[compressor]
    path = write(
        tmp_path / "a.ome.zarr", [pixels], version="0.5", chunks=(1, 16, 16), shards=(5, 64, 64), compressors=codec
    )
    image, _ = opened(path)
    assert image.compression == (compressor or "none")
    assert image.tile_shape == (16, 16)  # of the chunks in the shards
    np.testing.assert_array_equal(image.read(), pixels)


@pytest.mark.parametrize(
    ("unit", "number", "size"),
    [("micrometer", 0.65, 0.65), ("nanometer", 325, 0.325), ("millimeter", 0.0005, 0.5), ("angstrom", 6500, 0.65)],
)
def test_units(tmp_path: Path, pixels: np.ndarray, unit: str, number: float, size: float) -> None:
    image, findings = opened(write(tmp_path / "a.ome.zarr", [pixels], unit=unit, pixel=(number, number)))
    assert image.pixel_size_um == pytest.approx(size)
    assert list(findings) == []


@pytest.mark.parametrize(
    ("unit", "pixel", "said"),
    [
        (None, (0.65, 0.65), "has no unit"),
        ("parsec", (0.65, 0.65), "not a length"),
        ("micrometer", (0.65, 1.3), "not square"),
        ("micrometer", (0.0, 0.0), "cannot be the size"),
        ("meter", (1.0, 1.0), "cannot be the size"),
    ],
)
def test_pixel_sizes_that_are_not_believed(
    tmp_path: Path, pixels: np.ndarray, unit: str | None, pixel: tuple[float, float], said: str
) -> None:
    image, findings = opened(write(tmp_path / "a.ome.zarr", [pixels], unit=unit, pixel=pixel))
    assert image.pixel_size_um is None
    assert {f.rule for f in findings} == {"image.pixel-size"}
    assert said in next(iter(findings)).message


def test_the_scale_of_the_image_multiplies_that_of_its_levels(tmp_path: Path, pixels: np.ndarray) -> None:
    further = [{"type": "scale", "scale": [1.0, 0.5, 0.5]}]
    path = write(tmp_path / "a.ome.zarr", [pixels], change={"coordinateTransformations": further})
    assert opened(path)[0].pixel_size_um == pytest.approx(0.325)


def test_names(tmp_path: Path, pixels: np.ndarray) -> None:
    long = "<script>" + "x" * 10_000
    image, findings = opened(write(tmp_path / "a.ome.zarr", [pixels], names=["DNA", None, "", long, {"a": 1}]))
    assert image.channel_names == ["DNA", None, None, long[:200], None]
    assert list(findings) == []
    image, findings = opened(write(tmp_path / "b.ome.zarr", [pixels], names=["DNA"]))
    assert image.channel_names == [None] * 5
    assert [f.rule for f in findings] == ["image.channels"]


@FORMATS
def test_colours(tmp_path: Path, version: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (3, 40, 50), dtype=np.uint8)
    path = write(tmp_path / "a.ome.zarr", [pixels], version=version, names=["Red", "Green", "Blue"])
    image, _ = opened(path)
    assert (image.is_rgb, image.shape, image.n_channels) == (True, (40, 50, 3), 1)
    np.testing.assert_array_equal(image.read(), np.moveaxis(pixels, 0, -1))
    image, _ = opened(write(tmp_path / "b.ome.zarr", [pixels], version=version, names=["DNA", "CD3", "CD8"]))
    assert (image.is_rgb, image.n_channels) == (False, 3)


def test_a_plane_of_a_stack(tmp_path: Path) -> None:
    stack = np.random.default_rng(0).integers(0, 255, (2, 3, 4, 20, 30), dtype=np.uint16)
    path = write(tmp_path / "a.ome.zarr", [stack, stack[:, :, ::2, ::2, ::2].copy()], axes="tczyx")
    assert rule(refused(path)) == "image.axes"
    assert "2 along t" in str(refused(path, z=3))
    image, _ = opened(path, t=1, z=2)
    np.testing.assert_array_equal(image.read(), stack[1, :, 2])
    np.testing.assert_array_equal(image.read(level=1), stack[1, :, 2, ::2, ::2])  # z is halved there: plane 1
    assert "no plane 4 along z" in str(refused(path, t=0, z=4))
    assert "no plane -1 along t" in str(refused(path, t=-1, z=0))
    flat = write(tmp_path / "b.ome.zarr", [stack[0, :, 0]])
    assert opened(flat, z=0)[0].n_channels == 3
    assert "no axis z" in str(refused(flat, z=1))


OME_XML = """<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
 <Image ID="Image:0" Name="overview"><Pixels DimensionOrder="XYCZT" Type="uint16" SizeX="53" SizeY="75" SizeC="5"
  SizeZ="1" SizeT="1" PhysicalSizeX="0.65" PhysicalSizeY="0.65">{0}</Pixels></Image>
 <Image ID="Image:1" Name="core"><Pixels DimensionOrder="XYCZT" Type="uint16" SizeX="53" SizeY="75" SizeC="5" SizeZ="1"
  SizeT="1" PhysicalSizeX="0.325" PhysicalSizeY="0.325">{1}</Pixels></Image></OME>"""


@FORMATS
@pytest.mark.parametrize("listed", [True, False])
def test_a_set_of_images_as_bioformats2raw_writes_it(
    tmp_path: Path, pixels: np.ndarray, version: str, *, listed: bool
) -> None:
    path = tmp_path / "a.ome.zarr"
    form = 2 if version == "0.4" else 3
    layout = {"bioformats2raw.layout": 3}
    zarr.open_group(str(path), mode="w", zarr_format=form).attrs.update(layout if form == 2 else {"ome": layout})
    write(path / "0", [pixels], version=version, unit=None)
    write(path / "1", [pixels + 1], version=version, unit=None)
    ome = zarr.open_group(str(path / "OME"), mode="w", zarr_format=form)
    if listed:
        ome.attrs.update({"series": ["0", "1"]} if form == 2 else {"ome": {"series": ["0", "1"]}})
    channels = ["".join(f'<Channel ID="Channel:{s}:{c}" Name="M{s}{c}"/>' for c in range(5)) for s in range(2)]
    (path / "OME" / "METADATA.ome.xml").write_text(OME_XML.format(*channels))

    image, findings = opened(path)
    assert "image.series" in {f.rule for f in findings}
    assert image.channel_names == [f"M0{c}" for c in range(5)]
    assert image.pixel_size_um == 0.65  # of the OME-XML, as the axes have no unit
    for choice in (1, "core"):
        image, findings = opened(path, series=choice)
        assert "image.series" not in {f.rule for f in findings}
        assert image.channel_names == [f"M1{c}" for c in range(5)]
        assert image.channels[0].id == "Channel:1:0"
        assert image.ome is not None
        assert image.ome.image_name == "core"
        assert image.pixel_size_um == 0.325
        np.testing.assert_array_equal(image.read(), pixels + 1)
    assert rule(refused(path, series=2)) == "image.series"
    assert "'overview'" in str(refused(path, series="nucleus"))
    np.testing.assert_array_equal(opened(path / "1")[0].read(), pixels + 1)  # named itself


def test_entities_in_the_ome_xml_are_not_resolved(tmp_path: Path, pixels: np.ndarray) -> None:
    path = tmp_path / "a.ome.zarr"
    zarr.open_group(str(path), mode="w", zarr_format=2).attrs.update({"bioformats2raw.layout": 3})
    write(path / "0", [pixels])
    (path / "OME").mkdir()
    evil = '<!DOCTYPE OME [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + OME_XML.format("&a;", "")
    (path / "OME" / "METADATA.ome.xml").write_text(evil)
    assert "DOCTYPE" in str(refused(path))


@FORMATS
def test_several_label_images(tmp_path: Path, pixels: np.ndarray, version: str) -> None:
    path = write(tmp_path / "a.ome.zarr", [pixels], version=version)
    cells = blocks()
    form = 2 if version == "0.4" else 3
    names = {"labels": ["cells", "nuclei"]}
    labels = zarr.open_group(str(path / "labels"), mode="w", zarr_format=form)
    labels.attrs.update(names if form == 2 else {"ome": names})
    for i, name in enumerate(names["labels"]):
        write(path / "labels" / name, [cells + i], version=version, axes="yx", change={"image-label": {}})
    for place in (path, path / "labels"):
        with pytest.raises(InputError, match=r"2 label images: .*cells.*nuclei") as caught:
            hk.read_mask(place)
        assert rule(caught.value).startswith("mask.")
    np.testing.assert_array_equal(hk.read_mask(path / "labels" / "nuclei", findings=Findings()).read(), cells + 1)
    assert opened(path)[0].n_channels == 5  # read as an image it is the image
    assert "label images" in str(refused(path / "labels"))


def test_a_mask_without_labels_group(tmp_path: Path) -> None:
    path = write(tmp_path / "m.ome.zarr", [blocks()[np.newaxis]])
    np.testing.assert_array_equal(hk.read_mask(path, findings=Findings()).read(), blocks())


def document(path: Path, version: str, *at: str) -> Path:
    return path.joinpath(*at, ".zattrs" if version == "0.4" else "zarr.json")


@FORMATS
def test_broken_metadata(tmp_path: Path, pixels: np.ndarray, version: str) -> None:
    path = write(tmp_path / "a.ome.zarr", [pixels], version=version)
    place = document(path, version)
    whole = place.read_bytes()
    for text in (b"", b"{", b"[" * 100_000, b"[1]", b"\xff\xfe", b'{"multiscales": 5}', whole[: len(whole) // 2]):
        place.write_bytes(text)
        assert rule(refused(path)) == "image.zarr", text[:20]
    place.write_bytes(whole)
    assert opened(path)[0].n_channels == 5


@pytest.mark.parametrize(
    "change",
    [
        {"datasets": []}, {"datasets": 3}, {"datasets": [{}]}, {"datasets": [{"path": 1}]},
        {"datasets": [{"path": "9"}]}, {"datasets": [{"path": "../b.ome.zarr/0"}]}, {"datasets": [{"path": "/etc"}]},
        {"datasets": [{"path": "0\0"}]},
        {"datasets": [{"path": "0"}] * 100}, {"multiscales": []}, {"multiscales": [7]}, {"axes": None}, {"axes": 3},
    ],
)  # fmt: skip
@FORMATS
def test_metadata_that_describe_no_image(
    tmp_path: Path, pixels: np.ndarray, version: str, change: dict[str, Any]
) -> None:
    write(tmp_path / "b.ome.zarr", [pixels], version=version)
    assert rule(refused(write(tmp_path / "a.ome.zarr", [pixels], version=version, change=change))) == "image.zarr"


@pytest.mark.parametrize("axes", [["c", "y"], ["c", "y", "y"], [{"name": "c"}, {"name": 3}, {"name": "x"}], ["y", "x"]])
def test_axes_that_are_none_of_an_image(tmp_path: Path, pixels: np.ndarray, axes: list[Any]) -> None:
    assert rule(refused(write(tmp_path / "a.ome.zarr", [pixels], change={"axes": axes}))) == "image.axes"


def test_axes_without_names_of_the_first_versions(tmp_path: Path, pixels: np.ndarray) -> None:
    five = pixels[np.newaxis, :, np.newaxis]
    path = write(tmp_path / "a.ome.zarr", [five], axes="tczyx")
    place = document(path, "0.4")
    written = json.loads(place.read_text())
    del written["multiscales"][0]["axes"]
    written["multiscales"][0]["version"] = "0.1"
    place.write_text(json.dumps(written))
    image, _ = opened(path)
    assert image.kind == "OME-Zarr 0.1"
    np.testing.assert_array_equal(image.read(), pixels)


def test_levels_that_are_no_copies(tmp_path: Path, pixels: np.ndarray) -> None:
    for n, other in enumerate((pixels[:3, ::2, ::2], pixels[:, ::2, ::2].astype("u1"), np.pad(pixels, 1)[1:6])):
        assert rule(refused(write(tmp_path / f"{n}.ome.zarr", [pixels, other.copy()]))) == "image.zarr"


def test_links_out_of_the_folder(tmp_path: Path, pixels: np.ndarray) -> None:
    other = write(tmp_path / "b.ome.zarr", [pixels])
    path = write(tmp_path / "a.ome.zarr", [pixels])
    (path / "out").symlink_to(other / "0")
    place = document(path, "0.4")
    place.write_text(place.read_text().replace('"path": "0"', '"path": "out"'))
    assert "leads outside" in str(refused(path))
    (tmp_path / "c.ome.zarr").symlink_to(other)  # a link that the user made, to the whole of it
    assert opened(tmp_path / "c.ome.zarr")[0].n_channels == 5


def test_values_and_codecs_that_are_not_for_pixels(tmp_path: Path, pixels: np.ndarray) -> None:
    path = write(tmp_path / "a.ome.zarr", [pixels])
    place = path / "0" / ".zarray"
    whole = json.loads(place.read_text())
    for change in (
        {"dtype": "|O"}, {"dtype": "<c8"}, {"dtype": "<M8[s]"}, {"dtype": [["a", "<u2"]]}, {"dtype": "nonsense"},
        {"filters": [{"id": "pickle"}]}, {"compressor": {"id": "pickle"}}, {"compressor": {"id": "my-codec"}},
        {"compressor": 5}, {"shape": [5, 75]}, {"shape": [5, -1, 53]}, {"shape": [0, 75, 53]}, {"chunks": [1, 0, 32]},
    ):  # fmt: skip
        place.write_text(json.dumps(whole | change))
        assert rule(refused(path)) in {"image.zarr", "image.axes"}, change
    place.write_text(json.dumps(whole | {"compressor": {"id": "pickle"}}))
    assert "'pickle'" in str(refused(path))
    path = write(tmp_path / "b.ome.zarr", [pixels], version="0.5")
    place = path / "0" / "zarr.json"
    whole = json.loads(place.read_text())
    for codec in ({"name": "my-codec"}, {"name": "numcodecs.pickle", "configuration": {}}, "vlen-utf8"):
        place.write_text(json.dumps(whole | {"codecs": [{"name": "bytes"}, codec]}))
        assert rule(refused(path)) == "image.zarr"


def _declared(path: Path, shape: list[int], chunks: list[int]) -> Path:
    place = path / "0" / ".zarray"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"shape": shape, "chunks": chunks}))
    return path


def test_a_small_folder_that_claims_much(tmp_path: Path, pixels: np.ndarray) -> None:
    path = write(tmp_path / "a.ome.zarr", [pixels])
    for chunks in ([1, 1, 1], [1, 1024, 1024]):
        assert rule(refused(_declared(path, [5, 10**6, 10**6], chunks))) == "image.truncated"
    for side in (30_000, 10**6):  # chunks of 1.8 GB and 2 TB: not decoded
        image, _ = opened(_declared(path, [1, side, side], [1, side, side]))
        with pytest.raises(InputError, match="1 GiB is the most"):
            image.read(0, (0, 8, 0, 8))
    assert "more than an image can have" in str(refused(_declared(path, [200_000, 1, 1], [200_000, 1, 1])))


def test_no_chunks_at_all(tmp_path: Path, pixels: np.ndarray) -> None:
    path = write(tmp_path / "a.ome.zarr", [np.zeros_like(pixels)])
    image, findings = opened(path)  # zarr stores no chunk of zeros
    assert [f.rule for f in findings] == ["image.sparse-tiles"]
    assert not image.read().any()


@pytest.mark.parametrize("name", ["blosc", "zstd", "gzip"])
@FORMATS
def test_a_chunk_that_is_cut_off(tmp_path: Path, pixels: np.ndarray, version: str, name: str) -> None:
    import numcodecs
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    old = {"blosc": numcodecs.Blosc(), "zstd": numcodecs.Zstd(), "gzip": numcodecs.GZip()}
    new = {"blosc": BloscCodec(), "zstd": ZstdCodec(), "gzip": GzipCodec()}
    codec = (old if version == "0.4" else new)[name]
    path = write(
        tmp_path / "a.ome.zarr", [pixels], names=list("abcde"), chunks=(1, 32, 32), version=version, compressors=codec
    )
    chunk = path / "0" / ("2.1.0" if version == "0.4" else "c/2/1/0")
    whole = chunk.read_bytes()
    image, _ = opened(path)
    assert image.compression == name
    for n in (20, len(whole) // 2, len(whole) - 1):
        chunk.write_bytes(whole[:n])
        np.testing.assert_array_equal(image.read([0, 1, 3, 4]), pixels[[0, 1, 3, 4]])
        with pytest.raises(InputError, match=r"Tile 1, 0 .* of channel 2 \(c\)"):  # never pixels made of other memory
            image.read()


def test_a_chunk_that_claims_more_than_a_chunk(tmp_path: Path, pixels: np.ndarray) -> None:
    import numcodecs

    path = write(tmp_path / "a.ome.zarr", [pixels], chunks=(1, 32, 32), compressors=numcodecs.Blosc())
    bomb = numcodecs.Blosc().encode(np.zeros(2**26, "u1"))
    (path / "0" / "0.0.0").write_bytes(bomb)
    with pytest.raises(InputError, match="its header says"):
        opened(path)[0].read()


def test_chunks_in_shards_are_guarded_too(tmp_path: Path, pixels: np.ndarray) -> None:
    from zarr.codecs import BloscCodec

    path = write(
        tmp_path / "a.ome.zarr",
        [pixels],
        version="0.5",
        chunks=(1, 16, 16),
        shards=(1, 64, 64),
        compressors=BloscCodec(),
    )
    shard = path / "0" / "c/2/0/0"
    spoilt = bytearray(shard.read_bytes())
    spoilt[12:16] = (2**30).to_bytes(4, "little")  # the length that the first chunk of it says it has
    shard.write_bytes(spoilt)
    with pytest.raises(InputError, match="its header says"):
        opened(path)[0].read()


def test_folders_that_are_something_else(tmp_path: Path, pixels: np.ndarray) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    assert not _zarr.matches(folder)
    with pytest.raises(InputError, match="folder"):
        opened(folder)
    named = tmp_path / "empty.ome.zarr"
    named.mkdir()
    assert "without Zarr metadata" in str(refused(named))
    group = tmp_path / "g.zarr"
    zarr.open_group(str(group), mode="w", zarr_format=2)
    assert "without the metadata of an image" in str(refused(group))
    write(group / "images" / "slide", [pixels])
    assert "images/slide" in str(refused(group))  # as SpatialData keeps them
    zarr.open_group(str(group), mode="a").attrs.update({"plate": {}})
    assert "plate" in str(refused(group))
    image = write(tmp_path / "a.ome.zarr", [pixels])
    assert "without the metadata of an image" in str(refused(image / "0"))  # the array itself


def test_what_info_says(tmp_path: Path, pixels: np.ndarray) -> None:
    from htan_kit.cli import app

    path = write(tmp_path / "a.ome.zarr", [pixels], version="0.5", names=["DNA", "CD3", "CD8", "CD4", "PanCK"])
    result = CliRunner().invoke(app, ["info", str(path)])
    assert result.exit_code == 0, result.output
    for text in ("OME-Zarr 0.5", "53 × 75", "0.65", "PanCK", "Level 2", "zstd"):
        assert text in result.output


def test_a_folder_of_images_in_zarr_is_a_cohort(tmp_path: Path, pixels: np.ndarray) -> None:
    for name in ("a", "b"):
        write(tmp_path / f"{name}.ome.zarr", [pixels])
    write(tmp_path / "a_mask.ome.zarr", [np.ones((75, 53), "u4")], axes="yx")
    assert is_image_folder(tmp_path / "a.ome.zarr")
    assert not is_image_folder(tmp_path)
    cohort = hk.open_cohort(tmp_path)
    assert list(cohort) == ["a", "b"]
    assert cohort["a"].image == tmp_path / "a.ome.zarr"
    assert list(cohort["a"].masks.values()) == [tmp_path / "a_mask.ome.zarr"]
    one = hk.open_cohort(tmp_path / "b.ome.zarr")
    assert list(one) == ["b"]
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("sample,image,mask\ns1,b.ome.zarr,a_mask.ome.zarr\n")
    assert hk.open_cohort(sheet)["s1"].image == tmp_path / "b.ome.zarr"


@FORMATS
def test_the_same_numbers_as_from_tiff(tmp_path: Path, pixels: np.ndarray, version: str) -> None:
    labels = blocks()
    names = ["DNA", "CD3", "CD8", "CD4", "PanCK"]
    about = {"axes": "CYX", "Channel": {"Name": names}, "PhysicalSizeX": 0.65, "PhysicalSizeY": 0.65}
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, metadata=about, photometric="minisblack")
    tifffile.imwrite(tmp_path / "m.ome.tif", labels, metadata={"axes": "YX"})
    path = write(tmp_path / "a.ome.zarr", [pixels], version=version, names=names, chunks=(3, 20, 32))
    form = 2 if version == "0.4" else 3
    listed = {"labels": ["cells"]}
    group = zarr.open_group(str(path / "labels"), mode="w", zarr_format=form)
    group.attrs.update(listed if form == 2 else {"ome": listed})
    write(path / "labels" / "cells", [labels], version=version, axes="yx", chunks=(16, 53))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # findings are not what is tested here
        tiff = hk.quantify(tmp_path / "a.ome.tif", tmp_path / "m.ome.tif")
        ours = hk.quantify(path, path)
    assert list(ours.var_names) == list(tiff.var_names) == names
    np.testing.assert_array_equal(ours.X, tiff.X)
    np.testing.assert_array_equal(ours.obsm["spatial"], tiff.obsm["spatial"])
    np.testing.assert_array_equal(ours.obsm["spatial_um"], tiff.obsm["spatial_um"])
    by_hand = [[pixels[c][labels == i].mean() for c in range(5)] for i in range(1, 10)]
    np.testing.assert_allclose(ours.X, by_hand, rtol=1e-6)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Answers without telling the terminal; counts what it is asked."""

    asked: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()


@FORMATS
def test_an_image_on_a_server(tmp_path: Path, pixels: np.ndarray, version: str) -> None:
    write(tmp_path / "a.ome.zarr", [pixels], version=version, names=list("abcde"), chunks=(1, 32, 32))
    serve = functools.partial(Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            image, findings = opened(f"http://127.0.0.1:{server.server_port}/a.ome.zarr")
            assert list(findings) == []
            assert image.channel_names == list("abcde")
            assert image.pixel_size_um == 0.65
            Quiet.asked.clear()
            np.testing.assert_array_equal(image.read(2, (33, 40, 0, 8))[0], pixels[2, 33:40, :8])
            chunks = {path for path in Quiet.asked if not path.endswith((".zarray", "zarr.json", ".zattrs", ".zgroup"))}
            assert len(chunks) == 1  # of the 30 there are
            with pytest.raises(InputError):
                opened(f"http://127.0.0.1:{server.server_port}/none.ome.zarr")
        finally:
            server.shutdown()
            thread.join()
