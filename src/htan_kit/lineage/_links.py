"""One record and one of its parents: what joins them, and whether that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from htan_kit.lineage._kinds import is_mask, mask_kinds
from htan_kit.models import is_blank

if TYPE_CHECKING:
    from htan_kit.io.manifest import Record

__all__ = ["FILE_LEVELS", "Link", "level_name", "link_of", "may_descend", "relation", "what_of"]

FILE_LEVELS = ("1", "2", "3", "4")
_ASSAY = ("IMAGING_ASSAY_TYPE", "Imaging Assay Type", "STAINING_METHOD")
_RELATIONS = {
    ("biospecimen", "participant"): "taken from", ("biospecimen", "biospecimen"): "part of",
    ("1", "biospecimen"): "image of", ("2", "biospecimen"): "image of", ("2", "1"): "assembled from",
    ("3", "1"): "segmented from", ("3", "2"): "segmented from", ("3", "3"): "segmented from",
    ("4", "1"): "measured on", ("4", "2"): "measured on", ("4", "3"): "measured with", ("4", "4"): "computed from",
    ("2", "channel"): "stained with", ("4", "channel"): "stained with", ("3", "channel"): "stained with",
}  # fmt: skip


class Link(NamedTuple):
    """One record and one of its parents.

    ``state`` is ``ok``; ``implied`` (the parent is in no manifest and need not be: its identifier says enough);
    ``missing``, ``wrong level``, ``other participant``, ``cycle`` or ``no parent``, for which there is a finding.
    """

    level: str
    id: str
    parent_id: str
    parent_level: str
    relation: str
    what: str
    filename: str
    state: str


def relation(level: str, parent_level: str) -> str:
    """Say how a level comes from another, ``""`` where it cannot."""
    return _RELATIONS.get((level, parent_level), "")


def what_of(record: Record) -> str:
    """Say in a word or two what a record is: its assay, its kind of mask, its tissue."""
    if record.level in ("1", "2"):
        said = (record.attributes[name] for name in _ASSAY if not is_blank(record.attributes.get(name, "")))
        return next(said, "")[:100]
    if record.level == "3":
        kinds = ", ".join(mask_kinds(record))
        return (kinds or "mask" if is_mask(record) else kinds or "not a mask")[:100]
    if record.level == "4":
        return ", ".join(mask_kinds(record))[:100]
    names = ("BIOSPECIMEN_TYPE", "Biospecimen Type")
    return next((record.attributes[name] for name in names if record.attributes.get(name)), "")[:100]


def link_of(record: Record, parent_id: str, parent_level: str, state: str) -> Link:
    """Make the link of a record and a parent, ``""`` for none."""
    how = relation(record.level, parent_level)
    return Link(
        record.level, record.data_file_id, parent_id, parent_level, how, what_of(record), record.filename, state
    )


def may_descend(level: str, parent: str) -> bool:
    """Tell whether a level comes from another."""
    if level == "biospecimen":
        return parent in ("biospecimen", "participant")
    if parent == "biospecimen":
        return level in ("1", "2")
    if level not in FILE_LEVELS or parent not in FILE_LEVELS:
        return False
    # A mask may come from a corrected image, a table from a table; an image only comes from Level 1.
    return parent < level or (parent == level and level in ("3", "4"))


def level_name(level: str) -> str:
    """Write a level in a sentence."""
    return f"Level {level}" if level in FILE_LEVELS else f"a {level}" if level else "something unknown"
