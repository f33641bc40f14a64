"""Whole slides as scanners write them: tifffile groups their pages; where they keep the pixel size is here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from htan_kit.io._pixel_size import pixel_size_from_lengths
from htan_kit.io.formats._tiff_dialect import Dialect

if TYPE_CHECKING:
    from htan_kit.io.formats._tiff_source import TiffSource
    from htan_kit.io.formats._tiff_stack import Stack

__all__ = ["VENDORS", "Slide"]

VENDORS: Final = {
    "svs": "Aperio SVS", "ndpi": "Hamamatsu NDPI", "scn": "Leica SCN", "philips": "Philips TIFF",
    "lsm": "Zeiss LSM", "indica": "Indica Labs TIFF",
}  # fmt: skip
"""tifffile's word for a format, and its name."""

_DESCRIPTION = 270
_SIZES: Final = {
    "svs": (re.compile(r"\|\s*MPP\s*=\s*([\d.]{1,20})"), "µm"),
    "philips": (re.compile(r'DICOM_PIXEL_SPACING"[^>]{0,200}>\s*(?:&quot;|")?([\d.]{1,20})'), "mm"),
}
"""Where the description of the first page gives the side of a pixel, and in which unit."""

_LABELS: Final = re.compile(r"\b(label|macro|thumbnail)\b", re.IGNORECASE)


class Slide(Dialect):
    """A whole slide of a scanner's maker.

    Parameters
    ----------
    file
        The TIFF that is being opened.
    vendor
        A key of :data:`VENDORS`.
    """

    resolution_is_meant = True

    def __init__(self, file: TiffSource, vendor: str) -> None:
        super().__init__(file)
        self._vendor = vendor
        self.kind = VENDORS[vendor]

    def stacks(self) -> list[Stack]:
        """Give the images; one without a name that its own page calls a label or macro bears that name."""
        found = []
        for stack in super().stacks():
            called = _LABELS.search(str(stack.page.description)[:400])
            name = stack.name if stack.name and stack.name != "Other" else ""
            found.append(replace(stack, name=name or (called[1].capitalize() if called else "")))
        return found

    def pixel_size(self, stack: Stack) -> float | None:
        """Give the pixel size of the slide, in the vendor's words, else as its tags have it."""
        if stack.number or self._vendor not in _SIZES:
            return super().pixel_size(stack)
        pattern, unit = _SIZES[self._vendor]
        written = pattern.search(str(stack.page.description)[: 2**20])
        if written is None:
            return super().pixel_size(stack)
        return pixel_size_from_lengths((written[1], unit), (written[1], unit), self.file.path, self.file.findings)
