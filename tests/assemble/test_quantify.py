"""Image and mask to Level 4: every statistic and compartment, in slots and in MCMICRO's columns."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import tifffile
from scipy import ndimage
from skimage.color import rgb2hed
from skimage.segmentation import expand_labels

import htan_kit as hk
from htan_kit.assemble import quantify_table
from htan_kit.assemble._statistic import layer_of, read_statistics
from htan_kit.export import write_cells, write_table

if TYPE_CHECKING:
    from pathlib import Path

MARKERS = ["DNA", "CD3", "=cmd()"]


@pytest.fixture(scope="module")
def arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20)
    labels = np.zeros((260, 300), np.uint32)
    for i, value in enumerate(rng.permutation(np.arange(5, 90))):
        y, x = 26 * (i // 10) + 3, 30 * (i % 10) + 3
        labels[y : y + rng.integers(4, 18), x : x + rng.integers(4, 20)] = value
    nuclei = np.where(ndimage.binary_erosion(labels > 0, iterations=2), labels, 0)
    return rng.integers(0, 9000, (3, *labels.shape), dtype=np.uint16), labels, nuclei


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, arrays: tuple[np.ndarray, ...]) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("quantify")
    names = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "Channel": {"Name": MARKERS}}
    tifffile.imwrite(folder / "i.ome.tif", arrays[0], tile=(64, 64), photometric="minisblack", metadata=names)
    tifffile.imwrite(folder / "m.tif", arrays[1], tile=(128, 32))
    tifffile.imwrite(folder / "n.tif", arrays[2], tile=(32, 32))
    return {"image": folder / "i.ome.tif", "mask": folder / "m.tif", "nucleus": folder / "n.tif"}


def _layers(adata: ad.AnnData) -> set[str]:
    return {name for name in adata.layers if name is not None}  # anndata 0.13 counts X among them


REDUCE = {
    "mean": np.mean, "median": np.median, "sum": np.sum, "sd": np.std, "min": np.min, "max": np.max,
    "p99.9": lambda values: np.percentile(values, 99.9),
}  # fmt: skip


@pytest.fixture(scope="module")
def adata(files: dict[str, Path]) -> ad.AnnData:
    return hk.quantify(files["image"], files["mask"], statistics=list(REDUCE), nucleus=files["nucleus"], ring_um=1.5)


class TestStatistics:
    @pytest.mark.parametrize("compartment", ["cell", "nucleus", "cytoplasm", "ring"])
    @pytest.mark.parametrize("statistic", list(REDUCE))
    def test_each_is_numpy_s(
        self, adata: ad.AnnData, arrays: tuple[np.ndarray, ...], statistic: str, compartment: str
    ) -> None:
        pixels, labels, nuclei = arrays
        where = {
            "cell": labels, "nucleus": nuclei, "cytoplasm": np.where(nuclei > 0, 0, labels),
            "ring": np.where(labels == 0, expand_labels(labels, 3), 0),
        }[compartment]  # fmt: skip
        got = adata.X if (statistic, compartment) == ("mean", "cell") else adata.layers[f"{statistic}_{compartment}"]
        index = adata.obs["CellID"].to_numpy()
        for channel, plane in enumerate(pixels):
            nothing = 0 if statistic == "sum" else np.nan  # of an object without such pixels
            expected = ndimage.labeled_comprehension(plane, where, index, REDUCE[statistic], np.float64, nothing)
            np.testing.assert_allclose(got[:, channel], expected, rtol=1e-6)

    def test_layers_are_what_was_asked_for(self, adata: ad.AnnData) -> None:
        layers = {f"{s}_{c}" for s in REDUCE for c in ("cell", "nucleus", "cytoplasm", "ring")} - {"mean_cell"}
        assert _layers(adata) == layers
        assert {adata.layers[name].dtype for name in layers} == {np.dtype(np.float32)}
        assert all(layer_of(name) is not None for name in layers)

    def test_shape_is_in_px_and_in_um(self, adata: ad.AnnData) -> None:
        features = adata.obsm["features"]
        np.testing.assert_allclose(adata.obs["major_axis_length_um"], features["MajorAxisLength"] * 0.5)
        np.testing.assert_allclose(adata.obs["perimeter_um"], features["Perimeter"] * 0.5)
        np.testing.assert_allclose(adata.obs["area_um2"], features["Area"] * 0.25)

    def test_it_survives_the_disk(self, adata: ad.AnnData, tmp_path: Path) -> None:
        write_cells(adata, tmp_path / "a.h5ad")
        back = ad.read_h5ad(tmp_path / "a.h5ad")
        assert _layers(back) == _layers(adata)
        np.testing.assert_array_equal(back.layers["p99.9_ring"], adata.layers["p99.9_ring"])

    def test_a_wrong_name_is_said_at_once(self, files: dict[str, Path]) -> None:
        with pytest.raises(hk.InputError, match="'gini' is no statistic"):
            hk.quantify(files["image"], files["mask"], statistics=["mean", "gini"])
        assert [s.name for s in read_statistics(["MEAN ", "p5", "p100", "p5"])] == ["mean", "p5", "p100"]
        for name in ("p101", "p-1", "p", "", "px"):
            with pytest.raises(hk.InputError):
                read_statistics([name])

    @pytest.mark.parametrize("ring", [-1.0, float("nan"), float("inf")])
    def test_an_impossible_ring(self, files: dict[str, Path], ring: float) -> None:
        with pytest.raises(hk.InputError, match="ring of"):
            hk.quantify(files["image"], files["mask"], ring_um=ring)

    def test_a_ring_in_um_needs_the_pixel_size(self, files: dict[str, Path], tmp_path: Path) -> None:
        tifffile.imwrite(tmp_path / "i.tif", np.ones((260, 300), np.uint8))
        with pytest.raises(hk.InputError, match="needs the pixel size"):
            hk.quantify(tmp_path / "i.tif", files["mask"], ring_um=2)
        given = hk.quantify(tmp_path / "i.tif", files["mask"], ring_um=2, pixel_size_um=0.5)
        assert _layers(given) == {"mean_ring"}


class TestTable:
    def test_columns_are_mcmicro_s(self, files: dict[str, Path]) -> None:
        table, markers, _ = quantify_table(files["image"], files["mask"], statistics=["median", "sd"])
        assert markers == MARKERS
        assert list(table) == [
            "CellID", *MARKERS, *(f"{m}_intensity_median" for m in MARKERS), *(f"{m}_intensity_std" for m in MARKERS),
            "X_centroid", "Y_centroid", "Area", "MajorAxisLength", "MinorAxisLength", "Eccentricity", "Solidity",
            "Extent", "Orientation", "Perimeter",
        ]  # fmt: skip

    def test_an_anndata_gives_the_same_table(self, adata: ad.AnnData, files: dict[str, Path], tmp_path: Path) -> None:
        options = {"statistics": list(REDUCE), "nucleus": files["nucleus"], "ring_um": 1.5}
        table = quantify_table(files["image"], files["mask"], **options).table
        write_cells(adata, tmp_path / "a.csv")
        write_table(table, tmp_path / "b.csv")
        one, other = pd.read_csv(tmp_path / "a.csv"), pd.read_csv(tmp_path / "b.csv")
        assert sorted(one) == sorted(other)
        pd.testing.assert_frame_equal(one[list(other)], other, rtol=1e-6, check_dtype=False)

    def test_a_name_that_a_spreadsheet_would_run_is_quoted(self, files: dict[str, Path], tmp_path: Path) -> None:
        write_table(quantify_table(files["image"], files["mask"]).table, tmp_path / "a.csv")
        assert (tmp_path / "a.csv").read_text().startswith("CellID,DNA,CD3,'=cmd(),X_centroid")

    def test_numbers_come_back_as_they_were(self, files: dict[str, Path], tmp_path: Path) -> None:
        table = quantify_table(files["image"], files["mask"], statistics=["sd"]).table
        table.iloc[0, 2] = np.nan
        write_table(table, tmp_path / "a.csv")
        rows = [line.split(",") for line in (tmp_path / "a.csv").read_text().splitlines()[1:]]
        back = [[float(cell or "nan") for cell in row] for row in rows]
        np.testing.assert_array_equal(back, table.to_numpy())
        assert rows[0][2] == ""

    def test_texts_are_written_too(self, tmp_path: Path) -> None:
        write_table(pd.DataFrame({"CellID": ["=a", "b,c"], "ok": [True, False]}), tmp_path / "t.csv")
        back = pd.read_csv(io.StringIO((tmp_path / "t.csv").read_text()))
        assert back["CellID"].tolist() == ["'=a", "b,c"]

    def test_opened_files_are_not_opened_again(self, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
        image, mask = hk.read_image(files["image"]), hk.read_mask(files["mask"])
        monkeypatch.setattr("htan_kit.assemble._sources.read_image", None)
        monkeypatch.setattr("htan_kit.assemble._sources.read_mask", None)
        assert hk.quantify(image, mask).n_obs == 85


class TestColour:
    @pytest.fixture
    def slide(self, tmp_path: Path, arrays: tuple[np.ndarray, ...]) -> tuple[Path, Path, np.ndarray]:
        colours = np.random.default_rng(3).integers(1, 255, (260, 300, 3), dtype=np.uint8)
        tifffile.imwrite(tmp_path / "he.tif", colours, photometric="rgb", tile=(64, 64))
        tifffile.imwrite(tmp_path / "m.tif", arrays[1])
        return tmp_path / "he.tif", tmp_path / "m.tif", colours

    def test_stains_are_its_markers(
        self, slide: tuple[Path, Path, np.ndarray], arrays: tuple[np.ndarray, ...], tmp_path: Path
    ) -> None:
        adata = hk.quantify(*slide[:2], statistics=["median", "sd"], pixel_size_um=0.5)
        assert adata.var_names.tolist() == ["hematoxylin", "eosin", "dab"]
        assert adata.var["role"].tolist() == ["stain"] * 3
        stains, index = rgb2hed(slide[2]), adata.obs["CellID"].to_numpy()
        for k in range(3):
            np.testing.assert_allclose(adata.X[:, k], ndimage.mean(stains[..., k], arrays[1], index), rtol=1e-5)
            with np.errstate(invalid="ignore"):  # scipy divides by 0 for the labels between
                sd = ndimage.standard_deviation(stains[..., k], arrays[1], index)
            np.testing.assert_allclose(adata.layers["sd_cell"][:, k], sd, rtol=1e-5)
            median = ndimage.median(stains[..., k], arrays[1], index)
            np.testing.assert_allclose(adata.layers["median_cell"][:, k], median, rtol=1e-5, atol=1e-9)
        adata.write_h5ad(tmp_path / "he.h5ad")
        assert len(hk.check(adata).errors) == 0

    def test_reading_the_files_of_a_slide_measures_it(self, slide: tuple[Path, Path, np.ndarray]) -> None:
        assert hk.read(image=slide[0], mask=slide[1]).shape == (85, 3)


def test_cells_in_a_bad_tile_are_marked(files: dict[str, Path], tmp_path: Path, arrays: tuple[np.ndarray, ...]) -> None:
    pixels, labels, _ = arrays
    big = np.kron(pixels, np.ones((1, 4, 4), np.uint16))
    tifffile.imwrite(
        tmp_path / "i.ome.tif", big, tile=(512, 512), photometric="minisblack", compression="zlib",
        metadata={"axes": "CYX", "Channel": {"Name": ["a", "b", "c"]}},
    )  # fmt: skip
    tifffile.imwrite(tmp_path / "m.tif", np.kron(labels, np.ones((4, 4), np.uint32)))
    with tifffile.TiffFile(tmp_path / "i.ome.tif") as tiff:
        offset, n = tiff.pages[1].dataoffsets[0], tiff.pages[1].databytecounts[0]
    with (tmp_path / "i.ome.tif").open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * n)
    with pytest.raises(hk.InputError, match=r"Tile 0, 0 .* of channel 1 \(b\) cannot be decoded"):
        hk.quantify(tmp_path / "i.ome.tif", tmp_path / "m.tif")
    adata = hk.quantify(tmp_path / "i.ome.tif", tmp_path / "m.tif", skip_bad_tiles=True)
    touched = np.unique(labels[:128, :128])
    marked = set(adata.obs["CellID"][adata.obs["in_bad_tile"]])
    assert marked == set(touched[touched > 0].tolist())
    assert adata.obs["in_bad_tile"].dtype == bool
    whole = ~adata.obs["in_bad_tile"].to_numpy()
    index = adata.obs["CellID"].to_numpy()
    expected = np.stack([ndimage.mean(plane, labels, index) for plane in pixels], 1)
    np.testing.assert_allclose(adata.X[whole], expected[whole], rtol=1e-6)
    np.testing.assert_allclose(adata.X[:, [0, 2]], expected[:, [0, 2]], rtol=1e-6)
    (finding,) = (f for f in hk.check(adata) if f.rule == "image.bad-tile")
    assert "Tile 0, 0" in finding.message
    assert "channel 1 (b)" in finding.message
    adata.write_h5ad(tmp_path / "a.h5ad")
