"""The records of one image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.io.manifest import Record
    from htan_kit.lineage._links import Link

__all__ = ["Unit", "frame"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The records of one image, or of files whose image is not in the manifests.

    Parameters
    ----------
    level2
        The image, None when no manifest has it.
    level3, level4
        Masks (and processed images), and tables, in the order of the manifests.
    channels
        Rows of its panel in a ChannelMetadata manifest.
    biospecimens
        Identifiers, the nearest first.
    participant
        Identifier.
    ancestors
        Records of Level 1, biospecimens and participant, the nearest first.
    links
        Each record and parent, with what is wrong about them.

    Examples
    --------
    >>> from htan_kit.lineage import Unit
    >>> Unit().biospecimens
    ()
    """

    level2: Record | None = None
    level3: tuple[Record, ...] = ()
    level4: tuple[Record, ...] = ()
    channels: tuple[Record, ...] = ()
    biospecimens: tuple[str, ...] = ()
    participant: str | None = None
    ancestors: tuple[Record, ...] = ()
    links: tuple[Link, ...] = field(default=(), repr=False)

    @property
    def files(self) -> tuple[Record, ...]:
        """The records of Levels 2 to 4."""
        return (*(() if self.level2 is None else (self.level2,)), *self.level3, *self.level4)


def frame(unit: Unit) -> pd.DataFrame:
    """Lay a unit's lineage out as a table.

    Parameters
    ----------
    unit
        One of :func:`units`.

    Returns
    -------
    One row a record and parent, from the participant down to Level 4: ``level``, ``data_file_id``, ``parent_id``
    (``""`` for none), ``filename``, ``parent_found`` (bool: the parent is in the unit).

    Examples
    --------
    >>> from htan_kit.io.manifest import Record
    >>> from htan_kit.lineage import Unit, frame
    >>> image = Record("MultiplexMicroscopyLevel2", 2, "2", "HTA200_1_D1", ("HTA200_1_B1",), "a.ome.tiff")
    >>> frame(Unit(image, biospecimens=("HTA200_1_B1",), participant="HTA200_1"))["data_file_id"].tolist()
    ['HTA200_1', 'HTA200_1_B1', 'HTA200_1_D1']
    """
    import pandas as pd

    known = {record.data_file_id for record in (*unit.ancestors, *unit.files)}
    if unit.participant:
        known.add(unit.participant)
    if not any(record.level == "biospecimen" for record in unit.ancestors):
        known.update(unit.biospecimens)  # nobody gave a manifest of biospecimens, so none can be missing from it
    rows: list[tuple[str, str, str, str, bool]] = []
    ancestors = {record.data_file_id: record for record in unit.ancestors}
    if unit.participant:
        rows.append(("participant", unit.participant, "", "", True))
    for identifier in reversed(unit.biospecimens):
        record = ancestors.get(identifier)
        parents = (record.parent_ids if record else ()) or ((unit.participant,) if unit.participant else ("",))
        rows += [("biospecimen", identifier, parent, "", parent in known) for parent in parents]
    for record in (*(r for r in unit.ancestors if r.level == "1"), *unit.files):
        parents = record.parent_ids or ("",)
        rows += [(record.level, record.data_file_id, parent, record.filename, parent in known) for parent in parents]
    return pd.DataFrame(rows, columns=["level", "data_file_id", "parent_id", "filename", "parent_found"])
