"""Small pictures: means of square blocks of pixels, channel by channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._grid import Block
    from htan_kit.pixels._runs import Segment

__all__ = ["BlockMeans"]


@kernel
def _add(pixels, height, width, y0, x0, top, left, step, total, count):  # type: ignore[no-untyped-def]
    """Add a block at y0, x0 to sums of which the first stands at row ``top`` and column ``left`` of the picture."""
    for y in range(height):
        line, at = pixels[y, :width], (y0 + y) // step - top
        x = 0
        while x < width:
            cell = (x0 + x) // step
            end = min(width, (cell + 1) * step - x0)
            part = line[x:end]
            s = part[0] * np.int64(0)  # 0 of the type to add in, or NaN
            for i in range(len(part)):
                s += part[i]
            if abs(s) < np.inf:
                total[at, cell - left] += s
                count[at, cell - left] += end - x
            else:
                for i in range(len(part)):
                    if abs(part[i]) < np.inf:
                        total[at, cell - left] += part[i]
                        count[at, cell - left] += 1
            x = end


@kernel
def _add_whole(pixels, height, width, y0, x0, top, left, step, total, count):  # type: ignore[no-untyped-def]
    """Add a block of whole numbers: rows that belong together are added up first, many pixels at a time."""
    line, y = np.zeros(width, np.int64), 0
    while y < height:
        at = (y0 + y) // step
        bottom = min(height, (at + 1) * step - y0)
        line[:] = 0
        for row in range(y, bottom):
            part = pixels[row, :width]
            for i in range(width):
                line[i] += part[i]
        x = 0
        while x < width:
            cell = (x0 + x) // step
            end, s = min(width, (cell + 1) * step - x0), np.int64(0)
            for i in range(x, end):
                s += line[i]
            total[at - top, cell - left] += s
            count[at - top, cell - left] += (end - x) * (bottom - y)
            x = end
        y = bottom


class BlockMeans:
    """Means over blocks of ``step`` x ``step`` px; pixels that are not finite are left out.

    Memory: 12 bytes a pixel of the picture and channel, whatever the size of the image.

    Parameters
    ----------
    n_channels
        Channels.
    height, width
        Of the image, in px.
    step
        Side of a block in px.
    """

    def __init__(self, n_channels: int, height: int, width: int, step: int) -> None:
        self.step = step
        shape = (n_channels, -(-height // step), -(-width // step))
        self._total, self._count = np.zeros(shape), np.zeros(shape, np.int32)

    def start(self, segment: Segment) -> tuple[int, int, np.ndarray, np.ndarray]:
        """Give the empty sums of a segment: first row and column of the picture, sums, counts."""
        first, last = segment.blocks[0], segment.blocks[-1]
        top, left = first.y0 // self.step, first.x0 // self.step
        shape = (last.y1 - 1) // self.step - top + 1, (last.x1 - 1) // self.step - left + 1
        return top, left, np.zeros(shape), np.zeros(shape, np.int32)

    def see(self, local: tuple[int, int, np.ndarray, np.ndarray], pixels: np.ndarray, block: Block) -> None:
        """Add a block of pixels."""
        top, left, total, count = local
        add = _add_whole if pixels.dtype.kind in "iu" else _add
        add(pixels, *block.shape, block.y0, block.x0, top, left, self.step, total, count)

    def merge(self, channel: int, local: tuple[int, int, np.ndarray, np.ndarray]) -> None:
        """Add the sums of a segment."""
        top, left, total, count = local
        rows, columns = slice(top, top + len(total)), slice(left, left + total.shape[1])
        self._total[channel, rows, columns] += total
        self._count[channel, rows, columns] += count

    @property
    def means(self) -> np.ndarray:
        """The means, float64 (channels, rows, columns); NaN where no pixel is finite."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._total / self._count
