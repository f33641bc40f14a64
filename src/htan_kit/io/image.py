"""Level 2: one image, opened lazily; what its axes are is read, never guessed from its shape."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings, info, report, warning
from htan_kit.io._layout import Layout, layout_of, pieces
from htan_kit.io._level1 import refuse_level1
from htan_kit.io._pixel_size import pixel_size_from_ome, pixel_size_from_tags
from htan_kit.io._tiff import check_whole, open_tiff
from htan_kit.io.ome import OmeHeader, read_ome_xml

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    import dask.array
    import numpy as np
    from tifffile import TiffFile

__all__ = ["Block", "Image", "ImageChannel", "Level", "Window", "read_image"]

Window = tuple[int, int, int, int]
"""y0, y1, x0, x1 in pixels of a level; the ends are exclusive."""

BLOCK_BYTES = 128 * 2**20  # pixels held at a time by one pass over an image


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
    layout: Layout
    channels: tuple[ImageChannel, ...]
    levels: tuple[Level, ...]
    pixel_size_um: float | None
    ome: OmeHeader | None
    findings: Findings = field(compare=False)

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
        return self.layout.is_rgb

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width), or (height, width, 3) for RGB."""
        return (self.height, self.width, 3) if self.is_rgb else (self.n_channels, self.height, self.width)

    @property
    def dtype(self) -> np.dtype:
        """Type of a pixel's value."""
        import numpy as np

        return np.dtype(self.layout.dtype)

    @property
    def channel_names(self) -> list[str | None]:
        """Names in the header, None where it has none."""
        return [channel.name for channel in self.channels]

    @property
    def tiled(self) -> bool:
        """Whether level 0 is stored in tiles."""
        return self.layout.tiled

    @property
    def compression(self) -> str:
        """Name of the TIFF compression."""
        return self.layout.compression

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
        with self._reader(level) as reader:
            return reader(self._checked(wanted), self._clipped(window, level))

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
        import dask.array
        import numpy as np

        size = self._level(level)
        side = [max(chunk, 1024 // chunk * chunk) for chunk in self.layout.chunk]
        spatial = [pieces(size.height, side[0]), pieces(size.width, side[1])]
        chunks = (*spatial, (3,)) if self.is_rgb else ((1,) * self.n_channels, *spatial)

        def load(block_info: dict[int | None, dict[str, list[tuple[int, int]]]]) -> np.ndarray:
            where = block_info[None]["array-location"]
            y, x = (where[0], where[1]) if self.is_rgb else (where[1], where[2])
            only = None if self.is_rgb else list(range(*where[0]))
            return self.read(only, (*y, *x), level)

        return dask.array.map_blocks(load, chunks=chunks, dtype=self.dtype, meta=np.empty((0, 0, 0), self.dtype))

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
        size = self._level(level)
        rows, columns = self.layout.chunk
        pixel = self.dtype.itemsize * (3 if self.is_rgb else 1)
        across = -(-size.width // columns)
        tiles = max(1, min(across, max_bytes // (rows * columns * pixel)))  # a whole row of tiles, then channels
        group = max(1, min(self.n_channels, max_bytes // (rows * columns * pixel * tiles)))
        tiles = max(tiles, max_bytes // (rows * columns * pixel * group))
        width = min(size.width, columns * tiles)
        height = rows * max(1, tiles * columns // -(-size.width // columns * columns))
        with self._reader(level) as reader:
            for y in range(0, size.height, height):
                for x in range(0, size.width, width):
                    window = (y, min(y + height, size.height), x, min(x + width, size.width))
                    for first in range(0, self.n_channels, group):
                        some = list(range(first, min(first + group, self.n_channels)))
                        yield Block(window, tuple(some), reader(some, window))

    @contextmanager
    def _reader(self, level: int) -> Iterator[Callable[[Sequence[int], Window], np.ndarray]]:
        self._level(level)
        with open_tiff(self.path) as tiff:
            store = tiff.series[0].aszarr(level=level)
            try:
                yield self.layout.reader(store, self.path)
            finally:
                store.close()

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


def read_image(path: str | os.PathLike[str], *, findings: Findings | None = None) -> Image:
    """Open a Level 2 image: OME-TIFF, or a TIFF whose tags tell its axes.

    Parameters
    ----------
    path
        The file.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    The lazy image: channels from OME-XML, pixel size in µm from OME-XML, else from the TIFF tags, else None.

    Raises
    ------
    InputError
        No such file, Level 1 (a microscope's own format), not a TIFF, cut off, an OME-XML that contradicts the pixels,
        or axes the kit cannot read as one plane a channel (z stacks, time series).

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
    path = Path(path)
    refuse_level1(path)
    found = Findings()
    with open_tiff(path) as tiff:
        check_whole(tiff, path)
        ome = _header(tiff, path, found)
        layout, levels = layout_of(tiff, ome, path, found)
        size = None if ome is None else pixel_size_from_ome(ome, path, found)
        if size is None and (ome is None or "PhysicalSizeX" not in ome.pixels):
            tags = tiff.pages.first.tags
            size = pixel_size_from_tags(tags.valueof("XResolution"), tags.valueof("ResolutionUnit"), path, found)
    channels = _channels(ome, layout, path, found)
    for finding in found:
        report(findings, finding)
    return Image(path, layout, channels, tuple(Level(*level) for level in levels), size, ome, found)


def _header(tiff: TiffFile, path: Path, findings: Findings) -> OmeHeader | None:
    text = tiff.pages.first.description
    if text and "<OME" in text[:4096] and text.rstrip().endswith("OME>"):
        return read_ome_xml(text, path)
    message = "There is no OME-XML in the file; axes and channels are taken from the TIFF tags alone."
    make = warning if ".ome." in path.name.lower() else info
    findings.append(make("image.ome-xml", path, message, "Level 2 should be an OME-TIFF.", "HTAN Manual, Level 2"))
    return None


def _channels(ome: OmeHeader | None, layout: Layout, path: Path, findings: Findings) -> tuple[ImageChannel, ...]:
    n, samples = layout.n_channels, 3 if layout.is_rgb else 1
    written = () if ome is None else ome.channels
    if written and len(written) != n:
        message = f"The OME-XML lists {len(written)} channels, the pixels have {n}; its names are not used."
        findings.append(warning("image.channels", path, message, "Correct the header; the channel file is used."))
        written = ()
    if not written:
        return tuple(ImageChannel(index, samples=samples) for index in range(n))
    return tuple(ImageChannel(i, c.id, c.name, samples) for i, c in enumerate(written))
