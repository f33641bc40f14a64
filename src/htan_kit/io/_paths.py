"""Asking after files whose names came from a table: what cannot be a name is a file that is not there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

__all__ = ["exists", "is_file", "is_inside", "located"]


def located(path: str | os.PathLike[str]) -> Path:
    """Make a path of what a user gave.

    Parameters
    ----------
    path
        A name or path.

    Returns
    -------
    The path.

    Examples
    --------
    >>> from htan_kit.io._paths import located
    >>> located("a/b.tif").name
    'b.tif'
    """
    return Path(path)


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that is too long for the system is none.

    Parameters
    ----------
    path
        The path.

    Returns
    -------
    True for a file that can be looked at.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import is_file
    >>> is_file(Path("a" * 300))
    False
    """
    try:
        return path.is_file()
    except (OSError, ValueError):  # File name too long, a null character
        return False


def exists(path: Path) -> bool:
    """Tell whether there is such a file or folder; a name that is too long for the system is none.

    Parameters
    ----------
    path
        The path.

    Returns
    -------
    True for what can be looked at.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import exists
    >>> exists(Path("a" * 300)), exists(Path("."))
    (False, True)
    """
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_inside(path: Path, folder: Path) -> bool:
    """Tell whether a path, its links followed, lies in a folder.

    Parameters
    ----------
    path
        The path.
    folder
        The folder.

    Returns
    -------
    False where a link or ``..`` leads out.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import is_inside
    >>> is_inside(Path("a/b"), Path("a")), is_inside(Path("a/../b"), Path("a"))
    (True, False)
    """
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # RuntimeError: links that loop, before Python 3.13
        return False
