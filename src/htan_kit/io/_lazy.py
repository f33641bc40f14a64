"""An image as a dask array that reads when it is computed, and as an xarray.DataArray with names and places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from htan_kit.io._windows import pieces

if TYPE_CHECKING:
    import dask.array
    import numpy as np
    import xarray

    from htan_kit.io._store import Readable

__all__ = ["labelled", "lazy"]

_SIDE = 1024
_MANY, _CHUNK_BYTES = 20_000, 2**25
"""Chunks that dask lists in half a second, and the bytes of one beyond which they grow no further."""
_COLOURS = ("r", "g", "b")


def lazy(image: Readable, level: int = 0) -> dask.array.Array:
    """Make a dask array.

    Parameters
    ----------
    image
        The image.
    level
        Level of the pyramid.

    Returns
    -------
    Lazy array, as :meth:`htan_kit.io.image.Image.dask` says.
    """
    import dask.array
    import numpy as np

    store = image.store
    size, n = store.levels[level], 1 if store.is_rgb else store.n_channels
    side = [max(chunk, _SIDE // chunk * chunk) for chunk in store.chunk]

    def n_chunks() -> int:
        return -(-size.height // side[0]) * -(-size.width // side[1]) * n

    while n_chunks() > _MANY and math.prod(side) * store.dtype.itemsize < _CHUNK_BYTES:
        side = [2 * length for length in side]
    spatial = [pieces(size.height, side[0]), pieces(size.width, side[1])]
    chunks = (*spatial, (3,)) if store.is_rgb else ((1,) * n, *spatial)

    def load(block_info: dict[int | None, dict[str, list[tuple[int, int]]]]) -> np.ndarray:
        where = block_info[None]["array-location"]
        y, x = (where[0], where[1]) if store.is_rgb else (where[1], where[2])
        only = None if store.is_rgb else list(range(*where[0]))
        return image.read(only, (*y, *x), level)

    return dask.array.map_blocks(load, chunks=chunks, dtype=store.dtype, meta=np.empty((0, 0, 0), store.dtype))


def labelled(image: Readable, level: int = 0) -> xarray.DataArray:
    """Label the axes of a level.

    Parameters
    ----------
    image
        The image.
    level
        Level of the pyramid.

    Returns
    -------
    Lazy array, as :meth:`htan_kit.io.image.Image.to_xarray` says.
    """
    import numpy as np
    import xarray

    pixels, is_rgb = lazy(image, level), image.store.is_rgb
    size, um = image.store.levels[level], image.pixel_size_um
    attributes = {"units": "px" if um is None else "µm", "long_name": "centre of the pixel"}
    places = {
        axis: (axis, ((np.arange(n) + 0.5) * size.downsample - 0.5) * (um or 1.0), attributes)
        for axis, n in (("y", size.height), ("x", size.width))
    }
    names = list(_COLOURS) if is_rgb else [name or f"channel_{i}" for i, name in enumerate(image.channel_names)]
    return xarray.DataArray(
        pixels.transpose(2, 0, 1) if is_rgb else pixels,
        dims=("c", "y", "x"),
        coords={"c": names, **places},
        name=image.path.name,
        attrs={} if um is None else {"pixel_size_um": um * size.downsample},
    )
