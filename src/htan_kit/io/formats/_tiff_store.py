"""The pixels of one image of a TIFF, or of a set or folder of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._paths import is_remote
from htan_kit.io.formats._tiff_tiles import Plane, TiffTiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

    from htan_kit.io._store import Level

__all__ = ["FileState", "TiffStore", "state_of"]


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when the image was opened: its size in bytes."""

    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class TiffStore:
    """One image: its files, and where each stored plane of each level lies in them."""

    kind: str
    sources: tuple[FileState, ...]
    levels: tuple[Level, ...]
    planes: tuple[tuple[Plane, ...], ...]
    is_rgb: bool
    n_channels: int
    dtype: np.dtype
    chunk: tuple[int, int]
    tiled: bool
    compression: str

    @contextmanager
    def tiles(self, level: int = 0) -> Iterator[TiffTiles]:
        """Open a level; raises InputError where a file is not the one that was opened any more."""
        planes = self.planes[level]
        for number in sorted({plane.file for plane in planes}):
            source = self.sources[number]
            if state_of(source.path) != source:
                message = "The file has changed since it was opened; it may still be being written."
                hint = "Wait until it is complete, and open it again."
                raise InputError.of("image.changed", source.path, message, hint)
        paths = [source.path for source in self.sources]
        try:
            tiles = TiffTiles(paths, planes)
        except InputError:
            raise
        except Exception as problem:  # noqa: BLE001 - a damaged directory fails in any of a dozen ways
            message = f"Level {level} cannot be read ({type(problem).__name__}: {str(problem)[:200]})."
            raise InputError.of("image.truncated", paths[0], message, "Copy or export the file again.") from None
        try:
            yield tiles
        finally:
            tiles.close()


def state_of(path: Path) -> FileState:
    """Note what a file is now; a file on a server minds its own changes.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Its size.

    Raises
    ------
    InputError
        There is no such file.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit.io.formats._tiff_store import state_of
    >>> path = Path(tempfile.mkdtemp()) / "a"
    >>> _ = path.write_bytes(b"123")
    >>> state_of(path).size
    3
    """
    if is_remote(path):
        return FileState(path, 0)
    try:
        return FileState(path, path.stat().st_size)
    except OSError:
        raise InputError.of("file.exists", path, "There is no such file (any more).", "Check the path.") from None
