"""OME-TIFF: images, channels and pixel size as the OME-XML has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io._pixel_size import pixel_size_from_ome
from htan_kit.io.formats._tiff_dialect import Dialect
from htan_kit.io.formats._tiff_levels import with_old_levels
from htan_kit.io.ome import read_ome_xml

if TYPE_CHECKING:
    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_dialect import Named
    from htan_kit.io.formats._tiff_stack import Stack
    from htan_kit.io.ome import OmeHeader

__all__ = ["OmeTiff"]


class OmeTiff(Dialect):
    """A TIFF with OME-XML, of one file or several."""

    kind = "OME-TIFF"
    header_name = "OME-XML"

    def stacks(self) -> list[Stack]:
        """Give the images; what is only a smaller copy of the one before is a level of it."""
        return with_old_levels(super().stacks(), self.file.tiff_map, self.file.path, self.file.findings)

    def names(self, stack: Stack, layout: Layout) -> list[Named]:
        """Name the channels as the header does."""
        ome = self.header(stack)
        channels = ome.channels if ome else ()
        found: list[Named] = [(c.id, c.name) for c in channels]
        if len(found) != layout.n_channels and sum(c.samples for c in channels) == layout.n_channels:  # side by side
            found = [(c.id, c.name and f"{c.name} sample {s + 1}") for c in channels for s in range(c.samples)]
        return found or super().names(stack, layout)

    def pixel_size(self, stack: Stack) -> float | None:
        """Give PhysicalSizeX, else what the resolution tags say."""
        ome, file = self.header(stack), self.file
        size = None if ome is None else pixel_size_from_ome(ome, file.path, file.findings)
        if size is None and (ome is None or "PhysicalSizeX" not in ome.pixels):
            return super().pixel_size(stack)
        return size

    def header(self, stack: Stack) -> OmeHeader | None:
        """Give what the OME-XML says of the image; None where it cannot be told which of its images that is."""
        ome = self.file.entry.ome
        if ome is None or stack.number == 0:
            return ome
        # tifffile leaves out images whose planes it cannot find.
        of_name = [i for i, name in enumerate(ome.image_names) if name and name == stack.name]
        if len(ome.image_names) == len(self.file.tiff.series):
            of_name = [stack.number]
        return read_ome_xml(ome.xml, self.file.path, image=of_name[0]) if len(of_name) == 1 else None
