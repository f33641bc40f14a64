from __future__ import annotations

import re
from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from htan_kit import datasets
from htan_kit.datasets._measure import MORPHOLOGY
from htan_kit.datasets._tables import TEMPLATE, channel_rows

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.datasets import Tissue


def _exact(path: Path) -> pd.DataFrame:
    """Numbers as Python reads them, to the last bit."""
    return _read(path).map(float)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("assay", ["cycif", "codex", "imc"])
def test_the_channel_table_has_a_row_for_each_plane(assay: str, tmp_path: Path) -> None:
    tissue = datasets.simulate(assay, width_px=40, height_px=40)
    datasets.write_channels(tissue, tmp_path / "channels.csv")
    table = _read(tmp_path / "channels.csv")
    assert tuple(table.columns) == TEMPLATE
    assert list(table["Channel ID"]) == [f"Channel:0:{i}" for i in range(len(tissue.channels))]
    assert list(table["Channel Name"]) == [c.name for c in tissue.channels]


def test_antibodies_have_their_numbers() -> None:
    for row in channel_rows(datasets.simulate("cycif", width_px=40, height_px=40)):
        antibody = not row["Channel Name"].startswith("DNA")
        assert bool(re.fullmatch(r"AB_\d+", row["RRID identifier"])) == antibody
        assert (row["Antibody Role"] == "Primary") == antibody
        assert row["Cycle Number"] in {"1", "2", "3", "4"}
        assert float(row["Emission Wavelength"]) > float(row["Excitation Wavelength"]) > 300


def test_metals_have_element_and_mass() -> None:
    for row in channel_rows(datasets.simulate("imc", width_px=40, height_px=40)):
        assert re.fullmatch(r"[A-Z][a-z]", row["Metal Isotope Element"])
        assert 80 < int(row["Metal Isotope Mass"]) < 210
        assert row["Fluorophore"] == row["Cycle Number"] == ""


@pytest.fixture(scope="module")
def imc(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tissue, Path]:
    folder = tmp_path_factory.mktemp("imc")
    tissue = datasets.simulate("imc", width_px=150, height_px=140, seed=2)
    datasets.write_image(tissue, folder / "x.ome.tiff")
    datasets.write_table(tissue, folder / "x.csv", image=folder / "x.ome.tiff")
    return tissue, folder


# anndata 0.13 asks pandas 3 for an option that is going away.
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")
def test_h5ad_says_what_the_csv_says(imc: tuple[Tissue, Path]) -> None:
    tissue, folder = imc
    datasets.write_table(tissue, folder / "x.h5ad", image=folder / "x.ome.tiff")
    adata, table = ad.read_h5ad(folder / "x.h5ad"), _exact(folder / "x.csv")
    assert list(adata.var_names) == [c.name for c in tissue.channels]
    assert list(adata.obs_names) == [f"{i:.0f}" for i in table["CellID"]]
    assert adata.X.dtype == np.float32
    np.testing.assert_array_equal(adata.X, table[list(adata.var_names)].to_numpy(np.float32))
    np.testing.assert_array_equal(adata.obsm["spatial"], table[["X_centroid", "Y_centroid"]])
    for column in ("CellID", *MORPHOLOGY):
        np.testing.assert_array_equal(adata.obs[column], table[column])


def test_numbers_survive_the_csv(imc: tuple[Tissue, Path]) -> None:
    from htan_kit.datasets._measure import object_table

    tissue, folder = imc
    measured = object_table(tissue, folder / "x.ome.tiff")
    pd.testing.assert_frame_equal(_exact(folder / "x.csv"), measured, check_dtype=False, check_exact=True)
