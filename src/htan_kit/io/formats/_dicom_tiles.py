"""A whole slide in DICOM as levels of tiles: which frame of which file is the tile of a channel."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._bytes import Files
from htan_kit.io.formats._dicom_frames import COMPRESSIONS, Frames
from htan_kit.io.formats._dicom_header import RULE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from htan_kit.io._store import Level
    from htan_kit.io.formats._dicom_header import Instance

__all__ = ["DicomStore", "DicomTiles", "Plane"]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """One channel of one level: its files (several of a concatenation), its number in them, and the focal plane."""

    files: tuple[Instance, ...]
    channel: int
    z: int

    def frames(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Map the tiles that do not lie in order to (file, frame): those of TILED_SPARSE."""
        found: dict[tuple[int, int], tuple[int, int]] = {}
        for f, instance in enumerate(self.files):
            for i, (channel, z, y, x) in enumerate(instance.places or ()):
                if (channel, z) == (self.channel, self.z):
                    row, column = divmod(y, instance.frame[0]), divmod(x, instance.frame[1])
                    if row[1] or column[1]:
                        message = f"A tile begins at row {y}, column {x}, not where tiles of {instance.frame} px meet."
                        raise InputError.of(RULE, instance.path, message, "Convert it to TILED_FULL.")
                    found[row[0], column[0]] = f, i
        return found


class DicomTiles:
    """Tiles of one level.

    Parameters
    ----------
    planes
        One a channel; one for RGB.
    """

    def __init__(self, planes: Sequence[Plane]) -> None:
        first = planes[0].files[0]
        self.chunk = first.frame
        self.planes: tuple[tuple[int, ...], ...] = (
            ((0, 1, 2),) if first.samples == 3 else tuple((c,) for c in range(len(planes)))
        )
        self._files = Files()
        self._across, self._down = -(-first.width // self.chunk[1]), -(-first.height // self.chunk[0])
        self._planes = planes
        self._frames = [[Frames(instance, self._files) for instance in plane.files] for plane in planes]
        self._sparse = [plane.frames() if plane.files[0].places is not None else None for plane in planes]
        fill = 255 if first.samples == 3 else 0  # a slide is white where nothing was scanned, a dark field black
        self._missing = np.full((*self.chunk, first.samples), fill, np.dtype(first.dtype).newbyteorder("="))

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        """Decode a frame, as :class:`~htan_kit.io._store.Tiles` says."""
        sparse = self._sparse[plane]
        if sparse is not None:
            place = sparse.get((row, column))
            return self._missing if place is None else self._frames[plane][place[0]].decode(place[1])
        source = self._planes[plane]
        # Tiles go left to right, top to bottom, for each focal plane, for each channel: PS3.3 C.7.6.17.3.
        stack = source.channel * source.files[0].focal_planes + source.z
        frame = stack * self._down * self._across + row * self._across + column
        for instance, frames in zip(source.files, self._frames[plane], strict=True):
            if instance.first_frame <= frame < instance.first_frame + instance.n_frames:
                return frames.decode(frame - instance.first_frame)
        message = f"frame {frame + 1} is in no file"
        raise EOFError(message)

    def close(self) -> None:
        """Close the files."""
        self._files.close()


@dataclass(frozen=True, slots=True)
class DicomStore:
    """A series of whole slide files: the planes of each level."""

    levels: tuple[Level, ...]
    planes: tuple[tuple[Plane, ...], ...] = field(repr=False, compare=False)
    kind: str = "DICOM"
    tiled: bool = True

    @property
    def is_rgb(self) -> bool:
        """Whether a pixel is a colour."""
        return self._first.samples == 3

    @property
    def n_channels(self) -> int:
        """Channels; one for RGB."""
        return len(self.planes[0])

    @property
    def dtype(self) -> np.dtype:
        """Type of a value."""
        return np.dtype(self._first.dtype).newbyteorder("=")

    @property
    def chunk(self) -> tuple[int, int]:
        """Height and width of a frame of level 0."""
        return self._first.frame

    @property
    def compression(self) -> str:
        """Name of the compression."""
        return COMPRESSIONS[self._first.syntax]

    @property
    def _first(self) -> Instance:
        return self.planes[0][0].files[0]

    @contextmanager
    def tiles(self, level: int = 0) -> Iterator[DicomTiles]:
        """Open a level."""
        tiles = DicomTiles(self.planes[level])
        try:
            yield tiles
        finally:
            tiles.close()
