"""Every dialect, written as its programs write it, with answers known by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.cell_table import CellTable, is_cell_table, read_table
from htan_kit.io.dialects import DIALECTS, dialect_of

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = {"Area": [9, 8, 7], "MajorAxisLength": [4, 5, 6], "Extent": [0.5, 0.6, 0.7], "Orientation": [0.1, 0.2, 0.3]}
XY = {"X_centroid": [1.5, 2.5, 3.5], "Y_centroid": [10, 20, 30]}


def written(path: Path, columns: dict[str, list[object]], separator: str = ",", **kwargs: object) -> CellTable:
    pd.DataFrame(columns).to_csv(path, sep=separator, index=False)
    assert is_cell_table(path)
    found = Findings()
    table = read_table(path, findings=found, **kwargs)
    expected = [] if table.dialect == "mcquant" else ["table.dialect"]
    assert [f.rule for f in found if f.rule == "table.dialect"] == expected
    return table


def test_mcquant_with_masks(tmp_path: Path) -> None:
    columns = {"CellID": [1, 2, 3]}
    for i, name in enumerate(("DNA1_nucleiRingMask", "DNA1_cellRingMask", "CD3_cytoRingMask", "CD3_cellMask")):
        columns[name] = [i, i + 0.5, 7]
    table = written(
        tmp_path / "t.csv", {**columns, **XY, "column_centroid": [1, 2, 3], "row_centroid": [1, 2, 3], **SHAPES}
    )
    assert table.dialect == "mcquant"
    assert table.marker_names == ("DNA1", "CD3")
    assert table.x.tolist() == [[1, 3], [1.5, 3.5], [7, 7]]
    assert {"DNA1_nucleiRingMask", "CD3_cytoRingMask", "column_centroid", "Area"} <= set(table.features)
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[1.5, 10], [2.5, 20], [3.5, 30]]


def test_markers_of_different_parts_of_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame(
        {"CellID": [1, 2], "A_cellMask": [1, 2], "B_nucleiMask": [3, 4], "X_centroid": 1, "Y_centroid": 2}
    ).to_csv(path)
    found = Findings()
    assert read_table(path, findings=found).marker_names == ("A", "B")
    assert [f.rule for f in found] == ["table.compartments"]


def test_mcquant_with_further_statistics_and_shapes(tmp_path: Path) -> None:
    more = ["CD3_intensity_median", "CD3_gini_index", "feret_diameter_max", "bbox-0", "moments_hu-1", "Area_sum"]
    columns = {"CellID": [1, 2, 3], "CD3": [1, 2, 3], **{name: [5, 6, 7] for name in more}, **XY, **SHAPES}
    table = written(tmp_path / "t.csv", columns)
    assert table.marker_names == ("CD3", "Area_sum")  # the second looks like a channel's name, not like a statistic
    assert set(more[:-1]) <= set(table.features)


def test_a_statistic_without_its_mean_is_all_there_is(tmp_path: Path) -> None:
    columns = {"CellID": [1, 2, 3], "CD3_intensity_median": [1, 2, 3], **XY}
    assert written(tmp_path / "t.csv", columns).marker_names == ("CD3_intensity_median",)


ARK = {
    "cell_size": [100.0, 80, 90], "CD3": [0.1, 0.2, 0.3], "area_marker": [1, 2, 3], "label": [1, 2, 1],
    "area": [100, 80, 90], "eccentricity": [0.1, 0.2, 0.3], "centroid-0": [10.0, 20, 30], "centroid-1": [1.5, 2.5, 3.5],
    "nc_ratio": [0.4, 0.5, 0.6], "CD3_nuclear": [9, 9, 9], "fov": ["fov1", "fov1", "fov2"],
}  # fmt: skip


def test_ark(tmp_path: Path) -> None:
    table = written(tmp_path / "cell_table_size_normalized.csv", ARK, image="fov1")
    assert (table.dialect, table.marker_names) == ("ark", ("CD3", "area_marker"))
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[1.5, 10], [2.5, 20]]  # centroid-0 is the row
    assert {"cell_size", "area", "CD3_nuclear", "nc_ratio"} <= set(table.features)
    with pytest.raises(InputError, match=r"2 images \(fov1, fov2\)"):
        read_table(tmp_path / "cell_table_size_normalized.csv", findings=Findings())


def test_ark_s_transformed_file_says_so_by_its_name(tmp_path: Path) -> None:
    path, found = tmp_path / "cell_table_arcsinh_transformed.csv", Findings()
    pd.DataFrame(ARK).to_csv(path, index=False)
    table = read_table(path, image="fov2", findings=found)
    assert table.x.tolist() == [[np.float32(0.3), 3]]
    assert "table.transformed" in [f.rule for f in found]


@pytest.mark.parametrize("key", ["HTAN_Parent_Data_File_ID", "Point_Num"])
def test_htan_duke(tmp_path: Path, key: str) -> None:
    columns = {key: ["HTA6_1_1", "HTA6_1_1", "HTA6_2_1"], "event": [1, 2, 3], "cell_size": [0.81, 0.5, 0.6]}
    columns |= {"CD3": [1, 2, 3], "label": [4, 5, 4], "area": [90, 80, 70], "Tissue_Type": ["a", "b", "a"]}
    columns |= {"phenotype": ["x", "y", "x"], "ECADstatus": [1, 0, 1], "Neighbor_dist_CD3": [1.5, 2, 3]}
    table = written(tmp_path / "t.csv", columns, image="HTA6_1_1")
    assert (table.dialect, table.marker_names, table.ids.tolist()) == ("HTAN Duke", ("CD3",), [4, 5])
    assert table.xy_px is None  # from the mask
    assert list(table.notes) == ["Tissue_Type", "phenotype"]


def test_steinbock_of_several_images(tmp_path: Path) -> None:
    columns = {
        "Image": ["a.tiff", "b.tiff", "b.tiff"],
        "Object": [1, 1, 2],
        "CD3": [1, 2, 3],
        "major_axis_length": [4, 5, 6],
    }
    table = written(tmp_path / "objects.csv", columns, image="b")
    assert (table.dialect, table.marker_names, table.ids.tolist()) == ("steinbock", ("CD3",), [1, 2])


def cell_profiler(folder: Path, scaling: str = "65535") -> Path:
    names = [f"Intensity_{kind}_{stack}" for kind in ("MeanIntensity", "MeanIntensityEdge") for stack in
             ("FullStack_c1", "FullStack_c2", "ProbabStack_c1", "ProbabStack_c2", "ProbabStack_c3")]  # fmt: skip
    columns = {"ImageNumber": [1, 1, 2], "ObjectNumber": [1, 2, 1], "AreaShape_Area": [9, 8, 7]}
    columns |= {name: [i / 65535, 2 * i / 65535, 0.5] for i, name in enumerate(names, start=1)}
    columns |= {"Location_Center_X": [1.5, 2.5, 3.5], "Location_Center_Y": [10, 20, 30]}
    pd.DataFrame(columns).to_csv(folder / "cell.csv", index=False)
    if scaling:
        images = {"ImageNumber": [1, 2], "FileName_FullStack": ["roi_1_full.tiff", "roi_2_full.tiff"]}
        images |= {"Scaling_FullStack": [scaling] * 2, "Scaling_ProbabStack": ["65535"] * 2}
        pd.DataFrame(images).to_csv(folder / "Image.csv", index=False)
    return folder / "cell.csv"


@pytest.mark.parametrize("image", ["1", "roi_1_full.tiff", ("other", "roi_1_full")])
def test_cell_profiler_with_its_table_of_images(tmp_path: Path, image: str | tuple[str, ...]) -> None:
    found = Findings()
    table = read_table(cell_profiler(tmp_path), image=image, findings=found)
    assert (table.dialect, table.marker_names, table.ids.tolist()) == ("CellProfiler", ("c1", "c2"), [1, 2])
    np.testing.assert_allclose(table.x, [[1, 2], [2, 4]], rtol=1e-6)
    assert sorted(f.rule for f in found) == ["table.dialect", "table.scaled"]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[1.5, 10], [2.5, 20]]
    assert not is_cell_table(tmp_path / "Image.csv")


@pytest.mark.parametrize("scaling", ["", "x", "0", "-1", "inf", "nan"])  # without Image.csv, and with nonsense in it
def test_cell_profiler_without_a_scale_is_kept_as_written(tmp_path: Path, scaling: str) -> None:
    found = Findings()
    table = read_table(cell_profiler(tmp_path, scaling), image="1", findings=found)
    np.testing.assert_allclose(table.x, np.array([[1, 2], [2, 4]]) / 65535, rtol=1e-6)
    assert [f.severity for f in found if f.rule == "table.scaled"] == ["warning"]
    assert [f.severity for f in found if f.rule == "table.dialect"] == ["info"]


def test_cell_profiler_with_images_of_one_channel(tmp_path: Path) -> None:
    columns = {"ImageNumber": [1, 1], "ObjectNumber": [1, 2], "Intensity_MeanIntensity_CD3": [5.5, 2]}
    table = written(tmp_path / "Cells.csv", columns)
    assert (table.marker_names, table.xy_px) == (("CD3",), None)


MICRO = ["µ", "\u03bc", "Âµ", "Î¼"]


def qupath(micro: str, names: dict[str, list[float]], unit: bool = True) -> dict[str, list[object]]:
    place = (f"Centroid X {micro}m", f"Centroid Y {micro}m") if unit else ("Centroid X px", "Centroid Y px")
    return {
        "Image": ["a.tif"] * 2, "Object ID": ["0f-1", "0f-2"], "Object type": ["Cell"] * 2, "Name": ["1", "x"],
        "Classification": ["", "Tumor"], "Parent": ["Root"] * 2, "ROI": ["Polygon"] * 2, place[0]: [5.0, 10.0],
        place[1]: [20.0, 30.0], f"Nucleus: Area [{micro}m^2]": [40.0, 50.0], **names,
    }  # fmt: skip


@pytest.mark.parametrize("micro", MICRO)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize(
    "names",
    [
        ["Nucleus: CD3: a mean", "Cell: CD3: a mean", "Cytoplasm: CD3: a mean", "Nucleus: CD3: a std dev"],
        ["CD3: a: Nucleus: Mean", "CD3: a: Cell: Mean", "CD3: a: Cytoplasm: Mean", "CD3: a: Cell: Std.Dev."],
        ["Nucleus: CD3: a: Mean", "Cell: CD3: a: Mean", "Membrane: CD3: a: Mean", "Cell: CD3: a: Median"],
    ],
)
def test_qupath(tmp_path: Path, micro: str, separator: str, names: list[str]) -> None:
    values = {name: [i + 0.5, i + 1.5] for i, name in enumerate(names)}
    table = written(tmp_path / "t.tsv", qupath(micro, values), separator, pixel_size_um=0.5)
    assert (table.dialect, table.marker_names) == ("QuPath", ("CD3: a",))  # a channel's name may hold a colon
    assert table.x.tolist() == [[1.5], [2.5]]  # the whole cell's
    assert table.xy_um is not None
    assert table.xy_um.tolist() == [[5, 20], [10, 30]]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[9.5, 39.5], [19.5, 59.5]]  # 5 µm are 10 px from the corner, whose centre is 0.5
    assert table.object_ids is not None
    assert table.object_ids.tolist() == ["0f-1", "0f-2"]
    assert table.notes["Name"].tolist() == ["1", "x"]  # text, whatever it looks like


def test_qupath_without_a_pixel_size(tmp_path: Path) -> None:
    path, found = tmp_path / "t.tsv", Findings()
    pd.DataFrame(qupath("µ", {"Cell: CD3 mean": [1, 2]})).to_csv(path, sep="\t", index=False)
    table = read_table(path, findings=found)
    assert table.xy_px is None
    assert table.placed(0.5).xy_px is not None
    assert table.placed(None) is table
    assert {f.rule for f in found} == {"table.dialect", "table.centroids-um", "table.ids-are-labels"}
    with pytest.raises(InputError, match="not possible"):
        read_table(path, pixel_size_um=-1)


def test_qupath_in_pixels_of_r_and_without_ids(tmp_path: Path) -> None:
    columns = qupath("µ", {"Cell: CD3 mean": [1, 2]}, unit=False)
    del columns["Object ID"]
    table = written(tmp_path / "t.csv", {name.replace(": ", "..").replace(" ", "."): v for name, v in columns.items()})
    assert table.marker_names == ("CD3",)
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[4.5, 19.5], [9.5, 29.5]]
    assert table.object_ids is not None
    assert table.object_ids.tolist() == ["row 1", "row 2"]
    assert table.ids.tolist() == [1, 2]


def halo() -> dict[str, list[object]]:
    return {
        "Image Location": [r"C:\scans\a.tif", r"C:\scans\a.tif", r"C:\scans\b.tif"], "Analysis Region": ["1", "2", "x"],
        "Algorithm Name": ["HighPlex"] * 3, "Object Id": [0, 1, 0], "XMin": [0, 10, 5], "XMax": [4, 20, 6],
        "YMin": [2, 8, 5], "YMax": [3, 10, 6], "CD3 Positive Classification": [1, 0, 1],
        "CD3 Nucleus Intensity": [1.0, 2, 3], "CD3 Cell Intensity": [4.0, 5, 6], "Cell Area (µm²)": [9.0, 8, 7],
        "Classifier Label": ["Tumor", "Stroma", "Tumor"],
    }  # fmt: skip


def test_halo(tmp_path: Path) -> None:
    table = written(tmp_path / "t.csv", halo(), image="a")
    assert (table.dialect, table.marker_names, table.x.tolist()) == ("HALO", ("CD3",), [[4], [5]])
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[2, 2.5], [15, 9]]  # the middle of the box
    assert table.object_ids is not None  # 0 is no label
    assert table.object_ids.tolist() == ["0", "1"]
    assert "CD3 Positive Classification" in table.features
    assert table.notes["Analysis Region"].tolist() == ["1", "2"]


def inform(unit: str) -> dict[str, list[object]]:
    return {
        "Path": ["/a", "/a", "/b"], "Sample Name": ["s1.im3", "s1.im3", "s2.im3"], "Tissue Category": ["T", "", "x"],
        "Phenotype": ["CD3+", "other", "CD3+"], "Cell ID": [1, 2, 1], "Total Cells": ["#N/A"] * 3,
        f"Tissue Category Area ({unit})": [900] * 3, "Cell X Position": [10, 20, 30], "Cell Y Position": [1, 2, 3],
        "Nucleus DAPI Mean (Normalized Counts, Total Weighting)": ["1.5", "2.5", "#N/A"],
        "Entire Cell PDL1 (Opal 520) Mean (Normalized Counts, Total Weighting)": ["3.5", "#N/A", "4.5"],
        "Entire Cell DAPI Mean (Normalized Counts, Total Weighting)": ["0.5", "0.25", "4.5"],
        "Entire Cell DAPI Max (Normalized Counts, Total Weighting)": ["7.5", "8.5", "9.5"],
        "Slide ID": ["7"] * 3, "Confidence": ["98.1%"] * 3, "inForm 2.3.6267.15036": [""] * 3,
    }  # fmt: skip


@pytest.mark.parametrize("comma", [False, True])
def test_inform(tmp_path: Path, comma: bool) -> None:
    columns = inform("pixels")
    if comma:
        columns = {
            n: [str(v).replace(".", ",") if "Mean (" in n or "Max (" in n else v for v in c] for n, c in columns.items()
        }
    table = written(tmp_path / "a_cell_seg_data.txt", columns, "\t", image="s1.im3")
    assert (table.dialect, table.marker_names) == ("inForm", ("DAPI", "PDL1 (Opal 520)"))
    np.testing.assert_array_equal(table.x, [[0.5, 3.5], [0.25, np.nan]])
    assert table.ids.tolist() == [1, 2]
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[10, 1], [20, 2]]
    assert table.features["Entire Cell DAPI Max (Normalized Counts, Total Weighting)"].tolist() == [7.5, 8.5]


def test_inform_in_microns_where_no_column_says_pixels(tmp_path: Path) -> None:
    for unit, in_um in (("microns", True), ("square microns", True), ("percent", True), ("pixels", False)):
        table = written(tmp_path / "t.txt", inform(unit), "\t", image="s2", pixel_size_um=0.5) if unit != "x" else None
        assert table is not None
        assert table.xy_px is not None
        assert table.xy_px.tolist() == ([[60, 6]] if in_um else [[30, 3]])


def codex() -> dict[str, list[object]]:
    return {
        "cell_id:cell_id": [0, 1, 0, 0], "region:region": [1, 1, 1, 2], "tile_nr:tile_nr": [1, 1, 2, 1],
        "X:X": [1, 2, 3, 4], "Y:Y": [10, 20, 30, 40], "Z:Z": [5] * 4, "size:size": [9] * 4,
        "CD4 - T helper:Cyc_3_ch_2": [1, 2, 3, 4], "DRAQ5:Cyc_1_ch_4": [5, 6, 7, 8], "DRAQ5:Cyc_2_ch_4": [0] * 4,
        "CD8 - a:Cyc_4_ch_2": [1] * 4, "CD8 - b:Cyc_5_ch_2": [2] * 4, "Profile_Homogeneity:Fiter1": [0.5] * 4,
    }  # fmt: skip


def test_codex(tmp_path: Path) -> None:
    table = written(tmp_path / "t.csv", codex(), image="1")
    markers = ("CD4", "DRAQ5:Cyc_1_ch_4", "DRAQ5:Cyc_2_ch_4", "CD8 - a", "CD8 - b")
    assert (table.dialect, table.marker_names) == ("CODEX", markers)
    assert table.object_ids is not None
    assert table.object_ids.tolist() == ["1:0", "1:1", "2:0"]  # ids start again in each tile
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[1, 10], [2, 20], [3, 30]]
    assert {"size:size", "Profile_Homogeneity:Fiter1", "Z:Z"} <= set(table.features)


def test_pipex(tmp_path: Path) -> None:
    columns = {"cell_id": [1, 2], "size": [90, 80], "x": [5, 6], "y": [7, 8], "CD3": [1.5, 2], "CD3_local_90": [3, 4]}
    columns |= {"CD3_ratio_pixels": [1, 2], "CD3_2": [8, 9], "leiden": [0, 1], "leiden_color": ["red", "blue"]}
    table = written(tmp_path / "cell_data.csv", columns)
    assert (table.dialect, table.marker_names) == ("PIPEX", ("CD3", "CD3_2"))
    assert set(table.features) == {"size", "CD3_local_90", "CD3_ratio_pixels", "leiden"}
    assert table.ids.tolist() == [1, 2]


def test_sprm(tmp_path: Path) -> None:
    means, centers = tmp_path / "reg1-cell_channel_mean.csv", tmp_path / "reg1-cell_centers.csv"
    pd.DataFrame({"ID": [1, 2], "CD3": [1.5, 2.5]}).to_csv(means, index=False)
    assert read_table(means, findings=Findings()).xy_px is None
    pd.DataFrame({"ID": [2, 1], "x": [20, 10], "y": [2, 1], "z": [0, 0]}).to_csv(centers, index=False)
    total = tmp_path / "reg1-cell_channel_total.csv"
    pd.DataFrame({"ID": [2, 1], "CD3": [200, 100]}).to_csv(total, index=False)
    assert [is_cell_table(path) for path in (means, centers, total)] == [True, False, False]
    table = read_table(means, findings=Findings())  # what belongs to it lies beside it
    assert table.xy_px is not None
    assert table.xy_px.tolist() == [[10, 1], [20, 2]]
    assert table.paths == (means, centers)
    table = read_table([means, centers, total], findings=Findings())
    assert (table.dialect, table.marker_names) == ("SPRM", ("CD3",))
    assert table.features["CD3_cell_channel_total"].tolist() == [100, 200]


OTHERS = {
    "a sample sheet": "sample,image,channels,mask,table,pixel_size_um",
    "a sheet of MCMICRO": "sample,cycle_number,channel_count,image_tiles",
    "images.csv of steinbock": "image,width_px,height_px,num_channels,source_file,acquisition_id",
    "Image.csv of CellProfiler": "ImageNumber,FileName_FullStack,Count_cell,Scaling_FullStack",
    "Experiment.csv": "Key,Value",
    "neighbours of steinbock": "Object,Neighbor,Distance",
    "a manifest of phase 1": "Component,Filename,File Format,HTAN Parent ID,HTAN Data File ID,Imaging Assay Type",
    "a manifest of phase 2": "FILENAME,FILE_FORMAT,HTAN_DATA_FILE_ID,HTAN_PARENT_ID,NUMBER_OF_OBJECTS",
    "HTAN's channel template": "Channel ID,Channel Name,Cycle Number,Target Name,Antibody Name,RRID identifier",
    "markers.csv": "channel_number,cycle_number,marker_name,Filter",
    "panel.csv": "channel,name,keep,ilastik,deepcell,Tube Number",
    "gates of scimap": "markers,exemplar-001--unmicst_cell",
    "a phenotype workflow": "Unnamed: 0,Unnamed: 1,ECAD,CD45,CD4",
    "a table of people": "ID,x,y,name,age",
    "Visiopharm, of which no header is stated": "Name,Center X,Center Y,Mean CD3",
}


@pytest.mark.parametrize("header", OTHERS.values(), ids=OTHERS)
def test_what_is_no_table_of_cells(tmp_path: Path, header: str) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n" + ",".join("1" for _ in header.split(",")) + "\n")
    assert dialect_of(header.split(","), "t.csv") is None
    assert not is_cell_table(tmp_path / "t.csv")
    with pytest.raises(InputError, match="No dialect knows"):
        read_table(tmp_path / "t.csv")


def test_every_dialect_has_a_test_above() -> None:
    tested = {
        "mcquant",
        "ark",
        "HTAN Duke",
        "steinbock",
        "CellProfiler",
        "QuPath",
        "HALO",
        "inForm",
        "CODEX",
        "PIPEX",
        "SPRM",
    }
    assert set(DIALECTS) == tested
