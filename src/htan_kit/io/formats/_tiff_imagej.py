"""ImageJ's TIFF: hyperstacks, slice labels, and a pixel size in a unit of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.io._pixel_size import pixel_size_from_lengths
from htan_kit.io.formats._tiff_dialect import Dialect

if TYPE_CHECKING:
    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_dialect import Named
    from htan_kit.io.formats._tiff_stack import Stack

__all__ = ["ImageJTiff"]

_NO_LENGTHS = {"", "pixel", "pixels", "inch", "in", "1", "none", "null"}  # inches are its default, and say nothing


class ImageJTiff(Dialect):
    """What ImageJ, Fiji and their likes write."""

    kind = "ImageJ TIFF"
    header_name = "ImageJ header"

    def stacks(self) -> list[Stack]:
        """Give the image; raises InputError where its header promises more planes than there are."""
        found = super().stacks()
        if found[0].kind != "imagej":
            planes = str(self._header().get("images", "more"))[:20]
            message = f"The TIFF file is cut off: its ImageJ header promises {planes} planes, which are not there."
            raise InputError.of("image.truncated", self.file.path, message, "Copy or export the file again.")
        return found

    def names(self, stack: Stack, layout: Layout) -> list[Named]:
        """Name the channels by the labels of their slices."""
        labels = self._header().get("Labels")
        planes = [plane.number or plane.page for plane in layout.planes]
        if stack.axes[:1] in "CZTI" and isinstance(labels, list) and len(labels) > max(planes, default=0):
            names = [" ".join(str(labels[plane]).split())[:200] for plane in planes]
            if any(names):
                return [(None, name) for name in names]
        return super().names(stack, layout)

    def pixel_size(self, stack: Stack) -> float | None:
        """Give the pixel size: pixels per ``unit`` of the header."""
        unit = str(self._header().get("unit", "")).strip()
        if unit.lower() in _NO_LENGTHS:
            return super().pixel_size(stack)
        sides: list[Any] = []
        for tag in ("XResolution", "YResolution"):
            value = stack.page.tags.valueof(tag)
            pixels, per = value if isinstance(value, tuple) and len(value) == 2 else (0, 1)
            sides.append((round(per / pixels, 9), unit) if pixels else None)
        if None in sides:
            return None
        return pixel_size_from_lengths(sides[0], sides[1], self.file.path, self.file.findings)

    def _header(self) -> dict[str, Any]:
        return self.file.tiff.imagej_metadata or {}
