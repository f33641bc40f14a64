"""Hand-over to other tools."""

from __future__ import annotations

from htan_kit.export._cells import write_cells

__all__ = ["write_cells"]
