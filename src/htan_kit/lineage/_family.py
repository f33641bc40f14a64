"""Who descends from whom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from htan_kit.lineage._links import Link, link_of, may_descend
from htan_kit.lineage._rings import rings
from htan_kit.lineage._unit import Unit
from htan_kit.models import is_blank, parse_identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from htan_kit.io.manifest import Record

__all__ = ["Family", "panels_of", "participant_of"]

_PANEL_ATTRIBUTES = ("HTAN_PANEL_ID", "CHANNEL_METADATA_ID", "HTAN Parent Channel Metadata ID")
_PARENT_FILE = "HTAN Parent Data File ID"
_LEVEL_OF_KIND = {"participant": "participant", "biospecimen": "biospecimen", "panel": "channel"}


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
        self._links: dict[int, tuple[Link, ...]] = {}

    @cached_property
    def ring(self) -> dict[int, int]:
        """The rings of parents: number by ``id()`` of each record that descends from itself.

        A parent of a level that cannot be one closes no ring: it is what is wrong, not all that stand in the circle.
        """
        parents = {}
        for record in self.by_id.values():
            known = [self.by_id[parent] for parent in record.parent_ids if parent in self.by_id]
            parents[id(record)] = [id(parent) for parent in known if may_descend(record.level, parent.level)]
        return rings(parents)

    def links(self, record: Record) -> tuple[Link, ...]:
        """Give a record's links to its parents."""
        found = self._links.get(id(record))
        if found is None:
            found = self._links[id(record)] = self._make_links(record)
        return found

    def _make_links(self, record: Record) -> tuple[Link, ...]:
        if not record.parent_ids:
            return (link_of(record, "", "", "ok" if record.level == "participant" else "no parent"),)
        found = []
        for parent_id in record.parent_ids:
            parent = self.by_id.get(parent_id)
            level = parent.level if parent is not None else self.level_said(record, parent_id)
            found.append(link_of(record, parent_id, level, self._state(record, parent_id, level)))
        return tuple(found)

    def _state(self, record: Record, parent_id: str, level: str) -> str:
        parent = self.by_id.get(parent_id)
        ring = self.ring.get(id(record))
        if parent is record or (parent is not None and ring is not None and self.ring.get(id(parent)) == ring):
            return "cycle"
        if level and not may_descend(record.level, level):
            return "wrong level"
        mine, theirs = participant_of(record.data_file_id), participant_of(parent_id)
        if mine and theirs and mine != theirs:
            return "other participant"
        if parent is not None:
            return "ok"
        # Images come from biospecimens and Level 1 files, which need not be in the cohort's manifests.
        must_exist = record.level in ("3", "4") or (level or "biospecimen") in self.levels
        return "missing" if must_exist else "implied"

    def _panel_links(self, record: Record) -> list[Link]:
        states = {
            panel: "ok" if panel in self.panels else "missing" if self.panels else "implied"
            for panel in panels_of(record)
        }
        return [link_of(record, panel, "channel", state) for panel, state in states.items()]

    def level_said(self, record: Record, parent_id: str) -> str:
        """Say of what level a parent in no manifest is, by its identifier and by the column; ``""`` for unknown."""
        parsed = parse_identifier(parent_id)
        kind = parsed.kind if parsed else ""
        if kind in _LEVEL_OF_KIND:
            return _LEVEL_OF_KIND[kind]
        written = record.attributes.get(_PARENT_FILE, "")
        if kind == "data file" or parent_id in written or record.level in ("3", "4"):
            return "1" if record.level in ("1", "2") else ""
        return "biospecimen"

    def reaches_image(self, record: Record) -> bool:
        """Tell whether a record's line of parents has an image of Level 2."""
        waiting, seen = [record], {id(record)}
        while waiting:
            for parent_id in waiting.pop().parent_ids:
                parent = self.by_id.get(parent_id)
                if parent is not None and parent.level == "2":
                    return True
                if parent is not None and id(parent) not in seen:
                    seen.add(id(parent))
                    waiting.append(parent)
        return False

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
        panels = dict.fromkeys(panel for record in (*start, *level3, *level4) for panel in panels_of(record))
        channels = tuple(record for panel in panels for record in self.panels.get(panel, ()))
        participants = [record.data_file_id for record in ancestors if record.level == "participant"]
        named = [record.attributes.get("HTAN Participant ID") for record in start]
        written = [participant_of(identifier) for identifier in (*biospecimens, *(r.data_file_id for r in start))]
        participant = next((who for who in (*participants, *written, *named) if who), None)
        person = self.by_id.get(participant or "")
        if person is not None and person not in ancestors:
            ancestors = (*ancestors, person)
        members = dict.fromkeys((*ancestors, *start, *level3, *level4))
        links = tuple(link for record in members for link in (*self.links(record), *self._panel_links(record)))
        return Unit(image, level3, level4, channels, biospecimens, participant, ancestors, links)

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
                if child.level in ("1", "2", "biospecimen") and self.level_said(child, parent_id) == "biospecimen":
                    biospecimens[parent_id] = None
                continue
            if parent.level in ("1", "biospecimen", "participant"):
                records[parent_id] = parent
            if parent.level == "biospecimen":
                biospecimens[parent_id] = None
            waiting += [(parent, grandparent) for grandparent in parent.parent_ids]
        return tuple(records.values()), tuple(biospecimens)


def participant_of(identifier: str) -> str | None:
    """Give the participant an identifier belongs to; None for pooled samples and controls, which have none."""
    parsed = parse_identifier(identifier)
    return parsed.participant if parsed else None


def panels_of(record: Record) -> list[str]:
    """Give the panels a record names."""
    values = [record.attributes[name] for name in _PANEL_ATTRIBUTES if name in record.attributes]
    return [value for value in values if not is_blank(value)]
