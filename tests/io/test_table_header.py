"""What a Level 4 table says of itself, of any dialect or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anndata as ad
import numpy as np
import pandas as pd
import pytest

from htan_kit.errors import InputError
from htan_kit.io.table_header import read_table_header

if TYPE_CHECKING:
    from pathlib import Path


def test_mcquant(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("CellID,DNA,X_centroid,Y_centroid,Area,note\n1,2.5,3,4,5,x\n2,2.5,3,4,5,y\n")
    header = read_table_header(path)
    assert (header.format, header.dialect, header.n_rows) == ("csv", "mcquant", 2)
    assert (header.markers, header.features, header.notes) == (("DNA",), ("Area",), ("note",))
    assert header.ids is not None
    assert header.ids["id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("columns", "id_column", "xy"),
    [
        ("Object ID,Centroid X µm,Centroid Y µm,CD3", "Object ID", ("Centroid X µm", "Centroid Y µm")),
        ("label,centroid-0,centroid-1,CD3", "label", ("centroid-1", "centroid-0")),
        ("Cell ID,Cell X Position,Cell Y Position,CD3", "Cell ID", ("Cell X Position", "Cell Y Position")),
        ("a,b,c,d", None, ()),
    ],
)
def test_tables_of_no_known_dialect(tmp_path: Path, columns: str, id_column: str | None, xy: tuple[str, ...]) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(columns.replace(",", "\t") + "\n1\t2\t3\t4\n")
    header = read_table_header(path)
    assert (header.format, header.id_column, header.xy_columns) == ("tsv", id_column, xy)


def test_the_ids_of_a_large_table_are_not_read_unless_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = 60_000
    pd.DataFrame(
        {"CellID": range(1, rows + 1), "imageid": "a", "DNA": 1.25, "X_centroid": 1.5, "Y_centroid": 1.5}
    ).to_csv(path, index=False)
    assert path.stat().st_size > 2**20
    header = read_table_header(path, max_bytes=2**20)
    assert (header.n_rows, header.ids, header.n_images) == (None, None, None)
    header = read_table_header(path, max_bytes=None)
    assert (header.n_rows, header.n_images, header.images) == (rows, 1, ["a"])
    assert header.markers == ("DNA",)


def test_h5ad(tmp_path: Path) -> None:
    adata = ad.AnnData(
        np.ones((2, 1), np.float32), obs={"CellID": [4, 5], "imageid": ["a", "b"], "Area": [1.5, 2.5]}, var={"x": [1]}
    )
    adata.obsm["spatial"] = np.zeros((2, 2))
    adata.write_h5ad(tmp_path / "a.h5ad")
    header = read_table_header(tmp_path / "a.h5ad")
    assert (header.format, header.id_column, header.xy_columns) == ("h5ad", "CellID", ("obsm/spatial",))
    assert (header.markers, header.features, header.n_images, header.n_rows) == (("0",), ("Area",), 2, 2)


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n" + bytes(99)])
def test_what_is_no_table(tmp_path: Path, content: bytes) -> None:
    for name in ("a.csv", "a.h5ad"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError):
            read_table_header(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        read_table_header(tmp_path / "missing.csv")


def test_old_h5ad_files_of_others(real: Path) -> None:
    header = read_table_header(real / "scimap_exemplar001" / "_data" / "example_data.h5ad")
    assert (header.n_rows, len(header.markers), header.xy_columns) == (3029, 33, ("X_position", "Y_position"))
