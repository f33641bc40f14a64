"""The limit: every tile of image and mask decoded by all cores, and nothing else. python limit.py IMAGE MASK

The fastest way known: positional reads, libdeflate, buffers of each thread's own that are used again.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import imagecodecs
import numpy as np
import tifffile

_TILES = 16  # a task


def tasks_of(path: str) -> list[Any]:
    file = os.open(path, os.O_RDONLY)
    with tifffile.TiffFile(path) as tiff:
        key = tiff.series[0].keyframe
        if int(key.compression) not in {8, 32946}:
            raise SystemExit("the limit is written for deflate")
        shape, found = (key.tilelength, key.tilewidth, 1), []
        for page in tiff.series[0].pages:
            tiles = list(zip(page.dataoffsets, page.databytecounts, strict=True))
            for i in range(0, len(tiles), _TILES):
                found.append((file, tiles[i : i + _TILES], shape, key.dtype, int(key.predictor)))
    return found


def decode(task: Any, thread: Any) -> None:
    file, tiles, shape, dtype, predictor = task
    size, largest = int(np.prod(shape)) * dtype.itemsize, max(n for _, n in tiles)
    if len(getattr(thread, "out", b"")) != size:
        thread.out = np.empty(size, np.uint8)
    if len(getattr(thread, "raw", b"")) < largest:
        thread.raw = bytearray(largest)
    pixels = thread.out.view(dtype).reshape(shape)
    for offset, n in tiles:
        view = memoryview(thread.raw)[:n]
        os.preadv(file, [view], offset)
        imagecodecs.deflate_decode(view, out=thread.out)
        if predictor == 2:
            imagecodecs.delta_decode(pixels, axis=-2, out=pixels)


def main() -> None:
    tasks = [task for path in sys.argv[1:] for task in tasks_of(path)]
    thread = threading.local()
    start = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda task: decode(task, thread), tasks))
    print(json.dumps({"engine_s": time.perf_counter() - start[0], "engine_cpu_s": time.process_time() - start[1]}))


if __name__ == "__main__":
    main()
