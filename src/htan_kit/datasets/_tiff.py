"""A tiled pyramidal OME-TIFF, written band by band so that no plane needs to fit in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.datasets._ome import ome_xml
from htan_kit.io.atomic import replacing

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from htan_kit.datasets._ome import OmeImage

    Bands = Iterator[NDArray[Any]]

__all__ = ["BAND_PX", "level_shapes", "tile_size", "write_tiff"]

BAND_PX: Final = 512
_LARGE_BYTES: Final = 100_000_000  # beyond it, time matters more than size
_CLASSIC_BYTES: Final = 3_500_000_000  # beyond it, offsets of 64 bits


def tile_size(shape: tuple[int, int]) -> int:
    """Edge of a tile: small for small images, so that these have a pyramid too."""
    return 128 if min(shape) < 1024 else 512 if min(shape) > 4096 else 256


def level_shapes(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Shapes of the levels: halved while the result is not smaller than a tile (HTAN: it SHOULD NOT be)."""
    shapes, tile = [shape], tile_size(shape)
    while min(shapes[-1]) >= 2 * tile:
        height, width = shapes[-1]
        shapes.append(((height + 1) // 2, (width + 1) // 2))
    return shapes


def write_tiff(
    path: str | os.PathLike[str],
    planes: Sequence[Callable[[], Bands]],
    *,
    image: OmeImage,
    pyramid: bool = True,
    date: str = "",
) -> None:
    """Write the planes of one image.

    Parameters
    ----------
    path
        File to make.
    planes
        For every plane a function that yields it in bands of ``BAND_PX`` rows, (h, w) or (h, w, 3).
    image
        The header.
    pyramid
        Whether to write smaller levels as SubIFDs.
    date
        TIFF DateTime, which HTAN forbids; empty for none.
    """
    import tifffile

    shapes = level_shapes(image.shape) if pyramid else [image.shape]
    tile = tile_size(image.shape)
    rgb = any(c.samples == 3 for c in image.channels)
    dtype = np.dtype(image.dtype)
    tail = (3,) if rgb else ()
    n_bytes = len(planes) * np.prod(image.shape) * (3 if rgb else 1) * dtype.itemsize
    effort = 8 if n_bytes < _LARGE_BYTES else 5
    # Numbers of neighbouring pixels differ little: their differences compress better (not so for counts).
    options: dict[str, Any] = {
        "dtype": dtype, "tile": (tile, tile), "compression": "zlib", "compressionargs": {"level": effort},
        "predictor": 2 if dtype.kind == "u" else None, "photometric": "rgb" if rgb else "minisblack",
        "metadata": None, "software": "htan_kit", "maxworkers": 1,
    }  # fmt: skip
    if image.pixel_size_um is not None:
        options |= {"resolution": (1e4 / image.pixel_size_um,) * 2, "resolutionunit": "CENTIMETER"}
    with (
        replacing(path) as temporary,
        tempfile.TemporaryDirectory(prefix="htan-kit-") as folder,
        tifffile.TiffWriter(temporary, bigtiff=bool(n_bytes > _CLASSIC_BYTES), byteorder="<") as tiff,
    ):
        for i, plane in enumerate(planes):
            levels = _Levels(Path(folder), shapes[1:], dtype, tail)
            tiff.write(
                _tiles(levels.keep(plane()), tile),
                shape=(*image.shape, *tail),
                subifds=len(shapes) - 1 or None,
                description=ome_xml(image) if i == 0 else None,
                datetime=date.replace("-", ":").replace("T", " ") or None,
                **options,
            )
            for k, shape in enumerate(shapes[1:]):
                tiff.write(_tiles(levels.bands(k), tile), shape=(*shape, *tail), subfiletype=1, **options)


class _Levels:
    """The smaller levels of one plane, kept in files while the plane is written."""

    def __init__(
        self, folder: Path, shapes: list[tuple[int, int]], dtype: np.dtype[Any], tail: tuple[int, ...]
    ) -> None:
        self.folder, self.shapes, self.dtype, self.tail = folder, shapes, dtype, tail
        for k, shape in enumerate(shapes):
            np.memmap(folder / str(k), dtype=dtype, mode="w+", shape=(*shape, *tail))

    def _open(self, k: int, mode: Any) -> Any:
        return np.memmap(self.folder / str(k), dtype=self.dtype, mode=mode, shape=(*self.shapes[k], *self.tail))

    def keep(self, bands: Bands) -> Bands:
        """Pass the bands of the plane on, and file their halves."""
        yield from self._halve_into(0, bands)

    def bands(self, k: int) -> Bands:
        """Yield a level that was filed, and file the next one."""
        yield from self._halve_into(k + 1, self._read(k))

    def _read(self, k: int) -> Bands:
        for y in range(0, self.shapes[k][0], BAND_PX):
            yield np.array(self._open(k, "r")[y : y + BAND_PX])

    def _halve_into(self, k: int, bands: Bands) -> Bands:
        row = 0
        for band in bands:
            if k < len(self.shapes):
                half = halve(band)
                self._open(k, "r+")[row : row + len(half)] = half
                row += len(half)
            yield band


def halve(image: NDArray[Any]) -> NDArray[Any]:
    """Mean of 2 × 2 pixels; an odd last row or column counts twice."""
    tail = ((0, 0),) * (image.ndim - 2)
    image = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2), *tail), mode="edge")
    wide = np.float32 if image.dtype.kind == "f" else np.uint32
    total = sum(image[i::2, j::2].astype(wide) for i in (0, 1) for j in (0, 1))
    return np.asarray(total / 4 if image.dtype.kind == "f" else (total + 2) // 4, dtype=image.dtype)


def _tiles(bands: Bands, tile: int) -> Bands:
    for band in bands:
        for y in range(0, band.shape[0], tile):
            for x in range(0, band.shape[1], tile):
                part = band[y : y + tile, x : x + tile]
                short = ((0, tile - part.shape[0]), (0, tile - part.shape[1]), *((0, 0),) * (part.ndim - 2))
                yield np.ascontiguousarray(np.pad(part, short, mode="edge") if part.shape[:2] != (tile, tile) else part)
