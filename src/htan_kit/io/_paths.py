"""Paths as users and tables give them: files of this machine, and files on a server where a user names one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from htan_kit.errors import InputError

if TYPE_CHECKING:
    import os
    from typing import Any, TypeGuard

__all__ = ["exists", "is_file", "is_inside", "is_remote", "located", "on_disk"]

_REMOTE = ("https", "http", "s3", "gs", "gcs")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)(://|::)")  # two letters at least: one is a drive


def located(path: str | os.PathLike[str]) -> Path:
    """Make a path of what a user gave: the only place where a text becomes a file on a server.

    What manifests and sheets name never comes here: it is joined to the folder they lie in.

    Parameters
    ----------
    path
        A name, a path, or an address: ``https://``, ``http://``, ``s3://``, ``gs://``, ``file://``.

    Returns
    -------
    The path; for an address a ``RemotePath``, which has those methods of a path that the readers use. Login and query
    string are kept, and never shown.

    Raises
    ------
    InputError
        An address of another kind.

    Examples
    --------
    >>> from htan_kit.io._paths import located
    >>> located("a/b.tif").name, str(located("https://example.org/b.tif?signature=x"))
    ('b.tif', 'https://example.org/b.tif')
    """
    if not isinstance(path, str):
        if is_remote(path):
            return path
        known = getattr(path, "protocol", "")  # a UPath, which is no PathLike where it is remote
        return located(str(path)) if known else Path(path)
    scheme = _SCHEME.match(path)
    if scheme is None:
        return Path(path)
    name = scheme[1].lower()
    if scheme[2] == "://" and name in _REMOTE:
        from htan_kit.io._remote import RemotePath

        return cast("Path", RemotePath.of(path))
    if scheme[2] == "://" and name == "file":
        return _of_file_url(path)
    if scheme[2] == "::" and exists(Path(path)):
        return Path(path)
    kinds = ", ".join(f"{kind}://" for kind in ("https", "s3", "gs"))
    message = f"Addresses that begin with {scheme[0][:40]!r} are not read."
    raise InputError.of("remote.address", scheme[0][:40], message, f"Give a file of this machine, or one of {kinds}.")


def _of_file_url(url: str) -> Path:
    from urllib.request import url2pathname

    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        message = "A file:// address names a file of this machine, not of another."
        raise InputError.of("remote.address", "file://", message, "Write file:///folder/file.")
    return Path(url2pathname(parts.path))


def is_remote(path: object) -> TypeGuard[Any]:  # a RemotePath, which readers take for a Path
    """Tell whether a path is a file on a server.

    Parameters
    ----------
    path
        What :func:`located` gave.

    Returns
    -------
    True for one on a server.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import is_remote, located
    >>> is_remote(Path("a.tif")), is_remote(located("s3://bucket/a.tif"))
    (False, True)
    """
    if isinstance(path, str | Path):
        return False
    from htan_kit.io._remote import RemotePath

    return isinstance(path, RemotePath)


def on_disk(path: Path) -> Path:
    """Give a file of this machine, for what has to be read whole: of a file on a server a copy, made once.

    Parameters
    ----------
    path
        The file; what opens it afterwards reads the copy too.

    Returns
    -------
    The path itself, or that of the copy.

    Raises
    ------
    InputError
        The server does not give the file, or it is larger than 4 GiB.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import on_disk
    >>> on_disk(Path("a.csv")).name
    'a.csv'
    """
    return path.download() if is_remote(path) else path


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that is too long for the system is none.

    Parameters
    ----------
    path
        The path.

    Returns
    -------
    True for a file that can be looked at.

    Raises
    ------
    InputError
        The file is on a server, and the server does not tell.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import is_file
    >>> is_file(Path("a" * 300))
    False
    """
    if is_remote(path):
        return path.is_file()
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

    Raises
    ------
    InputError
        The file is on a server, and the server does not tell.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._paths import exists
    >>> exists(Path("a" * 300)), exists(Path("."))
    (False, True)
    """
    if is_remote(path):
        return path.exists()
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
    if is_remote(path):
        return ".." not in str(path).split("/") and str(path).startswith(f"{folder}/")
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # RuntimeError: links that loop, before Python 3.13
        return False
