from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import htan_kit.tl as tl
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from conftest import MakeAdata


def test_shares_per_image_sum_to_one(make_adata: MakeAdata) -> None:
    adata = make_adata(types=["A", "A", "B", "A", "C"], library_id=["x", "x", "x", "x", "y"])
    rows = tl.composition(adata)
    by = {(row.library_id, row.type_a): (row.value, row.n_a) for row in rows.itertuples()}
    assert by == {
        ("x", "A"): (0.75, 3), ("x", "B"): (0.25, 1), ("x", "C"): (0.0, 0),
        ("y", "A"): (0.0, 0), ("y", "B"): (0.0, 0), ("y", "C"): (1.0, 1),
    }  # fmt: skip
    assert len(adata.uns["spatial_statistics"]) == 6


def test_cells_without_a_type_are_left_out(make_adata: MakeAdata) -> None:
    rows = tl.composition(make_adata(types=["A", None, None, "B"]))
    assert rows["value"].tolist() == [0.5, 0.5]


def test_no_cells_is_a_row_with_the_reason(make_adata: MakeAdata) -> None:
    adata = make_adata(n=0, types=[], library_id="empty")
    rows = tl.composition(adata)
    assert rows[["library_id", "reason"]].values.tolist() == [["empty", "no cells"]]
    assert rows["value"].isna().all()


def test_missing_column_names_what_is_there(make_adata: MakeAdata) -> None:
    with pytest.raises(InputError, match=r"CellID.*Run tl\.phenotype"):
        tl.composition(make_adata(n=2))
