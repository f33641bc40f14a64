"""The stored pieces of one level of a TIFF, each read and decoded for itself."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from htan_kit.io._bytes import Files
from htan_kit.io._tiff import open_tiff
from htan_kit.io.formats._codec import Codec, Coded, codec_of
from htan_kit.io.formats._rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Plane", "TiffTiles"]


class Plane(NamedTuple):
    """Where a stored plane lies: its file, its directory there, its number in it; and the channels it holds."""

    file: int
    directory: int
    number: int
    channels: tuple[int, ...]


class TiffTiles:
    """Tiles or strips of a level. Every plane is its own directory's to say how it is stored.

    Parameters
    ----------
    paths
        The files of the image.
    planes
        The stored planes of the level.
    """

    def __init__(self, paths: Sequence[Path], planes: Sequence[Plane]) -> None:
        self._paths, self._stored = paths, planes
        self._files, self._local, self._lock = Files(), threading.local(), threading.Lock()
        self._tiff: tuple[int, Any] | None = None  # the file that was opened last: directories are parsed as needed
        self._open = ExitStack()
        self._pages: dict[tuple[int, int], Coded | Rows] = {}
        self._codecs: dict[tuple[object, ...], Codec] = {}  # most pages of a file are stored alike
        self.planes: tuple[tuple[int, ...], ...] = tuple(plane.channels for plane in planes)
        try:
            self.chunk = self._page(planes[0]).shape[:2]
        except BaseException:
            self.close()
            raise

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        """Decode a tile or strip, as :class:`~htan_kit.io._store.Tiles` says."""
        stored = self._stored[plane]
        page = self._pages.get(stored[:2]) or self._page(stored)
        pixels = page.piece(self._files, self._paths[stored.file], self._local, stored.number, row, column)
        return pixels[..., : len(stored.channels)]

    def _page(self, plane: Plane) -> Coded | Rows:
        import tifffile

        with self._lock:
            found = self._pages.get(plane[:2])
            if found is not None:
                return found
            if self._tiff is None or self._tiff[0] != plane.file:
                self._open.close()
                self._tiff = plane.file, self._open.enter_context(open_tiff(self._paths[plane.file]))
            tiff = self._tiff[1]
            page: Any = tiff.pages.first
            if plane.directory != page.offset:
                tiff.filehandle.seek(plane.directory)
                page = tifffile.TiffPage(tiff, 0)
            found = self._pages[plane[:2]] = rows_of(page) or self._coded(plane.file, page)
            return found

    def _coded(self, file: int, page: Any) -> Coded:
        like = file, page.hash, page.jpegtables, page.jpegheader
        codec = self._codecs.get(like)
        if codec is None:
            codec = self._codecs[like] = codec_of(page)
        rows, columns = codec.shape[:2]
        grid = -(-int(page.imagelength) // rows), -(-int(page.imagewidth) // columns)
        return Coded(codec, grid, np.asarray(page.dataoffsets, np.uint64), np.asarray(page.databytecounts, np.uint64))

    def close(self) -> None:
        """Close the files."""
        self._open.close()
        self._files.close()
