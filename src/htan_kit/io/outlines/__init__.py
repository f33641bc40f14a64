"""Level 3 as outlines and points: GeoJSON, and tables of corners.

Files are read feature by feature into arrays of corners; pixels are drawn piece by piece when a mask is looked at.
"""

from htan_kit.io.outlines._csv import is_corner_table
from htan_kit.io.outlines._open import Outlines, is_outlines, open_outlines, outlines_of, read_found
from htan_kit.io.outlines._points import FIRST_PX, read_points

__all__ = [
    "FIRST_PX",
    "Outlines",
    "is_corner_table",
    "is_outlines",
    "open_outlines",
    "outlines_of",
    "read_found",
    "read_points",
]
