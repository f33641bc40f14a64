"""A TIFF that is being opened: what its dialects look at, and the store that is made of what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._layout import downsample
from htan_kit.io._store import Level
from htan_kit.io.formats._codec import codec_of
from htan_kit.io.formats._rows import rows_of
from htan_kit.io.formats._tiff_store import TiffStore, state_of
from htan_kit.io.formats._tiff_tiles import Plane

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile

    from htan_kit.findings import Findings
    from htan_kit.io._ifds import TiffMap
    from htan_kit.io._layout import Layout
    from htan_kit.io.formats._tiff_set import Entry
    from htan_kit.io.formats._tiff_stack import Stack, StoredLevel

__all__ = ["TiffSource", "store_of"]

_HINT = "Write the image again, as OME-TIFF."


@dataclass(frozen=True)
class TiffSource:
    """A TIFF that is being opened.

    Parameters
    ----------
    path
        What the user named, for messages.
    tiff, tiff_map
        The open file and its directories (None for NDPI).
    entry
        Which file that is, and its OME-XML.
    paths
        The files of the image; those of a set are added when they turn up.
    findings
        Where to put what is odd.
    """

    path: Path
    tiff: TiffFile
    tiff_map: TiffMap | None
    entry: Entry
    paths: list[Path]
    findings: Findings

    def texts(self, code: int, limit: int = 2**20) -> list[str]:
        """Read a tag of every page as text, ``""`` where it has none."""
        if self.tiff_map is None:
            return []
        return [self.tiff_map.text(page[code], limit) for page in self.tiff_map.pages]


def store_of(kind: str, stack: Stack, layout: Layout, file: TiffSource) -> TiffStore:
    """Make the store of an image.

    Parameters
    ----------
    kind
        Name of the format.
    stack
        The image.
    layout
        Its channels.
    file
        The TIFF that is being opened.

    Returns
    -------
    The store; levels that lack a plane, or are no smaller than the one before, are left out.

    Raises
    ------
    InputError
        Planes of full resolution are missing, or nothing here decodes their compression.
    """
    page = stack.page
    missing = sum(place is None for place in stack.levels[0].pages)
    if missing:
        message = f"{missing} of the planes are in no file here: the OME-XML says they lie in other files."
        raise InputError.of("image.truncated", file.path, message, "Put all files of the image beside each other.")
    levels: list[Level] = []
    planes: list[tuple[Plane, ...]] = []
    for stored in stack.levels:
        fits = not levels or (stored.height <= levels[-1].height and stored.width <= levels[-1].width)
        here = _planes(stored, layout) if fits and min(stored.height, stored.width) > 0 else ()
        if here:
            full = (stack.levels[0].height, stack.levels[0].width)
            levels.append(Level(stored.height, stored.width, downsample(full, (stored.height, stored.width))))
            planes.append(here)
    if not levels:
        raise InputError.of("image.axes", file.path, "The TIFF has no directory for its planes.", _HINT)
    rows = rows_of(page)
    own = int(page.samplesperpixel) if int(page.planarconfig) == 2 else 1  # planes that a directory speaks of
    if max(plane.number for plane in planes[0]) >= own:
        _check_run(planes[0], int(page.nbytes) // own, rows.run if rows else None, file)
    try:
        chunk = (rows or codec_of(page)).shape[:2]
        problem = "" if rows or not getattr(page.decode, "__name__", "").startswith("decode_raise") else "of its form"
    except (ValueError, ImportError, AttributeError) as trouble:
        problem = str(trouble)[:200]
    if problem:
        message = f"Nothing installed decodes its pixels (compression {_name(page.compression)}: {problem})."
        raise InputError.of("image.compression", file.path, message, "Save it with deflate (zlib) compression.")
    return TiffStore(
        kind=kind,
        sources=tuple(state_of(path) for path in file.paths),
        levels=tuple(levels),
        planes=tuple(planes),
        is_rgb=layout.is_rgb,
        n_channels=1 if layout.is_rgb else layout.n_channels,
        dtype=np.dtype(page.dtype).newbyteorder("="),
        chunk=chunk,
        tiled=bool(page.is_tiled),
        compression=_name(page.compression),
    )


def _planes(level: StoredLevel, layout: Layout) -> tuple[Plane, ...]:
    found = []
    for stored in layout.planes:
        place = level.pages[stored.page] if stored.page < len(level.pages) else None
        if place is None or not place.directory:
            return ()
        found.append(Plane(place.file, place.directory, stored.number, stored.channels))
    return tuple(found)


def _check_run(planes: tuple[Plane, ...], plane_bytes: int, run: int | None, file: TiffSource) -> None:
    """Raise InputError where planes without a directory do not follow the one that has it, or lie beyond the end."""
    size = file.tiff.filehandle.size
    end = (run or 0) + (max(plane.number for plane in planes) + 1) * plane_bytes
    if run is None:
        message = "One directory stands for all planes, but they do not follow each other."
        raise InputError.of("image.axes", file.path, message, _HINT)
    if end > size:
        message = f"The TIFF file is cut off: its pixels reach to byte {end:,}, the file has {size:,}."
        raise InputError.of("image.truncated", file.path, message, "Copy or download the file again.")


def _name(compression: Any) -> str:  # an enum, or the bare number of a scheme tifffile does not know
    name = str(getattr(compression, "name", compression)).lower()
    return "none" if name == "1" else name
