"""Records put together, one unit an image, with what is wrong about their parents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import error, info, report
from htan_kit.lineage._family import Family
from htan_kit.lineage._problems import SOURCE, problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from htan_kit.findings import Findings
    from htan_kit.io.manifest import Record
    from htan_kit.lineage._unit import Unit

__all__ = ["units"]


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
    Findings: ``lineage.id-unique`` (one identifier for different records), ``lineage.parent-exists`` (a parent that no
    manifest has, or none named), ``lineage.level-order`` (a parent of a higher level), ``lineage.cycle`` (what descends
    from itself), ``lineage.participant`` (parent and child of different participants; an error in phase 2, a warning in
    phase 1, whose identifiers HTAN itself only warns about), ``lineage.reaches-image`` (a mask or table whose parents
    lead to no Level 2), ``lineage.mask-kinds`` (several kinds in one file, or several masks of one kind),
    ``lineage.mask-named`` (a table that does not say which of several masks it was measured with) and
    ``lineage.panel-exists``.

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
    images = [record for record in family.records if record.level == "2"]
    members: dict[int | str, list[Record]] = {id(image): [] for image in images}
    for record in family.records:
        if record.level in ("3", "4"):
            for root in family.roots(record):
                members.setdefault(root, []).append(record)
    found = [family.unit(image, members.pop(id(image))) for image in images]
    found += [family.unit(None, files) for files in members.values()]
    for finding in problems(family, found):
        report(findings, finding)
    return found


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
            report(findings, info("lineage.id-unique", record.source, message, "", SOURCE))
        else:
            message = f"{record.data_file_id} is the identifier of another record as well ({first.source})."
            report(findings, error("lineage.id-unique", record.source, message, "Give it its own.", SOURCE))
    return kept
