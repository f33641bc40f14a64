"""arcsinh(x / c): linear near the background, logarithmic above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.tl._libraries import libraries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["normalize"]

_PERCENTILE = 20.0


def normalize(
    adata: AnnData,
    *,
    cofactor: float | Mapping[str, float] | None = None,
    layer_added: str = "arcsinh",
    copy: bool = False,
) -> AnnData | None:
    """Write arcsinh(X / c) into a layer, with a cofactor c per marker and image.

    Parameters
    ----------
    adata
        Cells by markers; ``X`` is not changed.
    cofactor
        One c for all markers, or c by marker name (markers it does not name get the default). Default: 1 for ion
        counts (a marker with a metal isotope, or with role ``element``), else the 20th percentile of the marker's
        own positive values in that image, which lies in the background of most markers.
    layer_added
        Name of the layer, float32.
    copy
        Return a changed copy in place of changing ``adata``.

    Returns
    -------
    The copy, or None. ``uns["htan_kit"][library_id]["parameters"]["normalize"]`` says what was done:
    ``layer``, ``function`` and ``cofactors`` (a DataFrame: marker, cofactor in the unit of ``X``, source).

    Raises
    ------
    InputError
        A cofactor is not a positive number, or names a marker that is not there.

    References
    ----------
    c = 1 for cell means of ion counts: Windhager et al. 2023, Nat. Protoc. 18:3565 (IMCDataAnalysis). A percentile
    of the feature as its cofactor: SPAC ``arcsinh_transformation``.

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.tl as tl
    >>> adata = anndata.AnnData(np.float32([[0, 10], [10, 20]]), var=pd.DataFrame(index=["CD3", "CD8"]))
    >>> adata.obs["library_id"] = "image"
    >>> tl.normalize(adata, cofactor=10)
    >>> adata.layers["arcsinh"].astype(float).round(3).tolist()
    [[0.0, 0.881], [0.881, 1.444]]
    """
    adata = adata.copy() if copy else adata
    _check(adata, cofactor)
    values = np.asarray(adata.X.toarray() if hasattr(adata.X, "toarray") else adata.X, dtype=np.float64)
    result = np.empty(values.shape, dtype=np.float32)
    records = {}
    for library_id, rows in libraries(adata).items():
        table = _cofactors(values[rows], adata.var, cofactor)
        result[rows] = np.arcsinh(values[rows] / table["cofactor"].to_numpy())
        records[library_id] = {"layer": layer_added, "function": "arcsinh(x / cofactor)", "cofactors": table}
    adata.layers[layer_added] = result
    for library_id, record in records.items():
        kit = adata.uns.setdefault(Key.uns.kit, {}).setdefault(library_id, {})
        kit.setdefault("parameters", {})["normalize"] = record
    return adata if copy else None


def _check(adata: AnnData, cofactor: float | Mapping[str, float] | None) -> None:
    if cofactor is None:
        return
    given = {"all markers": cofactor} if isinstance(cofactor, (int, float)) else dict(cofactor)
    bad = {name: value for name, value in given.items() if not (np.isfinite(value) and value > 0)}
    if bad:
        raise InputError.of("tl.cofactor", "cofactor", f"A cofactor is a positive number; got {bad}.")
    unknown = [] if isinstance(cofactor, (int, float)) else sorted(set(given) - set(adata.var_names))
    if unknown:
        raise InputError.of("tl.cofactor", "cofactor", f"No such marker: {unknown}; there are {list(adata.var_names)}.")


def _cofactors(
    values: NDArray[np.float64], var: pd.DataFrame, cofactor: float | Mapping[str, float] | None
) -> pd.DataFrame:
    rows = [_cofactor(values[:, i], name, cofactor, is_count=_is_count(var, i)) for i, name in enumerate(var.index)]
    return pd.DataFrame(
        {
            "marker": pd.Categorical(list(var.index), categories=list(dict.fromkeys(var.index))),
            "cofactor": pd.Series([c for c, _ in rows], dtype="float64"),
            "source": pd.Categorical([source for _, source in rows]),
        }
    ).set_axis(pd.Index([str(i) for i in range(len(var))]), axis=0)


def _cofactor(
    values: NDArray[np.float64], marker: str, given: float | Mapping[str, float] | None, *, is_count: bool
) -> tuple[float, str]:
    if isinstance(given, (int, float)):
        return float(given), "user"
    if given is not None and marker in given:
        return float(given[marker]), "user"
    if is_count:
        return 1.0, "ion counts"
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return 1.0, "no positive value"
    return float(np.percentile(positive, _PERCENTILE)), f"percentile {_PERCENTILE:g} of positive values"


def _is_count(var: pd.DataFrame, i: int) -> bool:
    row: Any = var.iloc[i]
    metal = row.get("metal_isotope_element", None)
    return (
        row.get(Key.var.role) == "element"
        or (isinstance(metal, str) and bool(metal))
        or (metal is not None and not isinstance(metal, str) and pd.notna(metal))
    )
