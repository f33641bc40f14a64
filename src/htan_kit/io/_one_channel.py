"""One channel of an image, as an image of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from htan_kit.io._store import ImageChannel

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from htan_kit.io._store import Level, Store, Tiles
    from htan_kit.io.image import Image

__all__ = ["one_channel"]


def one_channel(image: Image, index: int) -> Image:
    """Take one channel of an image; the others are not decoded unless they are stored pixel by pixel beside it.

    Parameters
    ----------
    image
        An image of several channels, not RGB.
    index
        0-based channel.

    Returns
    -------
    The same file with this channel alone.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._one_channel import one_channel
    >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
    >>> one_channel(image, 1).channel_names == image.channel_names[1:2]
    True
    """
    channel = image.channels[index]
    return replace(
        image, store=OneChannel(image.store, index), channels=(ImageChannel(0, channel.id, channel.name, 1),)
    )


@dataclass(frozen=True)
class OneChannel:
    """A store of which one channel is seen; see :class:`htan_kit.io._store.Store`."""

    store: Store
    index: int
    is_rgb: bool = False
    n_channels: int = 1

    @property
    def kind(self) -> str:
        """The format's name."""
        return self.store.kind

    @property
    def dtype(self) -> np.dtype:
        """Type of a value."""
        return self.store.dtype

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid."""
        return self.store.levels

    @property
    def chunk(self) -> tuple[int, int]:
        """Height and width of a stored piece."""
        return self.store.chunk

    @property
    def tiled(self) -> bool:
        """Whether pieces are tiles."""
        return self.store.tiled

    @property
    def compression(self) -> str:
        """Name of the compression."""
        return self.store.compression

    @contextmanager
    def tiles(self, level: int = 0) -> Iterator[Tiles]:
        """Open a level."""
        with self.store.tiles(level) as tiles:
            yield _Plane(tiles, self.index)


class _Plane:
    planes = ((0,),)

    def __init__(self, tiles: Tiles, index: int) -> None:
        self._tiles, self.chunk = tiles, tiles.chunk
        self._plane = next(i for i, inside in enumerate(tiles.planes) if index in inside)
        self._sample = tiles.planes[self._plane].index(index)

    def decode(self, plane: int, row: int, column: int) -> np.ndarray:
        piece = self._tiles.decode(self._plane, row, column)
        return piece[..., self._sample : self._sample + 1]
