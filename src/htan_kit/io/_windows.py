"""A window put together from the stored pieces that it touches, decoded by all cores."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.errors import InputError
from htan_kit.io._paths import is_remote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from htan_kit.io._store import Readable, Tiles, Window

__all__ = ["pieces", "read_window", "threads_for", "undecodable"]

_HINT = "Copy or export the file again; skip_bad_tiles measures without these pixels."
_FEW = 4  # pieces below which threads cost more than they save
_REQUESTS = 16  # at a time, of a file on a server: they wait, and cost no core


def threads_for(path: Path) -> int:
    """Tell how many threads decode the pieces of a file: one a processor, more where they wait for a server."""
    if is_remote(path):
        return _REQUESTS
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_window(
    image: Readable, tiles: Tiles, channels: Sequence[int], window: Window, *, level: int = 0
) -> np.ndarray:
    """Read some channels of a window.

    Parameters
    ----------
    image
        The image, for names and the type.
    tiles
        The open level.
    channels
        0-based; RGB has three.
    window
        Inside the level.
    level
        Level of the pyramid.

    Returns
    -------
    (channels, height, width).

    Raises
    ------
    InputError
        A piece cannot be decoded.
    """
    y0, y1, x0, x1 = window
    out = np.empty((len(channels), max(y1 - y0, 0), max(x1 - x0, 0)), image.store.dtype)
    if not out.size:
        return out
    rows, columns = tiles.chunk
    wanted: list[tuple[int, list[tuple[int, int]]]] = []  # plane, and (sample, row of the result) pairs
    for plane, inside in enumerate(tiles.planes):
        pairs = [(inside.index(channel), i) for i, channel in enumerate(channels) if channel in inside]
        if pairs:
            wanted.append((plane, pairs))
    places = [(y, x) for y in range(y0 // rows, -(-y1 // rows)) for x in range(x0 // columns, -(-x1 // columns))]

    def put(job: tuple[int, list[tuple[int, int]], tuple[int, int]]) -> None:
        plane, pairs, (row, column) = job
        top, left = row * rows, column * columns
        into = slice(max(top, y0), min(top + rows, y1)), slice(max(left, x0), min(left + columns, x1))
        try:
            piece = tiles.decode(plane, row, column)
            cut = piece[into[0].start - top : into[0].stop - top, into[1].start - left : into[1].stop - left]
            for sample, i in pairs:
                out[i, into[0].start - y0 : into[0].stop - y0, into[1].start - x0 : into[1].stop - x0] = cut[
                    ..., sample
                ]
        except Exception as problem:  # noqa: BLE001 - each codec raises its own kind
            raise undecodable(image, tiles, plane, (row, column), problem, level=level) from None

    jobs = [(plane, pairs, place) for plane, pairs in wanted for place in places]
    workers = threads_for(image.path)
    if len(jobs) == 1 or workers == 1 or (len(jobs) <= _FEW and not is_remote(image.path)):
        for job in jobs:
            put(job)
        return out
    with ThreadPoolExecutor(workers, "htan-kit-read") as pool:
        futures = [pool.submit(put, job) for job in jobs]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return out


def undecodable(
    image: Readable, tiles: Tiles, plane: int, place: tuple[int, int], problem: Exception, *, level: int = 0
) -> InputError:
    """Make the error that names the piece that cannot be decoded.

    Parameters
    ----------
    image
        The image.
    tiles
        The open level.
    plane
        Index into ``tiles.planes``.
    place
        Row and column of the piece.
    problem
        What the codec said.
    level
        Level of the pyramid.

    Returns
    -------
    The error, rule ``image.decode``; what a server did wrong is said as it is.
    """
    if isinstance(problem, InputError):
        return problem
    (row, column), (rows, columns), size = place, tiles.chunk, image.store.levels[level]
    numbers = tiles.planes[plane]
    names = [] if image.store.is_rgb else [image.channels[c].name for c in numbers]
    which = ", ".join(
        f"{c} ({str(n)[:60]})" if n else str(c) for c, n in zip(numbers, names or [None] * len(numbers), strict=True)
    )
    what = "Tile" if image.store.tiled else "Strip"
    until = min(row * rows + rows, size.height), min(column * columns + columns, size.width)
    message = (
        f"{what} {row}, {column} (rows {row * rows}-{until[0]}, columns {column * columns}-{until[1]} px) of channel "
        f"{which} cannot be decoded ({str(problem)[:200] or type(problem).__name__})."
    )
    return InputError.of("image.decode", image.path, message, _HINT)


def pieces(total: int, side: int) -> tuple[int, ...]:
    """Cut a length into pieces of one size and what is left, as dask writes chunks.

    Parameters
    ----------
    total
        The length in px.
    side
        The size of a piece in px.

    Returns
    -------
    Sizes that add up to ``total``.

    Examples
    --------
    >>> from htan_kit.io._windows import pieces
    >>> pieces(10, 4)
    (4, 4, 2)
    """
    whole, rest = divmod(total, side)
    return (side,) * whole + ((rest,) if rest else ())
