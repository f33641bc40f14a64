"""The order in which a file is visited: bands of rows, cut into blocks of whole stored tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from htan_kit.io.image import Window

__all__ = ["Block", "Grid"]

_SIDE = 512


@dataclass(frozen=True, slots=True)
class Block:
    """Some stored tiles that are looked at together: y0, y1, x0, x1 in px (ends exclusive), inside the image."""

    y0: int
    y1: int
    x0: int
    x1: int

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in px."""
        return self.y1 - self.y0, self.x1 - self.x0

    @property
    def words(self) -> str:
        """Its place for people."""
        return f"Rows {self.y0}-{self.y1}, columns {self.x0}-{self.x1} px"


@dataclass(frozen=True, slots=True)
class Grid:
    """How an image of a size is cut.

    Parameters
    ----------
    height, width
        Of the image, in px.
    chunk
        (height, width) of a stored tile or strip.
    """

    height: int
    width: int
    chunk: tuple[int, int]

    @property
    def block(self) -> tuple[int, int]:
        """(height, width) of a whole block: as many stored tiles as come close to 512 px, at least one."""
        sides = zip(self.chunk, (self.height, self.width), strict=True)
        return tuple(chunk * max(1, min(round(_SIDE / chunk), -(-total // chunk))) for chunk, total in sides)  # type: ignore[return-value]

    @property
    def bands(self) -> list[tuple[int, int]]:
        """First and last row (exclusive) of every band."""
        side = self.block[0]
        return [(y, min(y + side, self.height)) for y in range(0, self.height, side)]

    def blocks(self, band: tuple[int, int]) -> list[Block]:
        """Cut a band into its blocks, from left to right."""
        side = self.block[1]
        return [Block(*band, x, min(x + side, self.width)) for x in range(0, self.width, side)]

    def cells(self, block: Block) -> list[Window]:
        """Cut a block into windows of about 512 px, for what is measured per tile.

        A stored tile of 512 px is one window, whatever smaller tiles a block is made of; larger ones and strips are
        cut evenly.
        """
        rows, columns = (max(1, round(side / _SIDE)) for side in self.block)
        ys = [block.y0 + -(-self.block[0] * i // rows) for i in range(rows)] + [block.y1]
        xs = [block.x0 + -(-self.block[1] * i // columns) for i in range(columns)] + [block.x1]
        return [
            (y0, min(y1, block.y1), x0, min(x1, block.x1))
            for y0, y1 in zip(ys, ys[1:], strict=False)
            for x0, x1 in zip(xs, xs[1:], strict=False)
            if y0 < block.y1 and x0 < block.x1
        ]
