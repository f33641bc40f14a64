"""Executed notebooks as pages for readers, and the small pieces that notebooks show."""

from __future__ import annotations

from htan_kit.report._cards import banner, key_numbers, lineage
from htan_kit.report._cohort_tables import checks_table, failures, sample_table
from htan_kit.report._describe import describe
from htan_kit.report._fragment import fragment
from htan_kit.report._heat import enrichment_table
from htan_kit.report._html import Html
from htan_kit.report._index import headline, index
from htan_kit.report._limits import limits
from htan_kit.report._metadata_card import card
from htan_kit.report._pages import Link, page, pages
from htan_kit.report._provenance import provenance
from htan_kit.report._sentences import top_statistics
from htan_kit.report._table import facts, table
from htan_kit.report._thumbnail import thumbnail

__all__ = [
    "Html",
    "Link",
    "banner",
    "card",
    "checks_table",
    "describe",
    "enrichment_table",
    "facts",
    "failures",
    "fragment",
    "headline",
    "index",
    "key_numbers",
    "limits",
    "lineage",
    "page",
    "pages",
    "provenance",
    "sample_table",
    "table",
    "thumbnail",
    "top_statistics",
]
