from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from htan_kit.errors import InputError
from htan_kit.tl._gates import find_gate, user_gates


@pytest.mark.parametrize("share", [0.03, 0.1, 0.3, 0.6])
def test_gate_separates_planted_populations(share: float) -> None:
    rng = np.random.default_rng(int(share * 100))
    is_positive = rng.random(3000) < share
    x = np.where(is_positive, rng.normal(4.0, 0.5, 3000), rng.normal(1.0, 0.4, 3000))
    found = find_gate(x)
    assert found["method"] == "gmm"
    wrong = np.mean((x > found["gate"]) != is_positive)
    best = min(np.mean((x > gate) != is_positive) for gate in np.linspace(1, 4, 300))
    assert wrong <= best + 0.002  # nearly as good as the best threshold there is


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_gate(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for x in (rng.normal(1, 0.3, 2000), np.arcsinh(rng.lognormal(0, 0.4, 2000)), np.arcsinh(rng.gamma(2, 1, 2000))):
        found = find_gate(x)
        assert math.isnan(found["gate"])
        assert "one population" in found["reason"]


def test_too_few_cells_have_no_gate() -> None:
    found = find_gate(np.r_[np.zeros(500), np.ones(20), np.full(20, 9.0)])
    assert math.isnan(found["gate"])
    assert found["reason"] == "40 cells with a value; 50 are needed"


def test_counts_of_few_values_have_no_gate() -> None:
    assert "different values" in find_gate(np.repeat([1.0, 2.0, 9.0], 100))["reason"]


def test_exact_zeros_do_not_make_a_population() -> None:
    # 41 % of the cells lie outside a cycle's overlap; the others are one population.
    x = np.r_[np.zeros(820), np.random.default_rng(0).normal(2, 0.3, 1180)]
    assert math.isnan(find_gate(x)["gate"])


def test_user_gates_for_all_or_for_one_image() -> None:
    assert user_gates({"CD3": 1.5}, ["a", "b"], ["CD3"]) == {("a", "CD3"): 1.5, ("b", "CD3"): 1.5}
    table = pd.DataFrame({"library_id": ["b"], "marker": ["CD3"], "gate": [2.0]})
    assert user_gates(table, ["a", "b"], ["CD3"]) == {("b", "CD3"): 2.0}
    assert user_gates(None, ["a"], ["CD3"]) == {}


def test_user_gates_for_unknown_marker() -> None:
    with pytest.raises(InputError, match="CD99"):
        user_gates({"CD99": 1.0}, ["a"], ["CD3"])


def test_user_gates_without_columns() -> None:
    with pytest.raises(InputError, match="gate"):
        user_gates(pd.DataFrame({"marker": ["CD3"]}), ["a"], ["CD3"])
