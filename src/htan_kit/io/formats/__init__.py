"""Image formats, one module a family, each with ``matches`` and ``open_format``.

A new format is a module of these two functions and a line in :data:`FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.formats import _dicom, _folder, _tiff, _zarr

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

__all__ = ["FORMATS", "format_of", "is_image_folder"]

FORMATS: tuple[ModuleType, ...] = (_zarr, _dicom, _folder, _tiff)
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
    try:
        return next((module for module in FORMATS if module.matches(path)), FORMATS[-1])
    except (OSError, ValueError):  # what cannot be a name; opening says so
        return FORMATS[-1]


def is_image_folder(path: Path) -> bool:
    """Tell whether a folder says of itself that it is one image, not a folder of images.

    Parameters
    ----------
    path
        Any path.

    Returns
    -------
    True for OME-Zarr and a DICOM series.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io.formats import is_image_folder
    >>> is_image_folder(Path("."))
    False
    """
    try:
        return path.is_dir() and (_zarr.matches(path) or _dicom.matches(path))
    except (OSError, ValueError):
        return False
