"""The images and masks that are measured: simulated tissue, repeated where simulating all of it would take an hour."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

__all__ = ["Files", "Size", "make"]

_PATCH = 8192  # px; a multiple of the tile, so that tiles can be copied without decoding them
_PIXEL_UM = 0.38  # 60 000 cells in 8192 x 8192 px
_SEED = 1


@dataclass(frozen=True)
class Size:
    """A square image: ``2048x10`` is 2048 x 2048 px, 10 channels; ``2048x10@0.7`` has pixels of 0.7 µm."""

    side: int
    channels: int
    pixel_um: float = _PIXEL_UM

    @classmethod
    def of(cls, text: str) -> Size:
        found = re.fullmatch(r"(\d+)x(\d+)(?:@([\d.]+))?", text)
        if not found:
            msg = f"{text!r} is no size; write 8192x20 or 20000x20@0.7"
            raise SystemExit(msg)
        return cls(int(found[1]), int(found[2]), float(found[3] or _PIXEL_UM))

    def __str__(self) -> str:
        return f"{self.side}x{self.channels}" + (f"@{self.pixel_um:g}" if self.pixel_um != _PIXEL_UM else "")


@dataclass(frozen=True)
class Files:
    """What is measured; ``names`` is a channel table as MCMICRO's (column ``marker_name``)."""

    image: Path
    mask: Path
    nuclei: Path
    names: Path

    @classmethod
    def of(cls, size: Size, folder: Path) -> Files:
        start = folder / "data" / str(size)
        return cls(
            start.with_name(f"{start.name}.ome.tiff"), start.with_name(f"{start.name}_cell.ome.tiff"),
            start.with_name(f"{start.name}_nucleus.ome.tiff"), start.with_name(f"{start.name}.csv"),
        )  # fmt: skip

    def all(self) -> list[Path]:
        return [self.image, self.mask, self.nuclei, self.names]


def make(size: Size, folder: Path) -> None:
    """Write the files of a size, once."""
    files = Files.of(size, folder)
    if all(path.exists() for path in files.all()):
        return
    files.image.parent.mkdir(parents=True, exist_ok=True)
    if size.side > _PATCH:
        patch = Size(_PATCH, size.channels, size.pixel_um)
        make(patch, folder)
        _repeat(Files.of(patch, folder), files, size.side)
        return
    from htan_kit import datasets

    tissue = datasets.simulate(
        "cycif", width_px=size.side, height_px=size.side, n_channels=size.channels, pixel_size_um=size.pixel_um,
        seed=_SEED,
    )  # fmt: skip
    datasets.write_image(tissue, files.image)
    datasets.write_mask(tissue, files.mask)
    datasets.write_mask(tissue, files.nuclei, object_class="nucleus")
    files.names.write_text("\n".join(["marker_name", *(channel.name for channel in tissue.channels), ""]))


def _repeat(patch: Files, files: Files, side: int) -> None:
    """Lay a tissue side by side with itself until the image is full; each has labels of its own."""
    import tifffile

    from htan_kit.datasets._tiff import level_shapes

    shapes = level_shapes((side, side))
    for source, target in ((patch.image, files.image), (patch.mask, files.mask), (patch.nuclei, files.nuclei)):
        unfinished = target.with_suffix(".part")
        with tifffile.TiffFile(source) as old, tifffile.TiffWriter(unfinished, bigtiff=True) as new:
            levels, key = old.series[0].levels, old.series[0].keyframe
            text = re.sub(r'Size([XY])="\d+"', rf'Size\1="{side}"', old.pages.first.description)
            options: dict[str, Any] = {
                "dtype": key.dtype, "tile": key.tile, "compression": "zlib", "compressionargs": {"level": 5},
                "predictor": key.predictor, "photometric": "minisblack", "metadata": None, "software": False,
                "resolution": key.resolution, "resolutionunit": key.resolutionunit, "maxworkers": os.cpu_count(),
            }  # fmt: skip
            is_image = source == patch.image
            for i, page in enumerate(levels[0].pages):
                new.write(
                    _copied(source, page, side) if is_image else _labels(page.asarray(), key.tile[0], side),
                    shape=(side, side), subifds=len(shapes) - 1 if is_image else None,
                    description=text.encode() if i == 0 else None, **options,
                )  # fmt: skip
                for k, shape in enumerate(shapes[1:] if is_image else [], start=1):
                    level = _level(levels, i, k)
                    new.write(_tiles(level, key.tile[0], shape), shape=shape, subfiletype=1, **options)
        unfinished.replace(target)
    files.names.write_text(patch.names.read_text())


def _copied(path: Path, page: Any, side: int) -> Iterator[bytes]:
    """Give the stored tiles of a page again and again, as they are."""
    tile = page.keyframe.tilelength
    across = page.keyframe.imagewidth // tile
    with path.open("rb") as file:
        for row in range(-(-side // tile)):
            for column in range(-(-side // tile)):
                index = row % across * across + column % across
                file.seek(page.dataoffsets[index])
                yield file.read(page.databytecounts[index])


def _labels(labels: np.ndarray, tile: int, side: int) -> Iterator[np.ndarray]:
    import numpy as np

    across, highest = len(labels) // tile, int(labels.max())
    for row in range(-(-side // tile)):
        for column in range(-(-side // tile)):
            copy = row // across * -(-side // len(labels)) + column // across
            y, x = row % across * tile, column % across * tile
            part = labels[y : y + tile, x : x + tile]
            yield np.where(part > 0, part + np.uint32(copy * highest), 0).astype(labels.dtype)


def _level(levels: Any, plane: int, k: int) -> np.ndarray:
    from htan_kit.datasets._tiff import halve

    smallest = len(levels) - 1
    level = levels[min(k, smallest)].pages[plane].asarray()
    for _ in range(k - smallest):
        level = halve(level)
    return level


def _tiles(level: np.ndarray, tile: int, shape: tuple[int, int]) -> Iterator[np.ndarray]:
    import numpy as np

    for y in range(0, shape[0], tile):
        for x in range(0, shape[1], tile):
            yield level.take(np.arange(y, y + tile), 0, mode="wrap").take(np.arange(x, x + tile), 1, mode="wrap")


if __name__ == "__main__":
    make(Size.of(sys.argv[1]), Path(sys.argv[2]))
