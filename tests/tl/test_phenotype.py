from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import htan_kit.tl as tl
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeAdata

PANEL = ["DNA_1", "panCK", "CD45", "CD3", "CD4", "CD8", "FOXP3", "CD20", "CD68", "SMA"]
ROLES = ["nuclear"] + ["marker"] * 9
PROFILES = {
    "Epithelial": ["panCK"],
    "Cytotoxic T cell": ["CD45", "CD3", "CD8"],
    "Helper T cell": ["CD45", "CD3", "CD4"],
    "Regulatory T cell": ["CD45", "CD3", "CD4", "FOXP3"],
    "B cell": ["CD45", "CD20"],
    "Macrophage": ["CD45", "CD68"],
    "Stromal": ["SMA"],
}


def profiles(names: list[str]) -> np.ndarray:
    return np.array([[10.0 if marker in PROFILES[name] else 0.1 for marker in PANEL] for name in names])


def test_each_profile_gets_its_type(make_adata: MakeAdata) -> None:
    names = list(PROFILES)
    adata = make_adata(x=profiles(names), markers=PANEL, roles=ROLES)
    tl.normalize(adata, cofactor=1)
    tl.phenotype(adata, gates=dict.fromkeys(PANEL[1:], 1.0))
    assert adata.obs["phenotype"].astype(str).tolist() == names


def test_planted_tissue_is_recovered_by_its_own_gates(make_adata: MakeAdata) -> None:
    rng = np.random.default_rng(0)
    truth = list(rng.choice(list(PROFILES), 3000))
    x = rng.lognormal(0, 0.35, (3000, len(PANEL))) * np.where(profiles(truth) > 1, 2500, 200)
    adata = make_adata(x=x, markers=PANEL, roles=ROLES)
    tl.normalize(adata)
    tl.phenotype(adata)
    assert np.mean(adata.obs["phenotype"].astype(str) == truth) > 0.99


def test_contradictory_and_empty_cells_are_unknown(make_adata: MakeAdata) -> None:
    x = profiles(["Epithelial", "B cell"])
    adata = make_adata(x=[x.max(axis=0), x.min(axis=0)], markers=PANEL, roles=ROLES)  # panCK+ CD20+, and nothing
    tl.normalize(adata, cofactor=1)
    tl.phenotype(adata, gates=dict.fromkeys(PANEL[1:], 1.0))
    assert adata.obs["phenotype"].tolist() == ["Unknown", "Unknown"]
    assert adata.obs["phenotype"].cat.categories.tolist() == ["Unknown"]


def test_children_refine_their_parents_only(make_adata: MakeAdata, tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text("parent,phenotype,positive,negative\n,T,CD3,\nT,CD8 T,CD8,\n,Other,CD8,\n")
    adata = make_adata(x=[[9, 9], [9, 0], [0, 9], [0, 0]], markers=["CD3", "CD8"])
    tl.normalize(adata, cofactor=1)
    tl.phenotype(adata, rules=rules, gates={"CD3": 1, "CD8": 1})
    assert adata.obs["phenotype"].tolist() == ["CD8 T", "T", "Other", "Unknown"]


def test_alternative_names_and_target_names_count(make_adata: MakeAdata, tmp_path: Path) -> None:
    rules = tmp_path / "rules.csv"
    rules.write_text("parent,phenotype,positive,negative\n,Epithelial,panCK|ECAD,CD45\n")
    adata = make_adata(x=[[9, 0, 0], [0, 9, 0], [9, 9, 9]], markers=["ch1", "E-CAD", "CD45"])
    adata.var["target_name"] = ["Pan CK", None, None]
    tl.normalize(adata, cofactor=1)
    tl.phenotype(adata, rules=rules, gates=dict.fromkeys(adata.var_names, 1.0))
    assert adata.obs["phenotype"].tolist() == ["Epithelial", "Epithelial", "Unknown"]


def test_stains_and_blanks_are_never_gated(make_adata: MakeAdata) -> None:
    x = np.random.default_rng(0).normal(5, 1, (200, 4))
    roles = ["nuclear", "blank", "marker", "element"]
    adata = make_adata(x=x, markers=["DNA_1", "CD3", "CD8", "CD20"], roles=roles)
    tl.normalize(adata)
    tl.phenotype(adata)
    assert adata.uns["gates"]["marker"].tolist() == ["CD8"]


def test_panel_without_rule_markers_says_so(make_adata: MakeAdata) -> None:
    adata = make_adata(x=np.ones((30, 2)), markers=["Laminin", "YBX1"])
    tl.normalize(adata)
    tl.phenotype(adata)
    assert set(adata.obs["phenotype"]) == {"Unknown"}
    report = adata.uns["htan_kit"]["image"]["parameters"]["phenotype"]
    assert report["reason"] == "no marker of any rule is in the panel"


def test_rules_not_tried_are_listed(make_adata: MakeAdata) -> None:
    adata = make_adata(x=[[9.0]], markers=["CD20"])
    tl.normalize(adata, cofactor=1)
    tl.phenotype(adata, gates={"CD20": 1})
    report = adata.uns["htan_kit"]["image"]["parameters"]["phenotype"]
    rules = {rule["phenotype"]: rule["not_tried"] for rule in json.loads(report["rules"])}
    assert rules["B cell"] == ""
    assert "CD3" in rules["T cell"]
    assert report["reason"] == ""


def test_images_are_gated_apart(make_adata: MakeAdata) -> None:
    rng = np.random.default_rng(0)
    one = np.r_[rng.normal(1, 0.1, 100), rng.normal(3, 0.1, 100)]
    adata = make_adata(x=np.r_[one, one + 5][:, None], markers=["CD20"], library_id=["a"] * 200 + ["b"] * 200)
    adata.layers["arcsinh"] = adata.X
    tl.phenotype(adata)
    np.testing.assert_allclose(adata.uns["gates"]["gate"], [2, 7], atol=0.3)
    np.testing.assert_allclose(adata.uns["gates"]["share_positive"], [0.5, 0.5])


def test_no_cells_is_legal(make_adata: MakeAdata) -> None:
    adata = make_adata(n=0, x=np.empty((0, 1)), markers=["CD3"])
    tl.normalize(adata)
    tl.phenotype(adata)
    assert adata.uns["gates"]["reason"].tolist() == ["0 cells with a value; 50 are needed"]


def test_missing_layer_names_what_is_there(make_adata: MakeAdata) -> None:
    with pytest.raises(InputError, match=r"Run tl\.normalize"):
        tl.phenotype(make_adata(x=[[1.0]], markers=["CD3"]))


def test_colours_of_earlier_types_are_dropped(make_adata: MakeAdata) -> None:
    adata = make_adata(x=[[9.0]], markers=["CD20"])
    adata.uns["phenotype_colors"] = ["#000000"]
    tl.normalize(adata, cofactor=1)
    tl.phenotype(adata, gates={"CD20": 1})
    assert "phenotype_colors" not in adata.uns
