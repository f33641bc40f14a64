"""Metrics and verdicts: tidy tables whose columns carry their units. Each is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htan_kit.qc._agreement import agreement, agreement_cells
    from htan_kit.qc._cells import cells
    from htan_kit.qc._channels import channels
    from htan_kit.qc._completeness import completeness
    from htan_kit.qc._images import images
    from htan_kit.qc._segmentation import segmentation
    from htan_kit.qc._verdicts import found_in, verdicts

__all__ = [
    "agreement",
    "agreement_cells",
    "cells",
    "channels",
    "completeness",
    "found_in",
    "images",
    "segmentation",
    "verdicts",
]

_MODULES = {
    "agreement": "_agreement",
    "agreement_cells": "_agreement",
    "cells": "_cells",
    "channels": "_channels",
    "completeness": "_completeness",
    "found_in": "_verdicts",
    "images": "_images",
    "segmentation": "_segmentation",
    "verdicts": "_verdicts",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
