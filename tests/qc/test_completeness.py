from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.models import miti_sections
from htan_kit.qc._completeness import attribute_states

if TYPE_CHECKING:
    from htan_kit.cohort import Cohort


def of(**sections: Any) -> anndata.AnnData:
    return anndata.AnnData(np.zeros((1, 1), np.float32), uns={"miti": {"A": sections}})


def necessity(adata: anndata.AnnData, section: str, attribute: str) -> tuple[str, str]:
    states = attribute_states(adata)
    row = states[(states["section"] == section) & (states["attribute"] == attribute)]
    return row["necessity"].item(), row["state"].item()


def test_a_whole_record_is_complete(cohort: Cohort) -> None:
    table = hk.qc.completeness(hk.read(cohort["HTA200_1_D1"])).set_index("section")
    assert table.index.tolist() == list(miti_sections())
    assert (table["required_share"] == 1).all()
    assert (table["missing"] == "").all()
    assert table.loc["channel", "n_entries"] == 16
    assert table.loc["processed_data", "n_entries"] == 2


def test_numbers_are_those_of_the_model() -> None:
    table = hk.qc.completeness(of(clinical={"participant_id": "A_1", "vital_status": "free text"})).set_index("section")
    required = sum(a["significance"] == "required" for a in miti_sections()["clinical"].values())
    assert table.loc["clinical", ["n_required", "n_required_present", "n_present"]].tolist() == [required, 1, 1]
    assert table.loc["clinical", "required_share"] == 1 / required
    assert "Participant ID" not in table.loc["clinical", "missing"]
    assert table.loc["clinical", "missing"].count(";") == required - 2
    assert table.loc["biospecimen", "n_required_present"] == 0


def test_of_files_that_are_not_there_nothing_is_asked() -> None:
    table = hk.qc.completeness(of(file={"pyramid": True})).set_index("section")
    assert table.loc["processed_data", ["n_entries", "n_required", "missing"]].tolist() == [0, 0, ""]
    assert np.isnan(table.loc["cell", "required_share"])
    assert table.loc["ome_tiff_header", "n_required"] > 0


@pytest.mark.parametrize(
    ("section", "entry", "attribute", "expected"),
    [
        ("ome_tiff_header", {"size_z": 1}, "physical_size_z", ("", "missing")),
        ("ome_tiff_header", {"size_z": 5}, "physical_size_z", ("required", "missing")),
        ("ome_tiff_header", {"size_z": 5, "physical_size_z": 1.0}, "physical_size_z", ("required", "present")),
        ("ome_tiff_header", {"size_z": "many"}, "physical_size_z", ("", "missing")),
        ("processed_data", {"a": {"data_type": "mask"}}, "object_class", ("required", "missing")),
        ("processed_data", {"a": {"data_type": "image"}}, "object_class", ("", "missing")),
        ("processed_data", {"a": {"data_type": "Image"}}, "passed_qc", ("required", "missing")),
        ("processed_data", {"a": {"object_class": "other"}}, "object_class_description", ("required", "missing")),
        ("processed_data", {"a": {"z_stack": True}}, "physical_size_z", ("required", "missing")),
        ("biospecimen", {"fiducial_marker": "n/a"}, "fiducial_marker", ("required", "present")),
        ("biospecimen", {}, "fiducial_marker", ("required", "missing")),
    ],
)
def test_conditions(section: str, entry: dict[str, Any], attribute: str, expected: tuple[str, str]) -> None:
    assert necessity(of(**{section: entry}), section, attribute) == expected


def channels(**columns: list[Any]) -> anndata.AnnData:
    return of(channel=pd.DataFrame(columns))


def test_one_kind_of_label_is_enough() -> None:
    dye = channels(channel_id=["c1", "c2"], fluorophore=["AF488", "AF555"])
    metal = channels(channel_id=["c1"], metal_isotope_element=["Ir"], metal_isotope_mass=[191])
    half = channels(channel_id=["c1"], metal_isotope_element=["Ir"])
    assert necessity(dye, "channel", "fluorophore") == ("required", "present")
    assert necessity(dye, "channel", "metal_isotope_element") == ("", "missing")
    assert necessity(metal, "channel", "fluorophore") == ("", "missing")
    assert necessity(half, "channel", "metal_isotope_mass") == ("required", "missing")
    assert necessity(channels(channel_id=["c1"]), "channel", "fluorophore") == ("required", "missing")


def test_no_metal_has_no_mass() -> None:
    said = channels(channel_id=["c1"], fluorophore=["AF488"], metal_isotope_element=["Not Applicable"])
    assert necessity(said, "channel", "metal_isotope_mass") == ("", "missing")


def test_in_part_is_not_present() -> None:
    adata = channels(channel_id=["c1", "c2"], channel_name=["DNA", "CD3"], clone=[None, "SP7"])
    assert necessity(adata, "channel", "clone") == ("required", "in part")
    row = hk.qc.completeness(adata).set_index("section").loc["channel"]
    assert "Clone" in row["missing"].split("; ")
    assert row["n_present"] == 3


def test_each_image_has_its_rows_and_nothing_its_reason() -> None:
    adata = of(file={"pyramid": True})
    adata.uns["miti"]["B"] = {}
    table = hk.qc.completeness(adata)
    assert table.groupby("library_id", sort=False)["n_required_present"].sum().to_dict() == {"A": 1, "B": 0}
    empty = hk.qc.completeness(anndata.AnnData(np.zeros((1, 1), np.float32)))
    assert empty.empty
    assert empty.attrs["reason"]
    assert empty.columns.tolist() == table.columns.tolist()
