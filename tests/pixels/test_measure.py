"""One pass gives what scikit-image, scipy and numpy give on whole arrays, however the files are cut into tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.measure import regionprops_table
from skimage.segmentation import expand_labels

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask, read_mask
from htan_kit.pixels import measure

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.pixels import Measurement

SHAPES = {
    "Area": "area", "MajorAxisLength": "axis_major_length", "MinorAxisLength": "axis_minor_length",
    "Eccentricity": "eccentricity", "Solidity": "solidity", "Extent": "extent", "Orientation": "orientation",
    "Perimeter": "perimeter",
}  # fmt: skip
reuse = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def write(path: Path, pixels: np.ndarray, tile: tuple[int, int] | None, **options: Any) -> Path:
    """A TIFF of planes, in tiles or (None) in strips."""
    if tile is not None:
        options["tile"] = tile
    else:
        options.setdefault("rowsperstrip", 7)
    tifffile.imwrite(path, pixels, photometric="minisblack", metadata={"axes": "CYX"[-pixels.ndim :]}, **options)
    return path


def open_both(tmp_path: Path, pixels: np.ndarray, labels: np.ndarray, **how: Any) -> tuple[Image, Mask]:
    """Image and mask on disk; the tiles of the mask are others than those of the image."""
    image = write(tmp_path / "i.ome.tif", pixels, how.get("tile", (64, 64)), compression=how.get("compression"))
    mask = write(tmp_path / "m.tif", labels, how.get("mask_tile", (32, 48)), compression="zlib")
    return read_image(image, findings=Findings()), read_mask(mask, findings=Findings())


def tissue(rng: np.random.Generator, shape: tuple[int, int], n: int, dtype: type = np.uint32) -> np.ndarray:
    """Ellipses that cut each other, so that some objects are in pieces, with gaps between the labels."""
    labels = np.zeros(shape, dtype)
    y, x = np.indices(shape)
    top = min(np.iinfo(dtype).max, 2**53)
    for value in rng.choice(np.unique(np.append(np.geomspace(1, top, 3 * n).astype(np.int64), 7)), n, replace=False):
        cy, cx, a, b = rng.uniform(0, shape[0]), rng.uniform(0, shape[1]), *rng.uniform(0.5, 14, 2)
        labels[((y - cy) / a) ** 2 + ((x - cx) / b) ** 2 <= 1] = value
    return labels


def check_objects(found: Measurement, labels: np.ndarray) -> None:
    values, compact = np.unique(labels, return_inverse=True)
    compact = compact.reshape(labels.shape) + (values[0] != 0)
    values = values[values > 0]
    assert found.labels.tolist() == values.tolist()
    names = ("centroid", "bbox", *SHAPES.values())
    expected = regionprops_table(compact, properties=names)
    np.testing.assert_allclose(found.objects[["y_px", "x_px"]].T, [expected["centroid-0"], expected["centroid-1"]])
    boxes = np.stack([expected[f"bbox-{i}"] for i in range(4)], 1)
    np.testing.assert_array_equal(found.objects[["y0", "x0", "y1", "x1"]], boxes)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    assert set(found.objects["label"][found.objects["touches_border"]]) == set(edge[edge > 0].tolist())
    assert found.shapes is not None
    for ours, theirs in SHAPES.items():
        if ours == "Orientation":  # the direction of what is round is rounding; so is its sign at a quarter turn
            long = expected["eccentricity"] > 1e-3
            turn = np.abs(found.shapes[ours] - expected[theirs])[long]
            np.testing.assert_allclose(np.minimum(turn, np.pi - turn), 0, atol=1e-6)
            continue
        absolute = 1e-6 if ours in {"MinorAxisLength", "Eccentricity"} else 1e-9  # roots of what should be 0
        np.testing.assert_allclose(found.shapes[ours], expected[theirs], rtol=1e-7, atol=absolute, err_msg=ours)


def check_intensities(found: Measurement, pixels: np.ndarray, labels: np.ndarray, name: str = "cell") -> None:
    values = found.labels
    got = found.compartments[name]
    compact = np.where(labels > 0, np.searchsorted(values, labels) + 1, 0)
    index = np.arange(1, len(values) + 1)
    for c, plane in enumerate(pixels.astype(np.float64)):
        finite = np.isfinite(plane)
        own, plane = np.where(finite, compact, 0), np.where(finite, plane, 0)
        count = ndimage.sum_labels(finite, own, index)
        np.testing.assert_array_equal(got.count[:, c], count)
        some = count > 0
        for mine, reference in (
            (got.sum, ndimage.sum_labels), (got.mean, ndimage.mean), (got.sd, ndimage.standard_deviation),
            (got.min, ndimage.minimum), (got.max, ndimage.maximum),
        ):  # fmt: skip
            assert mine is not None
            scale = 1e-9 * max(1.0, np.abs(plane).max())
            with np.errstate(invalid="ignore"):  # scipy divides by 0 for the objects without a pixel
                expected = reference(plane, own, index[some])
            np.testing.assert_allclose(mine[some, c], expected, rtol=1e-9, atol=scale)
        assert np.isnan(got.mean[~some, c]).all()


@reuse
@given(
    seed=st.integers(0, 10_000), height=st.integers(2, 150), width=st.integers(2, 150), n=st.integers(0, 30),
    tile=st.sampled_from([(16, 16), (32, 80), (64, 64), (256, 256), None]),
    mask_tile=st.sampled_from([(16, 32), (48, 48), (128, 16), None]),
    dtype=st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.float32, np.float64]),
    label_type=st.sampled_from([np.uint8, np.uint16, np.uint32, np.int32, np.uint64]),
    workers=st.integers(1, 5),
)  # fmt: skip
def test_objects_are_those_of_the_whole_arrays(
    tmp_path: Path, seed: int, height: int, width: int, n: int, tile: tuple[int, int] | None,
    mask_tile: tuple[int, int] | None, dtype: type, label_type: type, workers: int,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    labels = tissue(rng, (height, width), n, label_type)
    pixels = rng.gamma(1, 30, (3, height, width)) - (10 if np.dtype(dtype).kind in "if" else 0)
    pixels = np.clip(pixels, np.iinfo(dtype).min, np.iinfo(dtype).max) if np.dtype(dtype).kind in "iu" else pixels
    pixels = pixels.astype(dtype)
    if np.dtype(dtype).kind == "f":
        pixels[rng.random(pixels.shape) < 0.02] = rng.choice([np.nan, np.inf, -np.inf])
    image, mask = open_both(tmp_path, pixels, labels, tile=tile, mask_tile=mask_tile)
    try:
        found = measure(image, mask, workers=workers, findings=Findings())
    except InputError as problem:  # one value over several pieces is refused: this is another test's
        assert "binary" in str(problem)  # noqa: PT017
        assert len(np.unique(labels[labels > 0])) == 1
        return
    if found.labels.size:
        check_objects(found, labels)
        check_intensities(found, pixels, labels)
    assert len(found.labels) == len(np.unique(labels[labels > 0]))
    again = measure(image, mask, workers=1, findings=Findings())
    np.testing.assert_array_equal(again.compartments["cell"].sum, found.compartments["cell"].sum)
    if found.not_finite is not None and len(found.labels):
        bad = [~np.isfinite(pixels[:, labels == value]) for value in found.labels]
        np.testing.assert_array_equal(found.not_finite, [b.sum(axis=1) for b in bad])


def test_objects_that_span_many_blocks_and_bands(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    labels = tissue(rng, (1700, 1400), 40)
    y, x = np.indices(labels.shape)
    labels[(np.hypot(y - 800, x - 700) < 620) & (np.hypot(y - 800, x - 700) > 560)] = 4_000_000_001
    labels[1695:, :] = 9
    pixels = rng.integers(0, 60_000, (2, *labels.shape), dtype=np.uint16)
    image, mask = open_both(tmp_path, pixels, labels, tile=(256, 128), mask_tile=(512, 512), compression="zlib")
    found = measure(image, mask)
    check_objects(found, labels)
    check_intensities(found, pixels, labels)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "zstd", "packbits", "lzma", "lerc"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("predictor", [False, True])
def test_every_way_of_storing(tmp_path: Path, compression: str | None, order: str, predictor: bool) -> None:
    if (predictor and compression in {None, "packbits", "lerc"}) or (order, compression) == (">", "lerc"):
        pytest.skip("no such files")
    pixels = np.random.default_rng(1).integers(0, 5000, (2, 90, 70), dtype=np.uint16)
    options: dict[str, Any] = {"compression": compression, "predictor": predictor, "byteorder": order}
    for tile in ((32, 16), None):
        path = write(tmp_path / f"{tile}.ome.tif", pixels, tile, **options)
        found = measure(read_image(path, findings=Findings()))
        assert found.histograms is not None
        for c in range(2):
            np.testing.assert_array_equal(found.histograms[c], np.bincount(pixels[c].ravel(), minlength=65536))


@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_samples_of_a_pixel_are_channels(tmp_path: Path, planar: str, photometric: str) -> None:
    rng = np.random.default_rng(2)
    pixels, labels = rng.integers(0, 255, (100, 90, 3), dtype=np.uint8), tissue(rng, (100, 90), 12)
    stored = pixels if planar == "contig" else np.moveaxis(pixels, -1, 0)
    tifffile.imwrite(tmp_path / "c.tif", stored, tile=(32, 32), photometric=photometric, planarconfig=planar)
    mask = read_mask(write(tmp_path / "m.ome.tif", labels, (32, 32)), findings=Findings())
    found = measure(read_image(tmp_path / "c.tif", findings=Findings()), mask)
    check_intensities(found, np.moveaxis(pixels, -1, 0), labels)


def test_a_file_of_one_directory_for_all_planes(tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 900, (3, 80, 60), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "j.tif", pixels, imagej=True, metadata={"axes": "CYX"})
    found = measure(read_image(tmp_path / "j.tif", findings=Findings()))
    assert found.channels is not None
    np.testing.assert_allclose(found.channels["mean"], pixels.mean(axis=(1, 2)))


def test_an_empty_mask(tmp_path: Path) -> None:
    pixels = np.zeros((2, 50, 40), np.uint16)
    image, mask = open_both(tmp_path, pixels, np.zeros((50, 40), np.uint32))
    found = measure(image, mask, ring_px=3, nuclei=mask)
    assert found.labels.shape == (0,)
    assert found.mean is not None
    assert found.mean.shape == (0, 2)
    assert found.shapes is not None
    assert list(found.shapes) == list(SHAPES)
    assert found.tissue is not None
    assert np.isnan(found.tissue.share)


@reuse
@given(seed=st.integers(0, 999), width=st.floats(0.5, 9), mask_tile=st.sampled_from([(16, 16), (64, 32), None]))
def test_rings_are_expanded_labels(tmp_path: Path, seed: int, width: float, mask_tile: tuple[int, int] | None) -> None:
    rng = np.random.default_rng(seed)
    labels = tissue(rng, (110, 95), 14)
    pixels = rng.integers(0, 999, (2, 110, 95), dtype=np.uint16)
    image, mask = open_both(tmp_path, pixels, labels, tile=(16, 64), mask_tile=mask_tile)
    if len(np.unique(labels[labels > 0])) < 2:
        return
    found = measure(image, mask, ring_px=width)
    expected = np.where(labels == 0, expand_labels(labels.astype(np.int64), width), 0)
    # Pixels as near to one object as to another may be given to either.
    distances = np.stack([ndimage.distance_transform_edt(labels != value) for value in found.labels])
    near = (np.isclose(distances, distances.min(axis=0))).sum(axis=0) > 1
    sure = np.array([(near & (expected == v)).sum() == 0 and (near & (d <= width)).sum() == 0
                     for v, d in zip(found.labels, distances, strict=True)])  # fmt: skip
    ring = found.compartments["ring"]
    for i in np.flatnonzero(sure):
        own = pixels[:, expected == found.labels[i]]
        assert ring.count[i, 0] == own.shape[1]
        if own.shape[1]:
            np.testing.assert_allclose(ring.mean[i], own.mean(axis=1))
    near_any = (labels == 0) & (distances.min(axis=0) <= width)
    assert ring.count[:, 0].sum() == near_any.sum()


def test_nucleus_and_cytoplasm_make_up_the_cell(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    labels = tissue(rng, (300, 280), 50)
    nuclei = np.where(rng.random(labels.shape) < 0.4, 5, 0) * (ndimage.uniform_filter(labels > 0, 3) > 0.5)
    pixels = rng.normal(100, 20, (2, *labels.shape)).astype(np.float32)
    image, mask = open_both(tmp_path, pixels, labels)
    second = read_mask(write(tmp_path / "n.ome.tif", nuclei.astype(np.uint8), (16, 16)), findings=Findings())
    found = measure(image, mask, nuclei=second)
    check_intensities(found, pixels, np.where(nuclei > 0, labels, 0), "nucleus")
    check_intensities(found, pixels, np.where(nuclei > 0, 0, labels), "cytoplasm")
    whole, inner, outer = (found.compartments[name] for name in ("cell", "nucleus", "cytoplasm"))
    np.testing.assert_allclose(inner.sum + outer.sum, whole.sum)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_focus_is_that_of_whole_windows(tmp_path: Path, dtype: type) -> None:
    pixels = (np.random.default_rng(9).random((2, 700, 600)) * 250).astype(dtype)
    path = write(tmp_path / "f.ome.tif", pixels, (128, 256), compression="zlib")
    tiles = measure(read_image(path, findings=Findings())).tiles
    assert tiles is not None
    assert len(tiles) == 2 * 4
    for row in tiles.itertuples():
        part = pixels[row.channel_index, row.y0 : row.y1, row.x0 : row.x1].astype(np.float64)
        inside = slice(1, -1), slice(1, -1)
        gradient = ndimage.sobel(part, 0)[inside] ** 2 + ndimage.sobel(part, 1)[inside] ** 2
        assert row.mean == pytest.approx(part.mean())
        assert row.laplacian_variance == pytest.approx(ndimage.laplace(part)[inside].var())
        assert row.tenengrad == pytest.approx(gradient.mean())
        if np.dtype(dtype).kind == "u":
            assert row.saturated_share == (part == np.iinfo(dtype).max).mean()
    assert (
        tiles.groupby("channel_index")
        .apply(lambda t: ((t["y1"] - t["y0"]) * (t["x1"] - t["x0"])).sum(), include_groups=False)
        .tolist()
        == [700 * 600] * 2
    )


def test_tissue_is_where_the_signal_is(tmp_path: Path) -> None:
    rng = np.random.default_rng(10)
    y, x = np.indices((900, 800))
    inside = np.hypot(y - 400, x - 380) < 300
    pixels = np.where(inside, rng.poisson(300, inside.shape), rng.poisson(20, inside.shape)).astype(np.uint16)
    found = measure(read_image(write(tmp_path / "t.ome.tif", pixels[np.newaxis], (256, 256)), findings=Findings()))
    assert found.tissue is not None
    assert found.tissue.area_px == pytest.approx(inside.sum(), rel=0.03)
    assert found.tissue.share == pytest.approx(inside.mean(), rel=0.03)


def break_tile(path: Path, page: int, tile: int) -> None:
    """Overwrite the bytes of one tile."""
    with tifffile.TiffFile(path) as tiff:
        offset, n = tiff.pages[page].dataoffsets[tile], tiff.pages[page].databytecounts[tile]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * n)


def test_a_tile_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    labels = tissue(rng, (1200, 1100), 300)
    pixels = rng.integers(0, 999, (3, *labels.shape), dtype=np.uint16)
    image, mask = open_both(tmp_path, pixels, labels, tile=(512, 512), compression="zlib")
    break_tile(image.path, 1, 4)
    image = read_image(image.path, findings=Findings())
    with pytest.raises(InputError, match=r"Tile 1, 1 \(rows 512-1024, columns 512-1024 px\) of channel 1 .*cannot"):
        measure(image, mask)
    findings = Findings()
    found = measure(image, mask, skip_bad_tiles=True, findings=findings)
    assert [f.rule for f in findings] == ["image.bad-tile"]
    assert "channel 1" in str(findings)
    assert "Rows 512-1024, columns 512-1024 px are left out" in str(findings)
    lost = np.zeros(pixels.shape, bool)
    lost[1, 512:1024, 512:1024] = True
    check_intensities(found, np.where(lost, np.nan, pixels.astype(float)), labels)
    touched = np.unique(labels[512:1024, 512:1024])
    assert set(found.objects["label"][found.objects["in_bad_tile"]]) == set(touched[touched > 0].tolist())


def test_a_bad_tile_of_the_mask_and_a_file_that_became_shorter(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    labels, pixels = tissue(rng, (600, 600), 60), rng.integers(0, 9, (1, 600, 600), dtype=np.uint16)
    image, mask = open_both(tmp_path, pixels, labels, mask_tile=(256, 256))
    break_tile(mask.path, 0, 0)
    mask = read_mask(mask.path, findings=Findings())
    with pytest.raises(InputError, match="Tile 0, 0"):
        measure(image, mask)
    findings = Findings()
    found = measure(image, mask, skip_bad_tiles=True, findings=findings)
    assert {f.rule for f in findings} == {"mask.decode"}
    assert set(found.labels) <= set(np.unique(labels))
    beside = np.unique(labels[:513, :513])  # a neighbour of what is lost may have lost a part
    box = found.objects.set_index("label")
    assert box["in_bad_tile"][[v for v in beside if v in box.index]].all()
    assert not box.loc[(box["y0"] > 513) | (box["x0"] > 513), "in_bad_tile"].any()
    with image.path.open("r+b") as file:
        file.truncate(image.path.stat().st_size - 400_000)
    with pytest.raises(InputError, match="cannot be decoded|cut off|too early|changed"):
        measure(image)


def test_pixels_that_are_not_finite_are_reported(tmp_path: Path) -> None:
    pixels = np.ones((2, 40, 40), np.float32)
    pixels[1, 3, :5] = np.nan
    findings = Findings()
    image = read_image(write(tmp_path / "n.ome.tif", pixels, None), findings=Findings())
    found = measure(image, findings=findings)
    assert [f.rule for f in findings] == ["image.not-finite"]
    assert "5 pixels of channel 1" in next(iter(findings)).message
    assert found.channels is not None
    assert found.channels["sd"].tolist() == [0, 0]


def test_progress_is_told(tmp_path: Path) -> None:
    said: list[tuple[str, float]] = []
    image = read_image(write(tmp_path / "p.ome.tif", np.zeros((1, 40, 40), np.uint8), None), findings=Findings())
    measure(image, progress=lambda what, share: said.append((what, share)))
    assert said[-1] == ("measuring", 1.0)


def test_sizes_and_rings_that_make_no_sense(tmp_path: Path) -> None:
    image, mask = open_both(tmp_path, np.zeros((1, 50, 40), np.uint8), np.zeros((49, 40), np.uint8))
    with pytest.raises(InputError, match="49 x 40 px, the image 50 x 40"):
        measure(image, mask)
    with pytest.raises(InputError, match="neither image nor mask"):
        measure(None)
    with pytest.raises(InputError, match="ring of -1"):
        measure(None, mask, ring_px=-1)


@reuse
@given(
    seed=st.integers(0, 999), dtype=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32]),
    tile=st.sampled_from([(16, 16), (16, 128), (64, 64)]), workers=st.integers(1, 4),
)  # fmt: skip
def test_quantiles_are_numpy_s(
    tmp_path: Path, seed: int, dtype: type, tile: tuple[int, int], workers: int
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    labels = tissue(rng, (1300, 200), 60)
    pixels = (rng.gamma(1, 40, (2, 1300, 200)) % 120).astype(dtype)
    if np.dtype(dtype).kind == "f":
        pixels[rng.random(pixels.shape) < 0.02] = np.nan
    image, mask = open_both(tmp_path, pixels, labels, tile=tile)
    found = measure(image, mask, quantiles=[0.5, 0, 0.9], workers=workers, findings=Findings())
    cells = found.compartments["cell"]
    for i, value in enumerate(found.labels):
        own = pixels[:, labels == value].astype(np.float64)
        if np.isnan(own).all(axis=1).any():
            continue
        for share in (0.5, 0, 0.9):
            np.testing.assert_allclose(cells.quantiles[share][i], np.nanquantile(own, share, axis=1), rtol=1e-6)


def test_the_shift_between_cycles_is_the_planted_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(13)
    labels = tissue(rng, (1100, 1200), 500)
    big = ndimage.gaussian_filter((rng.random((1140, 1240)) < 0.01) * 3e4, 3) + rng.random((1140, 1240)) * 20
    reference, moved = big[20:1120, 20:1220], big[17:1117, 25:1225]  # down by 3, left by 5
    other = rng.random(reference.shape) * 900
    pixels = np.stack([reference, other, moved]).astype(np.uint16)
    image, mask = open_both(tmp_path, pixels, labels, tile=(512, 512), compression="zlib")
    found = measure(image, mask, cycles=[0, 2, 1])
    assert found.cycles is not None
    tiles = found.cycles[found.cycles["channel_index"] == 2]
    large = (tiles["y1"] - tiles["y0"] > 100) & (tiles["x1"] - tiles["x0"] > 100)
    np.testing.assert_allclose(tiles.loc[large, ["shift_y_px", "shift_x_px"]], [[3, -5]] * large.sum(), atol=0.2)
    assert found.cycle_cells is not None
    row, noise = (found.cycle_cells.set_index("channel_index").loc[c] for c in (2, 1))
    assert row["shift_median_px"] == pytest.approx(np.hypot(3, 5), abs=0.2)
    means = measure(image, mask).mean
    assert means is not None
    assert row["r_cells"] == pytest.approx(np.corrcoef(means[:, 0], means[:, 2])[0, 1])
    assert abs(noise["r_tiles"]) < 0.05
    whole = np.corrcoef(pixels[0, :512, :512].ravel(), pixels[2, :512, :512].ravel())[0, 1]
    assert tiles["r"].iloc[0] == pytest.approx(whole, rel=1e-4)


def test_lists_that_make_no_sense(tmp_path: Path) -> None:
    image, mask = open_both(tmp_path, np.zeros((2, 50, 40), np.uint8), np.zeros((50, 40), np.uint8))
    with pytest.raises(InputError, match="no quantiles"):
        measure(image, mask, quantiles=[50])
    for cycles in ([0, 2], [1, 1]):
        with pytest.raises(InputError, match="not different channels"):
            measure(image, mask, cycles=cycles)
