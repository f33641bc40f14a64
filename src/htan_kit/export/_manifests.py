"""Manifests of what the kit made, in either phase's own names, held against the model before anybody sees them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from htan_kit._keys import Key
from htan_kit.assemble._record import library_of
from htan_kit.errors import InputError
from htan_kit.export._cells import cell_table, write_cells
from htan_kit.export._facts import facts_of
from htan_kit.export._rows import CHANNELS, IMAGE, TABLE, channel_records, image_record, table_record
from htan_kit.findings import Findings, error, report
from htan_kit.io.safe_csv import write_csv
from htan_kit.models import components, match, validate_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    import pandas as pd
    from anndata import AnnData

__all__ = ["check_values", "manifests", "write_manifests"]

_FOLDER: Final = "level4"
_WORDS: Final = {1: {True: "Yes", False: "No"}, 2: {True: "true", False: "false"}}
_IDS: Final = ("HTAN Data File ID", "HTAN_DATA_FILE_ID")


def manifests(
    adata: AnnData, *, phase: int = 2, library_id: str = "", values: Mapping[str, str] | None = None
) -> dict[str, pd.DataFrame]:
    """Write HTAN records of one image: its Level 4 table, its channels and (phase 1) the image that was judged.

    Parameters
    ----------
    adata
        What :func:`htan_kit.read` gave.
    phase
        1 or 2.
    library_id
        Which image; ``""`` where there is only one.
    values
        What only you can know, such as ``{"HTAN_DATA_FILE_ID": "HTA200_1_D9"}``. A name may have its component before
        it: ``"Imaging Level 4.HTAN Data File ID"``. A file's record takes these first; a channel's own values stay.

    Returns
    -------
    Component -> a row a record: every attribute of the model, in its order, as text; ``""`` where nothing is known.
    Identifiers are never made up. Validate the rows with :func:`htan_kit.models.validate_record`, or let
    :func:`write_manifests` do it.

    Raises
    ------
    InputError
        There is no such image or phase, or a name in ``values`` is none of the model's.

    References
    ----------
    ncihtan/data-models (phase 1); ncihtan/htan2-data-model (phase 2).

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.export import manifests
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> manifests(adata)["MultiplexMicroscopyLevel4"][["FILENAME", "NUMBER_OF_OBJECTS"]].to_numpy().tolist()
    [['level4/HTA200_1_D1.csv', '994']]
    """
    given = check_values(values or {}, phase)
    return _frames([_records(adata, library_of(adata, library_id), phase)], phase, given)


def write_manifests(
    adatas: AnnData | Iterable[AnnData],
    folder: str | PathLike[str],
    *,
    phase: int = 2,
    values: Mapping[str, str] | None = None,
    findings: Findings | None = None,
) -> list[Path]:
    """Write Level 4 tables and one manifest a component, and hold each record against its model.

    Parameters
    ----------
    adatas
        Samples, or one; they are read one after another.
    folder
        Where to write: ``level4/<library_id>.csv`` and ``manifest_<Component>.csv``.
    phase, values
        As in :func:`manifests`.
    findings
        Where to collect what the records lack or have wrong; None shows it as Python warnings.

    Returns
    -------
    The files.

    Raises
    ------
    InputError
        As :func:`manifests`; or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import htan_kit as hk
    >>> from htan_kit.export import write_manifests
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> found = hk.Findings()
    >>> [path.name for path in write_manifests(adata, tempfile.mkdtemp(), findings=found)]
    ['HTA200_1_D1.csv', 'manifest_ChannelMetadata.csv', 'manifest_MultiplexMicroscopyLevel4.csv']
    >>> found.worst is None
    True
    """
    given = check_values(values or {}, phase)  # before anything is read
    out = Path(folder)
    paths: list[Path] = []
    every: list[dict[str, list[dict[str, Any]]]] = []
    for adata in [adatas] if hasattr(adatas, "uns") else adatas:
        for library_id in map(str, adata.uns.get(Key.uns.miti, {})):
            every.append(_records(adata, library_id, phase))
            if TABLE[phase] in every[-1]:
                _make(out / _FOLDER)
                paths.append(write_cells(_cells(adata, library_id), out / _FOLDER / f"{library_id}.csv"))
    for component, frame in _frames(every, phase, given).items():
        path = out / f"manifest_{component.replace(' ', '')}.csv"
        _make(out)
        _judge(frame, component, phase, path.name, findings)
        try:
            write_csv(frame, path)
        except OSError as problem:
            raise InputError.of("export.file", path, f"It cannot be written: {problem.strerror}.") from problem
        paths.append(path)
    return paths


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError.of("export.file", folder, f"It cannot be written: {problem.strerror}.") from problem


def _cells(adata: AnnData, library_id: str) -> AnnData:
    """Give the cells of one image; all there are where it is the only one."""
    if len(adata.uns.get(Key.uns.miti, {})) <= 1 or Key.obs.library_id not in adata.obs:
        return adata
    return adata[(adata.obs[Key.obs.library_id].astype(str) == library_id).to_numpy()]


def _records(adata: AnnData, library_id: str, phase: int) -> dict[str, list[dict[str, Any]]]:
    cells = _cells(adata, library_id)
    columns = tuple(map(str, cell_table(cells[:0]).columns)) if cells.n_obs else ()
    facts = facts_of(cells, library_id, table_columns=columns)
    records: dict[str, list[dict[str, Any]]] = {}
    if phase == 1 and "file" in facts.record:
        records[IMAGE[1]] = [image_record(facts)]
    records[CHANNELS[phase]] = channel_records(facts, phase)
    if columns:
        records[TABLE[phase]] = [table_record(facts, phase, f"{_FOLDER}/{library_id}.csv")]
    return {component: rows for component, rows in records.items() if rows}


def _model(component: str, phase: int) -> list[str]:
    return list(components()[f"{component}/{phase}"]["attributes"])


def check_values(values: Mapping[str, str], phase: int) -> dict[str, dict[str, str]]:
    """Sort what the user gave by component; what is of none of them is a mistake."""
    if phase not in TABLE:
        raise InputError.of("export.phase", "phase", f"HTAN has no phase {phase!r}.", "Give 1 or 2.")
    made = [component for kind in (IMAGE, CHANNELS, TABLE) if (component := kind.get(phase))]
    given: dict[str, dict[str, str]] = {component: {} for component in made}
    wrong = Findings()
    for name, value in values.items():
        before, _, attribute = name.rpartition(".")
        named = [match(made, before)] if before else made
        found = [(c, a) for c in named if c is not None and (a := match(_model(c, phase), attribute)) is not None]
        if not found:
            message = f"No manifest of phase {phase} that is written has an attribute {name[:100]!r}."
            hint = f"Components: {', '.join(made)}. htan-kit models lists their attributes."
            wrong.append(error("export.value", name[:100], message, hint))
        for component, own in found:
            given[component][own] = str(value)
    if len(wrong):
        raise InputError(*wrong)
    return given


def _frames(
    every: list[dict[str, list[dict[str, Any]]]], phase: int, given: Mapping[str, Mapping[str, str]]
) -> dict[str, pd.DataFrame]:
    import pandas as pd

    frames = {}
    for component, own in given.items():
        rows = [row for records in every for row in records.get(component, [])]
        if not rows:
            continue
        names = _model(component, phase)
        texts = [{name: _text(row.get(name), phase) for name in names} for row in rows]
        for row in texts:
            keep = component == CHANNELS[phase]
            row.update({name: (keep and row[name]) or value for name, value in own.items()})
        frames[component] = pd.DataFrame(texts, columns=names, dtype=object)
    return frames


def _text(value: Any, phase: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _WORDS[phase][value]
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, list | tuple):
        return ",".join(_text(each, phase) for each in value)
    return str(value)


def _judge(frame: pd.DataFrame, component: str, phase: int, file: str, findings: Findings | None) -> None:
    for number, row in enumerate(frame.to_dict("records"), start=2):
        said = {str(name): value for name, value in row.items() if value}
        for finding in validate_record(f"htan{phase}", component, said, subject=f"{file} row {number}"):
            report(findings, finding)
    name = next((name for name in _IDS if name in frame), None)
    if name is not None:
        twice = frame[name][(frame[name] != "") & frame[name].duplicated()].unique()
        for identifier in twice:
            message = f"{name} {str(identifier)[:60]!r} is given to several files."
            report(findings, error("export.id-repeated", file, message, "Give each file its own."))
