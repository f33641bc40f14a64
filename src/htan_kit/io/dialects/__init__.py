"""Level 4 tables as each program writes them; one module a dialect, each with ``matches`` and ``read``.

A new dialect is a module of these two functions and a line in :data:`DIALECTS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.dialects import _mcquant, _steinbock

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["DIALECTS", "dialect_of"]

DIALECTS: dict[str, ModuleType] = {"steinbock": _steinbock, "mcquant": _mcquant}
"""Dialects of text tables in the order they are tried."""


def dialect_of(header: list[str]) -> str | None:
    """Name the dialect of a table from its column names.

    Parameters
    ----------
    header
        The column names.

    Returns
    -------
    A key of :data:`DIALECTS`, None when no dialect knows these columns.

    Examples
    --------
    >>> from htan_kit.io.dialects import dialect_of
    >>> dialect_of(["CellID", "DNA", "X_centroid", "Y_centroid", "Area"])
    'mcquant'
    """
    return next((name for name, module in DIALECTS.items() if module.matches(header)), None)
