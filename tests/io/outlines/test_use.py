"""Outlines and points are found, checked, described and read like other Level 3 files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.outlines import read_points
from htan_kit.report import describe

if TYPE_CHECKING:
    from pathlib import Path


def geojson(path: Path, *geometries: dict[str, Any], kind: str = "cell") -> Path:
    features = [{"type": "Feature", "geometry": g, "properties": {"objectType": kind}} for g in geometries]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def square(x: float, y: float, side: float = 4) -> dict[str, Any]:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def image(path: Path) -> np.ndarray:
    pixels = np.random.default_rng(0).integers(0, 999, (2, 20, 24), dtype=np.uint16)
    names = {"axes": "CYX", "Channel": {"Name": ["DNA", "CD3"]}, "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    tifffile.imwrite(path, pixels, metadata={**names, "PhysicalSizeXUnit": "µm", "PhysicalSizeYUnit": "µm"})
    return pixels


def test_outlines_beside_an_image_are_its_mask(tmp_path: Path) -> None:
    pixels = image(tmp_path / "s1.ome.tif")
    geojson(tmp_path / "s1_cells.geojson", square(2, 3), square(10, 3))
    geojson(tmp_path / "s1_regions.geojson", square(0, 0, 20), kind="annotation")
    cohort = hk.open_cohort(tmp_path)
    (sample,) = cohort.samples
    assert {name: path.name for name, path in sample.masks.items()} == {"cells": "s1_cells.geojson"}
    assert "s1_regions.geojson" in str(cohort.findings)  # not used, and said
    adata = hk.read(sample)
    np.testing.assert_allclose(adata.X[0], pixels[:, 3:7, 2:6].mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_allclose(adata.obsm["spatial"], [[3.5, 4.5], [11.5, 4.5]])
    assert not hk.check(sample, pixels=True).errors


def test_a_sheet_names_outlines_and_the_class_is_chosen(tmp_path: Path) -> None:
    image(tmp_path / "a.ome.tif")
    features = json.loads(geojson(tmp_path / "o.geojson", square(2, 3)).read_text())["features"]
    features += json.loads(geojson(tmp_path / "o.geojson", square(0, 0, 9), kind="tumour").read_text())["features"]
    (tmp_path / "o.geojson").write_text(json.dumps(features))
    (tmp_path / "sheet.csv").write_text("sample,image,mask\nA,a.ome.tif,o.geojson\n")
    for name, area in (("", 16), ("tumour", 81)):
        (sample,) = hk.open_cohort(tmp_path / "sheet.csv", mask=name).samples
        adata = hk.read(sample)
        assert adata.n_obs == 1
        assert adata.obsm["features"]["Area"].tolist() == [area]
    with pytest.raises(InputError, match="No image has a mask named 'stroma'"):
        hk.open_cohort(tmp_path / "sheet.csv", mask="stroma")


def test_an_htan_manifest_lists_outlines_as_level_3(tmp_path: Path) -> None:
    image(tmp_path / "s1.ome.tif")
    geojson(tmp_path / "s1.geojson", square(2, 3))
    (tmp_path / "l2.csv").write_text(
        "Component,Filename,HTAN Data File ID,HTAN Parent Biospecimen ID,Imaging Assay Type\n"
        "Imaging Level 2,s1.ome.tif,HTA9_1_1,HTA9_1_0,t-CyCIF\n"
    )
    (tmp_path / "l3.csv").write_text(
        "Component,Filename,HTAN Data File ID,HTAN Parent Data File ID,Imaging Segmentation Data Type,"
        "Imaging Object Class\n"
        "Imaging Level 3 Segmentation,s1.geojson,HTA9_1_2,HTA9_1_1,Polygon,cell\n"
    )
    (sample,) = hk.open_cohort(tmp_path).samples
    assert {name: path.name for name, path in sample.masks.items()} == {"cell": "s1.geojson"}
    assert hk.read(sample).n_obs == 1
    (tmp_path / "s1.geojson").unlink()
    rules = {f.rule for f in hk.check(hk.open_cohort(tmp_path)).errors}
    assert "file.exists" in rules or "manifest.file-exists" in rules


def test_points_are_cells_without_markers(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "p.geojson",
        {"type": "Point", "coordinates": [10.5, 4.5]},
        {"type": "MultiPoint", "coordinates": [[0.5, 0.5], [3, 2]]},
    )
    findings = Findings()
    table = hk.read_table(path, findings=findings)
    assert [f.rule for f in findings] == ["table.points"]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[10, 4], [0, 0], [2.5, 1.5]]  # from the centre of the first pixel
    assert table.ids.tolist() == [1, 2, 3]
    adata = hk.read(table=path, pixel_size_um=0.5)
    assert adata.shape == (3, 0)
    np.testing.assert_allclose(adata.obsm["spatial_um"], table.xy_px / 2)
    adata.write_h5ad(tmp_path / "p.h5ad")
    mixed = geojson(tmp_path / "m.geojson", {"type": "Point", "coordinates": [1, 2]}, square(2, 3))
    with pytest.raises(InputError, match="1 outline and 1 point.*mask="):
        read_points(mixed)


def test_info_explains_each_in_a_screen(tmp_path: Path) -> None:
    found = describe(geojson(tmp_path / "a.geojson", square(2, 3), square(10, 3)))
    assert found.kind == "outlines, Imaging Level 3: read as a label mask"
    assert found.facts["objects"] == "cell (2)"
    assert found.facts["reach, px"] == "14 × 7"
    assert found.facts["labels"] == "2"
    assert describe(geojson(tmp_path / "p.geojson", {"type": "Point", "coordinates": [1, 2]})).kind.startswith("points")
    (tmp_path / "c.csv").write_text("cell_id,x,y\n4,0,0\n4,3,0\n4,3,3\n")
    assert describe(tmp_path / "c.csv").facts["largest label"] == 4
    both = json.loads(geojson(tmp_path / "d.geojson", square(2, 3), kind="tile").read_text())["features"]
    both += json.loads(geojson(tmp_path / "d.geojson", square(2, 3), kind="detection").read_text())["features"]
    (tmp_path / "d.geojson").write_text(json.dumps(both))
    unclear = describe(tmp_path / "d.geojson")
    assert unclear.facts["objects"] == "tile (1), detection (1)"
    assert [f.rule for f in unclear.findings] == ["mask.object-class"]
    (tmp_path / "e.geojson").write_text("{}")
    with pytest.raises(InputError, match="no GeoJSON"):
        describe(tmp_path / "e.geojson")
