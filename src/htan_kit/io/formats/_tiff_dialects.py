"""Who wrote a TIFF, and so where its images, channel names and pixel size are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.io.formats._tiff_dialect import Dialect
from htan_kit.io.formats._tiff_imagej import ImageJTiff
from htan_kit.io.formats._tiff_mibi import MibiTiff
from htan_kit.io.formats._tiff_ome import OmeTiff
from htan_kit.io.formats._tiff_qpi import QpTiff
from htan_kit.io.formats._tiff_slides import VENDORS, Slide

if TYPE_CHECKING:
    from htan_kit.io.formats._tiff_source import TiffSource

__all__ = ["dialect_of"]


def dialect_of(file: TiffSource) -> Dialect:
    """Find who wrote a TIFF.

    Parameters
    ----------
    file
        The TIFF that is being opened.

    Returns
    -------
    The dialect that reads it.
    """
    tiff = file.tiff
    if file.entry.ome is not None:
        return OmeTiff(file)
    if MibiTiff.wrote(file):
        return MibiTiff(file)
    if QpTiff.wrote(file):
        return QpTiff(file)
    if tiff.is_imagej:
        return ImageJTiff(file)
    vendor = next((flag for flag in VENDORS if getattr(tiff, f"is_{flag}", False)), None)
    return Dialect(file) if vendor is None else Slide(file, vendor)
