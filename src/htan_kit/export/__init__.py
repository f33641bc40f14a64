"""Hand-over to other tools."""

from __future__ import annotations

from htan_kit.export._cells import write_cells
from htan_kit.export._spatialdata import to_spatialdata

__all__ = ["to_spatialdata", "write_cells"]
