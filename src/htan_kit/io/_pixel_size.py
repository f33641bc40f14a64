"""The pixel size of an image in µm: believed where it is plausible, None with a finding where it is not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from htan_kit.findings import Findings, info, warning
from htan_kit.units import to_um

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io.ome import OmeHeader

__all__ = ["MAX_PIXEL_SIZE_UM", "pixel_size_from_lengths", "pixel_size_from_ome", "pixel_size_from_tags"]

MAX_PIXEL_SIZE_UM = 10.0
"""Above this a cell is one pixel: the number is a field size or has the wrong unit (kit default)."""

_HINT = "Give the pixel size (pixel_size_um=, --pixel-size-um or the sheet's column)."
_CENTIMETRE = 3  # TIFF 6.0, ResolutionUnit


def pixel_size_from_ome(ome: OmeHeader, path: Path, findings: Findings) -> float | None:
    """Read ``PhysicalSizeX`` and ``PhysicalSizeY`` of an OME header.

    Parameters
    ----------
    ome
        The header.
    path
        The image, for the messages.
    findings
        Where to say why a value was not believed: an unknown unit, a number that is not positive, over 10 µm, or
        equal to SizeX, or pixels that are not square.

    Returns
    -------
    The side of a pixel in µm, None when it is unknown.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io._pixel_size import pixel_size_from_ome
    >>> from htan_kit.io.ome import read_ome_xml
    >>> xml = '<OME><Image><Pixels PhysicalSizeX="650" PhysicalSizeXUnit="nm"/></Image></OME>'
    >>> pixel_size_from_ome(read_ome_xml(xml, "x.tif"), Path("x.tif"), Findings())
    0.65
    """
    sizes = {axis: _axis(ome, axis, path, findings) for axis in "XY"}
    x, y = sizes["X"], sizes["Y"]
    if x is None or y is None:
        other = "Y" if x is not None else "X"
        if (x if x is not None else y) is not None and f"PhysicalSize{other}" not in ome.pixels:
            return x if x is not None else y
        return None
    return _square(x, y, path, findings)


def pixel_size_from_lengths(
    x: tuple[object, str], y: tuple[object, str], path: Path, findings: Findings
) -> float | None:
    """Read the size of a pixel that a header gives as two lengths.

    Parameters
    ----------
    x, y
        The number and its unit along each axis, as written.
    path
        The image, for the messages.
    findings
        Where to say why a value was not believed, as for :func:`pixel_size_from_ome`.

    Returns
    -------
    The side of a pixel in µm, None when it is unknown.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io._pixel_size import pixel_size_from_lengths
    >>> pixel_size_from_lengths((0.00065, "mm"), (650, "nm"), Path("x.zarr"), Findings())
    0.65
    """
    sizes = [
        _length(number, unit, f"The pixel size {str(number)[:40]!r} {unit[:40]!r} along {axis}", path, findings)
        for axis, (number, unit) in (("x", x), ("y", y))
    ]
    return None if sizes[0] is None or sizes[1] is None else _square(sizes[0], sizes[1], path, findings)


def _square(x: float, y: float, path: Path, findings: Findings) -> float | None:
    if not math.isclose(x, y, rel_tol=0.01):
        message = (
            f"Pixels are not square in the header: {x:g} by {y:g} µm; distances would be wrong, so neither is used."
        )
        findings.append(warning("image.pixel-size", path, message, _HINT))
        return None
    return x


def _axis(ome: OmeHeader, axis: str, path: Path, findings: Findings) -> float | None:
    text = ome.pixels.get(f"PhysicalSize{axis}")
    if text is None:
        return None
    unit = ome.pixels.get(f"PhysicalSize{axis}Unit", "µm")
    written = f"PhysicalSize{axis} {text[:40]!r} {unit[:40]!r}"
    return _length(text, unit, written, path, findings, side_px=ome.size(axis))


def _length(
    number: object, unit: str, written: str, path: Path, findings: Findings, side_px: int | None = None
) -> float | None:
    """Convert to µm what can be the size of a pixel; ``side_px`` is what a field size would be mistaken for."""
    try:
        size = to_um(float(str(number)), unit)
    except ValueError as problem:
        findings.append(warning("image.pixel-size", path, f"{written} is not a length ({str(problem)[:200]}).", _HINT))
        return None
    if size <= 0 or size > MAX_PIXEL_SIZE_UM or (size > 1 and side_px == size):
        message = f"{written} cannot be the size of a pixel of tissue (0 to {MAX_PIXEL_SIZE_UM:g} µm); it is not used."
        findings.append(warning("image.pixel-size", path, message, _HINT))
        return None
    return size


def pixel_size_from_tags(resolution: object, unit: object, path: Path, findings: Findings) -> float | None:
    """Read the TIFF resolution tags; only a resolution per centimetre is believed.

    Inches are the default of every picture program (72 or 96 per inch), so they say nothing of tissue.

    Parameters
    ----------
    resolution
        The rational of tag XResolution: (numerator, denominator).
    unit
        Tag ResolutionUnit.
    path
        The image, for the message.
    findings
        Where to note that the tags were used.

    Returns
    -------
    The side of a pixel in µm, None when it is unknown.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io._pixel_size import pixel_size_from_tags
    >>> pixel_size_from_tags((20000, 1), 3, Path("x.tif"), Findings())
    0.5
    """
    if unit != _CENTIMETRE or not isinstance(resolution, tuple):
        return None
    pixels, per = resolution
    if not pixels or not per:
        return None
    size = round(1e4 * per / pixels, 9)
    if not 0 < size <= MAX_PIXEL_SIZE_UM:
        return None
    message = f"No header gives the pixel size; {size:g} µm is taken from the TIFF resolution tags."
    findings.append(info("image.pixel-size", path, message, _HINT))
    return size
