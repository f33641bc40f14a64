"""Whether files stay as they are while they are read; numbers of a file that changes are of neither version."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._paths import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask

__all__ = ["unchanged"]

_HINT = "Wait until it is written or copied completely, and open it again."


@contextmanager
def unchanged(*files: Image | Mask | None) -> Iterator[None]:
    """Hold size and time of change of files before and after they are read against each other.

    Parameters
    ----------
    *files
        What is read. Remote files are left aside.

    Yields
    ------
    Nothing.

    Raises
    ------
    InputError
        A file is gone, or another than it was; or one stored piece of it needs more memory than there is.

    Examples
    --------
    >>> from htan_kit.pixels._unchanged import unchanged
    >>> with unchanged(None):
    ...     pass
    """
    paths = [file.path for file in files if file is not None and not is_remote(file.path)]
    before = {path: _state(path) for path in paths}
    try:
        yield
    except MemoryError as problem:
        message = f"There is not enough memory for one stored piece of it ({str(problem)[:200]})."
        hint = "Write it again in tiles, such as 512 x 512 px."
        raise InputError.of("measure.memory", paths[0] if paths else "measure", message, hint) from problem
    for path, (size, time) in before.items():
        now = _state(path)
        if now != (size, time):
            what = f"it had {size:,} bytes, now {now[0]:,}" if now[0] != size else "it was written again"
            raise InputError.of("image.changed", path, f"The file changed while it was read: {what}.", _HINT)


def _state(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError as problem:
        message = f"The file is gone or cannot be reached any more: {problem.strerror}."
        raise InputError.of("image.changed", path, message, _HINT) from problem
    return found.st_size, found.st_mtime_ns
