"""Outlines as arrays: all corners in one, and where rings, parts and objects begin."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from htan_kit.io._store import Window

__all__ = ["MAX_CORNERS", "MAX_OBJECTS", "Shapes", "ShapesBuilder", "labels_from", "too_many"]

MAX_CORNERS = 100_000_000  # 2 GB of memory
MAX_OBJECTS = 10_000_000  # with ids of 36 letters, about as much


@dataclass(frozen=True)
class Shapes:
    """Objects of one or more polygons, each with holes; (0, 0) is the upper left corner of the first pixel.

    Parameters
    ----------
    xy
        float64 (corners, 2): x, y in px; the last corner of a ring is its first.
    last
        bool (corners,): whether a ring ends here.
    start
        int64 (parts + 1,): the first corner of each part (a polygon with its holes).
    owner
        int64 (parts,): 0-based object of each part, in order.
    labels
        int64 (objects,): what the pixels of each object are called, from 1 on.
    notes
        One row an object, index ``label``: ``object_id`` and what else the file says of it.
    """

    xy: np.ndarray
    last: np.ndarray
    start: np.ndarray
    owner: np.ndarray
    labels: np.ndarray
    notes: pd.DataFrame
    boxes: np.ndarray = field(init=False)  # (parts, 4): x0, y0, x1, y1

    def __post_init__(self) -> None:
        if len(self.owner):
            low = np.minimum.reduceat(self.xy, self.start[:-1], axis=0)
            boxes = np.concatenate([low, np.maximum.reduceat(self.xy, self.start[:-1], axis=0)], axis=1)
        else:
            boxes = np.zeros((0, 4))
        object.__setattr__(self, "boxes", boxes)

    def within(self, window: Window, among: np.ndarray | None = None) -> np.ndarray:
        """Find the parts whose bounding boxes meet a window.

        Parameters
        ----------
        window
            y0, y1, x0, x1 in px.
        among
            Only these parts; None for all.

        Returns
        -------
        int64, sorted where ``among`` is.
        """
        y0, y1, x0, x1 = window
        boxes = self.boxes if among is None else self.boxes[among]
        meet = (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0)
        found = np.flatnonzero(meet)
        return found if among is None else among[found]


class ShapesBuilder:
    """Takes objects one after the other; holds 17 bytes a corner.

    Parameters
    ----------
    path
        The file, for messages.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.n = 0
        self._xy, self._last = array("d"), bytearray()
        self._start, self._owner = array("q", [0]), array("q")
        self._notes: dict[str, list[str | None]] = {}

    def add(self, parts: Iterable[list[np.ndarray]], **notes: str | None) -> None:
        """Add an object.

        Parameters
        ----------
        parts
            Its polygons: rings of float64 (corners, 2), the outer one first; open rings are closed.
        **notes
            What the file says of it.
        """
        for rings in parts:
            for ring in rings:
                closed = ring if (ring[0] == ring[-1]).all() else np.concatenate([ring, ring[:1]])
                self._xy.frombytes(np.ascontiguousarray(closed, np.float64).tobytes())
                self._last += bytes(len(closed) - 1) + b"\1"
            self._start.append(len(self._last))
            self._owner.append(self.n)
        if len(self._last) > MAX_CORNERS:
            raise too_many(self.path, f"{MAX_CORNERS:,} corners")
        if self.n >= MAX_OBJECTS:
            raise too_many(self.path, f"{MAX_OBJECTS:,} objects")
        for name, value in notes.items():
            self._notes.setdefault(name, []).append(value)
        self.n += 1

    def build(self) -> Shapes:
        """Give the objects that were added."""
        import pandas as pd

        ids = self._notes.get("object_id", [])
        labels = labels_from(ids, self.n)
        said: dict[str, Any] = {
            name: values for name, values in self._notes.items() if any(value is not None for value in values)
        }
        return Shapes(
            np.frombuffer(self._xy, np.float64).reshape(-1, 2),
            np.frombuffer(self._last, np.bool_),
            np.frombuffer(self._start, np.int64),
            np.frombuffer(self._owner, np.int64),
            labels,
            pd.DataFrame(said, index=pd.Index(labels, name="label"), dtype=object),
        )


def too_many(path: Path, what: str) -> InputError:
    """Make the error for outlines that do not fit into memory."""
    hint = "Divide the file into regions, or export a label image."
    return InputError.of("outlines.too-many", path, f"The file has more than {what}.", hint)


def labels_from(ids: list[str | None], n: int) -> np.ndarray:
    """Take ids for labels where all are different whole numbers from 1 on; else number the objects.

    Parameters
    ----------
    ids
        The ids as written, one an object; none at all where the file has none.
    n
        Number of objects.

    Returns
    -------
    int64 (n,).

    Examples
    --------
    >>> from htan_kit.io.outlines._shapes import labels_from
    >>> labels_from(["7", "3"], 2).tolist(), labels_from(["7", "7"], 2).tolist()
    ([7, 3], [1, 2])
    """
    order = np.arange(1, n + 1, dtype=np.int64)
    if len(ids) < n or not all(i is not None and len(i) <= 16 and i.isascii() and i.isdigit() for i in ids):
        return order
    numbers = np.array([int(i) for i in ids if i is not None], np.int64)
    fit = n == 0 or (numbers.min() > 0 and numbers.max() <= 2**53 and len(np.unique(numbers)) == n)
    return numbers if fit else order
