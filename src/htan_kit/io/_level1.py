"""Level 1: what a microscope wrote. Its records are read, its pixels are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError
from htan_kit.findings import error

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.findings import Finding

__all__ = ["LEVEL2_NEEDS", "is_level1", "level1_pixels", "refuse_level1"]

LEVEL2_NEEDS: Final = (
    "Make Level 2 first: correct the illumination (BaSiC), stitch the fields and register the cycles (ASHLAR; MCMICRO "
    "runs both), for IMC convert the acquisitions (steinbock), and save a pyramidal OME-TIFF (bfconvert, "
    "bioformats2raw with raw2ometiff)."
)
"""What has to be done before the kit can open an image, and which tools do it."""

_FORMATS: Final = {
    ".rcpnl": "RareCyte", ".czi": "Zeiss", ".lif": "Leica", ".lof": "Leica", ".xlef": "Leica", ".nd2": "Nikon",
    ".vsi": "Olympus", ".oib": "Olympus", ".oif": "Olympus", ".oir": "Olympus", ".mcd": "Standard BioTools",
    ".xdce": "GE InCell", ".flex": "PerkinElmer", ".zvi": "Zeiss", ".dv": "DeltaVision", ".ims": "Imaris",
    ".mvd2": "Volocity", ".cxd": "Hamamatsu", ".sld": "SlideBook", ".nd": "MetaMorph", ".stk": "MetaMorph",
}  # fmt: skip


def is_level1(path: Path) -> bool:
    """Tell by the name whether a file is in a microscope's own format.

    Parameters
    ----------
    path
        Any path.

    Returns
    -------
    True for formats that hold single fields as they were acquired; whole slides (SVS, NDPI, QPTIFF) are Level 2.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._level1 import is_level1
    >>> is_level1(Path("cycle1.rcpnl")), is_level1(Path("slide.svs"))
    (True, False)
    """
    return path.suffix.lower() in _FORMATS


def level1_pixels(subject: object, message: str) -> Finding:
    """Make the finding that Level 1 pixels are not opened, with what Level 2 needs."""
    return error("level1.pixels", subject, message, LEVEL2_NEEDS, "HTAN, imaging data levels; MCMICRO")


def refuse_level1(path: Path) -> None:
    """Refuse a file in a microscope's own format.

    Parameters
    ----------
    path
        What somebody wants to open as an image.

    Raises
    ------
    InputError
        It is Level 1; the hint says what Level 2 needs, and which tools make it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.io._level1 import refuse_level1
    >>> refuse_level1(Path("a.ome.tiff"))
    """
    if is_level1(path):
        maker = _FORMATS[path.suffix.lower()]
        message = f"This is a file as the microscope wrote it ({maker}, Level 1); images are opened from Level 2 on."
        raise InputError(level1_pixels(path, message))
