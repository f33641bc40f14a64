"""Level 4 tables as each program writes them; one module a dialect, each with ``matches`` and ``read`` of a header.

A new dialect is a module of these two functions and a line in :data:`DIALECTS`. A third, ``beside``, is there where
other files say more about a table. Visiopharm is not among them: no public source states what its columns are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.dialects import (
    _ark,
    _cellprofiler,
    _codex,
    _duke,
    _halo,
    _inform,
    _mcquant,
    _pipex,
    _qupath,
    _sprm,
    _steinbock,
)
from htan_kit.io.dialects._columns import Header
from htan_kit.io.dialects._h5ad import dialect_of_uns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

__all__ = ["DIALECTS", "dialect_of", "dialect_of_uns", "is_part"]

DIALECTS: dict[str, ModuleType] = {
    "steinbock": _steinbock,
    "HTAN Duke": _duke,
    "ark": _ark,
    "CellProfiler": _cellprofiler,
    "QuPath": _qupath,
    "HALO": _halo,
    "inForm": _inform,
    "CODEX": _codex,
    "PIPEX": _pipex,
    "SPRM": _sprm,
    "mcquant": _mcquant,
}
"""Dialects of tables in the order they are tried: mcquant last, since others borrow its names."""


def dialect_of(header: Sequence[str], file: str = "") -> str | None:
    """Name the dialect of a table from its column names.

    Parameters
    ----------
    header
        The column names.
    file
        The file's name, where columns alone do not tell.

    Returns
    -------
    A key of :data:`DIALECTS`, None when no dialect knows these columns.

    Examples
    --------
    >>> from htan_kit.io.dialects import dialect_of
    >>> dialect_of(["CellID", "DNA", "X_centroid", "Y_centroid", "Area"])
    'mcquant'
    """
    told = Header(tuple(header), file=file)
    return next((name for name, module in DIALECTS.items() if module.matches(told)), None)


def is_part(dialect: str | None, file: str) -> bool:
    """Tell whether a file only has further columns of another's objects, and is no table by itself.

    Parameters
    ----------
    dialect
        Its dialect.
    file
        Its name.

    Returns
    -------
    True for all of SPRM's files but the means of its channels.

    Examples
    --------
    >>> from htan_kit.io.dialects import is_part
    >>> is_part("SPRM", "a-cell_centers.csv"), is_part("mcquant", "a.csv")
    (True, False)
    """
    return dialect == "SPRM" and _sprm.is_part(file)
