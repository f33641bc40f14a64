"""Readers, one module a format family; they return arrays and tables and know no AnnData."""

from htan_kit.io.cell_table import CellTable, read_table
from htan_kit.io.channel_table import read_channels
from htan_kit.io.image import Image, ImageChannel, read_image
from htan_kit.io.manifest import read_manifest
from htan_kit.io.mask import Mask, read_mask

__all__ = [
    "CellTable", "Image", "ImageChannel", "Mask", "read_channels", "read_image", "read_manifest", "read_mask",
    "read_table",
]  # fmt: skip
