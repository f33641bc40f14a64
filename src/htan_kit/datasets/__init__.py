"""Tissue with a known answer: simulated images, masks, tables and manifests, and the sample cohort."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htan_kit.datasets._cohort import write_cohort
    from htan_kit.datasets._defects import DEFECTS, Defect
    from htan_kit.datasets._files import write_image, write_mask, write_truth
    from htan_kit.datasets._sample import sample
    from htan_kit.datasets._simulate import simulate
    from htan_kit.datasets._tables import write_channels, write_table
    from htan_kit.datasets._tissue import Tissue
    from htan_kit.datasets._types import FRACTIONS

# Imported when first used: a name here must not cost anybody numpy.
_WHERE = {
    "DEFECTS": "_defects",
    "FRACTIONS": "_types",
    "Defect": "_defects",
    "Tissue": "_tissue",
    "sample": "_sample",
    "simulate": "_simulate",
    "write_channels": "_tables",
    "write_cohort": "_cohort",
    "write_image": "_files",
    "write_mask": "_files",
    "write_table": "_tables",
    "write_truth": "_files",
}

__all__ = [
    "DEFECTS",
    "FRACTIONS",
    "Defect",
    "Tissue",
    "sample",
    "simulate",
    "write_channels",
    "write_cohort",
    "write_image",
    "write_mask",
    "write_table",
    "write_truth",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
