"""HTAN manifests of either phase: one record a row, under the model's own names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import error, info, report, warning
from htan_kit.io._delimited import read_sheets
from htan_kit.io._manifest_kind import Kind, Kinds, is_service, phase_of
from htan_kit.io._text_form import unique
from htan_kit.models import is_blank, key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from htan_kit.findings import Finding, Findings
    from htan_kit.io._delimited import Sheet

__all__ = ["Record", "is_manifest", "read_manifest"]

_MAX_BYTES = 64 * 2**20  # the largest manifest of a whole HTAN centre has some thousand rows
_SOURCE = "HTAN Manual, metadata submission"
_ID_OF_LEVEL = {
    "biospecimen": ("HTAN_BIOSPECIMEN_ID",),
    "participant": ("HTAN_PARTICIPANT_ID",),
    "channel": ("HTAN_PANEL_ID", "CHANNEL_METADATA_ID", "HTAN_CHANNEL_METADATA_ID"),
}
_PARENTS = ("HTAN_PARENT_ID", "HTAN_PARENT_BIOSPECIMEN_ID", "HTAN_PARENT_DATA_FILE_ID")
_FIRST_ROWS = 20  # a title may stand above the header
_SOME = 5
# Columns that only cell tables and channel tables have; BigQuery copies of those carry HTAN identifiers too.
_OTHER_TABLES = {"cellid", "xcentroid", "ycentroid", "cellsize", "objectid", "markername", "markerid"}


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a manifest.

    Parameters
    ----------
    component
        The model's own name, such as ``"MultiplexMicroscopyLevel2"`` or ``"Imaging Level 2"``.
    phase
        1 or 2.
    level
        ``"1"`` to ``"4"``, ``"channel"``, ``"biospecimen"`` or ``"participant"``.
    data_file_id
        The HTAN identifier of what the row describes; ``""`` when it has none.
    parent_ids
        The identifiers it names as parents, in order.
    filename
        As written; of a channel record (which is its own data) the manifest's name.
    attributes
        The model's own attribute names and the values as written, blanks left out; a column the model does not
        know keeps its header.
    source
        Where it stands, ``"file.csv row 3"`` (row 1 is the file's first); with the sheet, where a workbook has several.
    manifest
        The file it was read from.
    extra
        What Synapse, the portal or BigQuery added and no model has (``entityId``, ``Uuid``, ``eTag``, ``HTAN_Center``,
        ``md5``, ...), by its header.
    """

    component: str
    phase: int
    level: str
    data_file_id: str
    parent_ids: tuple[str, ...] = ()
    filename: str = ""
    attributes: dict[str, str] = field(default_factory=dict, hash=False)
    source: str = ""
    manifest: Path | None = None
    extra: dict[str, str] = field(default_factory=dict, hash=False)


def is_manifest(path: str | Path) -> bool:
    r"""Tell by its header whether a file is an HTAN manifest.

    Parameters
    ----------
    path
        Any file; what cannot be read as a text table is no manifest.

    Returns
    -------
    True for a table with HTAN identifiers and, for files, their names; False for sample sheets, channel tables
    without a panel and cell tables, also when they carry an HTAN identifier.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io.manifest import is_manifest
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "m.csv")
    ...     _ = path.write_text("FILENAME,FILE_FORMAT,HTAN_DATA_FILE_ID,HTAN_PARENT_ID\n")
    ...     is_manifest(path)
    True
    """
    try:
        sheets = read_sheets(Path(path), n_rows=_FIRST_ROWS)
    except InputError:
        return False
    return any(_header(sheet.rows) is not None for sheet in sheets)


def _is_header(cells: Iterable[str]) -> bool:
    header = {key(name) for name in cells}
    if header & _OTHER_TABLES:
        return False
    context = {"component", "fileformat", *map(key, _PARENTS)}
    if "htandatafileid" in header:
        return "filename" in header and bool(header & context)
    if "htanbiospecimenid" in header:
        return bool(header & (context | {"biospecimentype"}))
    if header & {"htanpanelid", "htanchannelmetadataid"}:
        return {"channelid", "channelname"} <= header
    return "htanparticipantid" in header and bool(header & {"component", "ethnicgroup", "ethnicity", "race", "sex"})


def _header(rows: Sequence[Sequence[str]]) -> int | None:
    """Say which row is the header of a manifest."""
    return next((i for i, row in enumerate(rows[:_FIRST_ROWS]) if _is_header(row)), None)


def read_manifest(path: str | Path, *, findings: Findings | None = None) -> list[Record]:
    r"""Read a manifest: phase 1 (names with spaces, or BigQuery's underscores) or phase 2 (upper case).

    Parameters
    ----------
    path
        A CSV, a TSV, or an Excel workbook, of which every sheet that is a manifest is read.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    One record a row, in order; empty rows are passed over. What a row describes is read from its ``Component``
    column, else from the columns that are there, else from the sheet's or file's name; rows of components that are
    not imaging are left out with a finding.

    Raises
    ------
    InputError
        The file cannot be read as a table, rows have more cells than the header, or nothing says what they describe.

    References
    ----------
    ncihtan/data-models (phase 1), ncihtan/htan2-data-model v2.0.0 (phase 2).

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io.manifest import read_manifest
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "segmentation.csv")
    ...     _ = path.write_text(
    ...         "Component,Filename,HTAN Parent Data File ID,HTAN Data File ID\n"
    ...         "ImagingLevel3Segmentation,masks/a.tif,HTA7_1_1001,HTA7_1_1677\n"
    ...     )
    ...     record = read_manifest(path)[0]
    >>> record.component, record.level, record.parent_ids
    ('Imaging Level 3 Segmentation', '3', ('HTA7_1_1001',))
    """
    path = Path(path)
    tables = _tables(path, read_sheets(path, max_bytes=_MAX_BYTES))
    ragged = [row.source for table in tables for row in table.rows if row.surplus]
    if ragged:
        message = f"Rows have more cells than the header: {_some(ragged)}."
        raise InputError.of("file.ragged", path, message, "Quote cells that contain the delimiter.")
    records = [record for table in tables for record in _records(table, path, findings)]
    if not any(table.rows for table in tables):
        report(findings, info("manifest.empty", path.name, "The manifest has a header but no rows."))
    for record in records:
        if not record.data_file_id:
            hint = "Give every row its HTAN identifier."
            report(
                findings, error("manifest.id-missing", record.source, "The row has no HTAN identifier.", hint, _SOURCE)
            )
    return records


class _Row(NamedTuple):
    """The full cells of a row by column, where it stands, and whether it has cells beyond the header."""

    values: dict[str, str]
    source: str
    surplus: bool


class _Table(NamedTuple):
    """A manifest in a file: one of several, where a workbook has several sheets."""

    name: str
    columns: list[str]
    rows: list[_Row]


def _tables(path: Path, sheets: list[Sheet]) -> list[_Table]:
    """Cut the sheets into header and rows; a file none of whose sheets looks like a manifest is taken as one."""
    starts = {i: start for i, sheet in enumerate(sheets) if (start := _header(sheet.rows)) is not None}
    if not starts:
        starts = {0: next(i for i, row in enumerate(sheets[0].rows) if row)}
    tables = []
    for number, start in starts.items():
        sheet = sheets[number]
        header = [cell.strip() for cell in sheet.rows[start]]
        columns = unique(header)
        place = f"{path.name} sheet {sheet.name!r}" if len(sheets) > 1 else path.name
        rows = []
        for y, cells in enumerate(sheet.rows[start + 1 :], start=start + 2):
            full = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
            surplus = any(cell.strip() for cell in cells[len(columns) :])
            if full or surplus:
                rows.append(_Row(full, f"{place} row {y}", surplus))
        tables.append(_Table(sheet.name, columns, rows))
    return tables


def _records(table: _Table, path: Path, findings: Findings | None) -> list[Record]:
    first = [cell for row in table.rows[:_FIRST_ROWS] for cell in row.values.values()]
    kinds = Kinds(table.columns, phase_of(first, table.columns), (table.name, path.name))
    if kinds.column is None and kinds.whole is None:
        message = "Nothing in the columns or the file's name says what the rows describe."
        hint = "Add a Component column, such as MultiplexMicroscopyLevel2 or ImagingLevel2."
        rule = "manifest.component"
        raise InputError.of(rule, path, message, hint, _SOURCE)
    records, skipped = [], dict[str, int]()
    for row in table.rows:
        written = row.values.get(kinds.column or "", "")
        kind = kinds.of_row(written, row.values.values())
        if kind is None:
            skipped[written] = skipped.get(written, 0) + 1
        else:
            records.append(_record(row, kinds, kind, path))
    for written, count in skipped.items():
        report(findings, _skipped(path, written, count))
    if kinds.guessed and records:
        message = f"No column says what the rows describe; by its name the file lists {records[0].component}."
        report(findings, warning("manifest.guessed", path.name, message, "Add a Component column."))
    return records


def _skipped(path: Path, written: str, count: int) -> Finding:
    rows = "1 row is" if count == 1 else f"{count} rows are"
    if not written:
        message = f"{rows} left out: the Component is empty, and the columns fit several."
        return warning("manifest.component", path.name, message, "Fill in the Component column.", _SOURCE)
    near = Kinds.near(written)
    if near:
        message = f"{rows} left out: there is no component {written[:200]!r}."
        return warning("manifest.component", path.name, message, f"Did you mean {near}?", _SOURCE)
    return info("manifest.component", path.name, f"{rows} left out: component {written[:200]!r} is not imaging.")


def _record(row: _Row, kinds: Kinds, kind: Kind, path: Path) -> Record:
    attributes: dict[str, str] = {}
    extra: dict[str, str] = {}
    for column, cell in row.values.items():
        name = kinds.attribute(kind, column)
        if name not in kind.attributes and is_service(column):
            extra[column] = cell
        else:
            attributes.setdefault(name, cell)
    identifier = next(iter(_cells(row.values, _ID_OF_LEVEL.get(kind.level, ("HTAN_DATA_FILE_ID",)))), "")
    parents = [parent for cell in _cells(row.values, _PARENTS) for parent in _split(cell)]
    return Record(
        component=kind.name,
        phase=kind.phase,
        level=kind.level,
        data_file_id=identifier,
        parent_ids=tuple(dict.fromkeys(parents)),
        filename=path.name if kind.level == "channel" else next(iter(_cells(row.values, ("FILENAME",))), ""),
        attributes=attributes,
        source=row.source,
        manifest=path,
        extra=extra,
    )


def _cells(values: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Give the values of some columns, whatever their spelling, blanks left out."""
    wanted = {key(name) for name in names}
    return [cell for column, cell in values.items() if key(column) in wanted and not is_blank(cell)]


def _split(cell: str) -> list[str]:
    """Split a list as people write it: comma, semicolon, bar or line break, or a JSON list."""
    parts = (part.strip("[]\"' ") for part in re.split(r"[,;|\s]+", cell))
    return [part for part in parts if not is_blank(part)]


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SOME]) + (f" and {len(names) - _SOME} more" if len(names) > _SOME else "")
