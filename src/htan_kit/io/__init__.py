"""Readers, one module a format family; they return arrays and tables and know no AnnData.

Each is imported when it is first used: a name or a path can be asked after without numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htan_kit.io.cell_table import CellTable, read_table
    from htan_kit.io.channel_table import read_channels
    from htan_kit.io.image import Image, ImageChannel, read_image
    from htan_kit.io.manifest import read_manifest
    from htan_kit.io.mask import Mask, read_mask

__all__ = [
    "CellTable", "Image", "ImageChannel", "Mask", "read_channels", "read_image", "read_manifest", "read_mask",
    "read_table",
]  # fmt: skip

_MODULES = {
    "CellTable": "cell_table",
    "Image": "image",
    "ImageChannel": "image",
    "Mask": "mask",
    "read_channels": "channel_table",
    "read_image": "image",
    "read_manifest": "manifest",
    "read_mask": "mask",
    "read_table": "cell_table",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
