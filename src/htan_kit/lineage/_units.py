"""Records put together, one unit an image, with what is wrong about their parents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.findings import error, info, report, warning
from htan_kit.lineage._family import Family, panels_of, participant_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from htan_kit.findings import Finding, Findings
    from htan_kit.io.manifest import Record
    from htan_kit.lineage._unit import Unit

__all__ = ["units"]

_SOURCE = "HTAN Manual, identifiers and lineage"
_LEVEL_NAMES = {"1": "Level 1", "2": "Level 2", "3": "Level 3", "4": "Level 4"}


def units(records: Iterable[Record], *, findings: Findings | None = None) -> list[Unit]:
    """Put the records of manifests together, one unit an image.

    Parameters
    ----------
    records
        What :func:`htan_kit.read_manifest` gave for all manifests of a cohort.
    findings
        Where to collect what is wrong; None shows it as Python warnings.

    Returns
    -------
    A unit for each Level 2 record in their order; then units of Level 3 and 4 records whose image no manifest has,
    those that name the same missing parent together. A table of several images is in the unit of each.

    Notes
    -----
    Findings: ``lineage.id-unique`` (one identifier for different records), ``lineage.parent-exists`` (a file names a
    parent that no manifest has, or none), ``lineage.level-order`` (a parent of a higher level, or of itself),
    ``lineage.participant`` (parent and child of different participants; an error in phase 2, a warning in phase 1,
    whose identifiers HTAN itself only warns about) and ``lineage.panel-exists``.

    References
    ----------
    HTAN Manual, data model, identifiers; ncihtan/htan2-data-model docs/identifiers.md.

    Examples
    --------
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io.manifest import Record
    >>> from htan_kit.lineage import units
    >>> image = Record("MultiplexMicroscopyLevel2", 2, "2", "HTA200_1_D1", ("HTA200_1_B1",), "a.ome.tiff")
    >>> mask = Record("MultiplexMicroscopyLevel3", 2, "3", "HTA200_1_D2", ("HTA200_1_D1",), "m.ome.tiff")
    >>> (unit,) = units([mask, image], findings=Findings())
    >>> unit.level3[0].filename, unit.biospecimens, unit.participant
    ('m.ome.tiff', ('HTA200_1_B1',), 'HTA200_1')
    """
    family = Family(_unique(list(records), findings))
    for record in family.records:
        for finding in _problems(family, record):
            report(findings, finding)
    images = [record for record in family.records if record.level == "2"]
    members: dict[int | str, list[Record]] = {id(image): [] for image in images}
    for record in family.records:
        if record.level in ("3", "4"):
            for root in family.roots(record):
                members.setdefault(root, []).append(record)
    found = [family.unit(image, members.pop(id(image))) for image in images]
    return found + [family.unit(None, files) for files in members.values()]


def _unique(records: list[Record], findings: Findings | None) -> list[Record]:
    """Drop what stands in two manifests alike; report what has another's identifier."""
    seen: dict[tuple[str, str], Record] = {}
    kept = []
    for record in records:
        place = ("channel", "") if record.level == "channel" or not record.data_file_id else ("", record.data_file_id)
        first = seen.setdefault(place, record) if place[1] else record
        if first is record:
            kept.append(record)
        elif first.attributes == record.attributes:
            message = f"{record.data_file_id} stands in {first.source} too, with the same values; it is used once."
            report(findings, info("lineage.id-unique", record.source, message, "", _SOURCE))
        else:
            message = f"{record.data_file_id} is the identifier of another record as well ({first.source})."
            report(findings, error("lineage.id-unique", record.source, message, "Give it its own.", _SOURCE))
    return kept


def _problems(family: Family, record: Record) -> list[Finding]:
    """Say what is wrong with a record's parents and panel."""
    if record.level not in _LEVEL_NAMES:
        return []
    found = []
    subject = f"{record.source} ({record.data_file_id or record.filename})"
    if record.level in ("3", "4") and not record.parent_ids:
        hint = "Name the file it was made from."
        found.append(error("lineage.parent-exists", subject, "The record names no parent.", hint, _SOURCE))
    parents = {parent_id: family.by_id.get(parent_id) for parent_id in record.parent_ids}
    lost = [name for name, parent in parents.items() if parent is None and _is_missing(family, record, name)]
    if lost:
        message = f"{len(lost)} of its {len(parents)} parents are in no manifest: {_some(lost)}."
        message = f"Its parent {lost[0]} is in no manifest." if len(parents) == 1 else message
        hint = "Add the parent's row, or correct the identifier."
        found.append(error("lineage.parent-exists", subject, message, hint, _SOURCE))
    for parent_id, parent in parents.items():
        if parent is not None and not _may_descend(record, parent):
            message = f"{_name(record)} cannot come from {_name(parent)} ({parent_id})."
            found.append(error("lineage.level-order", subject, message, "Correct the parent.", _SOURCE))
    mine = participant_of(record.data_file_id)
    others = [name for name in parents if mine and participant_of(name) not in (None, mine)]
    if others:
        make = error if record.phase == 2 else warning
        message = f"It is of participant {mine}, of another is its parent {_some(others)}."
        found.append(make("lineage.participant", subject, message, "Correct one of the two.", _SOURCE))
    named = record.attributes.get("HTAN Participant ID")
    if named and mine and mine != named:
        message = f"HTAN Participant ID says {named!r}, the identifier {mine}."
        found.append(warning("lineage.participant", subject, message, "Correct one of the two.", _SOURCE))
    panels = [panel for panel in panels_of(record) if family.panels and panel not in family.panels]
    for panel in panels:
        message = f"Its panel {panel} is in no ChannelMetadata manifest."
        found.append(error("lineage.panel-exists", subject, message, "Add the panel's channels.", _SOURCE))
    return found


def _is_missing(family: Family, record: Record, parent_id: str) -> bool:
    """Images come from biospecimens and Level 1 files, which need not be in the cohort's manifests."""
    if record.level in ("3", "4"):
        return True
    return ("1" if re.search(r"_D\d+$", parent_id) else "biospecimen") in family.levels


def _may_descend(record: Record, parent: Record) -> bool:
    if parent is record:
        return False
    if parent.level in ("participant", "channel"):
        return False
    if parent.level == "biospecimen":
        return record.level in ("1", "2")
    # A mask may come from a corrected image, a table from a table; an image only comes from Level 1.
    return parent.level < record.level or (parent.level == record.level and record.level in ("3", "4"))


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _name(record: Record) -> str:
    return _LEVEL_NAMES.get(record.level, f"a {record.level}")
