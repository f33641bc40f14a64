"""Ids of objects: the labels of a mask, or names that a program gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.findings import Findings, error, report, warning

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from htan_kit.io.dialects._columns import Columns
    from htan_kit.io.tables._rows import Rows

__all__ = ["checked_ids"]

_HINT, _SOURCE = "Each row needs the label of its object in the mask.", "HTAN Manual, Level 4"
_LARGEST = 2**53


def checked_ids(
    rows: Rows, columns: Columns, subject: Path, problems: Findings, findings: Findings | None
) -> tuple[np.ndarray, pd.Series | None]:
    """Give each row its label, or its number in the table where it has another name.

    Parameters
    ----------
    rows, columns
        The table.
    subject
        The file.
    problems
        Where to collect what makes the table unusable.
    findings
        Where to collect what is odd.

    Returns
    -------
    ids
        int64 (objects,).
    object_ids
        The table's own ids as text, where they are no labels.
    """
    numbers = np.arange(1, rows.n + 1, dtype=np.int64)
    said = _problem(rows, columns)
    if said is not None:
        rule, message = said
        problems.append(error(rule, subject, message, _HINT, _SOURCE))
        return numbers, None
    labels = _labels(rows)
    if labels is not None:
        return labels, None
    message = "Ids are not the whole numbers of a mask; they are kept in object_id, CellID is found by place or row."
    report(findings, warning("table.ids-are-labels", subject, message, _HINT, _SOURCE))
    return numbers, _names(rows)


def _problem(rows: Rows, columns: Columns) -> tuple[str, str] | None:
    """Find what is wrong with ids, as far as they are meant to be labels: rule and message."""
    ids = rows.ids
    if ids is None:
        return None if columns.own_ids else ("table.ids", "The table has no id column (CellID).")
    missing = np.isnan(ids) if isinstance(ids, np.ndarray) else ids.is_null().to_numpy(zero_copy_only=False)
    if missing.any():
        where = ", ".join(str(i + 2) for i in np.flatnonzero(missing)[:5])
        return "table.ids", f"Ids are missing (line {where})."
    names = _names(rows) if not isinstance(ids, np.ndarray) or rows.within is not None else None
    repeated = _repeated(ids) if isinstance(ids, np.ndarray) and rows.within is None else _repeated(names)
    if len(repeated):
        some = ", ".join(f"{i:g}" if isinstance(i, float) else str(i)[:60] for i in repeated[:5])
        more = ", ..." if len(repeated) > 5 else ""
        return "table.ids-unique", f"Ids stand in more than one row: {some}{more} ({len(repeated):,} in all)."
    if not isinstance(ids, np.ndarray):
        flags = {str(word).lower() for word in ids.dictionary.to_pylist()} <= {"true", "false"}
        return ("table.ids", "Ids must be whole numbers; found True or False.") if flags and rows.n else None
    odd = ~np.isfinite(ids) | (ids != np.floor(ids)) | (ids < 1) | (ids > _LARGEST)
    if not odd.any() or (columns.own_ids and not (odd & (ids != 0)).any()):
        return None
    wrong = ids[odd][0]
    background = ", a mask's background" if wrong == 0 else ""
    return "table.ids", f"Ids must be whole numbers; found {wrong:g}{background}."


def _repeated(ids: np.ndarray | pd.Series | None) -> list[object]:
    import pandas as pd

    column = pd.Series(ids)
    if isinstance(ids, np.ndarray) and (len(ids) < 2 or (np.diff(ids) > 0).all()):
        return []  # as nearly every table is: no need of a hash of all
    return column[column.duplicated()].unique().tolist()


def _labels(rows: Rows) -> np.ndarray | None:
    """Give the ids as labels where all can be; None for names, for 0, and for ids that need another column."""
    ids = rows.ids
    if not isinstance(ids, np.ndarray) or (ids < 1).any() or len(_repeated(ids)):
        return None
    return ids.astype(np.int64)


def _names(rows: Rows) -> pd.Series:
    """Write the ids as text, with the other column that they need to be unique."""
    import pandas as pd

    if rows.ids is None:
        return pd.Series([f"row {i}" for i in range(1, rows.n + 1)], dtype=object)
    own = [f"{i:.0f}" for i in rows.ids] if isinstance(rows.ids, np.ndarray) else rows.ids.to_pylist()
    if rows.within is None or len(set(own)) == len(own):
        return pd.Series(own, dtype=object)
    return pd.Series([f"{a}:{b}" for a, b in zip(rows.within.to_pylist(), own, strict=True)], dtype=object)
