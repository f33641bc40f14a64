"""Level 4 tables: columns sorted by what they are, ids checked, files joined by id and never by position."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.cell_table import CellTable, is_cell_table, read_table
from htan_kit.io.dialects import dialect_of

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, frame: pd.DataFrame, **kwargs: object) -> CellTable:
    frame.to_csv(path, index=False)
    return read_table(path, findings=Findings(), **kwargs)


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "CellID": [2, 7, 9], "DNA": [1.5, 2.5, 3.5], "Area_sum": [1, 2, 3], "area": [9, 9, 9],
            "X_centroid": [1.0, 2.0, 3.0], "Y_centroid": [4.0, 5.0, 6.0], "Solidity": [0.9, 0.8, 0.7],
            "phenotype": ["a", "b", "a"],
        }
    )  # fmt: skip


def test_mcquant_columns(tmp_path: Path, frame: pd.DataFrame) -> None:
    table = read(tmp_path / "t.csv", frame)
    assert table.dialect == "mcquant"
    assert list(table.markers) == ["DNA", "Area_sum"]
    assert list(table.features) == ["area", "Solidity"]  # a regionprops name in the marker block is no marker
    assert list(table.notes) == ["phenotype"]
    assert table.ids.tolist() == [2, 7, 9]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[1, 4], [2, 5], [3, 6]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(3)), separator=st.sampled_from(",;\t"), bom=st.booleans())
def test_delimiter_bom_and_row_order_do_not_matter(
    tmp_path: Path, frame: pd.DataFrame, order: list[int], separator: str, bom: bool
) -> None:
    path = tmp_path / "t.csv"
    frame.iloc[order].to_csv(path, index=False, sep=separator, encoding="utf-8-sig" if bom else "utf-8")
    table = read_table(path, findings=Findings())
    by_id = pd.Series(table.markers["DNA"].to_numpy(), table.ids)
    assert by_id[[2, 7, 9]].tolist() == [1.5, 2.5, 3.5]


def test_steinbock_files_are_joined_by_id(tmp_path: Path) -> None:
    pd.DataFrame({"Object": [1, 2, 3], "CD3": [10.0, 20.0, 30.0]}).to_csv(tmp_path / "i.csv", index=False)
    props = pd.DataFrame(
        {"Object": [3, 1, 2], "area": [33, 11, 22], "centroid-0": [3, 1, 2], "centroid-1": [30, 10, 20]}
    )
    props.to_csv(tmp_path / "r.csv", index=False)
    table = read_table([tmp_path / "i.csv", tmp_path / "r.csv"], findings=Findings())
    assert table.features["area"].tolist() == [11, 22, 33]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[10, 1], [20, 2], [30, 3]]
    props.iloc[:2].to_csv(tmp_path / "r.csv", index=False)
    with pytest.raises(InputError, match="cannot be joined"):
        read_table([tmp_path / "i.csv", tmp_path / "r.csv"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"CellID": None}, "no id column"),
        ({"CellID": [1, 1, 2]}, "more than one row: 1 \\(1 in all\\)"),
        ({"CellID": [1.5, 2, 3]}, "whole numbers; found 1.5"),
        ({"CellID": [1, None, 3]}, "Ids are missing \\(line 3\\)"),
        ({"DNA": [1.0, "bad", 3.0]}, "holds text among numbers, such as 'bad'"),
        ({"X_centroid": ["a", "b", "c"]}, "Centroids are no numbers"),
        ({"DNA": None, "Area_sum": None}, "no marker columns"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, frame: pd.DataFrame, change: dict[str, object], message: str) -> None:
    for name, values in change.items():
        frame = frame.drop(columns=name) if values is None else frame.assign(**{name: values})
    with pytest.raises(InputError, match=message):
        read(tmp_path / "t.csv", frame)


def test_ids_that_are_no_numbers_are_kept_beside(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame["CellID"] = ["0f8a", "77aa", "9c1d"]
    table = read(tmp_path / "t.csv", frame)
    assert table.object_ids is not None
    assert table.object_ids.tolist() == ["0f8a", "77aa", "9c1d"]
    assert table.ids.tolist() == [1, 2, 3]


def test_several_images_in_one_table(tmp_path: Path, frame: pd.DataFrame) -> None:
    both = pd.concat([frame.assign(imageid="a.tiff"), frame.assign(imageid="b", DNA=9.0)])
    with pytest.raises(InputError, match="2 images"):
        read(tmp_path / "t.csv", both)
    assert read(tmp_path / "t.csv", both, image="b").markers["DNA"].tolist() == [9.0] * 3
    assert read(tmp_path / "t.csv", both, image="a").ids.tolist() == [2, 7, 9]


def test_h5ad_ids_from_obs_or_names(tmp_path: Path) -> None:
    obs = pd.DataFrame({"X_centroid": [1.0, 2, 3], "Y_centroid": [4.0, 5, 6]}, index=list("abc"))
    adata = ad.AnnData(np.ones((3, 2), np.float32), obs=obs)
    adata.obs_names = ["img_4", "img_8", "img_2"]
    adata.write_h5ad(tmp_path / "t.h5ad")
    findings = Findings()
    assert read_table(tmp_path / "t.h5ad", findings=findings).ids.tolist() == [4, 8, 2]
    assert [f.rule for f in findings] == ["table.ids-from-names"]
    adata.obs["CellID"] = [5, 6, 7]
    adata.write_h5ad(tmp_path / "t.h5ad")
    assert read_table(tmp_path / "t.h5ad", findings=Findings()).ids.tolist() == [5, 6, 7]
    (tmp_path / "bad.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 50)
    with pytest.raises(InputError, match="not a readable h5ad"):
        read_table(tmp_path / "bad.h5ad")


def test_values_that_are_missing_are_kept_and_told(tmp_path: Path, frame: pd.DataFrame) -> None:
    findings = Findings()
    frame.loc[1, "DNA"] = np.nan
    frame.to_csv(tmp_path / "t.csv", index=False)
    table = read_table(tmp_path / "t.csv", findings=findings)
    assert np.isnan(table.markers["DNA"].iloc[1])
    assert [f.rule for f in findings] == ["table.values"]


@pytest.mark.parametrize(
    ("name", "dialect", "n", "markers"),
    [
        ("scimap_exemplar001/scimapExampleData/exemplar-001--unmicst_cell.csv", "mcquant", 11201, 12),
        ("scimap_exemplar001/_data/example_data.csv", "mcquant", 3029, 48),
        ("nfcore_mcmicro/mcquant/TEST1_mask_TEST1.csv", "mcquant", 311, 4),
        ("mcmicro_tools/scimap/mcmicro_output.csv", "mcquant", 499, 48),
        ("mcmicro_tools/vitessce/vitessce_test.h5ad", "h5ad", 263, 1),
        ("mcmicro_tools/scimap/tutorial_data.h5ad", "scimap h5ad", 499, 30),
    ],
)
def test_real_tables(real: Path, name: str, dialect: str, n: int, markers: int) -> None:
    table = read_table(real / name, findings=Findings())
    assert (table.dialect, len(table.ids), table.markers.shape[1]) == (dialect, n, markers)
    assert table.xy_px is not None


def test_real_steinbock_cells(real: Path) -> None:
    folder = real / "imc_bodenmiller" / "steinbock"
    for name in ("cells.csv", "cells.h5ad"):
        table = read_table(folder / name, image="20210305_NE_mockData1_001", findings=Findings())
        parts = [
            folder / f"{kind}_deepcell" / "20210305_NE_mockData1_001.csv" for kind in ("intensities", "regionprops")
        ]
        joined = read_table(parts, findings=Findings())
        assert table.ids.tolist() == joined.ids.tolist()
        np.testing.assert_allclose(table.markers, joined.markers, rtol=1e-6)
        np.testing.assert_allclose(table.xy_px, joined.xy_px)


def test_what_is_a_cell_table(tmp_path: Path, frame: pd.DataFrame) -> None:
    frame.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "markers.csv").write_text("channel_number,marker_name\n1,DNA\n")
    assert is_cell_table(tmp_path / "t.csv")
    assert not is_cell_table(tmp_path / "markers.csv")
    assert dialect_of(["a", "b"]) is None
