"""Which files come from which: participant, biospecimen, image, mask, table."""

from __future__ import annotations

from htan_kit.lineage._inherit import inherited
from htan_kit.lineage._kinds import is_mask, mask_kinds
from htan_kit.lineage._links import Link, relation
from htan_kit.lineage._unit import Unit, frame
from htan_kit.lineage._units import units

__all__ = ["Link", "Unit", "frame", "inherited", "is_mask", "mask_kinds", "relation", "units"]
