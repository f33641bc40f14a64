"""Who descends from whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.lineage._unit import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from htan_kit.io.manifest import Record

__all__ = ["Family", "panels_of", "participant_of"]

_PANEL_ATTRIBUTES = ("HTAN_PANEL_ID", "CHANNEL_METADATA_ID", "HTAN Parent Channel Metadata ID")


class Family:
    """Records and who descends from whom."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.by_id = {r.data_file_id: r for r in records if r.level != "channel" and r.data_file_id}
        self.panels: dict[str, list[Record]] = {}
        for record in records:
            if record.level == "channel":
                self.panels.setdefault(record.data_file_id, []).append(record)
        self.levels = {record.level for record in records}

    def roots(self, record: Record) -> list[int | str]:
        """Give the images a file comes from (their ``id()``), else what its line of parents ends in."""
        images: list[int | str] = []
        ends: list[int | str] = []
        waiting, seen = [record], {id(record)}
        while waiting:
            current = waiting.pop()
            parents = [self.by_id.get(parent) for parent in current.parent_ids]
            for parent_id, parent in zip(current.parent_ids, parents, strict=True):
                if parent is None or parent.level not in ("2", "3", "4"):
                    ends.append(parent_id)
                elif parent.level == "2":
                    images.append(id(parent))
                elif id(parent) not in seen:
                    seen.add(id(parent))
                    waiting.append(parent)
            if not current.parent_ids:
                ends.append(f"\n{id(current)}")  # nothing to share: a unit of its own
        if not images and not ends:  # parents in a ring
            ends.append(min(r.data_file_id for r in self.records if id(r) in seen))
        return list(dict.fromkeys(images)) or ends[:1]

    def unit(self, image: Record | None, files: Sequence[Record]) -> Unit:
        """Put an image, its files, its panel and its ancestors together."""
        level3 = tuple(record for record in files if record.level == "3")
        level4 = tuple(record for record in files if record.level == "4")
        start = [image] if image else list(files)
        ancestors, biospecimens = self._ancestry(start)
        panels = dict.fromkeys(panel for record in (*start, *level4) for panel in panels_of(record))
        channels = tuple(record for panel in panels for record in self.panels.get(panel, ()))
        participants = [record.data_file_id for record in ancestors if record.level == "participant"]
        named = [record.attributes.get("HTAN Participant ID") for record in start]
        written = [participant_of(identifier) for identifier in (*biospecimens, *(r.data_file_id for r in start))]
        participant = next((who for who in (*participants, *written, *named) if who), None)
        person = self.by_id.get(participant or "")
        if person is not None and person not in ancestors:
            ancestors = (*ancestors, person)
        return Unit(image, level3, level4, channels, biospecimens, participant, ancestors)

    def _ancestry(self, start: Sequence[Record]) -> tuple[tuple[Record, ...], tuple[str, ...]]:
        records: dict[str, Record] = {}
        biospecimens: dict[str, None] = {}
        waiting = [(record, parent) for record in start for parent in record.parent_ids]
        seen = set()
        while waiting:
            child, parent_id = waiting.pop(0)
            if parent_id in seen:
                continue
            seen.add(parent_id)
            parent = self.by_id.get(parent_id)
            if parent is None:
                if child.level in ("1", "2", "biospecimen") and not re.search(r"_D\d+$", parent_id):
                    is_person = parent_id == participant_of(parent_id)
                    biospecimens.update({} if is_person else {parent_id: None})
                continue
            if parent.level in ("1", "biospecimen", "participant"):
                records[parent_id] = parent
            if parent.level == "biospecimen":
                biospecimens[parent_id] = None
            waiting += [(parent, grandparent) for grandparent in parent.parent_ids]
        return tuple(records.values()), tuple(biospecimens)


def participant_of(identifier: str) -> str | None:
    """Give the participant an identifier belongs to; None for pooled samples and controls, which have none."""
    found = re.match(r"(HTA\d+_([^_]+))(?:_|$)", identifier)
    return found[1] if found and found[2] != "0000" and not found[2].startswith("EXT") else None


def panels_of(record: Record) -> list[str]:
    """Give the panels a record names."""
    values = [record.attributes[name] for name in _PANEL_ATTRIBUTES if name in record.attributes]
    return [value for value in values if value.casefold() not in ("not applicable", "none", "na")]
