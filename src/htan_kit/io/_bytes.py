"""Bytes at a place of a file, read by several threads at once."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from htan_kit.io._paths import is_remote

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Files"]


class Files:
    """Files that stay open while their pieces are read; the thread's buffer is used again by its next read."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._lock = threading.Lock()
        self._files: dict[Path, int] = {}

    def read(self, path: Path, offset: int, n: int) -> memoryview:
        """Read bytes.

        Parameters
        ----------
        path
            The file.
        offset
            Where they begin.
        n
            How many.

        Returns
        -------
        The bytes, in a buffer that the calling thread's next read overwrites.

        Raises
        ------
        EOFError
            The file ends before.
        OSError
            The file cannot be read (any more).
        InputError
            It is on a server, which does not give it.
        """
        if is_remote(path):
            return _whole(memoryview(path.fetch(offset, offset + n)), n)
        raw = getattr(self._local, "raw", None)
        if raw is None or len(raw) < n:
            raw = self._local.raw = bytearray(n + n // 4)
        view = memoryview(raw)[:n]
        return _whole(view[: self._read_into(path, view, offset)], n)

    def _read_into(self, path: Path, view: memoryview, offset: int) -> int:
        with self._lock:
            if path not in self._files:
                self._files[path] = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            file = self._files[path]
        if hasattr(os, "preadv"):
            done = 0
            while done < len(view):
                n = os.preadv(file, [view[done:]], offset + done)
                if not n:
                    break
                done += n
            return done
        with self._lock:  # a file has one position
            os.lseek(file, offset, os.SEEK_SET)
            data = os.read(file, len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close all of them."""
        for file in self._files.values():
            os.close(file)
        self._files.clear()


def _whole(view: memoryview, n: int) -> memoryview:
    if len(view) < n:
        message = f"the file ends {n - len(view):,} bytes too early"
        raise EOFError(message)
    return view
