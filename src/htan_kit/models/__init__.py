"""HTAN phase 1, HTAN phase 2 and MITI as data: names, types, allowed values, conditions."""

from __future__ import annotations

from htan_kit.models._convert import Conversion, convert
from htan_kit.models._crosswalk import crosswalk, htan_to_miti
from htan_kit.models._identifiers import Identifier, parse_identifier
from htan_kit.models._load import (
    MODEL_VERSIONS,
    components,
    htan1_components,
    htan2_components,
    miti_sections,
)
from htan_kit.models._names import key, match
from htan_kit.models._record import validate_record
from htan_kit.models._requirements import file_requirements
from htan_kit.models._schema import schema
from htan_kit.models._tables import attributes, record_rules
from htan_kit.models._values import is_blank, typed

__all__ = [
    "MODEL_VERSIONS",
    "Conversion",
    "Identifier",
    "attributes",
    "components",
    "convert",
    "crosswalk",
    "file_requirements",
    "htan1_components",
    "htan2_components",
    "htan_to_miti",
    "is_blank",
    "key",
    "match",
    "miti_sections",
    "parse_identifier",
    "record_rules",
    "schema",
    "typed",
    "validate_record",
]
