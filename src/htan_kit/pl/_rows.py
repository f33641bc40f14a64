"""Rows of the long table, from an AnnData or from a table that was read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from htan_kit._keys import Key

if TYPE_CHECKING:
    from anndata import AnnData

__all__ = ["left_out", "rows_of", "why_none"]


def rows_of(data: AnnData | pd.DataFrame, statistic: str, library_id: str | None = None) -> pd.DataFrame:
    """Give the rows of one statistic (and one image), text columns as plain text with None for NA."""
    table = data if isinstance(data, pd.DataFrame) else data.uns.get(Key.uns.statistics)
    if table is None:
        return pd.DataFrame(columns=["library_id", "statistic", "type_a", "type_b", "value", "n_a", "reason"])
    rows = table.loc[(table["statistic"].astype(str) == statistic).to_numpy(dtype=bool)].copy()
    for column in ("library_id", "variant", "type_a", "type_b", "graph", "reason"):
        if column in rows:
            texts = rows[column].astype(object)
            rows[column] = texts.where(texts.notna(), None)
    return rows if library_id is None else rows.loc[rows["library_id"] == library_id]


def left_out(rows: pd.DataFrame, images: list[str]) -> list[str]:
    """Name the images that a figure does not show, with the reasons, as a note below it (none: nothing to name)."""
    reasons: dict[str, list[str]] = {}
    for library_id, reason in zip(rows["library_id"], rows["reason"], strict=True):
        if library_id not in images and isinstance(reason, str):
            names = reasons.setdefault(reason, [])
            if library_id not in names:
                names.append(str(library_id))
    return [f"not shown, {reason}: {', '.join(names)}" for reason, names in reasons.items()]


def why_none(rows: pd.DataFrame, verb: str) -> str:
    """Say why there is nothing to draw: the reasons in the rows, or that nothing was computed."""
    if rows.empty:
        return f"nothing was computed yet; run hk.tl.{verb}(adata)."
    reasons = [str(reason) for reason in rows["reason"] if isinstance(reason, str)]
    return "; ".join(dict.fromkeys(reasons)) + "." if reasons else "there are no numbers."
