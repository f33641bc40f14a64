"""Whether an array's chunks are there: its shape is only a claim, and a missing chunk is no error in Zarr."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning
from htan_kit.io._paths import is_remote
from htan_kit.io.formats._zarr_tree import MARKERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from htan_kit.io.formats._zarr_tree import Tree

__all__ = ["check_held"]

_BOMB_BYTES = 2**30
_BOMB_RATIO = 2000  # of what is claimed to what is there, as for compressed tiles


def check_held(tree: Tree, at: str, array: Any, findings: Findings) -> None:
    """Raise InputError where an array claims far more pixels than it has chunks for; warn where it has none.

    Stops counting as soon as there are enough, so it costs little for an image that is whole. What lies on a server
    cannot be counted and is not.

    Parameters
    ----------
    tree
        The hierarchy.
    at
        The path of the array.
    array
        The ``zarr.Array``.
    findings
        Where to put the warning.

    Raises
    ------
    InputError
        More than 1 GiB is claimed, and not even one 2000th of it is stored.
    """
    folder = tree.place(at)
    if is_remote(folder):
        return
    one = math.prod(getattr(array, "shards", None) or array.chunks) * array.dtype.itemsize
    claimed = math.prod(array.shape) * array.dtype.itemsize
    enough = max(1, math.ceil(claimed / (one * _BOMB_RATIO))) if claimed > _BOMB_BYTES else 1
    held = 0
    for _ in _files(folder):
        held += 1
        if held >= enough:
            return
    if claimed > _BOMB_BYTES:
        message = f"It claims {claimed:,} bytes of pixels and holds {held:,} of the chunks for them."
        raise InputError.of("image.truncated", tree.root, message, "Copy the whole folder, or write it again.")
    message = "No chunk is stored: every pixel has the fill value."
    findings.append(warning("image.sparse-tiles", tree.root, message, "Was the folder copied whole?"))


def _files(folder: Path) -> Iterator[str]:
    """List the chunks below a folder, one at a time."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.name not in MARKERS:
                yield entry.path
