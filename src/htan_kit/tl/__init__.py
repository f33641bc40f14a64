"""Verbs on an AnnData: normalise, phenotype, graphs and statistics. Each is imported when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htan_kit.tl._composition import composition
    from htan_kit.tl._density import density
    from htan_kit.tl._nhood_enrichment import nhood_enrichment
    from htan_kit.tl._normalize import normalize
    from htan_kit.tl._phenotype import phenotype
    from htan_kit.tl._rules import read_rules
    from htan_kit.tl._spatial_graph import spatial_graph

__all__ = ["composition", "density", "nhood_enrichment", "normalize", "phenotype", "read_rules", "spatial_graph"]

_MODULES = {
    "composition": "_composition",
    "density": "_density",
    "nhood_enrichment": "_nhood_enrichment",
    "normalize": "_normalize",
    "phenotype": "_phenotype",
    "read_rules": "_rules",
    "spatial_graph": "_spatial_graph",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
