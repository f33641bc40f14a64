"""One way to hash a file, for what is written into results and for what decides whether they are up to date."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from htan_kit.io._paths import is_remote

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["file_hash"]

_WHOLE = 256 * 2**20  # larger files are sampled: reading 40 GB to open an image helps nobody
_BLOCK = 2**20
_BLOCKS = 33


def file_hash(path: Path) -> str:
    """Hash a file's content.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    ``sha256:<hex>`` of the whole file up to 256 MiB; beyond, ``sha256-sampled:<hex>`` of its size (as decimal digits)
    and 33 blocks of 1 MiB at equal distances, its first and its last among them. Of a file on a server
    ``sha256-version:<hex>`` of its size and of the version that the server tells (ETag, else time of change): nothing
    is read.

    Raises
    ------
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from htan_kit.io.hashing import file_hash
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "empty")
    ...     path.touch()
    ...     file_hash(path)[:18]
    'sha256:e3b0c44298f'
    """
    if is_remote(path):
        told = path.stat()
        return f"sha256-version:{hashlib.sha256(f'{told.st_size} {told.version}'.encode()).hexdigest()}"
    with path.open("rb") as file:
        size = path.stat().st_size
        if size <= _WHOLE:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
        digest = hashlib.sha256(str(size).encode())
        for i in range(_BLOCKS):
            file.seek((size - _BLOCK) * i // (_BLOCKS - 1))
            digest.update(file.read(_BLOCK))
    return f"sha256-sampled:{digest.hexdigest()}"
