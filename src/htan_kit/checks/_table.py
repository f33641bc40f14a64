"""HTAN's requirements on Level 4 tables, as far as their columns and ids tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.checks._requirement import broken, some
from htan_kit.findings import Finding, Findings
from htan_kit.io.dialects._columns import MORPHOLOGY

if TYPE_CHECKING:
    from htan_kit.checks._files import Files
    from htan_kit.io.manifest import Record
    from htan_kit.io.table_header import TableHeader

__all__ = ["check_tables"]

_XY: Final = ("X_centroid", "Y_centroid")
_SHAPES: Final = MORPHOLOGY - {
    "column_centroid",
    "row_centroid",
    "x_centroid",
    "y_centroid",
    "centroid-0",
    "centroid-1",
}


def check_tables(files: Files) -> Findings:
    """Check the Level 4 table of a sample; several files of its columns are one table.

    Parameters
    ----------
    files
        The opened files of the sample.

    Returns
    -------
    Findings ``htan2.l4.*``: CSV or H5AD, centroids, a unique object id, markers told from other columns, and a column
    for the parent where there are several (MUST); the names CellID, X_centroid, Y_centroid and those of the channel
    table (SHOULD); morphology and several parents (MAY). Whether the ids are the mask's is asked with its pixels.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy, Imaging Level 4.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> from htan_kit.checks._table import check_tables
    >>> len(check_tables(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])))
    0
    """
    tables, phase = files.tables, files.phase
    if not tables:
        return Findings()
    name = tables[0].path.name
    found = Findings()
    for table in tables:
        if table.format not in ("csv", "h5ad"):
            message = f"The table is a .{table.format} file, neither CSV nor H5AD."
            found.append(broken("htan2.l4.format", table.path.name, message, "Save it as CSV.", phase=phase))
        found.extend(_ids(table, phase))
    xy = next((table.xy_columns for table in tables if table.xy_columns), ())
    texts = [table for table in tables if table.format != "h5ad"]
    if not xy:
        message = "No columns hold the centroids of the objects."
        found.append(broken("htan2.l4.centroid", name, message, "Add X_centroid and Y_centroid, in px.", phase=phase))
    elif texts and xy != _XY:
        message = f"The centroids are in the columns {some(xy)}."
        hint = "Call them X_centroid and Y_centroid."
        found.append(broken("htan2.l4.centroid-names", name, message, hint, phase=phase))
    if phase is not None and any(f.rule == "channels.feature-without-channel" for f in files.findings):
        message = "Not every marker column is called as a channel of the channel metadata."
        hint = "channels.feature-without-channel says which."
        found.append(broken("htan2.l4.marker-names", name, message, hint, phase=phase))
    if not any(column.lower() in _SHAPES for table in tables for column in (*table.features, *table.markers)):
        message = "There are no columns of size and shape; HTAN allows them."
        found.append(broken("htan2.l4.morphology", name, message, phase=phase))
    found.extend(_unclear(files, texts))
    found.extend(_parents(files))
    return found


def _ids(table: TableHeader, phase: int | None) -> list[Finding]:
    name, rule = table.path.name, "htan2.l4.object-id"
    hint = "Give every object one row and an id of its own, the label in the mask."
    if table.id_column is None:
        return [broken(rule, name, "No column holds the objects' ids.", hint, phase=phase)]
    found = []
    if table.ids is not None:
        missing = int(table.ids["id"].isna().sum())
        twice = (table.ids if "image" in table.ids else table.ids["id"]).duplicated()
        repeated = table.ids["id"][twice].dropna().unique() if twice.any() else ()
        if missing:
            message = f"{missing:,} rows have no id in {table.id_column!r}."
            found.append(broken(rule, name, message, hint, phase=phase))
        if len(repeated):
            message = f"{len(repeated):,} ids of {table.id_column!r} stand in more than one row: {some(repeated)}."
            found.append(broken(rule, name, message, hint, phase=phase))
    if table.format != "h5ad" and table.id_column != "CellID":
        message = f"The column of object ids is called {table.id_column!r}."
        found.append(broken("htan2.l4.cellid", name, message, "Call it CellID.", phase=phase))
    return found


def _unclear(files: Files, tables: list[TableHeader]) -> list[Finding]:
    """Find tables that tell markers from other numbers neither by position nor by name."""
    found = []
    # mcquant tells by position: what stands before the centroids; the others by name, or between two of their own
    doubtful = [t for t in tables if t.dialect is None or (t.dialect == "mcquant" and not t.xy_columns)]
    frame = files.channel_frame if doubtful else None
    known = set() if frame is None else set(frame["feature"].dropna()) | set(frame["channel_name"].dropna())
    with_table = files.sample.channels is not None or files.image is not None
    for table in doubtful:
        numbers = [name for name in (*table.markers, *table.features) if name.lower() not in MORPHOLOGY]
        unknown = [name for name in numbers if not with_table or name not in known]
        if unknown:
            message = f"Nothing tells whether {len(unknown)} columns are markers or not: {some(unknown)}."
            hint = "Name markers as the channels, or put them before X_centroid and Y_centroid, all else behind."
            found.append(broken("htan2.l4.marker-columns", table.path.name, message, hint, phase=files.phase))
    return found


def _parents(files: Files) -> list[Finding]:
    unit, found = files.sample.unit, []
    own = {record.data_file_id for record in unit.files} if unit is not None else set()
    for table in files.tables:
        record = _record_of(files, table)
        others = [parent for parent in record.parent_ids if parent not in own] if record is not None else []
        n_images = table.n_images or 0
        if n_images > 1 or (others and record is not None and len(others) < len(record.parent_ids)):
            said = (
                f"the column {table.image_column!r} names {n_images}"
                if n_images > 1
                else f"it also names {some(others)}"
            )
            message = f"The table summarises several images ({said}); HTAN allows it."
            found.append(broken("htan2.l4.several-parents", table.path.name, message, phase=files.phase))
            if n_images <= 1 and (table.ids is not None or table.image_column is None):
                message = "No column tells which rows belong to which parent file."
                hint = "Add a column with the HTAN Data File ID of the image each row comes from."
                found.append(broken("htan2.l4.parent-column", table.path.name, message, hint, phase=files.phase))
    return found


def _record_of(files: Files, table: TableHeader) -> Record | None:
    unit = files.sample.unit
    named = () if unit is None else unit.level4
    return next((r for r in named if r.filename.replace("\\", "/").rpartition("/")[2] == table.path.name), None)
