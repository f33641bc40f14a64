"""The type of each cell as small integers, image by image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit.errors import InputError
from htan_kit.tl._libraries import libraries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["images_of_types"]


def images_of_types(
    adata: AnnData, cluster_key: str
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64], list[str]]]:
    """Give for each image its name, the rows that have a type, their codes, and the types (in the column's order).

    Types that no cell of an image has are given too: that there are none of them is a number.
    """
    if cluster_key not in adata.obs:
        raise InputError.of(
            "adata.types",
            f"obs[{cluster_key!r}]",
            f"There is no such column; there are {list(adata.obs.columns)}.",
            "Run tl.phenotype, or name the column with cluster_key=.",
        )
    column = adata.obs[cluster_key].astype("category")
    codes = column.cat.codes.to_numpy().astype(np.int64)
    types = [str(name) for name in column.cat.categories if pd.notna(name)]
    for library_id, rows in libraries(adata).items():
        typed = rows[codes[rows] >= 0]
        yield library_id, typed, codes[typed], types
