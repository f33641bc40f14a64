"""What is wrong about records and their parents, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import error, info, warning
from htan_kit.lineage._family import panels_of, participant_of
from htan_kit.lineage._kinds import is_mask, mask_kinds
from htan_kit.lineage._links import level_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from htan_kit.findings import Finding
    from htan_kit.io.manifest import Record
    from htan_kit.lineage._family import Family
    from htan_kit.lineage._unit import Unit

__all__ = ["SOURCE", "problems"]

SOURCE = "HTAN Manual, identifiers and lineage"
_SOME = 5


def problems(family: Family, units: Sequence[Unit]) -> Iterator[Finding]:
    """Say what is wrong with the records of a cohort and the units they make."""
    for record in family.records:
        if record.level not in ("channel", "participant"):
            yield from _of_record(family, record)
    for unit in units:
        yield from _of_masks(unit)


def _of_record(family: Family, record: Record) -> Iterator[Finding]:
    subject = _subject(record)
    by_state: dict[str, list[str]] = {}
    for link in family.links(record):
        by_state.setdefault(link.state, []).append(link.parent_id)
    if "no parent" in by_state and record.level in ("3", "4"):
        hint = "Name the file it was made from."
        yield error("lineage.parent-exists", subject, "The record names no parent.", hint, SOURCE)
    lost = by_state.get("missing", [])
    if lost:
        n = len(record.parent_ids)
        message = f"{len(lost)} of its {n} parents are in no manifest: {_some(lost)}."
        message = f"Its parent {lost[0][:200]} is in no manifest." if n == 1 else message
        hint = "Add the parent's row, or correct the identifier."
        yield error("lineage.parent-exists", subject, message, hint, SOURCE)
    for parent_id in by_state.get("cycle", []):
        message = f"It descends from itself, by way of {parent_id[:200]}."
        yield error("lineage.cycle", subject, message, "Correct one of the parents.", SOURCE)
    for link in family.links(record):
        if link.state == "wrong level":
            child = level_name(record.level)
            parent = f"{level_name(link.parent_level)} ({link.parent_id[:200]})"
            message = f"{child[0].upper()}{child[1:]} cannot come from {parent}."
            yield error("lineage.level-order", subject, message, "Correct the parent.", SOURCE)
    yield from _of_participant(record, subject, by_state.get("other participant", []))
    led = not (by_state.keys() & {"no parent", "missing", "cycle", "wrong level"})
    if record.level in ("3", "4") and led and not family.reaches_image(record):
        message = "Its parents lead to no image (Level 2)."
        yield error("lineage.reaches-image", subject, message, "Correct the parents on the way.", SOURCE)
    for panel in panels_of(record):
        if family.panels and panel not in family.panels:
            message = f"Its panel {panel[:200]} is in no ChannelMetadata manifest."
            yield error("lineage.panel-exists", subject, message, "Add the panel's channels.", SOURCE)


def _of_participant(record: Record, subject: str, others: list[str]) -> Iterator[Finding]:
    mine = participant_of(record.data_file_id)
    if others:
        make = error if record.phase == 2 else warning
        message = f"It is of participant {mine}, of another is its parent {_some(others)}."
        yield make("lineage.participant", subject, message, "Correct one of the two.", SOURCE)
    named = record.attributes.get("HTAN Participant ID") if record.level != "biospecimen" else None
    if named and mine and mine != named:
        message = f"HTAN Participant ID says {named[:200]!r}, the identifier {mine}."
        yield warning("lineage.participant", subject, message, "Correct one of the two.", SOURCE)


def _of_masks(unit: Unit) -> Iterator[Finding]:
    """Say where it is not clear which mask is meant."""
    sources = {parent for record in unit.level3 for parent in record.parent_ids}
    masks = [record for record in unit.level3 if is_mask(record) and record.data_file_id not in sources]
    by_kind: dict[str, list[Record]] = {}
    for record in masks:
        kinds = mask_kinds(record)
        by_kind.setdefault(", ".join(kinds), []).append(record)
        if len(kinds) > 1:
            message = f"One file holds several kinds of object ({_some(list(kinds))}), one a channel."
            hint = "The first channel is read as the mask; a file of its own for each kind says which is which."
            yield info("lineage.mask-kinds", _subject(record), message, hint, SOURCE)
    if unit.level2 is None:
        return
    for kind, records in by_kind.items():
        if len(records) > 1:
            names = _some([record.data_file_id for record in records])
            message = f"It has {len(records)} masks of {kind[:200] or 'a kind that is not said'}: {names}."
            hint = "Name the one that is meant with mask= or --mask."
            yield info("lineage.mask-kinds", _subject(unit.level2), message, hint, SOURCE)
    ids = {record.data_file_id for record in unit.level3}
    for table in unit.level4:
        if len(masks) > 1 and unit.level2.data_file_id in table.parent_ids and not ids & set(table.parent_ids):
            message = f"It names the image, which has {len(masks)} masks, and none of them."
            hint = f"Add the mask it was measured with: {_some([mask.data_file_id for mask in masks])}."
            yield warning("lineage.mask-named", _subject(table), message, hint, SOURCE)


def _subject(record: Record) -> str:
    return f"{record.source} ({(record.data_file_id or record.filename)[:200]})"


def _some(names: list[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_SOME])
    return shown + (f" and {len(names) - _SOME} more" if len(names) > _SOME else "")
