"""HTAN manifests of either phase: one record a row, under the model's own names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import error, info, report, warning
from htan_kit.io._delimited import read_delimited, sniff_header
from htan_kit.models import components, is_blank, key, match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from htan_kit.findings import Findings

__all__ = ["Record", "is_manifest", "read_manifest"]

_MAX_BYTES = 64 * 2**20  # the largest manifest of a whole HTAN centre has some thousand rows
_SOURCE = "HTAN Manual, metadata submission"
_ID_OF_LEVEL = {
    "biospecimen": ("HTAN_BIOSPECIMEN_ID",),
    "participant": ("HTAN_PARTICIPANT_ID",),
    "channel": ("HTAN_PANEL_ID", "CHANNEL_METADATA_ID", "HTAN_CHANNEL_METADATA_ID"),
}
_PARENTS = ("HTAN_PARENT_ID", "HTAN_PARENT_BIOSPECIMEN_ID", "HTAN_PARENT_DATA_FILE_ID")
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
        Where it stands, ``"file.csv row 3"`` (row 1 is the header, blank lines are not counted).
    manifest
        The file it was read from.
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
        header = {key(name) for name in sniff_header(path)}
    except InputError:
        return False
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


def read_manifest(path: str | Path, *, findings: Findings | None = None) -> list[Record]:
    r"""Read a manifest: phase 1 (names with spaces, or BigQuery's underscores) or phase 2 (upper case).

    Parameters
    ----------
    path
        A CSV or TSV.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    One record a row, in order. What a row describes is read from its ``Component`` column, else from the columns
    that are there, else from the file's name; rows of components that are not imaging are left out with a finding.

    Raises
    ------
    InputError
        The file cannot be read as a text table, or nothing says what its rows describe.

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
    table = read_delimited(path, max_bytes=_MAX_BYTES)
    if table.empty:
        report(findings, info("manifest.empty", path.name, "The manifest has a header but no rows."))
    columns = [str(name) for name in table.columns]
    kinds = _Kinds(columns, _phase(table.head(20).to_numpy().ravel().tolist(), columns), path)
    records, skipped, nameless = [], dict[str, int](), []
    for number, cells in enumerate(table.to_numpy().tolist(), start=2):
        values = {column: str(cell).strip() for column, cell in zip(columns, cells, strict=True)}
        values = {column: cell for column, cell in values.items() if cell}
        kind = kinds.of_row(values)
        if kind is None:
            written = kinds.component(values)
            skipped[written] = skipped.get(written, 0) + 1
            continue
        record = _record(values, kind, path, number)
        records.append(record)
        if not record.data_file_id:
            nameless.append(record.source)
    for written, count in skipped.items():
        message = f"{count} rows of component {written!r} are not imaging; they are left out."
        report(findings, info("manifest.component", path.name, message))
    for source in nameless:
        hint = "Give every row its HTAN identifier."
        report(findings, error("manifest.id-missing", source, "The row has no HTAN identifier.", hint, _SOURCE))
    if kinds.guessed and records:
        message = f"No column says what the rows describe; by its name the file lists {records[0].component}."
        report(findings, warning("manifest.guessed", path.name, message, "Add a Component column."))
    return records


def _record(values: Mapping[str, str], kind: Mapping[str, Any], path: Path, number: int) -> Record:
    attributes: dict[str, str] = {}
    for column, cell in values.items():
        attributes.setdefault(match(kind["attributes"], column) or column, cell)
    level = kind["level"]
    identifier = next(iter(_cells(values, _ID_OF_LEVEL.get(level, ("HTAN_DATA_FILE_ID",)))), "")
    parents = [parent for cell in _cells(values, _PARENTS) for parent in _split(cell)]
    return Record(
        component=kind["name"],
        phase=kind["phase"],
        level=level,
        data_file_id=identifier,
        parent_ids=tuple(dict.fromkeys(parents)),
        filename=path.name if level == "channel" else next(iter(_cells(values, ("FILENAME",))), ""),
        attributes=attributes,
        source=f"{path.name} row {number}",
        manifest=path,
    )


def _cells(values: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Give the values of some columns, whatever their spelling, blanks left out."""
    wanted = {key(name) for name in names}
    return [cell for column, cell in values.items() if key(column) in wanted and not is_blank(cell)]


def _split(cell: str) -> list[str]:
    """Split a list as people write it: comma, semicolon, bar or line break, or a JSON list."""
    parts = (part.strip("[]\"' ") for part in re.split(r"[,;|\s]+", cell))
    return [part for part in parts if not is_blank(part)]


class _Kinds:
    """What the rows of one manifest describe."""

    def __init__(self, columns: list[str], phase: int, path: Path) -> None:
        self._models = components()
        self._phase = phase
        self._columns = columns
        self._column = next((column for column in columns if key(column) == "component"), None)
        self._path = path
        self.guessed = False
        self._of_file = None if self._column else self._by_columns() or self._by_filename()
        if self._column is None and self._of_file is None:
            message = "Nothing in the columns or the file's name says what the rows describe."
            hint = "Add a Component column, such as MultiplexMicroscopyLevel2 or ImagingLevel2."
            rule = "manifest.component"
            raise InputError.of(rule, path, message, hint, _SOURCE)

    def component(self, values: Mapping[str, str]) -> str:
        return values.get(self._column or "", "")

    def of_row(self, values: Mapping[str, str]) -> dict[str, Any] | None:
        """Give the component of a row, None when it is not one of imaging."""
        if self._of_file is not None:
            return self._of_file
        written = key(self.component(values))
        named = [m for m in self._models.values() if written in {key(name) for name in (m["name"], *m["also_called"])}]
        if len(named) > 1:  # Biospecimen is the name in both phases
            phase = _phase(values.values(), self._columns)
            named = [model for model in named if model["phase"] == phase]
        if named:
            return named[0]
        return None if written else self._by_columns()

    def _by_columns(self) -> dict[str, Any] | None:
        """Choose the component that has most of the columns, if no component of another level has as many."""
        present = {key(column) for column in self._columns}
        scores = []
        for name, model in self._models.items():
            mine = {key(attribute) for attribute in model["attributes"]}
            if model["phase"] == self._phase:
                scores.append((len(mine & present), -len(mine - present), name))
        shared, _, name = max(scores)
        best = self._models[name]
        rivals = [count for count, _, other in scores if self._models[other]["level"] != best["level"]]
        return best if shared > max(rivals) else None

    def _by_filename(self) -> dict[str, Any] | None:
        stem = key(self._path.name.split(".")[0])
        called = [(key(name), k) for k, m in self._models.items() for name in (m["name"], *m["also_called"])]
        names = [(len(name), k) for name, k in called if name in stem]
        digit = re.search(r"level([1-4])", stem)
        self.guessed = True
        if names:
            named = [self._models[k] for length, k in names if length == max(names)[0]]
            return next((model for model in named if model["phase"] == self._phase), named[0])
        if digit:
            fitting = [m for m in self._models.values() if m["level"] == digit[1] and m["phase"] == self._phase]
            # Level 3 of phase 1 has images and masks; released data have masks only.
            return next((m for m in fitting if "Segmentation" in m["name"]), fitting[0] if fitting else None)
        return None


def _phase(values: Iterable[object], columns: list[str]) -> int:
    """Tell the phase by an identifier (HTA1 to HTA16, HTA200 to HTA229), else by the spelling of the header."""
    for cell in values:
        if found := re.match(r"HTA(\d+)_", str(cell)):
            return 2 if len(found[1]) == 3 else 1
    return 2 if any(column.isupper() and "_" in column for column in columns) else 1
