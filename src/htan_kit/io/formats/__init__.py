"""Image formats, one module a family, each with ``matches`` and ``open_format``.

A new format is a module of these two functions and a line in :data:`FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.formats import _tiff, _zarr

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

__all__ = ["FORMATS", "format_of"]

FORMATS: tuple[ModuleType, ...] = (_zarr, _tiff)
"""Formats in the order they are asked; TIFF is the last, and tells what a file of no format is."""


def format_of(path: Path) -> ModuleType:
    """Find the format of an image, by its name, first bytes, or what lies in a folder.

    Parameters
    ----------
    path
        A file or folder.

    Returns
    -------
    A module of :data:`FORMATS`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io.formats import format_of
    >>> format_of(Path("a.ome.tiff")).__name__
    'htan_kit.io.formats._tiff'
    """
    return next((module for module in FORMATS if module.matches(path)), FORMATS[-1])
