"""Small tissues whose answers can be worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import anndata
import numpy as np
import pandas as pd
import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


class MakeAdata(Protocol):
    def __call__(
        self,
        xy: ArrayLike | None = None,
        types: Sequence[str | None] | None = None,
        x: ArrayLike | None = None,
        markers: Sequence[str] = (),
        roles: Sequence[str] | None = None,
        library_id: str | Sequence[str] = "image",
        n: int | None = None,
    ) -> anndata.AnnData: ...


@pytest.fixture
def make_adata() -> MakeAdata:
    """Make an AnnData that keeps the kit's contract, from coordinates in µm, types and values."""

    def make(
        xy: ArrayLike | None = None,
        types: Sequence[str | None] | None = None,
        x: ArrayLike | None = None,
        markers: Sequence[str] = (),
        roles: Sequence[str] | None = None,
        library_id: str | Sequence[str] = "image",
        n: int | None = None,
    ) -> anndata.AnnData:
        given = xy if xy is not None else types if types is not None else x
        n = n if n is not None else len(np.asarray(given, dtype=object))
        libraries = [library_id] * n if isinstance(library_id, str) else list(library_id)
        obs = pd.DataFrame(
            {"CellID": np.arange(1, n + 1), "library_id": pd.Categorical(libraries)},
            index=[f"{name}_{i + 1}" for i, name in enumerate(libraries)],
        )
        if types is not None:
            obs["phenotype"] = pd.Categorical(types)
        var = pd.DataFrame(index=pd.Index(list(markers), dtype=object))
        if markers:
            var["role"] = list(roles) if roles is not None else ["marker"] * len(markers)
        values = None if x is None else np.asarray(x, dtype=np.float32)
        adata = anndata.AnnData(values, obs=obs, var=var)
        if xy is not None:
            adata.obsm["spatial_um"] = np.asarray(xy, dtype=float).reshape(n, 2)
        names = dict.fromkeys(libraries) or {str(library_id): None}
        adata.uns["htan_kit"] = {name: {} for name in names}
        return adata

    return make
