"""Private information is planted in every place a file has and found there."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import anndata as ad
import h5py
import numpy as np
import pytest
import tifffile

from htan_kit.errors import InputError
from htan_kit.io._private_places import private_places

if TYPE_CHECKING:
    from pathlib import Path


def planted(path: Path, **options: Any) -> set[tuple[str, str]]:
    tifffile.imwrite(path, np.zeros((8, 8), np.uint8), metadata=None, **options)
    return set(private_places(path))


@pytest.mark.parametrize(
    ("options", "kind", "place"),
    [
        ({"datetime": "2021:03:05 10:11:12"}, "date", "page 1, DateTime"),
        ({"software": "C:\\Users\\ada\\x.exe"}, "user path", "page 1, Software"),
        ({"description": "Operator: Ada"}, "name", "page 1, ImageDescription: Operator"),
        ({"description": "<a><SerialNumber>7</SerialNumber></a>"}, "serial number",
         "page 1, XML of ImageDescription: a/SerialNumber"),
        ({"description": "<a><!-- 2021-03-05 --></a>"}, "date", "page 1, XML of ImageDescription: a comment"),
        ({"description": "<a 2021-03-05"}, "date", "page 1, XML of ImageDescription"),
        ({"extratags": [(315, 2, 0, "Ada", True)]}, "name", "page 1, Artist"),
        ({"extratags": [(65000, 7, 11, b"\0a@b.org, x\0"[:11], True)]}, "e-mail", "page 1, tag 65000"),
        ({"extratags": [(285, 2, 0, "label", True)]}, "label image", "page 1 (named so)"),
        ({"description": "<OME><Image><AcquisitionDate>2021-03-05</AcquisitionDate></Image></OME>"}, "date",
         "page 1, OME-XML of ImageDescription: OME/Image/AcquisitionDate"),
        ({"description": "<OME><Experimenter Email='x'/></OME>"}, "e-mail",
         "page 1, OME-XML of ImageDescription: OME/Experimenter@Email"),
        ({"description": "<OME><Annotations><M><Key>Date</Key><Value>5</Value></M></Annotations></OME>"}, "date",
         "page 1, OME-XML of ImageDescription: OME/Annotations/M/Value"),
    ],
)  # fmt: skip
def test_each_place_of_a_tiff(tmp_path: Path, options: dict[str, Any], kind: str, place: str) -> None:
    found = planted(tmp_path / "a.tif", **options)
    assert {(k, p.removesuffix(": Date")) for k, p in found} == {(kind, place)}


def test_levels_and_later_pages(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(np.zeros((8, 8), np.uint8), subifds=1, metadata=None)
        writer.write(np.zeros((4, 4), np.uint8), subfiletype=1, metadata=None, datetime="2021:03:05 10:11:12")
        writer.write(np.zeros((8, 8), np.uint8), metadata=None, description="by a@b.org")
    assert set(private_places(tmp_path / "a.tif")) == {
        ("date", "page 1, level 1, DateTime"), ("e-mail", "page 2, ImageDescription"),
    }  # fmt: skip


def with_gps(path: Path) -> Path:
    """Write a TIFF of one pixel whose tag 34853 leads to a directory of one entry, GPSLatitudeRef."""
    pixel, gps = 8, 100
    values = [
        (256, 1),
        (257, 1),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, pixel),
        (277, 1),
        (278, 1),
        (279, 1),
        (34853, gps),
    ]
    page = b"".join(struct.pack("<HHII", code, 4, 1, value) for code, value in values)
    head = struct.pack("<2sHI", b"II", 42, 10) + b"\x01\0" + struct.pack("<H", len(values)) + page + bytes(4)
    after = struct.pack("<HHHI4sI", 1, 1, 2, 2, b"N\0\0\0", 0)
    gps = len(head)
    head = head.replace(struct.pack("<HHII", 34853, 4, 1, 100), struct.pack("<HHII", 34853, 4, 1, gps))
    path.write_bytes(head + after)
    return path


def test_a_place_on_earth(tmp_path: Path) -> None:
    assert private_places(with_gps(tmp_path / "a.tif")) == [("place on earth", "page 1, GPS")]


def test_good_files_have_none(tmp_path: Path, sample_dir: Path) -> None:
    assert (
        planted(tmp_path / "a.tif", description="ImageJ=1.53t\nimages=1\nunit=micron", software="tifffile 2023.1.23")
        == set()
    )
    clean = [p for p in sample_dir.rglob("*") if p.suffix in {".tiff", ".h5ad"} and "HTA200_2_D1" not in p.name]
    assert clean
    assert [found for path in clean for found in private_places(path)] == []


def test_h5ad_uns(tmp_path: Path) -> None:
    uns = {
        "a": {"operator": "Ada", "note": "of 2021-03-05"},
        "log": np.array(["x", "/home/ada/y"], dtype=object),
        "n": 20210305,
    }
    adata = ad.AnnData(np.zeros((2, 1), np.float32), uns=uns)
    adata.write_h5ad(tmp_path / "a.h5ad")
    assert set(private_places(tmp_path / "a.h5ad")) == {
        ("name", "uns/a/operator"), ("date", "uns/a/note"), ("user path", "uns/log"),
    }  # fmt: skip


def test_names_that_are_private_themselves_are_not_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file["uns/run of 2021-03-05/operator"] = "Lovelace"
    found = private_places(tmp_path / "a.h5ad")
    assert set(found) == {("date", "uns/(a private name)"), ("name", "uns/(a private name)/operator")}
    texts = ["scan 2021-03-05 = good", '{"ada 2021-03-05": "x"}', "<D_20210305>x</D_20210305>", "<a d20210305='x'/>"]
    for text in texts:
        told = planted(tmp_path / "a.tif", description=text)
        assert {kind for kind, _ in told} == {"date"}, text
        assert not any(secret in place for _, place in told for secret in ("2021", "ada"))


def test_an_h5ad_cannot_lead_to_another_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["uns/date"] = "2021-03-05"
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file["uns/x"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "uns/date")
    assert private_places(tmp_path / "a.h5ad") == []
    with h5py.File(tmp_path / "b.h5ad", "w") as file:
        file["uns"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "uns")
    assert private_places(tmp_path / "b.h5ad") == []


def test_documents_and_others(tmp_path: Path) -> None:
    (tmp_path / "a.companion.ome").write_text("<OME><Image><AcquisitionDate>2021-03-05</AcquisitionDate></Image></OME>")
    assert [p.kind for p in private_places(tmp_path / "a.companion.ome")] == ["date"]
    (tmp_path / "b.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(InputError, match="DOCTYPE"):
        private_places(tmp_path / "b.xml")
    (tmp_path / "t.csv").write_text("date\n2021-03-05\n")
    assert private_places(tmp_path / "t.csv") == []
    with pytest.raises(InputError, match="no such file"):
        private_places(tmp_path / "none")


def test_real_slide(real: Path) -> None:
    found = private_places(real / "awkward" / "svs" / "CMU-1-Small-Region.svs")
    assert [p.place for p in found if p.kind == "label image"] == ["page 3 (Aperio)", "page 4 (Aperio)"]
    assert {p.kind for p in found} == {"label image", "serial number", "date", "name"}
