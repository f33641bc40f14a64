"""Whether the rows of the table are the objects of the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.findings import Findings, error, info, warning
from htan_kit.pixels import labels_at

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.io.cell_table import CellTable
    from htan_kit.io.mask import Mask

__all__ = ["cell_ids", "check_identity"]

_CLOSE_PX = 1.0
_SHARE = 0.95  # of centroids that must lie within a pixel of the object's own (kit default)


def cell_ids(table: CellTable, mask: Mask | None, findings: Findings) -> tuple[np.ndarray, bool]:
    """Give each row the label of its object.

    Parameters
    ----------
    table
        The Level 4 table.
    mask
        The mask, None when there is none.
    findings
        Where to say how labels were found when the table's ids are none.

    Returns
    -------
    ids
        int64 (objects,): the table's ids where they are labels, else the label under each centroid when each row has
        one of its own, else the row number.
    are_labels
        False for row numbers: nothing of the mask may be looked up with them.
    """
    if table.object_ids is None:
        return table.ids, True
    subject = table.paths[0]
    if mask is not None and table.xy_px is not None:
        under = labels_at(mask, table.xy_px)
        if (under > 0).all() and len(np.unique(under)) == len(under):
            message = "CellID is the label under each centroid; the table's own ids are in object_id."
            findings.append(info("identity.id-by-place", subject, message))
            return under, True
    message = "CellID is the row number: the table's ids are no labels and places do not tell."
    findings.append(warning("identity.id-by-row", subject, message, "Add the mask's labels as CellID."))
    return table.ids, False


def check_identity(ids: np.ndarray, table: CellTable, objects: pd.DataFrame, findings: Findings) -> None:
    """Compare ids and centroids of the table with the mask's.

    Parameters
    ----------
    ids
        The label of each row.
    table
        The Level 4 table.
    objects
        The mask's objects.
    findings
        Where to put ids without an object, objects without a row, and centroids that lie elsewhere.
    """
    subject, source = table.paths[0].name, "HTAN Manual, Level 4: the object id equals the Level 3 label"
    labels = objects["label"].to_numpy()
    not_in_mask, not_in_table = np.setdiff1d(ids, labels), np.setdiff1d(labels, ids)
    if len(not_in_mask):
        message = f"{len(not_in_mask):,} of {len(ids):,} ids are not in the mask ({_some(not_in_mask)})."
        hint = "The table may come from another mask."
        make = error if len(not_in_mask) == len(ids) else warning
        findings.append(make("identity.id-missing-in-mask", subject, message, hint, source))
    if len(not_in_table):
        message = f"{len(not_in_table):,} of {len(labels):,} objects of the mask have no row ({_some(not_in_table)})."
        hint = "Rows were filtered away, or the table comes from another mask."
        findings.append(warning("identity.label-missing-in-table", subject, message, hint, source))
    if table.xy_px is not None:
        _check_places(ids, table.xy_px, objects, subject, findings)


def _some(ids: np.ndarray) -> str:
    return ", ".join(str(i) for i in ids[:5]) + (", ..." if len(ids) > 5 else "")


def _check_places(ids: np.ndarray, xy: np.ndarray, objects: pd.DataFrame, subject: str, findings: Findings) -> None:
    own = objects.set_index("label")[["x_px", "y_px"]].reindex(ids).to_numpy()
    both = np.isfinite(own).all(axis=1) & np.isfinite(xy).all(axis=1)
    if not both.any():
        return
    shift = xy[both] - own[both]
    close = np.hypot(*shift.T) <= _CLOSE_PX
    if close.mean() >= _SHARE:
        return
    dx, dy = np.median(shift, axis=0)
    hint = "Check that the table was made from this mask, at full resolution."
    if (np.hypot(*(xy[both][:, ::-1] - own[both]).T) <= _CLOSE_PX).mean() >= _SHARE:
        hint = "x and y are swapped in the table."
    message = f"{close.mean():.0%} of centroids lie within 1 px of their object's; "
    message += f"the median shift is {dx:.1f}, {dy:.1f} px (x, y)."
    findings.append(error("identity.centroid", subject, message, hint))
