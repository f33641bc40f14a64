"""From gated markers to one cell type per cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.tl._gates import GATED_ROLES, find_gate, gate_frame, user_gates
from htan_kit.tl._libraries import libraries
from htan_kit.tl._rules import UNKNOWN, Rule, fold, read_rules

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from anndata import AnnData
    from numpy.typing import NDArray

__all__ = ["phenotype"]


def phenotype(
    adata: AnnData,
    *,
    rules: str | os.PathLike[str] = "",
    gates: Mapping[str, float] | pd.DataFrame | None = None,
    layer: str = "arcsinh",
    key_added: str = "phenotype",
    seed: int = 0,
    copy: bool = False,
) -> AnnData | None:
    """Give each cell a type by rules on which markers are above their gates.

    Rules are tried in order. A rule at the root looks at the cells that have no type yet, a rule with a parent at the
    cells of that parent: so earlier rules win over later ones, and children refine their parents. A rule one of whose
    positive markers is not in the panel (or has no gate) is not tried; a negative marker that is not there is not
    asked for. What no rule takes is ``Unknown``. Stains, blanks and other channels that are not markers are never
    gated.

    Parameters
    ----------
    adata
        Cells by markers, with the layer.
    rules
        Path of a rule table (see :func:`htan_kit.tl.read_rules`); ``""`` is the kit's table of common tumour and
        immune types.
    gates
        The user's own thresholds in the unit of the layer, by marker; or a table with the columns ``marker``,
        ``gate`` and, optionally, ``library_id``. Markers without one get a gate from two normals fitted to their
        values, image by image.
    layer
        The layer that is gated.
    key_added
        Column of ``obs`` to write.
    seed
        Of the fits.
    copy
        Return a changed copy in place of changing ``adata``.

    Returns
    -------
    The copy, or None. Written: ``obs[key_added]`` (categorical; the rules' order, ``Unknown`` last),
    ``uns["gates"]`` (a row per image and marker: gate, method, reason, the two normals, share positive), and
    ``uns["htan_kit"][library_id]["parameters"]["phenotype"]`` (``layer``, ``key``, ``rules`` as JSON with those
    that could not be tried and why, ``reason`` when every cell is Unknown for want of markers).

    Raises
    ------
    InputError
        The layer is missing, or the rules or gates cannot be used.

    References
    ----------
    Hierarchical gating as in scimap ``tl.phenotype_cells`` (Nirmal & Sorger 2024, JOSS 6604).

    Examples
    --------
    >>> import anndata, numpy as np, pandas as pd, htan_kit.tl as tl
    >>> adata = anndata.AnnData(np.float32([[5, 0], [0, 5], [0, 0]]), var=pd.DataFrame(index=["CD3", "CD20"]))
    >>> adata.obs["library_id"] = "image"
    >>> tl.normalize(adata, cofactor=1)
    >>> tl.phenotype(adata, gates={"CD3": 1, "CD20": 1})
    >>> adata.obs["phenotype"].tolist()
    ['T cell', 'B cell', 'Unknown']
    """
    if layer not in adata.layers:
        known = [str(name) for name in adata.layers if name is not None]
        raise InputError.of("tl.layer", f"layers[{layer!r}]", f"No such layer; there are {known}.", "Run tl.normalize.")
    table = read_rules(rules)
    adata = adata.copy() if copy else adata
    images = libraries(adata)
    given = user_gates(gates, list(images), list(adata.var_names))
    values = np.asarray(adata.layers[layer], dtype=np.float64)
    names = _names(adata.var)
    labels = np.full(adata.n_obs, UNKNOWN, dtype=object)
    records: list[dict[str, Any]] = []
    reports: dict[str, dict[str, Any]] = {}
    for library_id, rows in images.items():
        positive, gated = _gate_image(values[rows], adata.var, library_id, given, seed)
        records += [{Key.obs.library_id: library_id, "layer": layer, **record} for record in gated]
        labels[rows], skipped = _apply(table, positive, names, len(rows))
        reports[library_id] = _report(table, skipped, names, rules_from=Path(rules).name, layer=layer, key=key_added)
    order = list(dict.fromkeys(rule.phenotype for rule in table))
    present = [name for name in order if name in set(labels)]
    adata.obs[key_added] = pd.Categorical(labels, categories=[*present, UNKNOWN])
    adata.uns[Key.uns.gates] = gate_frame(records)
    adata.uns.pop(f"{key_added}_colors", None)  # those of earlier types would be given to the wrong ones
    for library_id, report in reports.items():
        kit = adata.uns.setdefault(Key.uns.kit, {}).setdefault(library_id, {})
        kit.setdefault("parameters", {})["phenotype"] = report
    return adata if copy else None


def _names(var: pd.DataFrame) -> dict[str, list[str]]:
    """Give the gateable markers by every folded name they go by."""
    names: dict[str, list[str]] = {}
    for marker in var.index:
        if not _is_gated(var, marker):
            continue
        texts = [marker, *(var.loc[marker, c] for c in (Key.var.target_name, Key.var.channel_name) if c in var)]
        for key in {fold(text) for text in texts if isinstance(text, str)}:
            names.setdefault(key, []).append(marker)
    return names


def _is_gated(var: pd.DataFrame, marker: str) -> bool:
    return Key.var.role not in var or str(var.loc[marker, Key.var.role]) in GATED_ROLES


def _gate_image(
    values: NDArray[np.float64],
    var: pd.DataFrame,
    library_id: str,
    given: dict[tuple[str, str], float],
    seed: int,
) -> tuple[dict[str, NDArray[np.bool_]], list[dict[str, Any]]]:
    positive, records = {}, []
    for i, marker in enumerate(var.index):
        if not _is_gated(var, marker):
            continue
        if (library_id, marker) in given:
            found: dict[str, Any] = {"gate": given[library_id, marker], "method": "user", "reason": None}
        else:
            found = find_gate(values[:, i], seed=seed)
        above = values[:, i] > found["gate"]  # never true for NaN
        n_cells = int(np.isfinite(values[:, i]).sum())
        share = float(above.sum() / n_cells) if n_cells and np.isfinite(found["gate"]) else np.nan
        records.append({"marker": marker, "n_cells": n_cells, "share_positive": share, **found})
        if np.isfinite(found["gate"]):
            positive[marker] = above
    return positive, records


def _apply(
    rules: list[Rule], positive: dict[str, NDArray[np.bool_]], names: dict[str, list[str]], n_cells: int
) -> tuple[NDArray[np.object_], list[str]]:
    """Give the label of each cell, and for each rule why it was not tried ("" when it was)."""
    labels = np.full(n_cells, UNKNOWN, dtype=object)
    skipped = []
    for rule in rules:
        groups = [_any(group, positive, names) for group in rule.positive]
        missing = ["|".join(group) for group, found in zip(rule.positive, groups, strict=True) if found is None]
        skipped.append(f"not in the panel, or without a gate: {'; '.join(missing)}" if missing else "")
        if missing:
            continue
        absent = [found for group in rule.negative if (found := _any(group, positive, names)) is not None]
        if not groups and not absent:
            skipped[-1] = "none of its markers is in the panel with a gate"
            continue
        match = labels == rule.parent
        for found in groups:
            match &= found
        for found in absent:
            match &= ~found
        labels[match] = rule.phenotype
    return labels, skipped


def _any(
    group: tuple[str, ...], positive: dict[str, NDArray[np.bool_]], names: dict[str, list[str]]
) -> NDArray[np.bool_] | None:
    """Give the cells that are positive for any of a marker's alternatives; None when none of them is gated."""
    found = [positive[marker] for name in group for marker in names.get(fold(name), []) if marker in positive]
    return np.logical_or.reduce(found) if found else None


def _report(
    rules: list[Rule],
    skipped: list[str],
    names: dict[str, list[str]],
    *,
    rules_from: str = "",
    layer: str,
    key: str,
) -> dict[str, str]:
    """Say what was tried, storable in h5ad."""
    used = [rule for rule, reason in zip(rules, skipped, strict=True) if not reason]
    asked = {fold(name) for rule in rules for group in rule.positive for name in group}
    reason = ""
    if not asked & set(names):
        reason = "no marker of any rule is in the panel"
    elif not used:
        reason = "no rule could be tried: the markers it needs have no gate"
    tried = [
        {"parent": rule.parent, "phenotype": rule.phenotype, "not_tried": why}
        for rule, why in zip(rules, skipped, strict=True)
    ]
    return {"layer": layer, "key": key, "rules_from": rules_from, "rules": json.dumps(tried), "reason": reason}
