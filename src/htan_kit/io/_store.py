"""What every image format gives: stored pieces of planes, level by level; image and engine know nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np

    from htan_kit.io.ome import OmeHeader

__all__ = ["Choice", "ImageChannel", "Level", "Opened", "Readable", "Store", "Tiles", "Window"]

Window = tuple[int, int, int, int]
"""y0, y1, x0, x1 in pixels of a level; the ends are exclusive."""


@dataclass(frozen=True, slots=True)
class ImageChannel:
    """One channel (plane) of an image: 0-based index, OME id and name where the header has them."""

    index: int
    id: str | None = None
    name: str | None = None
    samples: int = 1


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the pyramid: its size in px and how many level-0 pixels a pixel spans."""

    height: int
    width: int
    downsample: float


class Tiles(Protocol):
    """One level, open; used by several threads at once.

    ``chunk`` is the (height, width) of a stored piece (tile, strip, chunk, frame) in px. ``planes`` lists the channels
    that one decoding gives: one each, or several whose samples lie side by side; RGB counts as three.
    """

    @property
    def chunk(self) -> tuple[int, int]:
        """Height and width of a stored piece in px."""
        ...

    @property
    def planes(self) -> tuple[tuple[int, ...], ...]:
        """Channels of each plane."""
        ...

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        """Decode a piece.

        Parameters
        ----------
        plane
            Index into ``planes``.
        row, column
            Which piece, counted from the upper left.

        Returns
        -------
        (height, width, channels of the plane) in native byte order. Pieces at the lower and right edge may be shorter,
        or reach beyond the image. It may be a buffer that the calling thread's next call overwrites.

        Raises
        ------
        Exception
            Of whatever kind the codec or the file system has; the caller says which piece it was.
        """
        ...


class Store(Protocol):
    """The pixels of one image, wherever and however they are stored.

    ``kind`` is the format as ``htan-kit info`` names it; ``dtype`` is the stored type in native byte order; ``chunk``
    is that of level 0.
    """

    @property
    def kind(self) -> str:
        """The format's name."""
        ...

    @property
    def is_rgb(self) -> bool:
        """Whether a pixel is a colour."""
        ...

    @property
    def n_channels(self) -> int:
        """Channels; one for RGB."""
        ...

    @property
    def dtype(self) -> np.dtype:
        """Type of a value."""
        ...

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, full resolution first."""
        ...

    @property
    def chunk(self) -> tuple[int, int]:
        """Height and width of a stored piece of level 0."""
        ...

    @property
    def tiled(self) -> bool:
        """Whether pieces are tiles rather than whole rows."""
        ...

    @property
    def compression(self) -> str:
        """Name of the compression."""
        ...

    def tiles(self, level: int = 0) -> AbstractContextManager[Tiles]:
        """Open a level."""
        ...


class Readable(Protocol):
    """What the helpers of an image need of it: :class:`~htan_kit.io.image.Image` is one."""

    @property
    def path(self) -> Path:
        """The file."""
        ...

    @property
    def store(self) -> Store:
        """Its pixels."""
        ...

    @property
    def pixel_size_um(self) -> float | None:
        """Side of a pixel in µm."""
        ...

    @property
    def channels(self) -> tuple[ImageChannel, ...]:
        """Its channels."""
        ...

    @property
    def channel_names(self) -> list[str | None]:
        """Names in the header."""
        ...

    def read(
        self, channels: Sequence[int] | int | None = None, window: Window | None = None, level: int = 0
    ) -> np.ndarray:
        """Read pixels."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Which image and plane of a file is meant, where it holds several: series by name or index; None asks for none."""

    series: int | str | None = None
    z: int | None = None
    t: int | None = None


class Opened(NamedTuple):
    """What a format found out about an image without decoding any of it."""

    store: Store
    channels: tuple[ImageChannel, ...]
    pixel_size_um: float | None
    ome: OmeHeader | None
