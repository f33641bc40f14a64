"""Whether the rows of the table are the objects of the mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.findings import Findings, error, info, warning
from htan_kit.pixels import explain_coordinates, explain_ids, labels_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Finding
    from htan_kit.io.cell_table import CellTable
    from htan_kit.io.mask import Mask
    from htan_kit.pixels import Explanation

__all__ = ["cell_ids", "check_rows"]

_SHARE = 0.95  # of centroids that must lie within a pixel of the object's own (kit default)
_EXPLAINED = 0.8  # an explanation is named where it puts this share right (kit default)
_SOURCE = "HTAN Manual, Level 4: the object id equals the Level 3 label"


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


def check_rows(
    ids: np.ndarray,
    table: CellTable,
    mask: Mask,
    objects: pd.DataFrame,
    *,
    pixel_size_um: float | None = None,
    downsamples: Sequence[float] = (),
) -> Findings:
    """Compare ids and centroids of the table with the mask's.

    Parameters
    ----------
    ids
        The label of each row.
    table
        The Level 4 table.
    mask
        The mask.
    objects
        The mask's objects.
    pixel_size_um
        Side of a pixel in µm, None when unknown.
    downsamples
        Of the image's pyramid levels.

    Returns
    -------
    Ids without an object, objects without a row, and centroids that lie elsewhere, with what explains it best.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.assemble._identity import check_rows
    >>> from htan_kit.pixels import mask_objects
    >>> folder = hk.datasets.sample()
    >>> table = hk.read_table(folder / "level4" / "HTA200_1_D4.csv")
    >>> mask = hk.read_mask(folder / "level3" / "HTA200_1_D2.ome.tiff")
    >>> len(check_rows(table.ids, table, mask, mask_objects(mask)))
    0
    """
    subject, found = table.paths[0].name, Findings()
    labels = objects["label"].to_numpy()
    not_in_mask, not_in_table = np.setdiff1d(ids, labels), np.setdiff1d(labels, ids)
    if len(not_in_mask):
        message = f"{len(not_in_mask):,} of {len(ids):,} ids are not in the mask ({_some(not_in_mask)})."
        hint = "The table may come from another mask."
        make = error if len(not_in_mask) == len(ids) else warning
        found.append(make("identity.id-missing-in-mask", subject, message, hint, _SOURCE))
    if len(not_in_table):
        message = f"{len(not_in_table):,} of {len(labels):,} objects of the mask have no row ({_some(not_in_table)})."
        hint = "Rows were filtered away, or the table comes from another mask."
        found.append(warning("identity.label-missing-in-table", subject, message, hint, _SOURCE))
    if table.xy_px is None:
        return found
    own = objects.set_index("label")[["x_px", "y_px"]].reindex(ids).to_numpy(np.float64)
    told = explain_coordinates(table.xy_px, own, mask.shape, pixel_size_um=pixel_size_um, downsamples=downsamples)
    if told.n and told.share < _SHARE:
        found.append(_elsewhere(told, subject))
    if (told.n and told.share < _SHARE and told.explained < _EXPLAINED) or len(not_in_mask) == len(ids):
        hit, relation = explain_ids(ids, table.xy_px, mask, pixel_size_um=pixel_size_um, downsamples=downsamples)
        found.extend(_other_ids(hit, relation, subject))
    return found


def _some(ids: np.ndarray) -> str:
    return ", ".join(str(i) for i in ids[:5]) + (", ..." if len(ids) > 5 else "")


def _elsewhere(told: Explanation, subject: str) -> Finding:
    dx, dy = told.shift_px
    message = f"{told.share:.0%} of centroids lie within 1 px of their object's; "
    message += f"the median shift is {dx:.1f}, {dy:.1f} px (x, y)."
    hint = "Check that the table was made from this mask, at full resolution."
    if told.what and told.explained >= _EXPLAINED:
        message += f" {told.explained:.0%} of {told.n:,} do if {told.what}."
        hint = f"In the table, {told.what}: correct it." if told.explained >= _SHARE else hint
    return error("identity.centroid", subject, message, hint)


def _other_ids(told: Explanation, relation: str, subject: str) -> Findings:
    """Say what the centroids hit, where ids do not tell the objects."""
    if not told.n or told.explained < _EXPLAINED:
        return Findings()
    where = f" if {told.what}" if told.what else ""
    message = (
        f"{told.explained:.0%} of {told.n:,} centroids lie on an object of their own{where}, but on one of another id"
    )
    message += f": {relation}." if relation else "."
    hint = "Number the rows by the labels of the mask."
    return Findings([error("identity.ids-renumbered", subject, message, hint, _SOURCE)])
