"""Hand-over to other tools."""

from __future__ import annotations

from htan_kit.export._cells import write_cells, write_table
from htan_kit.export._channels import write_channels
from htan_kit.export._clean import Cleaned, clean
from htan_kit.export._export import export
from htan_kit.export._manifests import manifests, write_manifests
from htan_kit.export._record import write_miti
from htan_kit.export._spatialdata import to_spatialdata

__all__ = [
    "Cleaned",
    "clean",
    "export",
    "manifests",
    "to_spatialdata",
    "write_cells",
    "write_channels",
    "write_manifests",
    "write_miti",
    "write_table",
]
