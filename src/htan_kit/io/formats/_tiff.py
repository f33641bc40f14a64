"""TIFF: OME-TIFF, or a TIFF whose tags tell its axes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.findings import Findings, info, warning
from htan_kit.io._layout import Layout, layout_of
from htan_kit.io._pixel_size import pixel_size_from_ome, pixel_size_from_tags
from htan_kit.io._store import Choice, ImageChannel, Level, Opened
from htan_kit.io._tiff import check_whole, open_tiff
from htan_kit.io.formats._tiff_tiles import TiffTiles
from htan_kit.io.ome import OmeHeader, read_ome_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tifffile import TiffFile

__all__ = ["TiffStore", "matches", "open_format"]


@dataclass(frozen=True, slots=True)
class TiffStore:
    """One series of a TIFF file; ``chosen`` are the stored planes that are its channels."""

    path: Path
    layout: Layout
    levels: tuple[Level, ...]
    chosen: tuple[int, ...]
    kind: str = "TIFF"

    @property
    def is_rgb(self) -> bool:
        """Whether a pixel is a colour."""
        return self.layout.is_rgb

    @property
    def n_channels(self) -> int:
        """Channels; one for RGB."""
        return 1 if self.is_rgb else len(self.chosen)

    @property
    def dtype(self) -> np.dtype:
        """Type of a value, in native byte order."""
        return np.dtype(self.layout.dtype).newbyteorder("=")

    @property
    def chunk(self) -> tuple[int, int]:
        """Height and width of a tile or strip of level 0."""
        return self.layout.chunk

    @property
    def tiled(self) -> bool:
        """Whether it is stored in tiles."""
        return self.layout.tiled

    @property
    def compression(self) -> str:
        """Name of the TIFF compression."""
        return self.layout.compression

    @contextmanager
    def tiles(self, level: int = 0) -> Iterator[TiffTiles]:
        """Open a level."""
        with open_tiff(self.path) as tiff:
            tiles = TiffTiles(tiff.series[self.layout.series].levels[level], self.layout, self.chosen)
            try:
                yield tiles
            finally:
                tiles.close()


def matches(path: Path) -> bool:
    """Take what no other format takes; opening says what it is instead."""
    return bool(path.name)


def open_format(path: Path, choice: Choice, findings: Findings) -> Opened:
    """Open a TIFF.

    Parameters
    ----------
    path
        The file.
    choice
        Which series and plane.
    findings
        Where to put what is odd.

    Returns
    -------
    Channels from OME-XML, pixel size in µm from OME-XML, else from the TIFF tags, else None.

    Raises
    ------
    InputError
        Not a TIFF, cut off, an OME-XML that contradicts the pixels, or axes that are not one plane a channel.
    """
    with open_tiff(path) as tiff:
        check_whole(tiff, path)
        ome = _header(tiff, path, findings)
        layout, levels = layout_of(tiff, ome, path, findings)
        size = None if ome is None else pixel_size_from_ome(ome, path, findings)
        if size is None and (ome is None or "PhysicalSizeX" not in ome.pixels):
            tags = tiff.pages.first.tags
            size = pixel_size_from_tags(tags.valueof("XResolution"), tags.valueof("ResolutionUnit"), path, findings)
        channels = _channels(ome, layout, path, findings)
        kind = "OME-TIFF" if ome is not None else "TIFF"
        chosen = tuple(range(layout.n_channels))
        store = TiffStore(path, layout, tuple(Level(*level) for level in levels), chosen, kind)
    return Opened(store, channels, size, ome)


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
