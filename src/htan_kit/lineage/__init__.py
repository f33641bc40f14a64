"""Which files come from which: participant, biospecimen, image, mask, table."""

from __future__ import annotations

from htan_kit.lineage._unit import Unit, frame
from htan_kit.lineage._units import units

__all__ = ["Unit", "frame", "units"]
