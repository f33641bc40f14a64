"""Level 2: one image, opened lazily; what its axes are is read, never guessed from its shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings, report
from htan_kit.io._level1 import refuse_level1
from htan_kit.io._paths import located
from htan_kit.io._store import Choice, ImageChannel, Level, Store, Window
from htan_kit.io.formats import format_of

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import dask.array
    import numpy as np
    import xarray

    from htan_kit.io._store import Tiles
    from htan_kit.io.ome import OmeHeader

__all__ = ["Block", "Image", "ImageChannel", "Level", "Window", "read_image"]

BLOCK_BYTES = 128 * 2**20  # pixels held at a time by one pass over an image


class Block(NamedTuple):
    """Some channels of one window: pixels are (channels, height, width), for RGB (height, width, 3)."""

    window: Window
    channels: tuple[int, ...]
    pixels: np.ndarray


@dataclass(frozen=True)
class Image:
    """A Level 2 image on disk. Nothing is decoded before :meth:`read`, :meth:`dask` or :meth:`blocks`.

    Made by :func:`read_image`.
    """

    path: Path
    store: Store
    channels: tuple[ImageChannel, ...]
    pixel_size_um: float | None
    ome: OmeHeader | None
    findings: Findings = field(compare=False)

    @property
    def kind(self) -> str:
        """Name of the format."""
        return self.store.kind

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid, full resolution first."""
        return self.store.levels

    @property
    def tile_shape(self) -> tuple[int, int]:
        """Height and width in px of a stored piece (tile, strip or chunk) of level 0."""
        return self.store.chunk

    @property
    def height(self) -> int:
        """Rows of level 0."""
        return self.levels[0].height

    @property
    def width(self) -> int:
        """Columns of level 0."""
        return self.levels[0].width

    @property
    def n_channels(self) -> int:
        """Channels; an RGB image has one, of three samples."""
        return len(self.channels)

    @property
    def is_rgb(self) -> bool:
        """Whether a pixel is a colour (brightfield) rather than one value a channel."""
        return self.store.is_rgb

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width), or (height, width, 3) for RGB."""
        return (self.height, self.width, 3) if self.is_rgb else (self.n_channels, self.height, self.width)

    @property
    def dtype(self) -> np.dtype:
        """Type of a pixel's value."""
        return self.store.dtype

    @property
    def channel_names(self) -> list[str | None]:
        """Names in the header, None where it has none."""
        return [channel.name for channel in self.channels]

    @property
    def tiled(self) -> bool:
        """Whether level 0 is stored in tiles."""
        return self.store.tiled

    @property
    def compression(self) -> str:
        """Name of the compression."""
        return self.store.compression

    def read(
        self, channels: Sequence[int] | int | None = None, window: Window | None = None, level: int = 0
    ) -> np.ndarray:
        """Read pixels.

        Parameters
        ----------
        channels
            0-based indices; None for all. Not used for RGB.
        window
            y0, y1, x0, x1 in px of ``level``, clipped to the image; None for the whole level.
        level
            Level of the pyramid, 0 is full resolution.

        Returns
        -------
        (channels, height, width) of the image's dtype, or (height, width, 3) for RGB.

        Raises
        ------
        InputError
            The level or a channel does not exist, or a tile cannot be decoded.

        Examples
        --------
        >>> import htan_kit as hk
        >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
        >>> image.read(channels=[0], window=(0, 8, 0, 16)).shape
        (1, 8, 16)
        """
        import numpy as np

        wanted = (
            range(self.n_channels)
            if channels is None
            else [channels]
            if isinstance(channels, int | np.integer)
            else channels
        )
        some, cut = self._checked(wanted), self._clipped(window, level)
        with self.store.tiles(level) as tiles:
            return self._window(tiles, some, cut, level)

    def dask(self, level: int = 0) -> dask.array.Array:
        """Give a level as a lazy dask array, chunked along the stored tiles.

        Parameters
        ----------
        level
            Level of the pyramid.

        Returns
        -------
        Array of :attr:`shape` (at that level); each chunk opens the file for itself.

        Examples
        --------
        >>> import htan_kit as hk
        >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
        >>> image.dask(level=1).ndim
        3
        """
        from htan_kit.io._lazy import lazy

        self._level(level)
        return lazy(self, level)

    def to_xarray(self, level: int = 0) -> xarray.DataArray:
        """Give a level as a lazy xarray.DataArray.

        Parameters
        ----------
        level
            Level of the pyramid.

        Returns
        -------
        Dimensions ``c`` (channel names; r, g, b), ``y`` and ``x``: centres of the pixels in µm, in px of level 0 where
        the pixel size is unknown; the origin is the centre of the first pixel of level 0.

        Examples
        --------
        >>> import htan_kit as hk
        >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
        >>> dna = image.to_xarray().sel(c="DNA_1", y=slice(0, 5), x=slice(10, 20))
        >>> dna.shape, dna.x.attrs["units"]
        ((8, 15), 'µm')
        """
        from htan_kit.io._lazy import labelled

        self._level(level)
        return labelled(self, level)

    def blocks(self, level: int = 0, *, max_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
        """Go over all pixels in bounded memory, each stored tile decoded once.

        Windows come row by row; the channel groups of a window come one after the other, so that what belongs to a
        window (its labels) is read once.

        Parameters
        ----------
        level
            Level of the pyramid.
        max_bytes
            Pixels held at a time; at least one stored tile of one channel is.

        Yields
        ------
        Blocks that cover every channel of every pixel exactly once.

        Examples
        --------
        >>> import htan_kit as hk
        >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
        >>> sum(block.pixels.size for block in image.blocks()) == image.n_channels * image.height * image.width
        True
        """
        self._level(level)
        with self.store.tiles(level) as tiles:
            yield from self._blocks(tiles, level, max_bytes)

    def _blocks(self, tiles: Tiles, level: int, max_bytes: int) -> Iterator[Block]:
        size = self.levels[level]
        rows, columns = tiles.chunk
        pixel = self.dtype.itemsize * (3 if self.is_rgb else 1)
        across = -(-size.width // columns)
        wide = max(1, min(across, max_bytes // (rows * columns * pixel)))  # a whole row of pieces, then channels
        group = max(1, min(self.n_channels, max_bytes // (rows * columns * pixel * wide)))
        wide = max(wide, max_bytes // (rows * columns * pixel * group))
        width = min(size.width, columns * wide)
        height = rows * max(1, wide // across)
        for y in range(0, size.height, height):
            for x in range(0, size.width, width):
                window = (y, min(y + height, size.height), x, min(x + width, size.width))
                for first in range(0, self.n_channels, group):
                    some = list(range(first, min(first + group, self.n_channels)))
                    yield Block(window, tuple(some), self._window(tiles, some, window, level))

    def _window(self, tiles: Tiles, channels: Sequence[int], window: Window, level: int) -> np.ndarray:
        import numpy as np

        from htan_kit.io._windows import read_window

        if self.is_rgb:
            return np.moveaxis(read_window(self, tiles, (0, 1, 2), window, level=level), 0, -1)
        return read_window(self, tiles, channels, window, level=level)

    def _level(self, level: int) -> Level:
        if not 0 <= level < len(self.levels):
            message = f"There is no level {level}; the image has levels 0 to {len(self.levels) - 1}."
            raise InputError.of("image.level", self.path, message, "Choose one of them.")
        return self.levels[level]

    def _checked(self, channels: Sequence[int]) -> list[int]:
        wrong = [c for c in channels if not 0 <= c < self.n_channels]
        if wrong:
            message = f"There is no channel {wrong}; the image has channels 0 to {self.n_channels - 1}."
            raise InputError.of("image.channel", self.path, message, "Choose among them.")
        return list(channels)

    def _clipped(self, window: Window | None, level: int) -> Window:
        size = self._level(level)
        y0, y1, x0, x1 = window or (0, size.height, 0, size.width)
        return max(y0, 0), min(y1, size.height), max(x0, 0), min(x1, size.width)

    def __repr__(self) -> str:
        size = "pixel size unknown" if self.pixel_size_um is None else f"{self.pixel_size_um:g} µm/px"
        what = "RGB" if self.is_rgb else f"{self.n_channels} channels"
        return f"<Image {self.path.name}: {what}, {self.height} x {self.width} px, {self.dtype}, {size}>"


def read_image(
    path: str | os.PathLike[str],
    *,
    series: int | str | None = None,
    z: int | None = None,
    t: int | None = None,
    findings: Findings | None = None,
) -> Image:
    """Open a Level 2 image, of whichever format; nothing is decoded.

    Parameters
    ----------
    path
        The file or folder.
    series
        Which image of a file that holds several: its name, or its 0-based index; None for the first.
    z, t
        Which plane (0-based) of a stack or time series; None where there is one.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    The lazy image: channels and pixel size in µm as its metadata give them, None where they do not.

    Raises
    ------
    InputError
        No such file, Level 1 (a microscope's own format), a format the kit does not know, cut off, a header that
        contradicts the pixels, or a stack of which no plane was chosen.

    References
    ----------
    HTAN Manual, Imaging Level 2 (OME-TIFF, one file a scene, tiled and pyramidal); OME model 2016-06.

    Examples
    --------
    >>> import htan_kit as hk
    >>> image = hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
    >>> image.pixel_size_um, image.channel_names[0]
    (0.65, 'DNA_1')
    """
    place = located(path)
    refuse_level1(place)
    found = Findings()
    opened = format_of(place).open_format(place, Choice(series, z, t), found)
    for finding in found:
        report(findings, finding)
    return Image(place, opened.store, opened.channels, opened.pixel_size_um, opened.ome, found)
