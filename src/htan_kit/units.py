"""Lengths as people write them, in µm."""

from __future__ import annotations

import math
import re

__all__ = ["is_pixel_size", "to_um"]

_UM_PER = {"m": 1e6, "dm": 1e5, "cm": 1e4, "mm": 1e3, "µm": 1.0, "nm": 1e-3, "pm": 1e-6, "å": 1e-4, "in": 25400.0}
_SPELLINGS = {
    "um": "µm", "μm": "µm", "<u+00b5>m": "µm", "&#181;m": "µm", "micron": "µm", "microns": "µm", "micrometer": "µm",
    "micrometers": "µm", "micrometre": "µm", "micrometres": "µm", "\\u00b5m": "µm", "Âµm".lower(): "µm",
    "millimeter": "mm", "millimetre": "mm", "centimeter": "cm", "centimetre": "cm", "nanometer": "nm",
    "nanometre": "nm", "meter": "m", "metre": "m", "angstrom": "å", "inch": "in", "\u212b": "å",
}  # fmt: skip


def to_um(value: float, unit: str = "µm") -> float:
    """Convert a length to µm.

    Parameters
    ----------
    value
        The number; it must be finite.
    unit
        The unit as written: ``µm`` in any of its spellings (U+00B5, U+03BC, ``um``, ``<U+00B5>m``, ``micron``),
        ``nm``, ``mm``, ``cm``, ``m``, ``Å``, ``in``.

    Returns
    -------
    The length in µm.

    Raises
    ------
    ValueError
        The unit is not a length (``pixel``, ``reference frame``), or the value is not finite.

    Examples
    --------
    >>> from htan_kit.units import to_um
    >>> to_um(650, "nm")
    0.65
    >>> to_um(0.5, "<U+00B5>m")
    0.5
    """
    name = re.sub(r"\s+", "", unit).lower()
    name = _SPELLINGS.get(name, name)
    if name not in _UM_PER:
        msg = f"{unit!r} is not a unit of length; known: {', '.join(_UM_PER)}"
        raise ValueError(msg)
    if not math.isfinite(value):
        msg = f"{value!r} is not a finite length"
        raise ValueError(msg)
    return round(float(value) * _UM_PER[name], 12)


def is_pixel_size(size_um: float) -> bool:
    """Tell whether a number given by a person can be the side of a pixel.

    Parameters
    ----------
    size_um
        The number, in µm.

    Returns
    -------
    True for a finite number above 0 and below 1000 µm.

    Examples
    --------
    >>> from htan_kit.units import is_pixel_size
    >>> is_pixel_size(0.65), is_pixel_size(-1), is_pixel_size(float("nan"))
    (True, False, False)
    """
    return 0 < size_um < 1000
