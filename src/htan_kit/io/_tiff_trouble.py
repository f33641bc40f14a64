"""What tifffile has to complain of: its log is kept silent, and the kit says it in its own words."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["not_a_tiff", "quiet"]


class _Quiet:
    """Keeps tifffile's logger silent while any thread reads through the kit."""

    def __init__(self) -> None:
        self._lock, self._users, self._before = threading.Lock(), 0, False

    def __enter__(self) -> None:
        logger = logging.getLogger("tifffile")
        with self._lock:
            if not self._users:
                self._before, logger.disabled = logger.disabled, True
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                logging.getLogger("tifffile").disabled = self._before


quiet = _Quiet()


def not_a_tiff(path: Path, problem: Exception) -> InputError:
    """Make the error for what tifffile could not open, from the first bytes of the file.

    Parameters
    ----------
    path
        The file.
    problem
        What tifffile said.

    Returns
    -------
    The error: cut off, or no TIFF file at all.
    """
    hint = "Check that the download or the export finished; an OME-TIFF is expected."
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in (b"II", b"MM"):
        return InputError.of(
            "image.truncated", path, f"The TIFF file is damaged or cut off ({str(problem)[:200]}).", hint
        )
    what = "an empty file" if not start else f"a file that starts with {start!r}"
    return InputError.of("image.tiff", path, f"This is not a TIFF file but {what}, whatever its name says.", hint)
