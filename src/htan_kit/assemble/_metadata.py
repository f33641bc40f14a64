"""What ``uns["miti"]`` and ``uns["htan"]`` say of one image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from htan_kit import lineage
from htan_kit.assemble._miti import LISTS, Section, from_record, sections_of
from htan_kit.assemble._miti_file import read_miti
from htan_kit.assemble._said_by_files import add_what_files_say
from htan_kit.assemble._storable import storable
from htan_kit.errors import InputError
from htan_kit.findings import report
from htan_kit.io.channel_table import read_channel_rows
from htan_kit.models import miti_sections as model_sections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from htan_kit.cohort import Sample
    from htan_kit.findings import Findings
    from htan_kit.io.image import Image
    from htan_kit.io.manifest import Record

__all__ = ["htan_block", "miti_sections", "storable"]

_CHANNEL_COLUMNS = (
    "channel_index", "role", "image_name", "matched_by", "match_rule", "confidence", "feature", "exposure",
    "background", "antibody_role", "source_rows", "understood",
)  # fmt: skip


def miti_sections(
    sample: Sample, image: Image | None, channel_frame: pd.DataFrame | None, *, findings: Findings | None = None
) -> dict[str, Any]:
    """Make ``uns["miti"][library_id]``: MITI's sections, from the record, else the manifests and the image.

    Parameters
    ----------
    sample
        Its MITI record, HTAN records and channel table are read.
    image
        The image, for the header's section (which it knows best), or None.
    channel_frame
        One row a channel, as :func:`htan_kit.channels.reconcile` gives it, or None.
    findings
        Where to report a MITI record that cannot be read; None for the sample's own findings.

    Returns
    -------
    ``clinical``, ``biospecimen``, ``file``, ``ome_tiff_header``: dicts of scalars under MITI's machine keys;
    ``processed_data``, ``cell``, ``cell_state``: such dicts by data file id; ``channel``: a DataFrame, one row a
    channel; ``json``: the whole record, all antibody rows and the MITI record as written included, as one JSON text.
    A section that nobody filled in is absent.

    References
    ----------
    Schapiro et al. 2022, doi:10.1038/s41592-022-01415-4.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.assemble._metadata import miti_sections
    >>> from htan_kit.cohort import Sample
    >>> miti_sections(Sample("A", "A", Path(), assay="CODEX"), None, None)["file"]
    {'assay_type': 'CODEX'}
    """
    collector = sample.findings if findings is None else findings
    unit = sample.unit
    level2 = None if unit is None else unit.level2
    record: dict[str, Any] = {}
    if sample.miti is not None:
        try:
            record = read_miti(sample.miti)
        except InputError as problem:
            for finding in problem.findings:
                report(collector, finding)
    given = sections_of(record, level2.data_file_id if level2 else "")
    sections: dict[str, Any] = {}
    for name in model_sections():
        if name in LISTS:
            files = () if unit is None else {"processed_data": unit.level3, "cell": unit.level4}.get(name, ())
            sections[name] = _by_id(name, given.get(name, {}), files)
        elif name != "channel":
            sections[name] = _manifest_section(name, sample) | given.get(name, {})
    add_what_files_say(sections, sample, image)
    rows = _rows(sample, given.get("channel", []), collector)
    sections = {name: section for name, section in sections.items() if section}
    whole = {**sections, "channel": rows, "record": record}
    text = json.dumps({name: part for name, part in whole.items() if part}, ensure_ascii=False, default=str)
    if channel_frame is not None and len(channel_frame):
        sections["channel"] = _channel(channel_frame, given.get("channel", []))
    return {**storable(sections), "json": storable(text)}


def htan_block(sample: Sample) -> dict[str, Any]:
    """Make ``uns["htan"][library_id]``: the manifest rows the sample came from, and its lineage.

    Parameters
    ----------
    sample
        A sample; without HTAN records there is nothing to say.

    Returns
    -------
    ``level2``, ``level3``, ``level4``, ``biospecimen``, ... : identifier -> attributes in the model's own names, as
    written; ``channel``: a DataFrame of the panel's rows; ``component``: identifier -> the model's component;
    ``lineage``: a DataFrame from participant to Level 4. An empty dict without records.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.assemble._metadata import htan_block
    >>> from htan_kit.cohort import Sample
    >>> htan_block(Sample("A", "A", Path()))
    {}
    """
    import pandas as pd

    unit = sample.unit
    if unit is None:
        return {}
    block: dict[str, Any] = {}
    for record in (*unit.ancestors, *unit.files):
        name = f"level{record.level}" if record.level.isdecimal() else record.level
        block.setdefault(name, {})[_name(record)] = record.attributes
        block.setdefault("component", {})[_name(record)] = record.component
    if unit.channels:
        block["channel"] = pd.DataFrame([record.attributes for record in unit.channels])
    block["lineage"] = lineage.frame(unit)
    stored: dict[str, Any] = storable(block)
    return stored


def _name(record: Record) -> str:
    return record.data_file_id or record.filename or record.source


def _manifest_section(name: str, sample: Sample) -> Section:
    unit = sample.unit
    if unit is None:
        return {}
    of_level = {"biospecimen": "biospecimen", "clinical": "participant"}.get(name)
    if of_level is None:
        return {} if unit.level2 is None else from_record(name, [unit.level2])
    section = from_record(name, [record for record in unit.ancestors if record.level == of_level][:1])
    if name == "biospecimen" and unit.biospecimens:
        section.setdefault("biospecimen_id", unit.biospecimens[0])
    if name == "clinical" and unit.participant:
        section.setdefault("participant_id", unit.participant)
    return section


def _by_id(name: str, given: Mapping[str, Section], files: Sequence[Record]) -> dict[str, Section]:
    known = {_name(record): from_record(name, [record]) for record in files}
    return {key: known.get(key, {}) | given.get(key, {}) for key in dict.fromkeys([*known, *given])}


def _rows(sample: Sample, given: list[Section], findings: Findings | None) -> list[dict[str, Any]]:
    """Give every antibody row: of the channel table, else of the MITI record."""
    if sample.channels is None:
        return given
    try:
        rows = read_channel_rows(sample.channels, panel=sample.panel)
    except InputError as problem:
        for finding in problem.findings:
            report(findings, finding)
        return given
    return [{str(name): value for name, value in row.items() if value is not None} for row in rows.to_dict("records")]


def _channel(frame: pd.DataFrame, given: list[Section]) -> pd.DataFrame:
    """Keep the channels' MITI attributes, the record's where the table has none, and how they were matched."""
    import pandas as pd

    by_id = {str(row.get("channel_id", "")).casefold(): row for row in reversed(given)}
    ids = [str(text).casefold() for text in frame["channel_id"].astype(object).fillna("")]
    columns: dict[str, Any] = {}
    for name in model_sections()["channel"]:
        if name in frame:
            columns[name] = frame[name].array
        if name not in frame or frame[name].isna().all():
            values = [by_id.get(each, {}).get(name) for each in ids]
            if any(value is not None for value in values):
                columns[name] = pd.Series(values, dtype=object).array
    columns |= {name: frame[name].array for name in _CHANNEL_COLUMNS if name in frame}
    return pd.DataFrame(columns, index=frame.index)
