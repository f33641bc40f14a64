"""QPTIFF, as Akoya's PhenoImager (Vectra), PhenoCycler-Fusion and inForm write it: a page says in XML what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._pixel_size import pixel_size_from_lengths
from htan_kit.io.formats._tiff_dialect import Dialect
from htan_kit.io.formats._tiff_stack import stack_of_pages
from htan_kit.io.ome import parse_xml

if TYPE_CHECKING:
    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_dialect import Named
    from htan_kit.io.formats._tiff_source import TiffSource
    from htan_kit.io.formats._tiff_stack import Stack

__all__ = ["QpTiff"]

_DESCRIPTION = 270
_ROOT = "<PerkinElmer-QPI-ImageDescription"
_FULL, _REDUCED = "fullresolution", "reducedresolution"
_FIELDS = ("ImageType", "Biomarker", "Name")
_SCAN_SIZE = re.compile(r"PixelSizeMicrons\W{1,4}([\d.]{1,20})")


class QpTiff(Dialect):
    """What Akoya's (formerly PerkinElmer's) scanners and inForm write.

    References
    ----------
    PerkinElmer, "Image Format" (QPTIFF): ImageDescription holds XML with ``ImageType`` (FullResolution,
    ReducedResolution, Thumbnail, Overview, Label), ``Name`` and, where it is known, ``Biomarker``.
    """

    kind = "QPTIFF"
    header_name = "QPTIFF"
    resolution_is_meant = True

    @staticmethod
    def wrote(file: TiffSource) -> bool:
        """Tell whether a file is one."""
        return any(_ROOT in text[:500] for text in file.texts(_DESCRIPTION, 500)[:1])

    def stacks(self) -> list[Stack]:
        """Give the image with its levels, then thumbnail, overview and label."""
        self._said = [_fields(text, self.file) for text in self.file.texts(_DESCRIPTION, 2**24)]
        types = [said["ImageType"].lower() for said in self._said]
        full = [number for number, name in enumerate(types) if name == _FULL]
        if not full:
            message = "None of its pages says that it is of full resolution (ImageType FullResolution)."
            raise InputError.of("image.axes", self.file.path, message, "Export the image again.")
        tiff = self.file.tiff
        levels, group = [full], [n for n, name in enumerate(types) if name == _REDUCED]
        while len(group) >= len(full):  # one page a channel, from level to level
            levels.append(group[: len(full)])
            group = group[len(full) :]
        self._full = full
        found = [stack_of_pages(tiff, "Baseline", "qpi", levels)]
        for number, name in enumerate(types):
            if name not in (_FULL, _REDUCED):
                found.append(stack_of_pages(tiff, name.capitalize()[:40] or "Unknown", "qpi", [[number]]))
        return found

    def names(self, stack: Stack, layout: Layout) -> list[Named]:
        """Name the channels by their biomarkers, else by their filters."""
        if stack.name != "Baseline" or layout.is_rgb:
            return []
        said = [self._said[number] for number in self._full]
        return [(None, fields["Biomarker"] or fields["Name"] or None) for fields in said]

    def pixel_size(self, stack: Stack) -> float | None:
        """Give the pixel size: pixels per centimetre, else what the scan profile says."""
        file, size = self.file, super().pixel_size(stack)
        if size is not None or stack.name != "Baseline":
            return size
        written = _SCAN_SIZE.search(file.texts(_DESCRIPTION, 2**24)[self._full[0]])
        if written is None:
            return None
        return pixel_size_from_lengths((written[1], "µm"), (written[1], "µm"), file.path, file.findings)


def _fields(text: str, file: TiffSource) -> dict[str, str]:
    """Read what a page says of itself; the XML says that it is UTF-16, and is not any more."""
    found = dict.fromkeys(_FIELDS, "")
    if _ROOT in text:
        root = parse_xml(re.sub(r"^\s*\ufeff?\s*<\?xml[^>]{0,200}\?>", "", text), file.path)
        for element in root:
            if element.tag in found:
                found[element.tag] = " ".join((element.text or "").split())[:200]
    return found
