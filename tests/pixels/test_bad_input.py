"""Files that lie, change, or hold what cannot be measured: said before memory is spent, or left out and counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask, read_mask
from htan_kit.pixels import measure
from htan_kit.pixels._picture import plan_picture

if TYPE_CHECKING:
    from pathlib import Path

needs_resource = pytest.mark.skipif(sys.platform == "win32", reason="no limits on memory to set")


def write(path: Path, pixels: np.ndarray, tile: tuple[int, int] | None = (64, 64)) -> Path:
    axes = {"axes": "CYX"[-pixels.ndim :]}
    tifffile.imwrite(path, pixels, photometric="minisblack", tile=tile, compression="zlib", metadata=axes)
    return path


def image_of(path: Path, pixels: np.ndarray, tile: tuple[int, int] | None = (64, 64)) -> Image:
    return read_image(write(path, pixels, tile), findings=Findings())


def mask_of(path: Path, labels: np.ndarray) -> Mask:
    return read_mask(write(path, labels), findings=Findings())


def enlarge(path: Path, **declared: int) -> None:
    """Write other numbers into the tags of a TIFF's only directory."""
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        for name, value in declared.items():
            tiff.pages.first.tags[name].overwrite(value)


MEASURE_WITHIN = """
import resource, sys, warnings
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (12 * 2**30,) * 2)
from htan_kit.findings import Findings
from htan_kit.errors import InputError
from htan_kit.pixels import measure
import htan_kit as hk
what, path = sys.argv[1:]
try:
    if what == "image":
        measure(hk.read_image(path, findings=Findings()), findings=Findings())
    else:
        measure(None, hk.read_mask(path, findings=Findings()), findings=Findings())
except InputError as problem:
    print("refused:", problem, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@needs_resource
@pytest.mark.parametrize("what", ["image", "mask"])
@pytest.mark.parametrize("tile", [(64, 64), None])
def test_ten_kilobytes_that_claim_to_be_a_terapixel(tmp_path: Path, tile: tuple[int, int] | None, what: str) -> None:
    path = write(tmp_path / "bomb.tif", np.ones((64, 64), np.uint16), tile)
    side = 10**6
    stored = {"TileWidth": 999_936, "TileLength": 999_936} if tile else {"RowsPerStrip": side}
    enlarge(path, ImageWidth=side, ImageLength=side, **stored)
    assert path.stat().st_size < 10_000
    result = subprocess.run(
        [sys.executable, "-c", MEASURE_WITHIN, what, str(path)], capture_output=True, text=True, check=False
    )
    assert result.stdout.startswith("refused:"), result.stderr[-2000:]
    assert int(result.stdout.split()[-1]) < 1500  # MB, most of it imports


@pytest.mark.parametrize("which", ["image", "mask", "nuclei"])
@pytest.mark.parametrize("how", ["grows", "vanishes"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, which: str, how: str) -> None:
    labels = np.kron(np.arange(1, 10, dtype=np.uint16).reshape(3, 3), np.ones((64, 64), np.uint16))
    image, mask = image_of(tmp_path / "i.tif", np.ones((2, 192, 192), np.uint8)), mask_of(tmp_path / "m.tif", labels)
    nuclei = mask_of(tmp_path / "n.tif", labels)
    path = {"image": image, "mask": mask, "nuclei": nuclei}[which].path

    def change(_what: str, share: float) -> None:
        if share == 1 and path.exists():
            if how == "grows":
                with path.open("ab") as file:
                    file.write(b"more")
            else:
                path.unlink()

    with pytest.raises(InputError, match="changed while it was read|is gone") as caught:
        measure(image, mask, nuclei=nuclei, progress=change)
    assert [f.rule for f in caught.value.findings] == ["image.changed"]
    assert path.name in str(caught.value)


@pytest.mark.parametrize("which", ["mask", "nuclei"])
def test_one_row_more_is_another_image(tmp_path: Path, which: str) -> None:
    image = image_of(tmp_path / "i.tif", np.ones((2, 100, 90), np.uint8))
    good, tall = (mask_of(tmp_path / f"{n}.tif", np.ones((n, 90), np.uint8)) for n in (100, 101))
    masks = {"mask": good, "nuclei": good} | {which: tall}
    with pytest.raises(InputError, match="101 x 90 px, the image 100 x 90 px"):
        measure(image, masks["mask"], nuclei=masks["nuclei"])


@pytest.mark.parametrize("values", [(2**31 - 1, 2**31, 2**32 - 1), (2**32, 2**40, 2**53)])
def test_labels_beyond_31_and_32_bits(tmp_path: Path, values: tuple[int, ...]) -> None:
    labels = np.zeros((90, 80), np.uint64)
    for i, value in enumerate(values):
        labels[30 * i : 30 * i + 20, 5:70] = value
    pixels = np.random.default_rng(0).integers(0, 999, (2, 90, 80), dtype=np.uint16)
    found = measure(image_of(tmp_path / "i.tif", pixels), mask_of(tmp_path / "m.tif", labels))
    assert found.labels.tolist() == list(values)
    assert found.mean is not None
    np.testing.assert_allclose(found.mean, [pixels[:, labels == value].mean(axis=1) for value in values])


def test_a_label_that_no_number_holds_is_refused(tmp_path: Path) -> None:
    labels = np.full((32, 32), 2**53 + 1, np.uint64)
    with pytest.raises(InputError, match="2\\^53"):
        measure(None, mask_of(tmp_path / "m.tif", labels))


class TestNotFinite:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Image, Mask, np.ndarray, np.ndarray]:
        rng = np.random.default_rng(4)
        pixels = rng.normal(50, 9, (2, 600, 500)).astype(np.float32)
        pixels[0, 100:103, 200:204] = np.nan
        pixels[0, 10, 10], pixels[0, 11, 11] = np.inf, -np.inf
        labels = np.kron(np.arange(1, 31, dtype=np.uint16).reshape(6, 5), np.ones((100, 100), np.uint16))
        image = image_of(tmp_path / "i.ome.tif", pixels, (256, 256))
        return image, mask_of(tmp_path / "m.tif", labels), pixels, labels

    def test_counted_left_out_and_reported(self, files: tuple[Image, Mask, np.ndarray, np.ndarray]) -> None:
        image, mask, pixels, labels = files
        findings = Findings()
        found = measure(image, mask, quantiles=[0.5], findings=findings)
        (finding,) = findings
        assert finding.rule == "image.not-finite"
        assert "14 pixels of channel 0" in finding.message
        assert found.not_finite is not None
        assert found.not_finite.sum() == 14
        cells, finite = found.compartments["cell"], np.where(np.isfinite(pixels), pixels.astype(np.float64), np.nan)
        for i, value in enumerate(found.labels):
            own = finite[:, labels == value]
            np.testing.assert_allclose(cells.mean[i], np.nanmean(own, axis=1))
            np.testing.assert_allclose(cells.sd[i], np.nanstd(own, axis=1))
            np.testing.assert_allclose(cells.quantiles[0.5][i], np.nanmedian(own, axis=1), rtol=1e-6)

    def test_sharpness_goes_without_them(self, files: tuple[Image, Mask, np.ndarray, np.ndarray]) -> None:
        image, _, pixels, _ = files
        tiles = measure(image, findings=Findings()).tiles
        assert tiles is not None
        assert np.isfinite(tiles[["mean", "laplacian_variance", "tenengrad"]]).all(axis=None)
        row = next(tiles.itertuples())
        window = pixels[0, row.y0 : row.y1, row.x0 : row.x1].astype(np.float64)
        assert row.mean == pytest.approx(np.mean(window[np.isfinite(window)]))
        inside = slice(1, -1), slice(1, -1)
        lap = ndimage.laplace(np.where(np.isfinite(window), window, 0))[inside]
        all_there = ndimage.generic_filter(np.isfinite(window).astype(float), np.min, 3)[inside] > 0
        assert row.laplacian_variance == pytest.approx(lap[all_there].var())

    def test_a_picture_goes_without_them(self, files: tuple[Image, Mask, np.ndarray, np.ndarray]) -> None:
        image, mask, pixels, labels = files
        found = measure(image, mask, picture=plan_picture(image, 60), findings=Findings())
        assert found.picture is not None
        assert found.picture.pixels is not None
        step = round(1 / found.picture.scale)
        expected = [
            [np.nanmean(np.where(np.isfinite(p), p, np.nan)[y : y + step, x : x + step]) for x in range(0, 500, step)]
            for p in pixels[:1]
            for y in range(0, 600, step)
        ]
        np.testing.assert_allclose(found.picture.pixels[0], expected, rtol=1e-5)
        np.testing.assert_array_equal(found.picture.labels, labels[step // 2 :: step, step // 2 :: step])

    def test_nothing_finite_at_all(self, tmp_path: Path) -> None:
        pixels = np.full((1, 70, 70), np.nan, np.float32)
        image = image_of(tmp_path / "i.tif", pixels)
        mask = mask_of(tmp_path / "m.tif", np.ones((70, 70), np.uint8))
        found = measure(image, mask, quantiles=[0.5], picture=plan_picture(image, 30), findings=Findings())
        cells = found.compartments["cell"]
        assert cells.count.tolist() == [[0]]
        assert np.isnan([cells.mean, cells.sd, cells.min, cells.max, cells.quantiles[0.5]]).all()
        assert found.tissue is not None
        assert found.tissue.area_px == 0


def test_an_object_of_which_only_the_ring_is_lost_is_marked(tmp_path: Path) -> None:
    labels = np.zeros((600, 1100), np.uint16)
    labels[100:130, 480:510], labels[100:130, 300:330] = 1, 2  # the first ends two px before the second tile
    path = write(tmp_path / "i.tif", np.ones((1, 600, 1100), np.uint16), (512, 512))
    with tifffile.TiffFile(path) as tiff:
        offset, n = tiff.pages.first.dataoffsets[1], tiff.pages.first.databytecounts[1]
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * n)
    image, mask = read_image(path, findings=Findings()), mask_of(tmp_path / "m.tif", labels)
    options = {"skip_bad_tiles": True, "findings": Findings()}
    assert measure(image, mask, **options).objects["in_bad_tile"].tolist() == [False, False]
    found = measure(image, mask, ring_px=5, quantiles=[0.5], **options)
    assert found.objects["in_bad_tile"].tolist() == [True, False]
    assert found.compartments["ring"].quantiles[0.5].tolist() == [[1], [1]]


@pytest.mark.parametrize("compartment", ["ring", "nucleus", "cytoplasm"])
@pytest.mark.parametrize("tile", [(16, 16), (32, 128)])
def test_quantiles_of_every_compartment(tmp_path: Path, compartment: str, tile: tuple[int, int]) -> None:
    rng = np.random.default_rng(6)
    labels = np.zeros((400, 120), np.uint16)
    for value in range(1, 40):
        y, x = rng.integers(0, 380), rng.integers(0, 100)
        labels[y : y + rng.integers(2, 60), x : x + rng.integers(2, 20)] = value
    nuclei = np.where(rng.random(labels.shape) < 0.5, 9, 0).astype(np.uint8)
    pixels = rng.integers(0, 60_000, (2, *labels.shape), dtype=np.uint16)
    image, mask = image_of(tmp_path / "i.tif", pixels, tile), mask_of(tmp_path / "m.tif", labels)
    found = measure(image, mask, nuclei=mask_of(tmp_path / "n.tif", nuclei), ring_px=4, quantiles=[0.5, 0.9])
    if compartment == "ring":
        far, (rows, columns) = ndimage.distance_transform_edt(labels == 0, return_indices=True)
        where = np.where((labels == 0) & (far <= 4), labels[rows, columns], 0)
        near = [ndimage.distance_transform_edt(labels != value) for value in found.labels]
        tied = (np.isclose(near, np.min(near, axis=0))).sum(axis=0) > 1
        unsure = {v for v, d in zip(found.labels, near, strict=True) if (tied & (labels == 0) & (d <= 4)).any()}
    else:
        where, unsure = np.where((nuclei > 0) == (compartment == "nucleus"), labels, 0), set()
    sure = [i for i, value in enumerate(found.labels) if value not in unsure]
    assert len(sure) > 3
    for i in sure:
        own = pixels[:, where == found.labels[i]].astype(np.float64)
        for share in (0.5, 0.9):
            got = found.compartments[compartment].quantiles[share][i]
            if own.shape[1]:
                np.testing.assert_allclose(got, np.quantile(own, share, axis=1))
            else:
                assert np.isnan(got).all()


MANY = """
import json, resource, sys
import numpy as np, tifffile
from htan_kit.findings import Findings
from htan_kit.io.image import read_image
from htan_kit.io.mask import read_mask
from htan_kit.pixels import measure
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
image, mask, small, small_mask = (sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4])
def run(image, mask):
    return measure(read_image(image, findings=Findings()), read_mask(mask, findings=Findings()), spread=False,
                   channels=False, focus=False, tissue=False)
run(small, small_mask)
before = peak()
found = run(image, mask)
print(json.dumps({"n": len(found.labels), "bytes": (peak() - before) / len(found.labels),
                  "area": int(found.objects["area_px"].sum()), "mean": float(found.mean.mean())}))
"""


@needs_resource
def test_more_than_a_million_objects_fit(tmp_path: Path) -> None:
    n, side = 1100, 4
    cell = np.pad(np.ones((side - 1, side - 1), np.uint32), ((0, 1), (0, 1)))
    labels = np.kron(np.arange(1, n * n + 1, dtype=np.uint32).reshape(n, n), cell)
    image, mask = tmp_path / "i.tif", tmp_path / "m.tif"
    pixels = np.ones((2, *labels.shape), np.uint8)
    write(image, pixels, (512, 512))
    write(mask, labels)
    write(tmp_path / "si.tif", pixels[:, :600, :600], (512, 512))
    write(tmp_path / "sm.tif", labels[:600, :600])
    del labels, pixels
    files = [str(path) for path in (image, mask, tmp_path / "si.tif", tmp_path / "sm.tif")]
    result = subprocess.run(
        [sys.executable, "-c", MANY, *files], capture_output=True, text=True, check=False, env={**os.environ}
    )
    assert result.returncode == 0, result.stderr[-2000:]
    found = json.loads(result.stdout)
    assert (found["n"], found["area"], found["mean"]) == (n * n, 9 * n * n, 1.0)
    assert found["bytes"] < 700  # an object with its shape and two channels


NOWHERE = """
import sys
import numba.core.caching as caching
for name in ("CacheImpl", "_CacheImpl"):  # the name differs between versions of numba
    if hasattr(caching, name):
        for locator in getattr(caching, name)._locator_classes:
            locator.ensure_cache_path = lambda self: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
from htan_kit.findings import Findings
from htan_kit.io.mask import read_mask
from htan_kit.pixels import measure
said = []
found = measure(None, read_mask(sys.argv[1], findings=Findings()), progress=lambda what, share: said.append(what))
print(len(found.labels), said[0], len(list(__import__("pathlib").Path(sys.argv[2]).rglob("*"))))
"""


def test_where_no_folder_can_be_written_it_compiles_and_measures(tmp_path: Path) -> None:
    write(tmp_path / "m.tif", np.ones((40, 40), np.uint8))
    folder = tmp_path / "kernels"
    run = [sys.executable, "-c", NOWHERE, str(tmp_path / "m.tif"), str(folder)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    result = subprocess.run(run, capture_output=True, text=True, check=False, env=environment)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout == "1 compiling the inner loops, once on this machine 0\n"
