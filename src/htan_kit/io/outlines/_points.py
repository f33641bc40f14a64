"""Points as a table of cells: places without area, labels in a mask, or markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from htan_kit.errors import InputError
from htan_kit.findings import Findings, info
from htan_kit.io.outlines._found import number_of
from htan_kit.io.outlines._open import read_found
from htan_kit.io.outlines._shapes import labels_from

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["FIRST_PX", "Points", "read_points"]

FIRST_PX: Final = 0.5  # where GeoJSON has the centre of the first pixel


class Points(NamedTuple):
    """Cells that are places: int64 ids, other ids where the file has those, x and y from the first pixel's centre."""

    ids: np.ndarray
    object_ids: pd.Series | None
    xy_px: np.ndarray


def read_points(path: Path, *, findings: Findings | None = None) -> Points:
    """Read the points of a GeoJSON file as cells.

    Parameters
    ----------
    path
        The file: Point or MultiPoint features, in px from the upper left corner of the image.
    findings
        Where to say that they have neither area nor markers.

    Returns
    -------
    Ids that are whole numbers are kept, else points are numbered from 1 on.

    Raises
    ------
    InputError
        It cannot be read, or holds outlines: these are a mask.
    """
    import pandas as pd

    found = read_found(path)
    if found.shapes or not found.points:
        n = sum(builder.n for builder in found.shapes.values())
        message = (
            f"It holds {number_of(n, 'outline', 'outlines')} and {number_of(len(found.points), 'point', 'points')}."
        )
        hint = "Outlines are a mask: give the file as mask=; hk.quantify(image, mask) measures them."
        raise InputError.of("outlines.points", path, message, hint)
    names = [object_id for _, _, object_id in found.points]
    ids = labels_from(names, len(names))
    message = f"{number_of(len(names), 'point', 'points')}: cells with a place, without area, labels or markers."
    if findings is not None:
        findings.append(info("table.points", path, message, "Give image and mask to measure markers.", "HTAN phase 1"))
    known = any(name is not None for name in names) and ids.astype(str).tolist() != names
    xy = np.array([(x, y) for x, y, _ in found.points], np.float64) - FIRST_PX
    return Points(ids, pd.Series(names, dtype=object) if known else None, xy)
