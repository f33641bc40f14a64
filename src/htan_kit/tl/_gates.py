"""One threshold per marker and image, between the cells that have the marker and those that do not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.mixture import fit_mixture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["GATED_ROLES", "find_gate", "gate_frame", "user_gates"]

GATED_ROLES = frozenset({"marker", "unknown"})
_MIN_CELLS = 50
_MIN_COMPONENT = 10
_MIN_SEPARATION = 3.0


def find_gate(values: NDArray[np.float64], *, seed: int = 0) -> dict[str, Any]:
    """Put the gate where two normals fitted to the values cross.

    Parameters
    ----------
    values
        Normalised values of one marker in one image. Exact zeros (nothing measured) are left out of the fit; they
        are below every gate that is above 0.
    seed
        Of the fit.

    Returns
    -------
    A dict: ``gate`` (NaN when there are no two populations to be seen), ``method``, ``reason``, and the two normals.

    Notes
    -----
    The gate is where the weighted normals cross, but not below the middle of their means: a wide bright population
    would else claim the flank of the background. It needs 50 values, two normals that fit better than one by BIC, the
    upper mean at least 3 standard deviations of the lower normal above the lower mean, and 10 values on either side
    (kit defaults). Without them no cell is called positive: a quantile would make positive cells out of any noise.
    """
    x = values[np.isfinite(values) & (values != 0)]
    nothing = {"gate": math.nan, "method": "none"}
    if len(x) < _MIN_CELLS:
        return {**nothing, "reason": f"{len(x)} cells with a value; {_MIN_CELLS} are needed"}
    if len(np.unique(x)) < _MIN_COMPONENT:
        return {**nothing, "reason": f"{len(np.unique(x))} different values; {_MIN_COMPONENT} are needed"}
    one, two = fit_mixture(x, n_components=[1], seed=seed), fit_mixture(x, n_components=[2], seed=seed)
    fitted = {
        f"{part}_{end}": getattr(two, f"{part}s")[i]
        for i, end in enumerate(("low", "high"))
        for part in ("weight", "mean", "sd")
    }
    crossing = two.crossing()
    if two.bic >= one.bic or two.separation() < _MIN_SEPARATION or math.isnan(crossing):
        return {**nothing, **fitted, "reason": "one population only: two normals are not told apart"}
    gate = max(crossing, sum(two.means) / 2)
    if min(np.sum(x < gate), np.sum(x > gate)) < _MIN_COMPONENT:
        return {**nothing, **fitted, "reason": f"fewer than {_MIN_COMPONENT} cells on one side"}
    return {"gate": gate, "method": "gmm", **fitted, "reason": None}


def user_gates(
    gates: Mapping[str, float] | pd.DataFrame | None, library_ids: list[str], markers: list[str]
) -> dict[tuple[str, str], float]:
    """Give the user's gates by (image, marker); a gate without an image is for all of them."""
    if gates is None:
        return {}
    if isinstance(gates, pd.DataFrame):
        missing = {"marker", "gate"} - set(gates.columns)
        if missing:
            text = f"The table of gates has no column {sorted(missing)}; found {list(gates.columns)}."
            raise InputError.of("tl.gates", "gates", text)
        images = gates[Key.obs.library_id].astype(str) if Key.obs.library_id in gates else [None] * len(gates)
        named = list(zip(images, gates["marker"].astype(str), gates["gate"].astype(float), strict=True))
    else:
        named = [(None, str(marker), float(gate)) for marker, gate in gates.items()]
    unknown = sorted({marker for _, marker, _ in named} - set(markers))
    if unknown:
        raise InputError.of("tl.gates", "gates", f"No such marker: {unknown}; there are {markers}.")
    return {
        (library_id, marker): gate
        for image, marker, gate in named
        for library_id in ([image] if image is not None else library_ids)
        if math.isfinite(gate)
    }


def gate_frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Make the table of gates, in types that h5ad and zarr take on both anndata lines."""
    numbers = [f"{part}_{end}" for end in ("low", "high") for part in ("weight", "mean", "sd")]
    table = pd.DataFrame(
        {
            **{
                key: pd.Categorical([record.get(key) for record in records])
                for key in (Key.obs.library_id, "marker", "layer", "method", "reason")
            },
            "n_cells": pd.array([record["n_cells"] for record in records], dtype="Int64"),
            **{
                key: pd.Series([record.get(key, math.nan) for record in records], dtype="float64")
                for key in ("gate", "share_positive", *numbers)
            },
        }
    )
    table.index = pd.Index([str(i) for i in range(len(table))], dtype=object)
    return table
