"""How fast a Level 4 table becomes an AnnData: python benchmarks/table.py [--rows 1000000] [--columns 50] [--runs 3]

Makes a CSV as mcquant writes it (kept in --folder for the next time), then runs in turns, each in a fresh process with
compiled modules cached: ``hk.read(table=...)``, which fills every slot of the kit's contract, and what a person writes
by hand, ``pandas.read_csv`` and ``AnnData(X, obs, obsm)``. "whole" is the process from its start to its end, "inner"
the job after imports, "cpu" the processor seconds of the process (what a busy machine leaves true); "x" how many times
ours it is. Prints a table; --json writes it. The goal is 1.8 times faster than pandas, and at most 0.8 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

N_SHAPES = 7  # Area .. Orientation
END = """
import resource
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, adata.n_obs, adata.n_vars,
      float(adata.X[:, 0].astype("float64").sum()))
"""
JOBS = {
    "htan_kit": """
import sys, time
import anndata, numpy, pandas
import htan_kit as hk
hk.read
start = time.perf_counter()
adata = hk.read(table=sys.argv[1], pixel_size_um=0.65)
""",
    "pandas": """
import sys, time
import anndata, numpy as np, pandas as pd
start = time.perf_counter()
frame = pd.read_csv(sys.argv[1])
names = list(frame.columns)
markers = names[1 : names.index("X_centroid")]
obs = frame[[name for name in names if name not in markers]].set_axis("image_" + frame["CellID"].astype(str), axis=0)
adata = anndata.AnnData(frame[markers].to_numpy(np.float32), obs=obs, var=pd.DataFrame(index=markers))
adata.obsm["spatial"] = obs[["X_centroid", "Y_centroid"]].to_numpy()
""",
    "pandas, arrow engine": """
import sys, time
import anndata, numpy as np, pandas as pd
start = time.perf_counter()
frame = pd.read_csv(sys.argv[1], engine="pyarrow")
names = list(frame.columns)
markers = names[1 : names.index("X_centroid")]
obs = frame[[name for name in names if name not in markers]].set_axis("image_" + frame["CellID"].astype(str), axis=0)
adata = anndata.AnnData(frame[markers].to_numpy(np.float32), obs=obs, var=pd.DataFrame(index=markers))
adata.obsm["spatial"] = obs[["X_centroid", "Y_centroid"]].to_numpy()
""",
}


def make(path: Path, rows: int, columns: int) -> None:
    """Write the table once, some rows at a time."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    shapes = ["Area", "MajorAxisLength", "MinorAxisLength", "Eccentricity", "Solidity", "Extent", "Orientation"]
    markers = [f"Marker{i:02d}" for i in range(columns - 3 - N_SHAPES)]
    rng = np.random.default_rng(1)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write((",".join(["CellID", *markers, "X_centroid", "Y_centroid", *shapes]) + "\n").encode())
        for first in range(0, rows, 50_000):
            n = min(50_000, rows - first)
            data: dict[str, object] = {"CellID": np.arange(first + 1, first + n + 1)}
            data |= {name: rng.lognormal(6, 1, n).round(10) for name in markers}
            data |= {name: rng.uniform(0, 30_000, n).round(10) for name in ("X_centroid", "Y_centroid")}
            data |= {name: rng.uniform(0, 1, n).round(12) for name in shapes}
            csv.write_csv(pa.table(data), file, csv.WriteOptions(include_header=False))
    part.replace(path)


def run(code: str, path: Path) -> dict[str, float]:
    """Run one job in a new Python."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code + END, str(path)], stdout=out, env=environment
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        whole = time.perf_counter() - start
        out.seek(0)
        last = out.read().split("\n")[-2] if process.returncode == 0 else ""
    if not last:
        sys.exit(f"a job failed with status {process.returncode}")
    inner, peak, n_obs, n_vars, total = map(float, last.split())
    cpu = used.ru_utime + used.ru_stime
    return {
        "whole": whole,
        "inner": inner,
        "cpu": cpu,
        "peak_mb": peak,
        "cells": n_obs,
        "markers": n_vars,
        "sum": total,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "htan_kit_table"))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"{options.rows}x{options.columns}.csv"
    if not path.exists():
        make(path, options.rows, options.columns)
    with path.open(
        "rb"
    ) as file:  # from the memory of the system, for all alike; in pieces, since a child's peak counts
        while file.read(2**20):  # from that of its parent
            pass
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in JOBS}
    for _ in range(options.runs):
        for name, code in JOBS.items():
            runs[name].append(run(code, path))
    middle = {
        name: {key: statistics.median(found[key] for found in results) for key in results[0]}
        for name, results in runs.items()
    }
    ours = middle["htan_kit"]
    same = all(abs(m["sum"] - ours["sum"]) <= 1e-6 * abs(ours["sum"]) for m in middle.values())
    print(
        f"{options.rows:,} x {options.columns}, {path.stat().st_size / 1e6:.0f} MB, median of {options.runs} runs; "
        f"the same values: {same}"
    )
    print(f"{'':22}{'whole s':>9}{'inner s':>9}{'cpu s':>8}{'peak MB':>9}{'whole x':>9}{'inner x':>9}{'cpu x':>8}")
    for name, m in middle.items():
        times = "".join(f"{m[key] / ours[key]:>{width}.2f}" for key, width in (("whole", 9), ("inner", 9), ("cpu", 8)))
        print(f"{name:22}{m['whole']:>9.2f}{m['inner']:>9.2f}{m['cpu']:>8.2f}{m['peak_mb']:>9.0f}{times}")
    if options.json:
        options.json.write_text(json.dumps({"rows": options.rows, "columns": options.columns, "runs": runs}, indent=1))


if __name__ == "__main__":
    main()
