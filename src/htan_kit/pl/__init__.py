"""Figures: data in, a matplotlib Figure out. Nothing here shows, saves or changes a global setting by itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htan_kit.pl._agreement import agreement
    from htan_kit.pl._cell_map import cell_map
    from htan_kit.pl._channel_intensities import channel_intensities
    from htan_kit.pl._channel_strip import channel_strip
    from htan_kit.pl._colors import type_colors
    from htan_kit.pl._completeness import completeness
    from htan_kit.pl._composition import composition
    from htan_kit.pl._density import density
    from htan_kit.pl._figure import message, show
    from htan_kit.pl._gates import gates
    from htan_kit.pl._graph import graph
    from htan_kit.pl._image import image
    from htan_kit.pl._lineage import lineage
    from htan_kit.pl._nhood_enrichment import nhood_enrichment
    from htan_kit.pl._scale_bar import scale_bar
    from htan_kit.pl._segmentation import segmentation

__all__ = [
    "agreement",
    "cell_map",
    "channel_intensities",
    "channel_strip",
    "completeness",
    "composition",
    "density",
    "gates",
    "graph",
    "image",
    "lineage",
    "message",
    "nhood_enrichment",
    "scale_bar",
    "segmentation",
    "show",
    "type_colors",
]

_MODULES = {
    "agreement": "_agreement",
    "cell_map": "_cell_map",
    "channel_intensities": "_channel_intensities",
    "channel_strip": "_channel_strip",
    "completeness": "_completeness",
    "composition": "_composition",
    "density": "_density",
    "gates": "_gates",
    "graph": "_graph",
    "image": "_image",
    "lineage": "_lineage",
    "message": "_figure",
    "nhood_enrichment": "_nhood_enrichment",
    "scale_bar": "_scale_bar",
    "segmentation": "_segmentation",
    "show": "_figure",
    "type_colors": "_colors",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
