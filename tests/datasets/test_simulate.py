from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree
from scipy.stats import binom

from htan_kit import datasets
from htan_kit.datasets import FRACTIONS
from htan_kit.datasets._layout import REGIONS
from htan_kit.datasets._types import DISTANCE_UM
from htan_kit.errors import InputError

# Places, types, regions, labels, label image, nuclei, losses: the first 16 digits of SHA-256. Written down once, and
# the same with every numpy, scipy and scikit-image: a change here is a change of everybody's tissue.
HASHES = {
    ("cycif", 0, 300, 260): "344cd269598ad6b5",
    ("imc", 5, 260, 200): "c4cb007f25bc1343",
    ("he", 2, 300, 200): "51302216eee2bf47",
    ("codex", 7, 256, 256): "74561bf64665269f",
    ("cycif", 3, 900, 700): "68c2f59c44011a75",
}


def _digest(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def truth_digest(tissue: datasets.Tissue) -> str:
    cells = tissue.cells
    return _digest(
        cells[["x_px", "y_px"]].to_numpy("<f8"),
        tissue.type_index.astype("<i8"),
        cells["region"].cat.codes.to_numpy().astype("<i8"),
        cells["cell_id"].to_numpy().astype("<i8"),
        cells["lost_from_cycle"].to_numpy().astype("<i8"),
        tissue.labels().astype("<u4"),
        tissue.nuclei().astype("<u4"),
    )


@pytest.mark.parametrize("case", HASHES)
def test_the_truth_is_the_same_everywhere(case: tuple[str, int, int, int]) -> None:
    assay, seed, width, height = case
    tissue = datasets.simulate(assay, width_px=width, height_px=height, seed=seed)
    assert truth_digest(tissue) == HASHES[case]


def test_seeds_differ() -> None:
    a, b = (datasets.simulate("imc", width_px=100, height_px=100, seed=s) for s in (0, 1))
    assert not a.cells["x_px"].head(50).equals(b.cells["x_px"].head(50))


def test_cells_keep_their_distance() -> None:
    tissue = datasets.simulate("cycif", width_px=700, height_px=600, seed=4)
    xy = tissue.cells[["x_px", "y_px"]].to_numpy() * tissue.pixel_size_um
    distance = tissue.cells["region"].astype(str).map(DISTANCE_UM).to_numpy(float)
    i, j = cKDTree(xy).query_pairs(max(DISTANCE_UM.values()), output_type="ndarray").T
    gap = np.sqrt(((xy[i] - xy[j]) ** 2).sum(axis=1))
    assert (gap >= 0.5 * (distance[i] + distance[j]) - 1e-9).all()


@cache
def _many_cells() -> pd.DataFrame:
    return pd.concat([datasets.simulate("imc", width_px=700, height_px=700, seed=s).cells for s in (10, 11)])


@pytest.mark.parametrize("region", FRACTIONS)
def test_phenotypes_have_their_shares(region: str) -> None:
    cells = _many_cells()
    cells = cells[cells["region"] == region]
    for name, share in FRACTIONS[region].items():
        low, high = binom.interval(1 - 1e-6, len(cells), share)
        assert low <= (cells["phenotype"] == name).sum() <= high
    assert set(cells["phenotype"]) <= set(FRACTIONS[region])


def test_labels_rise_with_gaps_in_reading_order() -> None:
    cells = datasets.simulate("imc", width_px=500, height_px=500).cells
    steps = np.diff(cells["cell_id"])
    assert steps.min() == 1
    assert 0.01 < (steps > 1).mean() < 0.06
    assert steps.max() > 3
    assert (np.diff(cells["y_px"]) >= 0).all()


def test_neighbourhoods_have_a_known_order() -> None:
    tissue = datasets.simulate("cycif", width_px=700, height_px=600, seed=4)
    xy, kind = tissue.cells[["x_px", "y_px"]].to_numpy(), tissue.cells["phenotype"].astype(str).to_numpy()
    near = cKDTree(xy).query(xy, k=7)[1][:, 1:]

    def enrichment(a: str, b: str) -> float:
        return float((kind[near[kind == a]] == b).mean() / (kind == b).mean())

    assert enrichment("Epithelial", "Epithelial") > 2
    assert enrichment("B cell", "B cell") > 3
    assert enrichment("B cell", "Helper T cell") > 1
    assert enrichment("Epithelial", "B cell") < 0.3


def test_a_finer_pixel_shows_the_same_tissue() -> None:
    coarse = datasets.simulate("cycif", width_px=201, height_px=151, pixel_size_um=1.0, seed=6)
    fine = datasets.simulate("cycif", width_px=401, height_px=301, pixel_size_um=0.5, seed=6)
    np.testing.assert_allclose(coarse.cells["x_px"] * 1.0, fine.cells["x_px"] * 0.5)
    assert coarse.cells["phenotype"].equals(fine.cells["phenotype"])


def test_a_panel_can_be_cut_and_repeated() -> None:
    assert [c.name for c in datasets.simulate(n_channels=2, width_px=40, height_px=40).channels] == ["DNA_1", "panCK"]
    names = [c.name for c in datasets.simulate(n_channels=20, width_px=40, height_px=40).channels]
    assert len(set(names)) == 20
    assert names[16] == "DNA_1_r2"


def test_few_cells_are_lost_without_the_defect() -> None:
    cells = datasets.simulate("cycif", width_px=700, height_px=600).cells
    assert 0 < (cells["lost_from_cycle"] > 0).mean() < 0.03
    assert (datasets.simulate("imc", width_px=300, height_px=300).cells["lost_from_cycle"] == 0).all()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"assay": "visium"}, "cycif"),
        ({"defects": ("broken",)}, "out_of_focus"),
        ({"assay": "he", "defects": ("shifted_mask",)}, "cannot be planted"),
        ({"width_px": 0}, "positive size"),
        ({"pixel_size_um": float("nan")}, "positive size"),
    ],
)
def test_mistakes_are_told(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        datasets.simulate(**arguments)


def test_a_tiny_image_is_legal() -> None:
    tissue = datasets.simulate("imc", width_px=3, height_px=2)
    assert tissue.labels().shape == (2, 3)


def test_regions_are_named() -> None:
    assert list(datasets.simulate("imc", width_px=40, height_px=40).cells["region"].cat.categories) == list(REGIONS)
