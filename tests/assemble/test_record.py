from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.assemble._miti import sections_of
from htan_kit.assemble._record_channels import channel_rows
from htan_kit.errors import InputError
from htan_kit.models import miti_sections

if TYPE_CHECKING:
    from pathlib import Path

    from anndata import AnnData

    from htan_kit.cohort import Cohort

pytestmark = [
    # anndata 0.12 announces that zarr v3 will be its default; 0.13 reads a pandas option that pandas 3.1 retires.
    pytest.mark.filterwarnings("ignore:.*zarr v[23].*:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*future.infer_string.*"),
]


@pytest.fixture(scope="module")
def read_once(cohort: Cohort) -> AnnData:
    return hk.read(cohort["HTA200_1_D1"])


@pytest.fixture
def adata(read_once: AnnData) -> AnnData:
    return read_once.copy()


def test_the_record_comes_back(adata: AnnData, cohort: Cohort) -> None:
    path = cohort["HTA200_1_D1"].miti
    assert path is not None
    written = json.loads(path.read_text(encoding="utf-8"))
    record = hk.miti(adata)
    for section in ("clinical", "biospecimen", "cell-state", "channel"):
        assert record[section] == written[section], section
    assert written["file"].items() <= record["file"].items()
    for section in ("processed-data", "cell"):
        assert [entry["data_file_id"] for entry in record[section]] == [e["data_file_id"] for e in written[section]]


def test_names_and_order_are_mitis(adata: AnnData) -> None:
    record = hk.miti(adata)
    model = miti_sections()
    assert list(record) == [name.replace("_", "-") for name in model]
    for name, section in record.items():
        for entry in section if isinstance(section, list) else [section]:
            order = list(model[name.replace("-", "_")])
            assert [order.index(attribute) for attribute in entry] == sorted(
                order.index(attribute) for attribute in entry
            )
    assert json.loads(json.dumps(record, allow_nan=False)) == record


@pytest.mark.parametrize("form", ["h5ad", "zarr"])
def test_it_survives_files_subsets_and_copies(adata: AnnData, tmp_path: Path, form: str) -> None:
    record = hk.miti(adata)
    path = tmp_path / f"a.{form}"
    getattr(adata, f"write_{form}")(path)
    back = getattr(anndata, f"read_{form}")(path)
    assert hk.miti(back) == record
    assert hk.miti(back[:3, :2].copy()) == record
    back.write_h5ad(tmp_path / "again.h5ad")
    assert hk.miti(anndata.read_h5ad(tmp_path / "again.h5ad")) == record


def test_a_record_goes_round(adata: AnnData) -> None:
    """What comes out says the same when it is read as a record."""
    record = hk.miti(adata)
    sections = sections_of(record)
    assert sections["file"] == record["file"]
    assert sections["ome_tiff_header"] == record["ome-tiff-header"]
    assert sections["channel"] == record["channel"]
    assert list(sections["processed_data"].values()) == record["processed-data"]


def test_changes_since_reading_count(adata: AnnData) -> None:
    block = adata.uns["miti"]["HTA200_1_D1"]
    block["file"]["lens_na"] = np.float32(0.5)
    block["file"]["comment"] = float("nan")
    block["clinical"]["our own"] = "kept"
    del block["cell_state"]
    adata.var["passed_qc"] = pd.array([False] + [True] * (adata.n_vars - 1), dtype="boolean")
    adata.var["qc_details"] = ["Saturated"] + [None] * (adata.n_vars - 1)
    record = hk.miti(adata)
    assert record["file"]["lens_na"] == 0.5
    assert type(record["file"]["lens_na"]) is float
    assert "comment" not in record["file"]
    assert record["clinical"]["our own"] == "kept"
    assert "cell-state" not in record
    plane = int(adata.var["channel_index"].iloc[0])
    assert (record["channel"][plane]["passed_qc"], record["channel"][plane]["qc_details"]) == (False, "Saturated")
    assert sum(entry["passed_qc"] is False for entry in record["channel"]) == 1


def test_which_image(cohort: Cohort) -> None:
    both = hk.concat([hk.read(cohort[name]) for name in ("HTA200_1_D1", "HTA200_2_D1")])
    assert hk.miti(both, "HTA200_2_D1")["file"]["data_file_id"] == "HTA200_2_D1"
    with pytest.raises(InputError, match="2 images"):
        hk.miti(both)
    with pytest.raises(InputError, match="no image 'x'"):
        hk.miti(both, "x")
    with pytest.raises(InputError, match="no MITI block"):
        hk.miti(anndata.AnnData(np.zeros((1, 1), np.float32)))


def test_a_broken_json_costs_only_what_was_in_it_alone(adata: AnnData) -> None:
    record = hk.miti(adata)
    adata.uns["miti"]["HTA200_1_D1"]["json"] = "{"
    assert hk.miti(adata)["file"] == record["file"]
    assert [entry["channel_name"] for entry in hk.miti(adata)["channel"]] == [
        e["channel_name"] for e in record["channel"]
    ]


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


ROWS = [
    {"channel_id": "Channel:0:1", "channel_name": "HHLA2", "target_name": "Rabbit IgG", "lot": "s"},
    {"channel_id": "Channel:0:1", "channel_name": "HHLA2", "target_name": "HHLA2", "lot": "p", "HMSL ID": "3"},
    {"channel_id": "Channel:0:0", "channel_name": "DNA"},
]


def test_every_antibody_is_kept_and_the_planes_order_counts() -> None:
    channels = frame(
        channel_id=["Channel:0:0", "Channel:0:1", "Channel:0:2"],
        channel_name=["DNA", "HHLA2", "blank"],
        target_name=[None, "HHLA2", None],
        lot=[None, "new", None],
        passed_qc=pd.array([True, False, None], dtype="boolean"),
        role=["nuclear", "marker", "blank"],
    )
    record = {"Channel": [{"Channel ID": "channel:0:0", "Clone": "c", "Channel Name": "other"}]}
    assert channel_rows(channels, {"channel": ROWS, "record": record}) == [
        {"channel_id": "Channel:0:0", "channel_name": "DNA", "clone": "c", "passed_qc": True},
        ROWS[0] | {"passed_qc": False},
        {
            "channel_id": "Channel:0:1",
            "channel_name": "HHLA2",
            "target_name": "HHLA2",
            "lot": "new",
            "passed_qc": False,
        },
        {"channel_id": "Channel:0:2", "channel_name": "blank"},
    ]


def test_noted_row_numbers_win_over_names() -> None:
    rows = [{"channel_name": "A", "source_row": "3"}, {"channel_name": "A", "source_row": "4"}]
    channels = frame(channel_id=["c0", "c1"], channel_name=["A", "A"], source_rows=["4", "3"])
    out = channel_rows(channels, {"channel": [row | {"lot": row["source_row"]} for row in rows]})
    assert [(row["channel_id"], row["lot"]) for row in out] == [("c0", "4"), ("c1", "3")]


def test_rows_of_no_plane_come_last_and_none_is_lost() -> None:
    channels = frame(channel_id=["Channel:0:0"], channel_name=["DNA"])
    out = channel_rows(channels, {"channel": ROWS})
    assert [row["channel_id"] for row in out] == ["Channel:0:0", "Channel:0:1", "Channel:0:1"]
    assert channel_rows(None, {"channel": ROWS[2:]}) == ROWS[2:]
    assert channel_rows(None, {}) == []
