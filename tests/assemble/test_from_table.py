"""Tables of any dialect as AnnData: places, ids and values, beside image and mask or alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import tifffile

import htan_kit as hk

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData


def rules(adata: AnnData) -> dict[str, str]:
    (block,) = adata.uns["htan_kit"].values()
    return {finding.rule: str(finding.severity) for finding in hk.Findings.from_json(block["findings"])}


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    labels = np.zeros((40, 60), np.uint16)
    labels[2:6, 2:6], labels[10:20, 30:40], labels[30:33, 50:57] = 7, 4, 9
    tifffile.imwrite(tmp_path / "a_mask.tif", labels)
    return tmp_path / "a_mask.tif"


def qupath(path: Path, size_um: float) -> Path:
    """Centroids as QuPath has them: of outlines along pixels' edges, in µm."""
    centres = {7: (4, 4), 4: (35, 15), 9: (53.5, 31.5)}  # from the corner of the first pixel
    frame = pd.DataFrame({"Object ID": ["u-7", "u-4", "u-9"], "Cell: CD3 mean": [7.0, 4.0, 9.0]})
    frame["Centroid X µm"] = [x * size_um for x, _ in centres.values()]
    frame["Centroid Y µm"] = [y * size_um for _, y in centres.values()]
    frame.to_csv(path, sep="\t", index=False)
    return path


def test_qupath_s_cells_are_found_in_the_mask_by_their_places(tmp_path: Path, mask: Path) -> None:
    adata = hk.read(mask=mask, table=qupath(tmp_path / "t.tsv", 0.325), pixel_size_um=0.325)
    assert adata.obs["CellID"].tolist() == [7, 4, 9]
    assert adata.obs["object_id"].tolist() == ["u-7", "u-4", "u-9"]
    assert adata.X[:, 0].tolist() == [7, 4, 9]
    np.testing.assert_allclose(adata.obsm["spatial"], [[3.5, 3.5], [34.5, 14.5], [53, 31]])  # skimage's centroids
    np.testing.assert_allclose(adata.obsm["spatial_um"], adata.obsm["spatial"] * 0.325)
    assert rules(adata)["table.centroids-um"] == "info"


def test_places_stay_in_um_without_a_pixel_size(tmp_path: Path, mask: Path) -> None:
    table = qupath(tmp_path / "t.tsv", 0.325)
    adata = hk.read(table=table)
    assert "spatial" not in adata.obsm
    np.testing.assert_allclose(adata.obsm["spatial_um"][0], [1.3, 1.3])
    found = rules(adata)
    assert found["identity.id-by-row"] == "warning"
    frame = pd.read_csv(table, sep="\t").assign(**{"Object ID": [7, 4, 9]})
    frame.to_csv(table, sep="\t", index=False)
    adata = hk.read(mask=mask, table=table)  # ids are labels: the mask knows the pixels
    np.testing.assert_allclose(adata.obsm["spatial"], [[3.5, 3.5], [34.5, 14.5], [53, 31]])


def test_a_table_without_centroids_takes_the_mask_s(tmp_path: Path, mask: Path) -> None:
    columns = {"Point_Num": [1, 1, 1], "cell_size": 0.8, "CD3": [9.0, 7, 4], "label": [9, 7, 4], "area": [21, 16, 100]}
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    adata = hk.read(mask=mask, table=tmp_path / "t.csv")
    np.testing.assert_allclose(adata.obsm["spatial"], [[53, 31], [3.5, 3.5], [34.5, 14.5]])
    assert rules(adata)["table.centroids"] == "info"


def test_text_and_numbers_that_no_dialect_knows_are_kept(tmp_path: Path) -> None:
    text = "CellID,CD3,X_centroid,Y_centroid,My number,My text,late\n1,2,3,4,5.5,a,\n2,2,3,4,6.5,,x\n"
    (tmp_path / "t.csv").write_text(text)
    adata = hk.read(table=tmp_path / "t.csv")
    assert adata.obsm["features"]["My_number"].tolist() == [5.5, 6.5]
    assert adata.obs["My_text"].tolist()[0] == "a"
    assert adata.obs["My_text"].isna().tolist() == [False, True]
    adata.write_h5ad(tmp_path / "t.h5ad")


def test_cell_profiler_s_numbers_are_those_of_the_pixels(real: Path) -> None:
    """Published cell.csv, its images and masks: 15 regions, all cells, every mean."""
    folder = real / "imc_bodenmiller" / "analysis" / "cpout"
    n = 0
    for image in sorted((folder / "images").glob("*_full.tiff"))[:15]:
        mask = folder / "masks" / image.name.replace("_full", "_ilastik_s2_Probabilities_mask")
        table = hk.read(image=image, mask=mask, table=folder / "cell.csv", pixel_size_um=1.0)
        pixels = hk.quantify(image, mask, pixel_size_um=1.0)
        assert table.obs["CellID"].tolist() == pixels.obs["CellID"].tolist()
        np.testing.assert_allclose(table.X, pixels.X, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(table.obsm["spatial"], pixels.obsm["spatial"], rtol=1e-6)
        assert table.var["channel_index"].tolist() == list(range(5))  # c1 is the first plane
        assert not [rule for rule in rules(table) if rule.startswith("identity.")]
        n += table.n_obs
    assert n == 239


def test_a_table_of_the_whole_cohort_is_split_by_its_images(tmp_path: Path) -> None:
    for name in ("roi_a", "roi_b", "roi_c"):
        tifffile.imwrite(tmp_path / f"{name}.ome.tiff", np.ones((1, 20, 20), np.uint16), metadata={"axes": "CYX"})
    text = "Image,Object,CD3,centroid-0,centroid-1\nroi_a.tiff,1,5,1,2\nroi_b.tiff,1,6,3,4\nroi_b.tiff,2,7,5,6\n"
    (tmp_path / "cells.csv").write_text(text)
    (tmp_path / "neighbours.csv").write_text("Object,Neighbor\n1,2\n")
    samples = {sample.name: sample for sample in hk.open_cohort(tmp_path).samples}
    assert {name: len(sample.table) for name, sample in samples.items()} == {"roi_a": 1, "roi_b": 1, "roi_c": 0}
    assert hk.read(samples["roi_a"]).X.tolist() == [[5]]
    assert hk.read(samples["roi_b"]).X.tolist() == [[6], [7]]
