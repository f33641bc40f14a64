"""How close the pixel engine comes to decoding alone, and how far other tools are: python benchmarks/pixels.py

Makes images and masks with the simulator, then runs, each in a fresh process and all in turns on the same files: the
limit (every stored tile decoded by all cores), the engine with what mcquant gives, with everything, and with each part
alone, the command line, and once each peer. Prints tables and writes pixels.json. See README.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from parts import data, ours, peers
from parts.process import Ran, run
from parts.show import show
from parts.targets import judge

_HERE = Path(__file__).resolve().parent
_KIT = [sys.executable, "-c", "from htan_kit.cli import main; main()"]
_WARM = data.Size(512, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="2048x10,8192x20,20000x20", help="side x channels[@µm of a pixel], ...")
    parser.add_argument("--runs", type=int, default=3, help="of the limit and of ours; peers run once")
    parser.add_argument("--compare", type=int, default=8192, metavar="PX", help="largest side for peers and parts")
    parser.add_argument("--peers", default=",".join(peers.PEERS), help="which; empty for none")
    parser.add_argument("--no-parts", action="store_true", help="leave out the cost of each part")
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds that a peer may take")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "htan-kit-benchmark")
    parser.add_argument("--json", type=Path, help="where to write; pixels.json in the folder unless said")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [data.Size.of(text) for text in options.sizes.split(",")]
    pythons, absent = _peers([name for name in options.peers.split(",") if name], folder)
    found: dict[str, Any] = {"machine": _machine(), "runs": options.runs, "not_installed": absent, "sizes": {}}
    _make(_WARM, folder)
    _measure(_WARM, folder, 1, pythons, parts=True, timeout_s=options.timeout)  # compiles kernels and byte code
    for size in sizes:
        _make(size, folder)
        compared = size.side <= options.compare
        some = pythons if compared else {}
        parts = compared and not options.no_parts
        rows = _measure(size, folder, options.runs, some, parts=parts, timeout_s=options.timeout)
        found["sizes"][str(size)] = rows
        print(show(str(size), rows, absent if compared else {}))
        found["targets"] = judge(found["sizes"])
        (options.json or folder / "pixels.json").write_text(json.dumps(found, indent=1))
    print("\n".join(found["targets"]))


def _measure(
    size: data.Size, folder: Path, runs: int, pythons: dict[str, Path], *, parts: bool, timeout_s: float
) -> dict[str, Any]:
    files = data.Files.of(size, folder)
    table = folder / "out" / "cells.csv"
    table.parent.mkdir(exist_ok=True)
    paths = [files.image, files.mask, files.nuclei]
    script = [sys.executable, _HERE / "parts" / "ours.py"]
    commands: dict[str, list[object]] = {"limit": [sys.executable, _HERE / "parts" / "limit.py", *paths[:2]]}
    commands |= {job: [*script, job, *paths] for job in [*ours.MEASURE, *(ours.EXTRAS if parts else [])]}
    commands |= {job: [*script, job, files.image] for job in ours.OPENING}
    commands["htan-kit quantify"] = [*_KIT, "quantify", files.image, files.mask, "--out", table]
    run(commands["limit"])  # what is read for the first time comes from the disk
    done: dict[str, list[Ran]] = {name: [] for name in commands}
    for i in range(runs):
        for name, command in commands.items():
            _tell(f"{size}: {name}, {i + 1} of {runs}")
            done[name].append(run(command))
    rows = {name: _middle(some, done["limit"]) for name, some in done.items()}
    if table.exists():
        rows["htan-kit quantify"]["columns"], rows["htan-kit quantify"]["rows"] = peers.columns_of([table], files)
    for name, python in pythons.items():
        _tell(f"{size}: {name}")
        out = folder / "out" / name
        rows[name] = _middle([peers.measure(name, python, files, out, timeout_s)], done["limit"]) | {"peer": True}
        if not rows[name]["problem"]:
            rows[name]["columns"], rows[name]["rows"] = peers.columns_of(sorted(out.glob("*.csv")), files)
    return rows


def _middle(runs: list[Ran], limits: list[Ran]) -> dict[str, Any]:
    """Give medians; ratios to the limit are taken run by run, for they ran side by side."""
    problem = next((run.problem for run in runs if run.problem), "")
    if problem:
        return {"problem": problem}
    row: dict[str, Any] = {"problem": "", "runs": [asdict(run) for run in runs]}
    for name in ("whole_s", "cpu_s", "peak_mib"):
        row[name] = statistics.median(getattr(run, name) for run in runs)
    for name in ("engine_s", "engine_cpu_s", "objects"):
        if name in runs[0].said:
            row[name] = statistics.median(run.said[name] for run in runs)
    pairs = list(zip(runs, limits, strict=False))
    for name in ("engine_s", "engine_cpu_s"):
        if name in row:
            row[f"{name}_ratio"] = statistics.median(run.said[name] / limit.said[name] for run, limit in pairs)
    row["whole_s_ratio"] = statistics.median(run.whole_s / limit.said["engine_s"] for run, limit in pairs)
    return row


def _peers(names: list[str], folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    pythons, absent = {}, {}
    for name in names:
        python, reason = peers.python_of(name, folder)
        if python is None:
            absent[name] = reason
        else:
            pythons[name] = python
    return pythons, absent


def _make(size: data.Size, folder: Path) -> None:
    _tell(f"making {size}")
    made = run([sys.executable, _HERE / "parts" / "data.py", size, folder])
    if made.problem:
        msg = f"{size} cannot be made: {made.problem}"
        raise SystemExit(msg)


def _machine() -> dict[str, Any]:
    import os
    from importlib.metadata import version

    names = ("htan-kit", "numpy", "numba", "imagecodecs", "tifffile", "pandas", "anndata")
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "cores": os.cpu_count(), "cpu": cpu or platform.processor(), "python": platform.python_version(),
        "system": platform.platform(), "versions": {name: version(name) for name in names},
    }  # fmt: skip


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def _tell(text: str) -> None:
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="" if sys.stderr.isatty() else "\n", file=sys.stderr)


if __name__ == "__main__":
    main()
