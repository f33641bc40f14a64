from __future__ import annotations

import itertools

import anndata
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from skimage.color import deltaE_ciede2000, rgb2lab

from htan_kit.pl import type_colors
from htan_kit.pl._colors import PALETTE, UNKNOWN_COLOR, colors_of, type_order
from htan_kit.tl import read_rules

KIT_TYPES = [*(rule.phenotype for rule in read_rules()), "Unknown"]
# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def seen_as(color: str, vision: str) -> np.ndarray:
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(VISIONS[vision]) @ linear, 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb2lab(rgb[None, None])[0, 0]


@pytest.mark.parametrize("vision", VISIONS)
def test_the_kits_types_are_told_apart(vision: str) -> None:
    colors = {name: seen_as(color, vision) for name, color in type_colors(KIT_TYPES).items()}
    for a, b in itertools.combinations(colors, 2):
        assert deltaE_ciede2000(colors[a], colors[b]) > 10, (a, b)


@pytest.mark.parametrize("name", KIT_TYPES)
def test_a_type_has_one_colour_whatever_its_companions(name: str) -> None:
    alone = type_colors([name])[name]
    assert type_colors(KIT_TYPES)[name] == alone
    assert type_colors(["zebra", name, "another"])[name] == alone


def test_other_names_of_a_type_have_its_colour() -> None:
    epithelial = type_colors(["Epithelial"])["Epithelial"]
    for name in ("tumor", "Tumour cells", "epithelial_cell", "EPITHELIUM"):
        assert type_colors([name])[name] == epithelial


def test_colours_are_never_shared() -> None:
    names = [f"cluster {i}" for i in range(200)]
    colors = type_colors([*names, "Epithelial", "Tumor"])
    assert len(set(colors.values())) == 202
    assert list(colors) == [*names, "Epithelial", "Tumor"]


def test_user_names_do_not_depend_on_order() -> None:
    assert type_colors(["a", "b", "c"]) == {**type_colors(["c", "a", "b"])}
    assert type_colors(["a"])["a"] in PALETTE


def test_types_have_one_order() -> None:
    assert type_order(["Unknown", "mine", "Stromal", "Epithelial", "mine"]) == [
        "Epithelial",
        "Stromal",
        "mine",
        "Unknown",
    ]
    assert type_order([]) == []


def test_scanpys_stored_colours_win_when_they_fit() -> None:
    obs = pd.DataFrame({"phenotype": pd.Categorical(["x", "Unknown"])}, index=["1", "2"])
    adata = anndata.AnnData(obs=obs)
    assert colors_of(adata, "phenotype")["Unknown"] == UNKNOWN_COLOR
    adata.uns["phenotype_colors"] = ["red", "#00ff00"]
    assert colors_of(adata, "phenotype") == {"Unknown": "#ff0000", "x": "#00ff00"}
    adata.uns["phenotype_colors"] = ["red"]
    assert colors_of(adata, "phenotype")["Unknown"] == UNKNOWN_COLOR
