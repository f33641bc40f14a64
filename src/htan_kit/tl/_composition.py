"""How many cells of each type there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.tl._labels import images_of_types
from htan_kit.tl._statistics import append, reasoned

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

__all__ = ["composition"]


def composition(adata: AnnData, *, cluster_key: str = "phenotype") -> pd.DataFrame:
    """Count the cells of each type and give their share, image by image.

    Parameters
    ----------
    adata
        With the types of cells in ``obs``. Cells without a type (NA) are left out.
    cluster_key
        The column of types.

    Returns
    -------
    Rows of the long table (``statistic = "composition"``, ``variant = "share"``): ``type_a``, ``value`` its share of
    the image's cells (0 to 1), ``n_a`` its cells. They are also put into ``uns["spatial_statistics"]``.

    Raises
    ------
    InputError
        The column is not there.

    Examples
    --------
    >>> import anndata, pandas as pd, htan_kit.tl as tl
    >>> obs = pd.DataFrame({"library_id": "image", "phenotype": list("AAAB")}, index=list("1234"))
    >>> tl.composition(anndata.AnnData(obs=obs))[["type_a", "value", "n_a"]].values.tolist()
    [['A', 0.75, 3], ['B', 0.25, 1]]
    """
    rows: list[dict[str, Any]] = []
    for library_id, cells, codes, types in images_of_types(adata, cluster_key):
        if not len(cells):
            rows.append(reasoned(library_id, "composition", "no cells", variant="share"))
            continue
        counts = np.bincount(codes, minlength=len(types))
        rows += [
            {
                "library_id": library_id,
                "statistic": "composition",
                "variant": "share",
                "type_a": name,
                "value": count / len(cells),
                "n_a": count,
            }
            for name, count in zip(types, counts, strict=True)
        ]
    return append(adata, rows)
