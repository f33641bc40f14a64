from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import htan_kit.tl as tl
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from conftest import MakeAdata


def test_is_arcsinh_of_x_over_c(make_adata: MakeAdata) -> None:
    x = np.array([[0.0, 1.0], [5.0, -3.0], [1e6, np.nan]], np.float32)
    adata = make_adata(x=x, markers=["CD3", "CD8"])
    tl.normalize(adata, cofactor={"CD3": 5.0, "CD8": 2.0})
    layer = adata.layers["arcsinh"]
    assert layer.dtype == np.float32
    np.testing.assert_allclose(layer[:, 0], np.log(x[:, 0] / 5 + np.sqrt((x[:, 0] / 5) ** 2 + 1)), rtol=1e-6)
    np.testing.assert_allclose(layer[:2, 1], np.arcsinh([0.5, -1.5]), rtol=1e-6)
    assert np.isnan(layer[2, 1])
    np.testing.assert_array_equal(adata.X, x)


def test_default_cofactor_is_the_20th_percentile_of_positive_values_of_the_image(make_adata: MakeAdata) -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [-1.0], [70.0], [70.0]])
    adata = make_adata(x=x, markers=["CD3"], library_id=["a"] * 8 + ["b"] * 2)
    tl.normalize(adata)
    of_a = adata.uns["htan_kit"]["a"]["parameters"]["normalize"]["cofactors"]
    assert of_a["cofactor"].tolist() == [2.0]  # 1..6, linear interpolation
    np.testing.assert_allclose(adata.layers["arcsinh"][:, 0], np.arcsinh(np.r_[x[:8, 0] / 2, 1, 1]), rtol=1e-6)


@pytest.mark.parametrize(
    ("var", "source"),
    [
        ({"role": ["element"]}, "ion counts"),
        ({"metal_isotope_element": ["Pr"]}, "ion counts"),
        ({"role": ["blank"]}, "percentile 20 of positive values"),
        ({"metal_isotope_element": [None]}, "percentile 20 of positive values"),
    ],
)
def test_ion_counts_have_cofactor_one(make_adata: MakeAdata, var: dict[str, list[object]], source: str) -> None:
    adata = make_adata(x=[[10.0], [20.0]], markers=["CD3"])
    adata.var = pd.DataFrame(var, index=["CD3"])
    tl.normalize(adata)
    record = adata.uns["htan_kit"]["image"]["parameters"]["normalize"]["cofactors"]
    assert record["source"].tolist() == [source]
    assert record["cofactor"].tolist() == ([1.0] if source == "ion counts" else [12.0])


def test_marker_without_positive_values(make_adata: MakeAdata) -> None:
    adata = make_adata(x=[[0.0], [-1.0]], markers=["CD3"])
    tl.normalize(adata)
    np.testing.assert_allclose(adata.layers["arcsinh"][:, 0], [0.0, np.arcsinh(-1)], rtol=1e-6)


def test_no_cells_is_legal(make_adata: MakeAdata) -> None:
    adata = make_adata(n=0, x=np.empty((0, 2)), markers=["CD3", "CD8"])
    tl.normalize(adata)
    assert adata.layers["arcsinh"].shape == (0, 2)
    assert "normalize" in adata.uns["htan_kit"]["image"]["parameters"]


def test_copy_leaves_the_original(make_adata: MakeAdata) -> None:
    adata = make_adata(x=[[1.0]], markers=["CD3"])
    changed = tl.normalize(adata, copy=True, layer_added="mine")
    assert changed is not None
    assert "mine" in changed.layers
    assert "mine" not in adata.layers
    assert "parameters" not in adata.uns["htan_kit"]["image"]


@pytest.mark.parametrize("cofactor", [0, -1.0, float("nan"), {"CD3": 0.0}, {"CD99": 1.0}])
def test_impossible_cofactor(make_adata: MakeAdata, cofactor: float | dict[str, float]) -> None:
    with pytest.raises(InputError, match="cofactor"):
        tl.normalize(make_adata(x=[[1.0]], markers=["CD3"]), cofactor=cofactor)
