"""Tables of other programs, column by column: stored ones of a planted image, and published ones of real images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from htan_kit.assemble import quantify_table

STORED = Path(__file__).resolve().parents[1] / "data" / "quantified"  # by benchmarks/expected.py
ALL = ["mean", "median", "sum", "sd", "min", "max"]
SHAPES = {
    "Area": "area", "MajorAxisLength": "axis_major_length", "MinorAxisLength": "axis_minor_length",
    "Eccentricity": "eccentricity", "Solidity": "solidity", "Extent": "extent", "Orientation": "orientation",
    "Perimeter": "perimeter", "X_centroid": "centroid-1", "Y_centroid": "centroid-0",
}  # fmt: skip


@pytest.fixture(scope="module")
def ours() -> pd.DataFrame:
    files = STORED / "image.ome.tif", STORED / "mask.tif", STORED / "markers.csv"
    return quantify_table(*files, statistics=ALL).table.set_index("CellID")


def same(mine: pd.Series, theirs: pd.Series, relative: float = 1e-9) -> None:
    absolute = 1e-7 if mine.name == "Eccentricity" else 1e-9  # the root of a difference that should be 0
    np.testing.assert_allclose(mine, theirs, rtol=relative, atol=absolute, err_msg=str(mine.name))


class TestStored:
    def test_mcquant_s_columns_and_their_order(self, ours: pd.DataFrame) -> None:
        theirs = pd.read_csv(STORED / "mcquant.csv").set_index("CellID")
        assert ours.index.tolist() == theirs.index.tolist()
        theirs = theirs.rename(columns={"perimeter": "Perimeter"})  # one of its own free columns
        assert set(ours) == set(theirs)
        for name in theirs:
            # Axes of its older moments, and the direction of what is one pixel.
            same(ours[name], theirs[name], 1e-7)
        bare = [name for name in theirs if "_intensity_" not in name and name != "Perimeter"]
        assert [name for name in ours if name in bare] == bare

    def test_steinbock_s_columns(self, ours: pd.DataFrame) -> None:
        theirs = pd.read_csv(STORED / "steinbock.csv").set_index("Object")
        assert ours.index.tolist() == theirs.index.tolist()
        for mine, name in SHAPES.items():
            same(ours[mine], theirs[name], 1e-7)
        for marker in ("DNA", "CD3", "panCK"):
            same(ours[marker], theirs[f"{marker}_mean"])
            for statistic in ("median", "sum", "std", "min", "max"):
                same(ours[f"{marker}_intensity_{statistic}"], theirs[f"{marker}_{statistic}"])


class TestPublished:
    @pytest.mark.parametrize(("mask", "n"), [("deepcell", 404), ("ilastik", 354)])
    def test_steinbock_of_imc(self, real: Path, mask: str, n: int) -> None:
        folder = real / "imc_bodenmiller" / "steinbock"
        total = 0
        for labels in sorted((folder / f"masks_{mask}").glob("*.tiff")):
            image = folder / "ome" / f"{labels.stem}.ome.tiff"
            table = quantify_table(image, labels, folder / "panel.csv").table.set_index("CellID")
            intensities, props = (
                pd.read_csv(folder / f"{kind}_{mask}" / f"{labels.stem}.csv").set_index("Object")
                for kind in ("intensities", "regionprops")
            )
            assert table.index.tolist() == intensities.index.tolist() == props.index.tolist()
            assert table["Area"].tolist() == props["area"].tolist()
            for mine, theirs in SHAPES.items():
                if theirs in props:
                    same(table[mine], props[theirs], 1e-6)
            for marker in intensities:
                same(table[marker], intensities[marker], 1e-6)
            total += len(table)
        assert total == n

    def test_cellprofiler_of_imc(self, real: Path) -> None:
        folder = real / "imc_bodenmiller" / "analysis" / "cpout"
        cells = pd.read_csv(folder / "cell.csv")
        names = pd.read_csv(folder / "Image.csv").set_index("ImageNumber")
        total = 0
        for number, theirs in cells.groupby("ImageNumber"):
            image, mask = names.loc[number, ["FileName_FullStack", "FileName_cellmask"]]
            files = folder / "images" / image, folder / "masks" / mask
            found = quantify_table(*files, statistics=["sum", "sd", "min", "max", "median"])
            table = found.table.set_index("CellID")
            theirs = theirs.set_index("ObjectNumber")
            assert table.index.tolist() == theirs.index.tolist()
            assert table["Area"].tolist() == theirs["AreaShape_Area"].tolist()
            same(table["X_centroid"], theirs["AreaShape_Center_X"], 1e-6)
            same(table["Y_centroid"], theirs["AreaShape_Center_Y"], 1e-6)
            same(table["Eccentricity"], theirs["AreaShape_Eccentricity"], 1e-6)
            for i, marker in enumerate(found.markers, start=1):
                # It divides grey levels by 65535, as float32.
                for mine, kind in (
                    (marker, "MeanIntensity"), (f"{marker}_intensity_sum", "IntegratedIntensity"),
                    (f"{marker}_intensity_min", "MinIntensity"), (f"{marker}_intensity_max", "MaxIntensity"),
                ):  # fmt: skip
                    same(table[mine] / 65535, theirs[f"Intensity_{kind}_FullStack_c{i}"], 1e-6)
            total += len(table)
        assert total == 239

    def test_mcmicro_s_quantification(self, real: Path) -> None:
        import anndata as ad

        folder = real / "mcmicro_tools"
        files = [folder / "quantification" / name for name in ("test.tiff", "mask.tiff", "channels.csv")]
        table = quantify_table(*files).table.set_index("CellID")
        theirs = ad.read_h5ad(folder / "vitessce" / "vitessce_test.h5ad")
        assert table.index.tolist() == theirs.obs["CellID"].tolist()
        assert table["Area"].tolist() == theirs.obs["Area"].tolist()
        for name in (
            "X_centroid",
            "Y_centroid",
            "MajorAxisLength",
            "MinorAxisLength",
            "Eccentricity",
            "Solidity",
            "Extent",
        ):
            same(table[name], theirs.obs.set_index("CellID")[name], 1e-6)
        np.testing.assert_allclose(table["DNA_1"], np.asarray(theirs.X)[:, 0], rtol=1e-6)
