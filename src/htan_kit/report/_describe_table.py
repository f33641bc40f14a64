"""What a Level 4 table is: its dialect, its images, markers and places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["AsTable", "as_table"]

_SHOWN = 60  # a screen holds them


class AsTable(NamedTuple):
    """Name -> value; and what was odd."""

    facts: dict[str, Any]
    findings: Findings


def as_table(path: Path) -> AsTable:
    """Describe a table of cells; one of several images by its header and ids alone.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Dialect, cells, images where it holds several, markers, features, centroids.

    Raises
    ------
    InputError
        It is none, or it is broken.
    """
    from htan_kit.io.cell_table import read_table
    from htan_kit.io.table_header import read_table_header

    findings = Findings()
    try:
        cells = read_table(path, findings=findings)
    except InputError as problem:
        # Several images, or further columns of another file's objects: nothing is wrong with such a file.
        if [finding.rule for finding in problem.findings] not in (["table.images"], ["table.markers"]):
            raise
        header = read_table_header(path, max_bytes=None)
        facts = {"dialect": header.dialect, "cells": header.n_rows}
        if (header.n_images or 0) > 1:
            facts["images"] = f"{header.n_images:,}: {_some(header.images)}"
        facts |= {"markers": _some(header.markers) or "none", "features": _some(header.features)}
        return AsTable({**facts, "centroids": _some(header.xy_columns) or "no"}, findings)
    return AsTable(
        {
            "dialect": cells.dialect,
            "cells": len(cells.ids),
            "markers": _some(cells.marker_names),
            "features": _some(list(cells.features.columns)),
            "centroids": "in px" if cells.xy_px is not None else "in µm" if cells.xy_um is not None else "no",
        },
        findings,
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(str(name)[:100] for name in names[:_SHOWN]) + more
