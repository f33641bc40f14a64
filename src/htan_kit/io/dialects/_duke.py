"""HTAN Duke's MIBI table: ark's columns, one file for the whole cohort, no centroids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.dialects import _ark

if TYPE_CHECKING:
    from htan_kit.io.dialects._columns import Columns, Header

__all__ = ["matches", "read"]


def matches(header: Header) -> bool:
    """Tell whether a header is ark's with HTAN's or Duke's own key of the image."""
    return _ark.matches(header) and header.first(*_ark.DUKE_KEYS) is not None


def read(header: Header) -> Columns:
    """Sort the columns as ark's; places come from the mask."""
    return _ark.read(header)
