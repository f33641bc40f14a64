"""What every dialect of TIFF tells: images, channel names and the pixel size; here from the tags alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import Findings
from htan_kit.io._pixel_size import pixel_size_from_lengths, pixel_size_from_tags
from htan_kit.io.formats._tiff_stack import stacks_of

if TYPE_CHECKING:
    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_source import TiffSource
    from htan_kit.io.formats._tiff_stack import Stack
    from htan_kit.io.ome import OmeHeader

__all__ = ["Dialect", "Named"]

Named = tuple[str | None, str | None]
"""Id and name of a channel, None where it has none."""

_PAGE_NAME = 285


class Dialect:
    """A TIFF that says no more than its tags; the others are made of this one.

    Parameters
    ----------
    file
        The TIFF that is being opened.
    """

    kind = "TIFF"
    header_name = "TIFF"
    resolution_is_meant = False
    """Whether its maker keeps the pixel size in the resolution tags; from others it is a guess, and said to be."""

    def __init__(self, file: TiffSource) -> None:
        self.file = file

    def stacks(self) -> list[Stack]:
        """Give the images, the one that is meant by default first."""
        return stacks_of(self.file.tiff, self.file.paths)

    def names(self, stack: Stack, layout: Layout) -> list[Named]:
        """Name the channels: by the page names, where every page has its own."""
        if self.file.tiff_map is None:
            return []
        texts = {page.offset: self.file.tiff_map.text(page[_PAGE_NAME], 200) for page in self.file.tiff_map.pages}
        places = [stack.levels[0].pages[plane.page] for plane in layout.planes]
        names = [texts.get(place.directory, "").strip() if place else "" for place in places]
        return [(None, name) for name in names] if all(names) and len(set(names)) == len(names) else []

    def pixel_size(self, stack: Stack) -> float | None:
        """Give the side of a pixel in µm: by the resolution tags, where they count per centimetre."""
        tags, file = stack.page.tags, self.file
        unit, findings = tags.valueof("ResolutionUnit"), Findings() if self.resolution_is_meant else file.findings
        x = pixel_size_from_tags(tags.valueof("XResolution"), unit, file.path, findings)
        y = pixel_size_from_tags(tags.valueof("YResolution"), unit, file.path, Findings())
        if x is None or y is None:
            return x
        return pixel_size_from_lengths((x, "µm"), (y, "µm"), file.path, file.findings)

    def header(self, _stack: Stack) -> OmeHeader | None:
        """Give what the OME-XML says of an image."""
        return None
