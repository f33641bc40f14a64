"""The AnnData contract, slot by slot."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import tifffile

import htan_kit as hk

GOOD = "HTA200_1_D1"


@pytest.fixture(scope="module")
def adata(cohort: hk.Cohort) -> ad.AnnData:
    return hk.read(cohort[GOOD])


@pytest.fixture(scope="module")
def table(cohort: hk.Cohort) -> pd.DataFrame:
    frame = pd.read_csv(cohort[GOOD].table[0], dtype=str)  # pandas' own reading of numbers is off by a bit at times
    return frame.astype(float).astype({"CellID": int})


class TestSlots:
    def test_x_is_the_table(self, adata: ad.AnnData, table: pd.DataFrame) -> None:
        assert adata.X.dtype == np.float32
        np.testing.assert_array_equal(adata.X, table[list(adata.var_names)].to_numpy(np.float32))

    def test_obs(self, adata: ad.AnnData, table: pd.DataFrame) -> None:
        obs = adata.obs
        assert obs["CellID"].dtype.kind == "i"
        assert obs["CellID"].tolist() == table["CellID"].tolist()
        assert adata.obs_names.tolist() == [f"{GOOD}_{i}" for i in table["CellID"]]
        for name in ("library_id", "region"):
            assert isinstance(obs[name].dtype, pd.CategoricalDtype)
            assert obs[name].cat.categories.tolist() == [GOOD]
        assert obs["instance_id"].tolist() == obs["CellID"].tolist()
        np.testing.assert_array_equal(obs[["X_centroid", "Y_centroid"]], table[["X_centroid", "Y_centroid"]])
        np.testing.assert_allclose(obs["area_um2"], table["Area"] * 0.65**2)
        assert obs["imageid"].unique().tolist() == [GOOD]

    def test_places(self, adata: ad.AnnData, table: pd.DataFrame) -> None:
        spatial = adata.obsm["spatial"]
        assert isinstance(spatial, np.ndarray)
        assert spatial.dtype == np.float64
        np.testing.assert_array_equal(spatial, table[["X_centroid", "Y_centroid"]])
        np.testing.assert_allclose(adata.obsm["spatial_um"], spatial * 0.65)

    def test_features(self, adata: ad.AnnData, table: pd.DataFrame) -> None:
        features = adata.obsm["features"]
        assert isinstance(features, pd.DataFrame)
        np.testing.assert_array_equal(features["Solidity"], table["Solidity"])

    def test_var_carries_miti_s_channel_attributes(self, adata: ad.AnnData) -> None:
        var = adata.var
        assert {"channel_id", "channel_name", "cycle_number", "target_name", "role", "channel_index"} <= set(var)
        assert var["channel_index"].tolist() == list(range(adata.n_vars))
        assert (var["role"] == "nuclear").sum() == len(set(var["cycle_number"]))
        assert var.loc["panCK", "target_name"] == "Pan-cytokeratin"

    def test_pictures_have_one_scale(self, adata: ad.AnnData, cohort: hk.Cohort) -> None:
        block = adata.uns["spatial"][GOOD]
        hires, labels = block["images"]["hires"], block["images"]["segmentation"]
        assert hires.dtype == np.uint8
        assert hires.shape == (*labels.shape, 3)
        scale = block["scalefactors"]["tissue_hires_scalef"]
        image = hk.read_image(cohort[GOOD].image)
        assert hires.shape[:2] == tuple(int(np.ceil(side * scale)) for side in (image.height, image.width))
        own = hk.read_mask(cohort[GOOD].mask).read()
        assert set(np.unique(labels)) <= set(np.unique(own))
        assert block["metadata"]["pixel_size_um"] == 0.65

    def test_metadata_of_every_channel_and_the_whole_record(self, adata: ad.AnnData, cohort: hk.Cohort) -> None:
        miti = adata.uns["miti"][GOOD]
        image = hk.read_image(cohort[GOOD].image)
        assert len(miti["channel"]) == image.n_channels
        record = json.loads(miti["json"])
        assert "channel" in record
        assert miti["ome_tiff_header"]["size_x"] == image.width
        assert float(miti["ome_tiff_header"]["physical_size_x"]) == 0.65

    def test_lineage_and_provenance(self, adata: ad.AnnData) -> None:
        assert "HTA200_1_B1" in json.dumps(adata.uns["htan"][GOOD], default=str)
        kit = adata.uns["htan_kit"][GOOD]
        assert kit["files"]["image"]["file"] == f"level2/{GOOD}.ome.tiff"
        assert kit["files"]["image"]["hash"].startswith("sha256:")
        assert len(hk.Findings.from_json(kit["findings"]).errors) == 0
        text = json.dumps(kit, default=str)
        assert "2026-" not in text  # no dates: HTAN forbids them in data
        assert str(Path.home()) not in text

    def test_all_markers(self, adata: ad.AnnData) -> None:
        assert list(adata.uns["all_markers"]) == list(adata.var_names)

    def test_all_markers_are_the_same_kind_of_array_from_the_disk(self, adata: ad.AnnData, tmp_path: Path) -> None:
        adata.write_h5ad(tmp_path / "a.h5ad")
        back = ad.read_h5ad(tmp_path / "a.h5ad").uns["all_markers"]
        assert (type(back), back.dtype) == (type(adata.uns["all_markers"]), adata.uns["all_markers"].dtype)
        assert back.tolist() == adata.uns["all_markers"].tolist()


@pytest.fixture(scope="module")
def everything(cohort: hk.Cohort) -> list[ad.AnnData]:
    return [hk.read(sample) for sample in cohort.samples]


def same(left: object, right: object, where: str) -> None:
    if isinstance(left, dict):
        assert set(left) == set(right), where
        for key in left:
            same(left[key], right[key], f"{where}/{key}")
    elif isinstance(left, pd.DataFrame):
        pd.testing.assert_frame_equal(
            left, right, check_categorical=False, check_index_type=False, check_column_type=False
        )
    elif isinstance(left, np.ndarray | list):
        np.testing.assert_array_equal(np.asarray(left), np.asarray(right), err_msg=where)
    else:
        assert left == right or (left != left and right != right), where


@pytest.mark.parametrize("store", ["h5ad", "zarr"])
def test_every_slot_survives_the_disk(everything: list[ad.AnnData], tmp_path: Path, store: str) -> None:
    chosen = everything if store == "h5ad" else everything[:2]  # zarr makes a file of every scalar, and takes its time
    for n, adata in enumerate(chosen):
        path = tmp_path / f"{n}.{store}"
        getattr(adata, f"write_{store}")(path)
        back = getattr(ad, f"read_{store}")(path)
        same(adata.uns, back.uns, "uns")
        pd.testing.assert_frame_equal(adata.obs, back.obs, check_index_type=False, check_categorical=False)
        pd.testing.assert_frame_equal(adata.var, back.var, check_index_type=False, check_categorical=False)
        np.testing.assert_array_equal(adata.X, back.X)
        assert set(adata.obsm) == set(back.obsm)
        for key in adata.obsm:
            same(adata.obsm[key], back.obsm[key], key)


class TestOtherTools:
    def test_squidpy_and_scanpy(self, adata: ad.AnnData) -> None:
        import matplotlib.pyplot as plt
        import scanpy as sc
        import squidpy as sq

        adata = adata.copy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what these tools warn of on their own behalf is not ours to judge
            sq.gr.spatial_neighbors_delaunay(adata, library_key="library_id")
            assert adata.obsp["spatial_connectivities"].nnz > adata.n_obs
            sq.pl.spatial_scatter(adata, library_key="library_id", library_id=[GOOD], color="CellID")
            sq.pl.spatial_segment(
                adata, seg_cell_id="CellID", library_key="library_id", library_id=[GOOD], color="CellID"
            )
            sc.pp.pca(adata, n_comps=3)
        plt.close("all")
        assert adata.obsm["X_pca"].shape == (adata.n_obs, 3)

    def test_spatialdata_accepts_the_table(self, adata: ad.AnnData) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from spatialdata.models import TableModel

            TableModel().validate(adata)
        assert adata.uns["spatialdata_attrs"]["region"] == GOOD

    def test_subsetting_and_copying(self, adata: ad.AnnData) -> None:
        part = adata[adata.obs["X_centroid"] < 200, ["panCK", "CD3"]].copy()
        assert part.n_vars == 2
        assert part.n_obs == (adata.obs["X_centroid"] < 200).sum()
        np.testing.assert_array_equal(part.obsm["spatial"][:, 0], part.obs["X_centroid"])
        assert part.uns["miti"].keys() == adata.uns["miti"].keys()


class TestIncomplete:
    def test_an_image_alone_has_no_cells_and_all_metadata(self, cohort: hk.Cohort) -> None:
        he = next(sample for sample in cohort.samples if sample.assay == "H&E")
        adata = hk.read(he)
        assert adata.shape == (0, 1)
        assert "spatialdata_attrs" not in adata.uns
        assert adata.uns["spatial"][he.library_id]["images"]["hires"].shape[2] == 3
        assert adata.obsm["spatial"].shape == (0, 2)

    def test_image_and_mask_are_quantified_as_the_table_was(self, cohort: hk.Cohort, adata: ad.AnnData) -> None:
        sample = cohort[GOOD]
        measured = hk.quantify(sample.image, sample.mask, sample.channels)
        assert measured.obs["CellID"].tolist() == sorted(adata.obs["CellID"])
        order = np.argsort(adata.obs["CellID"].to_numpy())
        assert measured.var_names.tolist() == adata.var_names.tolist()
        np.testing.assert_allclose(measured.X, adata.X[order], rtol=1e-5)
        np.testing.assert_allclose(measured.obsm["spatial"], adata.obsm["spatial"][order], atol=1e-6)
        np.testing.assert_allclose(
            measured.obsm["features"]["Solidity"], adata.obsm["features"]["Solidity"].iloc[order], rtol=1e-6
        )

    def test_a_table_alone(self, cohort: hk.Cohort) -> None:
        adata = hk.read(table=cohort[GOOD].table[0])
        assert "spatial" not in adata.uns
        assert "spatial_um" not in adata.obsm
        given = hk.read(table=cohort[GOOD].table[0], pixel_size_um=2.0)
        np.testing.assert_allclose(given.obsm["spatial_um"], given.obsm["spatial"] * 2)

    def test_sample_and_files_together_are_refused(self, cohort: hk.Cohort) -> None:
        with pytest.raises(hk.InputError, match="Both a sample and files"):
            hk.read(cohort[GOOD], pixel_size_um=1.0)
        with pytest.raises(hk.InputError, match="No file was given"):
            hk.read()


class TestDefects:
    """A defect is planted; the finding names it."""

    @pytest.fixture
    def files(self, tmp_path: Path, cohort: hk.Cohort) -> dict[str, Path]:
        sample = cohort[GOOD]
        labels = hk.read_mask(sample.mask).read()
        tifffile.imwrite(tmp_path / "mask.tif", labels.astype(np.uint32))
        table = tmp_path / "table.csv"
        table.write_bytes(sample.table[0].read_bytes())
        return {"image": sample.image, "channels": sample.channels, "mask": tmp_path / "mask.tif", "table": table}

    def rules(self, files: dict[str, Path]) -> dict[str, hk.Finding]:
        block = next(iter(hk.read(**files).uns["htan_kit"].values()))
        return {f.rule: f for f in hk.Findings.from_json(block["findings"])}

    def test_nothing_planted_nothing_found(self, files: dict[str, Path]) -> None:
        assert not any(rule.startswith("identity") for rule in self.rules(files))

    def test_rows_missing(self, files: dict[str, Path]) -> None:
        pd.read_csv(files["table"]).iloc[10:].to_csv(files["table"], index=False)
        assert self.rules(files)["identity.label-missing-in-table"].message.startswith("10 of")

    def test_ids_not_in_the_mask_and_the_run_goes_on(self, files: dict[str, Path]) -> None:
        frame = pd.read_csv(files["table"])
        frame.loc[:2, "CellID"] += 1_000_000
        frame.to_csv(files["table"], index=False)
        finding = self.rules(files)["identity.id-missing-in-mask"]
        assert finding.message.startswith("3 of")
        assert finding.severity == "warning"

    def test_a_shifted_mask(self, files: dict[str, Path]) -> None:
        labels = tifffile.imread(files["mask"])
        tifffile.imwrite(files["mask"], np.roll(labels, (0, 9), (0, 1)))
        assert "-9.0, 0.0 px" in self.rules(files)["identity.centroid"].message

    def test_swapped_coordinates(self, files: dict[str, Path]) -> None:
        frame = pd.read_csv(files["table"])
        frame[["X_centroid", "Y_centroid"]] = frame[["Y_centroid", "X_centroid"]].to_numpy()
        frame.to_csv(files["table"], index=False)
        assert "swapped" in self.rules(files)["identity.centroid"].hint

    def test_a_mask_of_another_size(self, files: dict[str, Path]) -> None:
        labels = tifffile.imread(files["mask"])
        tifffile.imwrite(files["mask"], labels[::2, ::2])
        with pytest.raises(hk.InputError, match="560 x 672") as caught:
            hk.read(**files)
        assert "pyramid level 1" in str(caught.value)

    def test_all_problems_of_a_sample_at_once(self, files: dict[str, Path], tmp_path: Path) -> None:
        tifffile.imwrite(files["mask"], np.zeros((5, 5), np.uint8))
        frame = pd.read_csv(files["table"])
        frame.assign(CellID=1).to_csv(files["table"], index=False)
        with pytest.raises(hk.InputError) as caught:
            hk.read(**files)
        assert {f.rule for f in caught.value.findings} == {"mask.size", "table.ids-unique"}

    def test_ids_that_are_no_labels_are_found_by_place(self, files: dict[str, Path]) -> None:
        frame = pd.read_csv(files["table"])
        inside = hk.read_mask(files["mask"]).read()
        rows, columns = np.floor(frame[["Y_centroid", "X_centroid"]].to_numpy().T + 0.5).astype(int)
        keep = inside[rows, columns] == frame["CellID"]
        true_ids = frame["CellID"][keep].tolist()
        frame[keep].assign(CellID=[f"id-{i}" for i in true_ids]).to_csv(files["table"], index=False)
        adata = hk.read(**files)
        assert adata.obs["CellID"].tolist() == true_ids
        assert adata.obs["object_id"].tolist() == [f"id-{i}" for i in true_ids]


def test_row_numbers_are_never_taken_for_labels(tmp_path: Path, cohort: hk.Cohort) -> None:
    frame = pd.read_csv(cohort[GOOD].table[0]).iloc[::-1].drop(columns=["X_centroid", "Y_centroid", "Area"])
    frame.assign(CellID=[f"uuid-{i}" for i in frame["CellID"]]).to_csv(tmp_path / "t.csv", index=False)
    adata = hk.read(image=cohort[GOOD].image, mask=cohort[GOOD].mask, table=tmp_path / "t.csv")
    assert "spatial" not in adata.obsm
    assert "area_px" not in adata.obs
    found = {f.rule for f in hk.check(adata)}
    assert {"identity.id-by-row", "table.centroids"} <= found
    assert "identity.id-missing-in-mask" not in found


def test_channel_metadata_of_the_panel_where_there_is_no_channel_file(tmp_path: Path, sample_dir: Path) -> None:
    shutil.copytree(sample_dir, tmp_path / "c", ignore=shutil.ignore_patterns("*_channels.csv"))
    sample = hk.open_cohort(tmp_path / "c")[GOOD]
    assert sample.panel == "HTA200_1_P1"
    assert hk.read(sample).var.loc["panCK", "target_name"] == "Pan-cytokeratin"


@pytest.mark.parametrize("wrong", ["x.ome.tif", 3])
def test_what_is_no_sample_is_said(wrong: object) -> None:
    with pytest.raises(hk.InputError, match="A sample is expected"):
        hk.read(wrong)


@pytest.mark.parametrize("size", [-1.0, 0.0, float("nan")])
def test_an_impossible_pixel_size_is_refused(cohort: hk.Cohort, size: float) -> None:
    with pytest.raises(hk.InputError, match="not possible"):
        hk.read(table=cohort[GOOD].table[0], pixel_size_um=size)


def test_a_given_pixel_size_wins_and_the_header_is_named(cohort: hk.Cohort) -> None:
    adata = hk.read(image=cohort[GOOD].image, mask=cohort[GOOD].mask, pixel_size_um=0.5)
    np.testing.assert_allclose(adata.obsm["spatial_um"], adata.obsm["spatial"] * 0.5)
    block = next(iter(adata.uns["htan_kit"].values()))
    found = hk.Findings.from_json(block["findings"])
    assert "image.pixel-size-disagrees" in {f.rule for f in found}


@pytest.mark.parametrize(("mask", "n"), [("deepcell", 404), ("ilastik", 354)])
def test_steinbock_s_own_tables(real: Path, mask: str, n: int) -> None:
    folder = real / "imc_bodenmiller" / "steinbock"
    cohort = hk.open_cohort(folder, mask=mask)
    total = 0
    for sample in cohort.samples:
        adata = hk.read(sample)
        total += adata.n_obs
        intensities = pd.read_csv(folder / f"intensities_{mask}" / f"{sample.library_id}.csv", index_col="Object")
        props = pd.read_csv(folder / f"regionprops_{mask}" / f"{sample.library_id}.csv", index_col="Object")
        ids = adata.obs["CellID"]
        np.testing.assert_allclose(adata.X, intensities.loc[ids, adata.var_names], rtol=1e-5)
        np.testing.assert_allclose(adata.obs["area_um2"], props.loc[ids, "area"])
        np.testing.assert_allclose(adata.obsm["spatial_um"], props.loc[ids, ["centroid-1", "centroid-0"]])
        measured = hk.quantify(sample.image, sample.mask, sample.channels)
        np.testing.assert_allclose(
            measured.X, intensities.loc[measured.obs["CellID"], measured.var_names], rtol=2e-5, atol=1e-6
        )
    assert total == n
