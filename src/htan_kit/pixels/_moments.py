"""Size, place and moments of objects, from the runs of their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit.pixels._kernel import kernel

if TYPE_CHECKING:
    from htan_kit.pixels._runs import Segment

__all__ = ["Moments"]

_FAR = np.iinfo(np.int32).max


@kernel
def _add(ends, starts, lengths, members, rows, y0, x0, whole, real):  # type: ignore[no-untyped-def]
    """Add a block's runs; offsets count from the object's first pixel, so that its sums are small and exact."""
    for line in range(len(ends) - 1):
        y = np.int64(y0 + line)
        for k in range(ends[line], ends[line + 1]):
            row, n, x = rows[members[k]], np.int64(lengths[k]), np.int64(x0 + starts[k])
            if whole[row, 0] == 0:
                whole[row, 1], whole[row, 2] = y, x
            dy, a = y - whole[row, 1], x - whole[row, 2]
            b = a + n
            twice = n * (a + b - 1)  # the sum of the offsets along x, doubled
            whole[row, 0] += n
            whole[row, 3] += n * dy
            whole[row, 4] += twice >> 1
            whole[row, 5] = min(whole[row, 5], y)
            whole[row, 6] = max(whole[row, 6], y + 1)
            whole[row, 7] = min(whole[row, 7], x)
            whole[row, 8] = max(whole[row, 8], x + n)
            # Sums of squares in closed form; real numbers, for those of huge objects need more than 64 bits.
            real[row, 0] += n * dy * dy
            real[row, 1] += (np.float64(twice) * twice / n + (np.float64(n) * n - 1) * n / 3) / 4
            real[row, 2] += dy * (twice >> 1)


class Moments:
    """Sums over each object's pixels, filled segment by segment in the order of the rows of the image."""

    def __init__(self) -> None:
        self._whole, self._real = self._empty(1024)

    @staticmethod
    def _empty(n: int) -> tuple[np.ndarray, np.ndarray]:
        whole = np.zeros((n, 9), np.int64)
        whole[:, [5, 7]] = _FAR
        return whole, np.zeros((n, 3))

    def add(self, segment: Segment) -> None:
        """Add the objects of a segment."""
        have = len(self._whole)
        if have < segment.n_rows:
            whole, real = self._empty(segment.n_rows * 5 // 4)
            whole[:have], real[:have] = self._whole, self._real
            self._whole, self._real = whole, real
        cells = segment.members["cell"]
        for block, runs in zip(segment.blocks, cells.runs, strict=True):
            _add(*runs, cells.rows, block.y0, block.x0, self._whole, self._real)

    def objects(self, labels: np.ndarray, order: np.ndarray, shape: tuple[int, int]) -> pd.DataFrame:
        """Give area, centroid, border contact and box: one row a label, in the order given."""
        whole = self._whole[order]
        area, (oy, ox, sy, sx) = whole[:, 0], whole[:, 1:5].T
        y0, y1, x0, x1 = whole[:, 5:].T
        return pd.DataFrame(
            {
                "label": labels[order],
                "area_px": area,
                "x_px": ox + sx / area,
                "y_px": oy + sy / area,
                "touches_border": (y0 == 0) | (x0 == 0) | (y1 == shape[0]) | (x1 == shape[1]),
                "y0": y0, "y1": y1, "x0": x0, "x1": x1,
            }
        )  # fmt: skip

    def axes(self, order: np.ndarray) -> pd.DataFrame:
        """Give the shape that follows from second moments, under MCMICRO's names, as scikit-image defines it."""
        area, sums = self._whole[order, 0].astype(np.float64), self._whole[order, 3:5].T.astype(np.float64)
        my, mx = sums / area
        yy, xx, yx = self._real[order].T
        # The inertia tensor: [[sum of xx, -yx], [-yx, sum of yy]] about the centroid, per pixel.
        a, c, b = xx / area - mx * mx, yy / area - my * my, -(yx / area - my * mx)
        half, root = (a + c) / 2, np.hypot((a - c) / 2, b)
        large, small = np.maximum(half + root, 0.0), np.maximum(half - root, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            eccentricity = np.where(large > 0, np.sqrt(np.clip(1 - small / large, 0, None)), 0.0)
        turned = np.where(b < 0, np.pi / 4, -np.pi / 4)
        orientation = np.where(a == c, turned, 0.5 * np.arctan2(-2 * b, c - a))
        boxes = self._whole[order, 5:]
        box = (boxes[:, 1] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 2])
        return pd.DataFrame(
            {
                "Area": self._whole[order, 0],
                "MajorAxisLength": 4 * np.sqrt(large),
                "MinorAxisLength": 4 * np.sqrt(small),
                "Eccentricity": eccentricity,
                "Extent": area / box,
                "Orientation": orientation,
            }
        )
