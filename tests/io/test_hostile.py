"""Files from strangers: nothing outside the file is read, nothing is made up, and every refusal is a message."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io.cell_table import read_table
from htan_kit.io.image import read_image
from htan_kit.io.mask import read_mask

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def h5ad(tmp_path: Path) -> Path:
    obs = pd.DataFrame({"CellID": [1, 2, 3, 4]}, index=list("abcd"))
    adata = ad.AnnData(np.arange(8, dtype=np.float32).reshape(4, 2), obs=obs)
    adata.write_h5ad(tmp_path / "t.h5ad")
    return tmp_path / "t.h5ad"


def test_an_h5ad_cannot_read_another_file(h5ad: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret!!" * 10)
    with h5py.File(h5ad, "a") as file:
        attributes = dict(file["X"].attrs)
        del file["X"]
        outside = [(str(tmp_path / "secret"), 0, 32)]
        file.create_dataset("X", (4, 2), "float32", external=outside).attrs.update(attributes)
    with pytest.raises(InputError, match="points at another file"):
        read_table(h5ad, findings=Findings())


def test_an_h5ad_cannot_link_to_another_file(h5ad: Path, tmp_path: Path) -> None:
    shutil.copy(h5ad, tmp_path / "other.h5ad")
    with h5py.File(h5ad, "a") as file:
        del file["X"]
        file["X"] = h5py.ExternalLink(str(tmp_path / "other.h5ad"), "X")
    with pytest.raises(InputError, match="points at another file"):
        read_table(h5ad, findings=Findings())


def test_sparse_indices_out_of_range_are_refused(h5ad: Path) -> None:
    with h5py.File(h5ad, "a") as file:
        del file["X"]
        group = file.create_group("X")
        group.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0", "shape": [4, 2]})
        group["data"], group["indices"] = np.ones(2, np.float32), np.array([5000, 99999], np.int32)
        group["indptr"] = np.array([0, 1, 2, 2, 2], np.int32)
    with pytest.raises(InputError, match="not a readable h5ad"):
        read_table(h5ad, findings=Findings())


def test_a_plane_in_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    xml = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1">
    <Image ID="Image:0"><Pixels ID="P" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="8" SizeC="2" SizeZ="1"
    SizeT="1"><Channel ID="C:0"/><Channel ID="C:1"/>
    <TiffData FirstC="0" IFD="0" PlaneCount="1"><UUID FileName="a.ome.tif">urn:uuid:1</UUID></TiffData>
    <TiffData FirstC="1" IFD="0" PlaneCount="1"><UUID FileName="b.ome.tif">urn:uuid:2</UUID></TiffData>
    </Pixels></Image></OME>"""
    tifffile.imwrite(path, np.ones((8, 8), np.uint8), description=xml, metadata=None)
    with pytest.raises(InputError) as caught:  # never two channels, one of zeros
        read_image(path, findings=Findings())
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"II", b"II*\0", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\0", b"II*\0\xff\xff\xff\xff"])
def test_heads_of_tiff_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(InputError):
        read_image(tmp_path / "a.tif", findings=Findings())


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(InputError, match="a device or a pipe"):
        read_image(tmp_path / "pipe.tif")
    with pytest.raises(InputError, match="cannot be used"):
        read_image(tmp_path / ("a" * 300 + ".tif"))


def test_complex_pixels_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "c.tif", np.ones((9, 9), np.complex64))
    with pytest.raises(InputError, match="complex64"):
        read_image(tmp_path / "c.tif", findings=Findings())


def test_labels_that_no_tool_keeps(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "m.tif", np.full((5, 5), 2**63 + 1, np.uint64))
    with pytest.raises(InputError, match="beyond 2\\^53"):
        read_mask(tmp_path / "m.tif", findings=Findings()).read()


@pytest.mark.parametrize("wrong", ["inf", str(10**30), str(2**63 + 5), "-1"])
def test_ids_that_are_no_labels(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "t.csv").write_text(f"CellID,DNA,X_centroid,Y_centroid\n{wrong},1,2,3\n2,1,2,3\n")
    with pytest.raises(InputError, match="whole numbers"):
        read_table(tmp_path / "t.csv", findings=Findings())


def test_a_header_alone(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("CellID,DNA,X_centroid,Y_centroid\n")
    with pytest.raises(InputError, match="no rows"):
        read_table(tmp_path / "t.csv", findings=Findings())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CellID,DNA,X_centroid,Y_centroid\n0,1,2,3\n1,1,2,3\n", "found 0, a mask's background"),
        ("CellID,DNA,X_centroid,Y_centroid\nTrue,1,2,3\nFalse,1,2,3\n", "True or False"),
        ("CellID,CellID,DNA,X_centroid,Y_centroid\n1,2,1,2,3\n2,1,1,2,3\n", "several columns 'CellID'"),
        ("Object,DNA,Object\n1,2,1\n", "several columns 'Object'"),
    ],
)
def test_ids_that_only_look_like_labels(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / "t.csv", findings=Findings())


def test_rows_of_an_h5ad_counted_from_0_are_no_labels(tmp_path: Path) -> None:
    ad.AnnData(np.ones((3, 2), np.float32), obs=pd.DataFrame(index=list("012"))).write_h5ad(tmp_path / "t.h5ad")
    found = Findings()
    table = read_table(tmp_path / "t.h5ad", findings=found)
    assert table.object_ids is not None
    assert table.object_ids.tolist() == ["obs 0", "obs 1", "obs 2"]
    assert [f.rule for f in found] == ["table.ids-are-labels"]


def test_values_beyond_float32_are_counted(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("CellID,DNA,CD3,X_centroid,Y_centroid\n1,1e39,1,2,3\n2,-1e300,2,2,3\n3,1,3,2,3\n")
    found = Findings()
    read_table(tmp_path / "t.csv", findings=found)
    assert [f.rule for f in found.of("warning")] == ["table.values"]
    message = next(iter(found)).message
    assert message.startswith("2 objects")
    assert message.endswith("columns DNA.")
    (tmp_path / "t.csv").write_text("CellID,DNA,X_centroid,Y_centroid\n1,3.4e38,2,3\n")
    found = Findings()
    read_table(tmp_path / "t.csv", findings=found)
    assert len(found) == 0


@pytest.mark.parametrize("key", ["imageid", "ImageName", "image"])
def test_rows_of_one_image_among_several(tmp_path: Path, key: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        f"CellID,DNA,X_centroid,Y_centroid,{key}\n1,1,2,3,a.ome.tiff\n2,2,2,3,a.ome.tiff\n1,9,2,3,out/b.tif\n"
    )
    for names in ("a", ("sample 1", "a.ome.tif"), ("a",)):
        assert read_table(path, image=names, findings=Findings()).markers["DNA"].tolist() == [1, 2]
    assert read_table(path, image=("b",), findings=Findings()).markers["DNA"].tolist() == [9]
    for other in (None, (), "c", ("c", "d"), ("a", "b")):
        with pytest.raises(InputError, match="a.ome.tiff, out/b.tif"):
            read_table(path, image=other, findings=Findings())


def test_names_are_looked_at_only_where_there_are_several_images(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("CellID,DNA,X_centroid,Y_centroid,imageid\n1,1,2,3,7\n2,2,2,3,7\n")
    assert len(read_table(tmp_path / "t.csv", image=("a", "a.ome.tif"), findings=Findings()).ids) == 2
    with pytest.raises(InputError, match="none of them is called 'a'"):
        read_table(tmp_path / "t.csv", image="a", findings=Findings())


def test_a_table_with_a_name_too_long(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / ("a" * 300 + ".csv"))
