"""How close the pixel engine comes to decoding alone: python benchmarks/pixels.py [--side 2048] [--channels 10]

Makes an image and a mask with the simulator (kept in --folder for the next time), then runs in turns, each in a fresh
process: the limit (all level-0 tiles of image and mask decoded by all cores with libdeflate into buffers that are used
again), the engine with what mcquant gives (mean and morphology), and `measure` with everything; the extra cost of each
further part is printed too. Seconds are counted after imports and include loading compiled kernels from the cache;
"again" is a second call in the same process, "cpu" the processor seconds of that (what a busy machine leaves true);
the peak is that of the first call. Prints a table; --json writes it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PARTS: dict[str, dict[str, Any]] = {
    "mean": {"shapes": False, "spread": False},
    "quantify": {"shapes": True, "perimeter": False, "spread": False},
    "measure": {"perimeter": False, "spread": True, "channels": True, "focus": True, "tissue": True},
}
NOTHING = {"spread": False, "shapes": False, "channels": False, "focus": False, "tissue": False}
EXTRAS: dict[str, dict[str, Any]] = {
    "shapes": {"shapes": True, "perimeter": False},
    "shapes, perimeter": {"shapes": True, "perimeter": True},
    "spread": {"spread": True},
    "channels": {"channels": True},
    "focus": {"focus": True},
    "tissue": {"tissue": True},
    "ring 5 px": {"ring_px": 5.0},
    "nuclei": {"nuclei": True},
    "median": {"quantiles": (0.5,)},
    "registration": {"cycles": (0, 4, 8)},
}


def make(folder: Path, side: int, channels: int) -> tuple[Path, Path, Path]:
    """Write the data once."""
    from htan_kit import datasets

    name = f"{side}x{channels}"
    paths = folder / f"{name}.ome.tiff", folder / f"{name}_cell.ome.tiff", folder / f"{name}_nucleus.ome.tiff"
    if not all(path.exists() for path in paths):
        print(f"making {name} in {folder} ...", file=sys.stderr)
        tissue = datasets.simulate("cycif", width_px=side, height_px=side, n_channels=channels, seed=1)
        datasets.write_image(tissue, paths[0])
        datasets.write_mask(tissue, paths[1])
        datasets.write_mask(tissue, paths[2], object_class="nucleus")
    return paths


def decode(paths: list[str]) -> int:
    """Decode every level-0 tile; the fastest way known: pread, libdeflate, buffers that stay where they are."""
    import imagecodecs
    import numpy as np
    import tifffile

    jobs = []
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        with tifffile.TiffFile(path) as tiff:
            key = tiff.series[0].keyframe
            if int(key.compression) not in {8, 32946}:
                raise SystemExit("the limit is written for deflate")
            shape, dtype, predictor = (key.tilelength, key.tilewidth, 1), key.dtype, int(key.predictor)
            for page in tiff.series[0].pages:
                tiles = list(zip(page.dataoffsets, page.databytecounts, strict=True))
                jobs += [(file, tiles[i : i + 16], shape, dtype, predictor) for i in range(0, len(tiles), 16)]

    def run(job: Any) -> int:
        file, tiles, shape, dtype, predictor = job
        out = np.empty(int(np.prod(shape)) * dtype.itemsize, np.uint8)
        raw = bytearray(max(n for _, n in tiles))
        for offset, n in tiles:
            view = memoryview(raw)[:n]
            os.preadv(file, [view], offset)
            imagecodecs.deflate_decode(view, out=out)
            if predictor == 2:
                pixels = out.view(dtype).reshape(shape)
                imagecodecs.delta_decode(pixels, axis=-2, out=pixels)
        return len(tiles)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(run, jobs))


def worker(what: str, paths: list[str]) -> None:
    """One process: the job twice, and the peak of its memory."""
    import imagecodecs  # noqa: F401
    import tifffile  # noqa: F401

    if what == "limit":
        jobs = [lambda: decode(paths[:2])] * 2
    else:
        import htan_kit as hk
        import htan_kit.pixels._result
        import htan_kit.pixels._wanted
        from htan_kit.pixels import measure

        options = PARTS.get(what) or NOTHING | EXTRAS.get(what, {})
        if what == "mean" or what == "quantify":
            options = NOTHING | options
        if options.get("nuclei"):
            options = options | {"nuclei": hk.read_mask(paths[2])}
        jobs = [lambda: measure(hk.read_image(paths[0]), hk.read_mask(paths[1]), **options)] * 2
    seconds, cpu, memory = [], [], 0.0
    for job in jobs:
        start = time.perf_counter(), time.process_time()
        job()
        seconds.append(time.perf_counter() - start[0])
        cpu.append(time.process_time() - start[1])
        memory = memory or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # of the first call
    print(json.dumps([*seconds, memory, cpu[1]]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--channels", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "htan-kit-benchmark")
    parser.add_argument("--extras", action="store_true", help="also the cost of every part")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--worker", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker(options.worker[0], options.worker[1:])
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    paths = [str(path) for path in make(options.folder, options.side, options.channels)]
    names = ["limit", *PARTS, *(["nothing", *EXTRAS] if options.extras else [])]
    found: dict[str, list[list[float]]] = {name: [] for name in names}
    for _ in range(options.runs):
        for name in names:
            command = [sys.executable, __file__, "--worker", name, *paths]
            found[name].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    print(
        f"{options.side} x {options.side} x {options.channels} uint16, {os.cpu_count()} cores, median of {options.runs}"
    )
    print(f"{'':20}{'s':>8}{'x limit':>9}{'again':>8}{'x limit':>9}{'cpu s':>8}{'x limit':>9}{'peak MiB':>10}")
    rows = {}
    for name in names:
        first, again, memory, cpu = (statistics.median(run[i] for run in found[name]) for i in range(4))
        pairs = list(zip(found[name], found["limit"], strict=True))
        ratios = [statistics.median(run[i] / limit[i] for run, limit in pairs) for i in (0, 1, 3)]
        print(
            f"{name:20}{first:8.2f}{ratios[0]:9.2f}{again:8.2f}{ratios[1]:9.2f}{cpu:8.2f}{ratios[2]:9.2f}{memory:10.0f}"
        )
        rows[name] = {
            "s": first, "ratio": ratios[0], "again_s": again, "again_ratio": ratios[1], "cpu_s": cpu,
            "cpu_ratio": ratios[2], "peak_mib": memory,
        }  # fmt: skip
    if options.json:
        options.json.write_text(
            json.dumps({"side": options.side, "channels": options.channels, "rows": rows}, indent=1)
        )


if __name__ == "__main__":
    main()
