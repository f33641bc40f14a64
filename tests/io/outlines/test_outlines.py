"""Outlines as QuPath and others write them become labels that everything else can use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tifffile

import htan_kit as hk
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.mask import read_mask
from htan_kit.io.outlines import _found, _shapes
from htan_kit.pixels import mask_objects, object_means

if TYPE_CHECKING:
    from pathlib import Path


def box(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    return [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]


def feature(*rings: list[list[float]], kind: str = "cell", uuid: str | None = None, **more: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": list(rings)}
    one = {"type": "Feature", "geometry": geometry, "properties": {"objectType": kind}, **more}
    return one if uuid is None else {**one, "id": uuid}


def write(path: Path, *features: Any, bare: bool = False) -> Path:
    path.write_text(json.dumps(list(features) if bare else {"type": "FeatureCollection", "features": list(features)}))
    return path


def rules(findings: Findings) -> list[str]:
    return [f.rule for f in findings]


QUPATH = [
    {
        **feature(box(2, 1, 6, 5), uuid="4c2b0b6e-6f0b-4a5e-8d2a-0d6f8f5a1c11"),
        "nucleusGeometry": {"type": "Polygon", "coordinates": [box(3, 2, 5, 4)]},
        "properties": {"objectType": "cell", "name": "A", "classification": {"name": "CD8", "color": [1, 2, 3]}},
    },
    {
        "type": "Feature",
        "id": "ffffffff-6f0b-4a5e-8d2a-0d6f8f5a1c12",
        "geometry": {
            "type": "MultiPolygon",
            "coordinates": [[box(10, 0, 14, 8), box(11, 2, 13, 4)], [box(0, 8, 2, 10)]],
        },
        "properties": {"objectType": "cell", "measurements": {"Area": 24}},
    },
]


@pytest.mark.parametrize("bare", [True, False])
def test_a_qupath_export_becomes_labels_with_its_ids(tmp_path: Path, bare: bool) -> None:
    path = write(tmp_path / "cells.geojson", *QUPATH, bare=bare)
    findings = Findings()
    mask = read_mask(path, shape=(12, 16), findings=findings)
    expected = np.zeros((12, 16), int)
    expected[1:5, 2:6] = 1
    expected[0:8, 10:14] = 2
    expected[2:4, 11:13] = 0
    expected[8:10, 0:2] = 2
    np.testing.assert_array_equal(mask.read(), expected)
    np.testing.assert_array_equal(mask.read((1, 3, 5, 12)), expected[1:3, 5:12])
    assert mask.image.store.kind == "GeoJSON outlines"
    assert mask.object_ids is not None
    assert mask.object_ids.to_dict() == {1: QUPATH[0]["id"], 2: QUPATH[1]["id"]}
    assert mask.notes is not None
    assert mask.notes["classification"].tolist() == ["CD8", None]
    assert rules(findings) == ["outlines.left-out"]  # the nuclei
    nuclei = read_mask(path, shape=(12, 16), object_class="nuclei", findings=Findings()).read()
    assert np.argwhere(nuclei).tolist() == [[2, 3], [2, 4], [3, 3], [3, 4]]


def test_outlines_are_measured_as_any_mask(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    side = 1100  # three pieces of 512 px a side
    features = []
    for y in range(0, side - 40, 60):
        for x in range(0, side - 40, 60):
            t = np.linspace(0, 2 * np.pi, 12, endpoint=False)
            radius = rng.uniform(10, 24, 12)
            ring = np.c_[x + 25 + radius * np.cos(t), y + 25 + radius * np.sin(t)]
            features.append(feature([*ring.tolist(), ring[0].tolist()]))
    findings = Findings()
    outlines = read_mask(write(tmp_path / "c.geojson", *features), shape=(side, side), findings=findings)
    assert str(findings) == "nothing found"
    tifffile.imwrite(tmp_path / "m.tif", outlines.read().astype(np.uint32), tile=(256, 256), compression="zlib")
    stored = read_mask(tmp_path / "m.tif", findings=Findings())
    assert mask_objects(outlines).equals(mask_objects(stored))
    pixels = rng.integers(0, 4000, (2, side, side), dtype=np.uint16)
    tifffile.imwrite(tmp_path / "i.ome.tif", pixels, metadata={"axes": "CYX"}, tile=(128, 128))
    image = hk.read_image(tmp_path / "i.ome.tif", findings=Findings())
    for a, b in zip(object_means(image, outlines), object_means(image, stored), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(object_means(image, outlines)[0]) == len(features)


def test_quantify_takes_outlines_and_their_size_from_the_image(tmp_path: Path) -> None:
    pixels = np.arange(16 * 12, dtype=np.uint16).reshape(1, 12, 16)
    tifffile.imwrite(tmp_path / "i.ome.tif", pixels, metadata={"axes": "CYX", "Channel": {"Name": ["DNA"]}})
    path = write(tmp_path / "cells.geojson", *QUPATH)
    adata = hk.quantify(tmp_path / "i.ome.tif", path)
    assert adata.n_obs == 2
    np.testing.assert_allclose(adata.X[0, 0], pixels[0, 1:5, 2:6].mean())


def test_whole_numbers_as_ids_are_the_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojson", feature(box(0, 0, 2, 2), id=70_001), feature(box(3, 0, 5, 2), id=7))
    assert mask_objects(read_mask(path, shape=(2, 5), findings=Findings()))["label"].tolist() == [7, 70_001]
    twice = write(tmp_path / "b.geojson", feature(box(0, 0, 2, 2), id=7), feature(box(3, 0, 5, 2), id=7))
    assert mask_objects(read_mask(twice, shape=(2, 5), findings=Findings()))["label"].tolist() == [1, 2]
    large = write(tmp_path / "c.geojson", feature(box(0, 0, 2, 2), id=2**40), feature(box(3, 0, 5, 2), id=9))
    assert mask_objects(read_mask(large, shape=(2, 5), findings=Findings()))["label"].tolist() == [9, 2**40]


def test_cells_are_taken_among_annotations_and_other_classes_must_be_named(tmp_path: Path) -> None:
    tissue = feature(box(0, 0, 9, 9), kind="annotation")
    path = write(tmp_path / "a.geojson", tissue, feature(box(1, 1, 3, 3)), feature(box(4, 4, 6, 6)))
    findings = Findings()
    assert mask_objects(read_mask(path, shape=(9, 9), findings=findings))["area_px"].tolist() == [4, 4]
    assert rules(findings) == ["outlines.left-out"]
    assert "1 outline of class 'annotation'" in str(findings)
    whole = read_mask(path, shape=(9, 9), object_class="annotation", findings=Findings())
    assert mask_objects(whole)["area_px"].tolist() == [81]
    other = write(tmp_path / "b.geojson", tissue, feature(box(1, 1, 3, 3), kind="detection"))
    with pytest.raises(InputError, match=r"'annotation' \(1\), 'detection' \(1\)") as caught:
        read_mask(other, findings=Findings())
    assert rules(caught.value.findings) == ["mask.object-class"]
    with pytest.raises(InputError, match="no objects 'nucleus'"):
        read_mask(other, object_class="nucleus", findings=Findings())


def test_old_exports_and_children_are_understood(tmp_path: Path) -> None:
    old = {**feature(box(0, 0, 2, 2), id="PathCellObject"), "properties": {"isLocked": False}}
    parent = feature(
        box(0, 0, 9, 9),
        kind="annotation",
        childObjects=[old, {**old, "geometry": feature(box(4, 4, 6, 6))["geometry"]}],
    )
    mask = read_mask(write(tmp_path / "a.geojson", parent), shape=(9, 9), findings=Findings())
    assert mask_objects(mask)["x_px"].tolist() == [0.5, 4.5]
    assert mask.object_ids is None


def test_without_the_size_of_the_image_it_is_the_extent_and_said(tmp_path: Path) -> None:
    findings = Findings()
    mask = read_mask(write(tmp_path / "a.geojson", feature(box(1, 1, 7.2, 4))), findings=findings)
    assert mask.shape == (4, 8)
    assert rules(findings) == ["outlines.size"]
    far = write(tmp_path / "b.geojson", feature(box(1, 1, 2e9, 4)))
    with pytest.raises(InputError, match="no size of an image"):
        read_mask(far, findings=Findings())
    assert read_mask(far, shape=(9, 9), findings=Findings()).read()[1:4, 1:].all()


def test_what_is_odd_is_said_once_with_its_number(tmp_path: Path) -> None:
    bow = [[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]
    path = write(
        tmp_path / "a.geojson",
        feature(bow),
        feature(box(10, 10, 14, 14)),
        feature(box(12, 10, 16, 14)),
        feature(box(11, 11, 13, 13)),  # covered by the second
        feature(box(18.1, 3, 18.3, 5)),  # between the centres of pixels
        feature([[5, 5], [6, 6]]),
        feature(box(18, 18, 25, 19)),
        feature(box(100, 100, 120, 120)),
    )
    findings = Findings()
    mask = read_mask(path, shape=(20, 20), findings=findings)
    said = {f.rule: f.message for f in findings}
    assert set(said) == {"outlines.crossing", "outlines.outside", "outlines.overlap", "outlines.no-pixel"}
    assert said["outlines.crossing"].startswith("1 outline crosses itself")
    assert said["outlines.outside"].startswith("2 of 8 objects reach beyond the image of 20 x 20 px, 1 object lies")
    assert said["outlines.overlap"].startswith(f"Objects overlap in {8 + 4} px")
    assert said["outlines.no-pixel"].startswith("3 objects have no pixel of their own: labels 4, 5, 6")
    assert mask_objects(mask)["label"].tolist() == [1, 2, 3, 7]
    with pytest.raises(InputError, match="2 objects lie wholly outside"):
        read_mask(write(tmp_path / "b.geojson", feature(box(30, 0, 40, 9)), feature(box(0, 30, 9, 40))), shape=(20, 20))


def test_all_problems_of_the_coordinates_at_once(tmp_path: Path) -> None:
    good = feature(box(0, 0, 4, 4))
    nan = feature([[0, 0], [float("nan"), 1], [2, 2]])
    path = write(
        tmp_path / "a.geojson",
        good,
        nan,
        feature([[0, 0], [1e300, 1], [2, 2]]),
        feature([[0, 0], ["a", 1], [2, 2]]),
        feature([[0, 0], [1], [2, 2]]),
        {"type": "Feature", "geometry": {"type": "Circle", "coordinates": [1, 2]}},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": 3}},
        [1, 2],
        "text",
        feature(box(0, 0, 4, 4), uuid="<script>" * 100),
    )
    with pytest.raises(InputError) as caught:
        read_mask(path, shape=(9, 9), findings=Findings())
    findings = caught.value.findings
    assert set(rules(findings)) == {"outlines.coordinates"}
    text = str(findings)
    assert "2 entries with coordinates that are not finite" in text
    assert "3 entries with coordinates that are no pairs of numbers: feature 4, feature 5, feature 7." in text
    assert "1 entry of no geometry that GeoJSON knows" in text
    assert "2 entries no GeoJSON feature" in text


def test_points_are_no_outlines(tmp_path: Path) -> None:
    point = {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}}
    with pytest.raises(InputError, match="2 points and no outlines.*read_table") as caught:
        read_mask(write(tmp_path / "a.geojson", point), findings=Findings())
    assert rules(caught.value.findings) == ["outlines.points"]
    line = {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}
    findings = Findings()
    read_mask(
        write(tmp_path / "b.geojson", point, line, {"type": "Feature", "geometry": None}, feature(box(0, 0, 4, 4))),
        shape=(9, 9),
        findings=findings,
    )
    assert rules(findings) == ["outlines.left-out"] * 3
    for empty in ([], [line]):
        with pytest.raises(InputError, match="no polygons") as caught:
            read_mask(write(tmp_path / "c.geojson", *empty), findings=Findings())
        assert rules(caught.value.findings)[0] == "outlines.empty"


def test_more_corners_than_memory_should_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_shapes, "MAX_CORNERS", 12)
    monkeypatch.setattr(_shapes, "MAX_OBJECTS", 3)
    monkeypatch.setattr(_found, "MAX_OBJECTS", 3)
    empty, point = {"type": "Polygon", "coordinates": []}, {"type": "Point", "coordinates": [1, 2]}
    for what, one in (("objects", empty), ("points", point)):
        path = write(tmp_path / "b.geojson", *[{"type": "Feature", "geometry": one}] * 4)
        with pytest.raises(InputError, match=f"more than 3 {what}"):
            read_mask(path, shape=(9, 9), findings=Findings())
    path = write(tmp_path / "a.geojson", *[feature(box(0, 0, 4, 4))] * 3)
    with pytest.raises(InputError, match="more than 12 corners") as caught:
        read_mask(path, shape=(9, 9), findings=Findings())
    assert rules(caught.value.findings) == ["outlines.too-many"]


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_mask(tmp_path / "a.geojson", findings=Findings())


def test_a_table_of_corners(tmp_path: Path) -> None:
    path = tmp_path / "polygons.csv"
    rows = [(12, x, y) for x, y in box(0, 0, 3, 2)] + [(5, x, y) for x, y in box(4, 4, 6, 6)[:-1]]
    rows += [(12, x, y) for x, y in box(0, 5, 1, 6)]  # a second part
    path.write_text("cell_id,vertex_x,vertex_y\n" + "".join(f"{i},{x},{y}\n" for i, x, y in rows))
    findings = Findings()
    mask = read_mask(path, shape=(8, 8), findings=findings)
    assert rules(findings) == ["outlines.units"]
    objects = mask_objects(mask)
    assert objects[["label", "area_px"]].to_numpy().tolist() == [[5, 4], [12, 7]]
    assert mask.image.store.kind == "table of outlines"
    path.write_text(path.read_text().replace("12,", "a-1;x,").replace(",", "\t"))
    named = read_mask(path, shape=(8, 8), findings=Findings())
    assert named.object_ids is not None
    assert named.object_ids.to_dict() == {1: "a-1;x", 2: "5"}


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        ("a,b\n1,2\n", "outlines.columns", "no table of corners: found a, b"),
        ("id,x,y\n1,2,b\n", "outlines.coordinates", "no number"),
        ("id,x,y\n1,2,\n1,inf,4\n,3,4\n", "outlines.coordinates", "3 entries without an id or finite"),
        ("id,x,y\n1,2,3\n2,3,4\n", "outlines.points", "2 points and no outlines"),
        ("id,x,y\n", "outlines.empty", "no polygons"),
    ],
)
def test_tables_that_hold_no_outlines(tmp_path: Path, text: str, rule: str, message: str) -> None:
    path = tmp_path / "polygons.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_mask(path, shape=(9, 9), findings=Findings())
    assert rules(caught.value.findings)[0] == rule
