"""MIBItiff: a page a channel with its target and mass, and pictures of the slide beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import info
from htan_kit.io._pixel_size import pixel_size_from_lengths
from htan_kit.io.formats._tiff_dialect import Dialect
from htan_kit.io.formats._tiff_stack import stack_of_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_dialect import Named
    from htan_kit.io.formats._tiff_source import TiffSource
    from htan_kit.io.formats._tiff_stack import Stack

__all__ = ["MibiTiff"]

_DESCRIPTION, _PAGE_NAME = 270, 285
_FIELD_SIZES = ("fov_size", "fov_size_microns", "fovSizeMicrons", "size")


class MibiTiff(Dialect):
    """What Ionpath's instrument and software write.

    References
    ----------
    MIBItiff, as mibilib (Ionpath) writes and reads it: JSON in ImageDescription with ``image.type`` (``SIMS``, or a
    picture), ``channel.target``, ``channel.mass``; PageName ``target (mass)``; pixels per centimetre.
    """

    kind = "MIBItiff"
    header_name = "MIBI header"
    resolution_is_meant = True

    def __init__(self, file: TiffSource) -> None:
        super().__init__(file)
        self._pages = [_parsed(text) for text in file.texts(_DESCRIPTION)]

    @staticmethod
    def wrote(file: TiffSource) -> bool:
        """Tell whether a file is one."""
        first = file.texts(_DESCRIPTION)[:1]
        return bool(first) and '"image.type"' in first[0] and isinstance(_parsed(first[0]).get("image.type"), str)

    def stacks(self) -> list[Stack]:
        """Give the image, of the SIMS pages; the pictures are left out."""
        types = [str(page.get("image.type", "")) for page in self._pages]
        sims = [number for number, name in enumerate(types) if name.lower() == "sims"]
        path = self.file.path
        if not sims:
            message = "This MIBItiff holds pictures, but no page of ions (SIMS)."
            raise InputError.of("image.axes", path, message, "Export the image again.")
        left = [name[:40] or "one without a type" for name in types if name.lower() != "sims"]
        if left:
            message = f"{len(left)} pages are pictures, not channels, and are left out: {', '.join(left[:10])}."
            self.file.findings.append(info("image.series", path, message))
        self._sims = sims
        return [stack_of_pages(self.file.tiff, "", "mibi", [sims])]

    def names(self, stack: Stack, layout: Layout) -> list[Named]:
        """Name the channels by their targets; the mass is the id."""
        found: list[Named] = []
        page_names = self.file.texts(_PAGE_NAME, 400)
        for number in self._sims:
            page = self._pages[number]
            target = str(page.get("channel.target") or page_names[number].rpartition(" (")[0]).strip()[:200]
            mass = page.get("channel.mass")
            found.append((None if mass is None else str(mass)[:20], target or None))
        return found

    def pixel_size(self, stack: Stack) -> float | None:
        """Give the pixel size: pixels per centimetre, else the size of the field over its pixels."""
        size = super().pixel_size(stack)
        if size is not None:
            return size
        for known in _nested(self._pages[self._sims[0]]):
            for key in _FIELD_SIZES:
                field = known.get(key, known.get(f"mibi.{key}"))
                if isinstance(field, int | float) and field > 0:
                    return self._believed(float(field) / max(stack.levels[0].width, 1))
        return None

    def _believed(self, size_um: float) -> float | None:
        return pixel_size_from_lengths((size_um, "µm"), (size_um, "µm"), self.file.path, self.file.findings)


def _nested(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the header, and what the instrument wrote into it as text."""
    raw = page.get("raw_description", page.get("mibi.raw_description"))
    inner = _parsed(raw) if isinstance(raw, str) else raw
    found = [page, inner, inner.get("fov") if isinstance(inner, dict) else None]
    yield from (known for known in found if isinstance(known, dict))


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
