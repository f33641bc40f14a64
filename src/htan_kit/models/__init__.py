"""HTAN phase 1, HTAN phase 2 and MITI as data: names, types, allowed values, conditions."""

from __future__ import annotations

from htan_kit.models._load import (
    MODEL_VERSIONS,
    components,
    htan1_components,
    htan2_components,
    htan_to_miti,
    miti_sections,
)
from htan_kit.models._names import key, match
from htan_kit.models._values import is_blank, typed

__all__ = [
    "MODEL_VERSIONS",
    "components",
    "htan1_components",
    "htan2_components",
    "htan_to_miti",
    "is_blank",
    "key",
    "match",
    "miti_sections",
    "typed",
]
