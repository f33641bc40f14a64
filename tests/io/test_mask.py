"""Masks hold whole numbers, one an object; everything else is refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
import zarr
from scipy import ndimage

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io._labels import is_picture
from htan_kit.io.mask import object_classes, read_mask
from htan_kit.pixels import mask_objects

if TYPE_CHECKING:
    from pathlib import Path


def test_labels_beyond_16_bits_stay_what_they_are(tmp_path: Path) -> None:
    labels = np.zeros((40, 50), np.uint32)
    labels[2:5, 3:9], labels[20:22, 7:8] = 70_001, 4_000_000_000
    tifffile.imwrite(tmp_path / "m.tif", labels)
    mask = read_mask(tmp_path / "m.tif", findings=Findings())
    np.testing.assert_array_equal(mask.read(), labels)
    assert mask_objects(mask)["label"].tolist() == [70_001, 4_000_000_000]


def test_whole_numbers_stored_as_floats_are_labels(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "m.tif", np.array([[0, 1, 1], [2, 2, 0]], np.float32))
    assert read_mask(tmp_path / "m.tif", findings=Findings()).read().tolist() == [[0, 1, 1], [2, 2, 0]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[0, 0.5], [1, 2]], np.float32), "0.5"),
        (np.array([[0, np.nan], [1, 2]], np.float32), "nan"),
        (np.array([[0, -3], [1, 2]], np.int16), "-3"),
    ],
)
def test_values_that_are_no_labels(tmp_path: Path, values: np.ndarray, message: str) -> None:
    tifffile.imwrite(tmp_path / "m.tif", values)
    with pytest.raises(InputError, match=message):
        read_mask(tmp_path / "m.tif", findings=Findings()).read()


@pytest.mark.parametrize("value", [1, 255])
def test_a_binary_mask_is_refused_and_one_object_is_not(tmp_path: Path, value: int) -> None:
    one = np.zeros((60, 60), np.uint8)
    one[3:9, 4:9] = value
    two = one.copy()
    two[30:34, 40:44] = value
    tifffile.imwrite(tmp_path / "one.tif", one)
    tifffile.imwrite(tmp_path / "two.tif", two)
    assert len(mask_objects(read_mask(tmp_path / "one.tif", findings=Findings()))) == 1
    with pytest.raises(InputError, match="binary"):
        mask_objects(read_mask(tmp_path / "two.tif", findings=Findings()))


def rules(findings: Findings) -> list[str]:
    return [f.rule for f in findings]


def refused(path: Path, **choice: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_mask(path, findings=Findings(), **choice).read()
    (rule,) = rules(caught.value.findings)
    return rule


def cells(side: int = 80, size: int = 9) -> np.ndarray:
    """Touching square cells, numbered without order, in the middle of background."""
    n = (side - 20) // size
    labels = np.zeros((side, side), np.int64)
    numbers = np.random.default_rng(0).permutation(n * n).reshape(n, n) + 1
    labels[10 : 10 + n * size, 10 : 10 + n * size] = np.kron(numbers, np.ones((size, size), int))
    return labels


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize("layout", [{}, {"byteorder": ">"}, {"bigtiff": True, "tile": (16, 32), "compression": "zlib"}])
def test_every_type_and_layout_gives_the_same_labels(tmp_path: Path, dtype: str, layout: dict[str, Any]) -> None:
    labels = cells()
    tifffile.imwrite(tmp_path / "m.tif", labels.astype(dtype), **layout)
    findings = Findings()
    mask = read_mask(tmp_path / "m.tif", findings=findings)
    np.testing.assert_array_equal(mask.read(), labels)
    assert mask_objects(mask)["label"].tolist() == np.unique(labels)[1:].tolist()
    assert rules(findings) == (["mask.float"] if dtype.startswith("f") else [])


def test_labels_of_64_bits(tmp_path: Path) -> None:
    labels = np.zeros((20, 20), np.uint64)
    labels[:3, :3], labels[5:9, 5:9] = 2**53, 2**33 + 1
    tifffile.imwrite(tmp_path / "m.tif", labels)
    assert mask_objects(read_mask(tmp_path / "m.tif", findings=Findings()))["label"].tolist() == [2**33 + 1, 2**53]
    labels[0, 0] += 1
    for dtype in ("u8", "i8"):
        tifffile.imwrite(tmp_path / "m.tif", labels.astype(dtype))
        assert refused(tmp_path / "m.tif") == "mask.label-too-large"
        with pytest.raises(InputError, match=r"9007199254740993; labels beyond 2\^53"):
            mask_objects(read_mask(tmp_path / "m.tif", findings=Findings()))


@pytest.mark.parametrize(("dtype", "largest"), [("f2", 2**11 - 1), ("f4", 2**24 - 1), ("f8", 2**53 - 1)])
def test_floats_that_no_longer_tell_labels_apart(tmp_path: Path, dtype: str, largest: int) -> None:
    labels = np.zeros((20, 20))
    labels[3:6, 3:6] = largest
    tifffile.imwrite(tmp_path / "m.tif", labels.astype(dtype))
    assert read_mask(tmp_path / "m.tif", findings=Findings()).read().max() == largest
    tifffile.imwrite(tmp_path / "m.tif", (labels + (labels > 0)).astype(dtype))
    assert refused(tmp_path / "m.tif") == "mask.label-too-large"


@pytest.mark.parametrize("dtype", ["i2", "i4", "i8", "f4"])
def test_negative_values_are_refused_by_reader_and_engine(tmp_path: Path, dtype: str) -> None:
    labels = cells()
    labels[:, 19::9] = -1  # lines between objects, as some watersheds leave them
    tifffile.imwrite(tmp_path / "m.tif", labels.astype(dtype), tile=(16, 16))
    assert refused(tmp_path / "m.tif") == "mask.negative"
    with pytest.raises(InputError, match="such as -1.*set to 0"):
        mask_objects(read_mask(tmp_path / "m.tif", findings=Findings()))


def smooth(side: int = 300) -> np.ndarray:
    """A probability from 0 to 1 of round objects, as a classifier gives it."""
    rng = np.random.default_rng(1)
    return np.clip(ndimage.gaussian_filter(rng.normal(size=(side, side)), 4) * 8 + 0.4, 0, 1)


def test_probability_maps_are_recognised(tmp_path: Path) -> None:
    values = smooth()
    assert (values == 0).mean() > 0.1
    assert (values == 1).mean() > 0.01
    for stored in (values.astype("f4"), (values * 255).astype("u1"), (values * 65535).astype("u2"),
                   (values * 65535).astype("u2").astype("f4")):  # fmt: skip
        tifffile.imwrite(tmp_path / "m.tif", stored, tile=(128, 128))
        assert refused(tmp_path / "m.tif") == "mask.probability"
    tifffile.imwrite(tmp_path / "m.tif", np.random.default_rng(0).poisson(40, (200, 200)).astype("u2"))
    assert refused(tmp_path / "m.tif") == "mask.probability"


@pytest.mark.parametrize("size", [2, 3, 5, 30])
def test_no_mask_of_touching_cells_or_rings_is_taken_for_a_picture(size: int) -> None:
    labels = cells(400, size)
    inner = np.zeros_like(labels)
    for shift in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        inner += np.roll(labels, shift, (0, 1)) == labels
    rings = np.where(inner == 4, 0, labels)  # one pixel wide, and touching
    seeds = np.where((np.indices(labels.shape) % 2 == 0).all(axis=0), np.arange(labels.size).reshape(labels.shape), 0)
    for mask in (labels, rings, labels % 7, (labels > 0) * 255, seeds):
        assert not is_picture(mask)


def test_real_masks_are_no_pictures_and_real_probabilities_are_no_masks(real: Path) -> None:
    folder = real / "imc_bodenmiller"
    masks = sorted((folder / "steinbock").glob("masks_*/*.tiff")) + sorted((folder / "analysis/cpout/masks").glob("*"))
    assert masks
    for path in masks:
        assert read_mask(path, findings=Findings()).read().max() > 0
    seen = 0
    for path in sorted((folder / "analysis/cpout/probabilities").glob("*"))[:3]:
        for channel in range(3):
            values = tifffile.imread(path)
            values = values[channel] if values.shape[0] == 3 else values[..., channel]
            if (values > 0).sum() > 1500 and (values == values.max()).mean() < 0.1:  # not nearly binary
                assert is_picture(values)
                seen += 1
    assert seen == 4


def test_lossy_compression_is_refused_and_what_may_be_lossy_is_warned_of(tmp_path: Path) -> None:
    labels = cells().astype(np.uint8)
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, labels, compression="jpeg", tile=(80, 80))
    assert not np.array_equal(tifffile.imread(path), labels)  # the reason
    assert refused(path) == "mask.lossy"
    for compression in ("jpeg2000", "webp", "jpegxl"):
        args = {"level": None} if compression == "jpeg2000" else {"lossless": True}
        stored = labels.astype(np.uint16) if compression == "jpeg2000" else labels
        try:
            tifffile.imwrite(path, stored, compression=compression, compressionargs=args, tile=(80, 80))
        except (ValueError, RuntimeError):
            continue  # this codec takes no grey pictures
        findings = Findings()
        np.testing.assert_array_equal(read_mask(path, findings=findings).read(), labels)
        assert rules(findings) == ["mask.lossy"]
    tifffile.imwrite(path, labels, compression="lzw")
    findings = Findings()
    read_mask(path, findings=findings)
    assert not len(findings)


@pytest.mark.parametrize("planar", ["separate", "contig"])
def test_one_object_type_of_several_is_chosen_by_name_or_index(tmp_path: Path, planar: str) -> None:
    cell = cells().astype(np.uint32)
    nucleus = np.where(ndimage.minimum_filter(cell, 5) == ndimage.maximum_filter(cell, 5), cell, 0)
    both = np.stack([cell, nucleus])
    path = tmp_path / "m.ome.tif"
    names = {"Channel": {"Name": ["Whole Cell", "nuclei"]}}
    if planar == "separate":
        tifffile.imwrite(path, both, metadata={"axes": "CYX", **names}, tile=(16, 16))
    else:
        pixels = np.ascontiguousarray(np.moveaxis(both, 0, -1))
        tifffile.imwrite(path, pixels, planarconfig="contig", photometric="minisblack", metadata={"axes": "YXS"})
    with pytest.raises(InputError, match="2 channels, one an object type") as caught:
        read_mask(path, findings=Findings())
    assert rules(caught.value.findings) == ["mask.object-class"]
    choices: list[tuple[str | int, np.ndarray]] = [(0, cell), ("1", nucleus)]
    if planar == "separate":
        choices += [("cell", cell), ("whole cell", cell), ("nucleus", nucleus), ("nuclei", nucleus)]
        assert object_classes(path) == ["Whole Cell", "nuclei"]
    for choice, expected in choices:
        mask = read_mask(path, object_class=choice, findings=Findings())
        np.testing.assert_array_equal(mask.read(), expected)
        np.testing.assert_array_equal(mask.read((3, 40, 5, 33)), expected[3:40, 5:33])
        areas = mask_objects(mask).set_index("label")["area_px"].to_dict()
        assert areas == {label: int((expected == label).sum()) for label in np.unique(expected)[1:]}
    for wrong in (2, -1, "membrane"):
        assert refused(path, object_class=wrong) == "mask.object-class"


def test_a_class_that_only_one_mask_holds_is_found_by_its_name(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 99, (2, 80, 80), dtype=np.uint16)
    names = {"axes": "CYX", "Channel": {"Name": ["DNA", "CD3"]}}
    tifffile.imwrite(tmp_path / "s1.ome.tif", pixels, metadata=names)
    both = np.stack([cells(), cells(80, 5)]).astype(np.uint32)
    kinds = {"axes": "CYX", "Channel": {"Name": ["cell", "nucleus"]}}
    tifffile.imwrite(tmp_path / "s1_mask.ome.tif", both, metadata=kinds)
    (sample,) = hk.open_cohort(tmp_path, mask="nucleus").samples
    assert hk.read(sample).n_obs == len(np.unique(both[1])) - 1
    (sample,) = hk.open_cohort(tmp_path, mask="cell").samples
    assert hk.read(sample).n_obs == len(np.unique(both[0])) - 1
    with pytest.raises(InputError, match="no|No image has a mask named 'membrane'"):
        hk.open_cohort(tmp_path, mask="membrane")
    (sample,) = hk.open_cohort(tmp_path).samples
    with pytest.raises(InputError, match=r"0 'cell', 1 'nucleus'.*--mask NAME"):
        hk.read(sample)


def test_a_stack_is_refused_and_one_plane_of_it_is_not(tmp_path: Path) -> None:
    stack = np.stack([cells(), cells(80, 5)]).astype(np.uint16)
    tifffile.imwrite(tmp_path / "z.ome.tif", stack, metadata={"axes": "ZYX"})
    assert refused(tmp_path / "z.ome.tif") == "mask.stack"
    for z in (0, 1):
        np.testing.assert_array_equal(read_mask(tmp_path / "z.ome.tif", z=z, findings=Findings()).read(), stack[z])
    assert refused(tmp_path / "z.ome.tif", z=2) == "mask.stack"


def test_colour_pictures_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "rgb.tif", np.zeros((9, 9, 3), np.uint8), photometric="rgb")
    with pytest.raises(InputError, match="colour picture"):
        read_mask(tmp_path / "rgb.tif", findings=Findings())


def test_pixels_that_cannot_be_decoded_are_told_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, cells().astype(np.uint16), compression="zlib", tile=(80, 80))
    with tifffile.TiffFile(path) as tiff:
        offset = tiff.pages.first.dataoffsets[0]
    data = bytearray(path.read_bytes())
    data[offset : offset + 20] = b"\xff" * 20
    path.write_bytes(data)
    mask = read_mask(path, findings=Findings())
    with pytest.raises(InputError, match="cannot be decoded"):
        mask.read()


def test_one_label_image_of_several_in_an_ome_zarr_folder(tmp_path: Path) -> None:
    root = zarr.open_group(tmp_path / "s.ome.zarr", mode="w", zarr_format=2)
    axes = [{"name": axis, "type": "space"} for axis in "yx"]
    scales = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    scales[0]["datasets"][0]["coordinateTransformations"] = [{"type": "scale", "scale": [0.5, 0.5]}]
    root.attrs["multiscales"] = scales
    root.create_array("0", data=np.zeros((80, 80), np.uint16))
    labels = root.create_group("labels")
    labels.attrs["labels"] = ["cells", "nuclei"]
    both = {"cells": cells(), "nuclei": cells(80, 5)}
    for name, values in both.items():
        group = labels.create_group(name)
        group.attrs.update({"multiscales": scales, "image-label": {}})
        group.create_array("0", data=values.astype(np.int32), chunks=(32, 32))
    for choice, name in (("cell", "cells"), ("nucleus", "nuclei")):
        mask = read_mask(tmp_path / "s.ome.zarr", object_class=choice, findings=Findings())
        np.testing.assert_array_equal(mask.read(), both[name])
        assert len(mask_objects(mask)) == len(np.unique(both[name])) - 1
    assert refused(tmp_path / "s.ome.zarr") == "mask.object-class"
    assert object_classes(tmp_path / "s.ome.zarr") == ["cells", "nuclei"]
