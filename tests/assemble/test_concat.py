"""Several images as one AnnData: nothing of uns is lost, and lost markers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def parts(cohort: hk.Cohort) -> list[ad.AnnData]:
    return [hk.read(sample) for sample in cohort.samples]


def test_inner_keeps_common_markers_and_tells_the_rest(parts: list[ad.AnnData]) -> None:
    findings = hk.Findings()
    merged = hk.concat(parts, findings=findings)
    with_cells = [part for part in parts if part.n_obs]
    common = set(with_cells[0].var_names).intersection(*(part.var_names for part in with_cells))
    assert set(merged.var_names) == common
    assert merged.n_obs == sum(part.n_obs for part in parts)
    assert merged.X.dtype == np.float32
    assert [f.rule for f in findings] == ["concat.markers"]
    for part in with_cells:
        rows = merged[part.obs_names]
        np.testing.assert_array_equal(rows.X, part[:, list(merged.var_names)].X)


def test_outer_keeps_all_markers_and_fills_nan(parts: list[ad.AnnData]) -> None:
    findings = hk.Findings()
    merged = hk.concat(parts, "outer", findings=findings)
    with_cells = [part for part in parts if part.n_obs]
    assert set(merged.var_names) == set().union(*(part.var_names for part in with_cells))
    assert merged.X.dtype == np.float32
    assert len(findings) == 0
    only = sorted(set(with_cells[0].var_names) - set(with_cells[-1].var_names))
    assert np.isnan(np.asarray(merged[with_cells[-1].obs_names, only].X)).all()


def test_uns_of_every_image_is_kept(parts: list[ad.AnnData]) -> None:
    merged = hk.concat(parts, findings=hk.Findings())
    libraries = {library for part in parts for library in part.uns["htan_kit"]}
    for key in ("miti", "htan", "htan_kit", "spatial"):
        assert set(merged.uns[key]) == libraries
        for part in parts:
            for library, block in part.uns[key].items():
                assert merged.uns[key][library] is block  # all of it: findings, hashes, every channel
    assert merged.uns["all_markers"].dtype == parts[0].uns["all_markers"].dtype
    assert "spatialdata_attrs" not in merged.uns


def test_var_keeps_what_samples_agree_on(parts: list[ad.AnnData]) -> None:
    merged = hk.concat(parts, findings=hk.Findings())
    with_cells = [part for part in parts if part.n_obs]
    for marker in merged.var_names:
        for column in ("channel_id", "target_name"):
            values = {str(part.var.loc[marker, column]) for part in with_cells}
            kept = merged.var.loc[marker, column] if column in merged.var else pd.NA
            assert (str(kept) in values) == (len(values) == 1 and values != {"nan"} and not pd.isna(kept))


def test_what_cannot_be_concatenated(parts: list[ad.AnnData]) -> None:
    with pytest.raises(hk.InputError, match="nothing to concatenate"):
        hk.concat([])
    with pytest.raises(hk.InputError, match="more than once"):
        hk.concat([parts[0], parts[0]])


@pytest.mark.parametrize("store", ["h5ad", "zarr"])
def test_a_cohort_survives_the_disk(parts: list[ad.AnnData], tmp_path: Path, store: str) -> None:
    some = parts if store == "h5ad" else [part for part in parts if part.n_obs][-2:]  # zarr: a file a scalar
    merged = hk.concat(some, "outer", findings=hk.Findings())
    getattr(merged, f"write_{store}")(tmp_path / f"c.{store}")
    back = getattr(ad, f"read_{store}")(tmp_path / f"c.{store}")
    assert back.obs_names.tolist() == merged.obs_names.tolist()
    np.testing.assert_array_equal(back.X, merged.X)
    assert isinstance(back.obsm["features"], pd.DataFrame)


def test_graphs_gates_and_statistics_of_each_image_are_kept(cohort: hk.Cohort) -> None:
    some = [hk.read(cohort[name]) for name in ("HTA200_1_D1", "HTA200_2_D1")]
    for adata in some:
        hk.tl.normalize(adata)
        hk.tl.phenotype(adata)
        hk.tl.spatial_graph(adata)
        hk.tl.composition(adata)
    merged = hk.concat(some, findings=hk.Findings())
    first, second = some
    graph = merged.obsp["spatial_distances"]
    assert graph[: first.n_obs, first.n_obs :].nnz == 0
    assert (graph[: first.n_obs, : first.n_obs] != first.obsp["spatial_distances"]).nnz == 0
    for key in ("gates", "spatial_statistics"):
        assert len(merged.uns[key]) == len(first.uns[key]) + len(second.uns[key])
        assert set(merged.uns[key]["library_id"]) == {"HTA200_1_D1", "HTA200_2_D1"}
    assert merged.uns["spatial_neighbors"]["params"] == first.uns["spatial_neighbors"]["params"]


def test_a_column_that_one_image_lacks_is_kept(cohort: hk.Cohort) -> None:
    first, second = (hk.read(cohort[name]) for name in ("HTA200_1_D1", "HTA200_2_D1"))
    first.obs["phenotype"] = pd.Categorical(["T cell"] * first.n_obs)
    del second.obsm["spatial_um"]
    findings = hk.Findings()
    merged = hk.concat([first, second], findings=findings)
    assert (merged.obs.loc[first.obs_names, "phenotype"] == "T cell").all()
    assert merged.obs.loc[second.obs_names, "phenotype"].isna().all()
    assert [f.message for f in findings if f.rule == "concat.obsm"] == [
        "obsm: spatial_um is not in every image and is left out."
    ]
