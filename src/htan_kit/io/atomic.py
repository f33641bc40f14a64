"""Files that are either whole or not there."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

__all__ = ["replacing", "write_text"]


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name in the folder of ``path``; rename it to ``path`` when the block ends well.

    Parameters
    ----------
    path
        The file (or folder, such as a zarr store) to make. Its suffixes are kept in the temporary name, since
        writers choose formats by suffix.

    Yields
    ------
    The temporary path. On an exception it is removed and ``path`` stays as it was.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit.io.atomic import replacing
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with replacing(target) as temporary:
    ...     _ = temporary.write_text("whole")
    >>> target.read_text()
    'whole'
    """
    target = Path(path)
    folder = Path(tempfile.mkdtemp(prefix=".tmp-", dir=target.parent))
    temporary = folder / target.name
    try:
        yield temporary
        if target.is_dir() and temporary.is_dir():
            shutil.rmtree(target)  # os.replace refuses a folder that is not empty
        temporary.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a UTF-8 text file whole or not at all.

    Parameters
    ----------
    path
        The file to make or to replace.
    text
        Its content.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit.io.atomic import write_text
    >>> target = Path(tempfile.mkdtemp()) / "a.json"
    >>> write_text(target, "{}")
    >>> target.read_text()
    '{}'
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
