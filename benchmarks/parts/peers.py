"""The other tools: an environment for each, and what their tables hold."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from parts.process import Ran, run

if TYPE_CHECKING:
    from parts.data import Files

__all__ = ["PEERS", "columns_of", "measure", "python_of"]

_HERE = Path(__file__).resolve().parent.parent / "peers"
PEERS = ("mcquant", "skimage", "scipy", "harpy", "sopa", "steinbock", "nyxus")


def python_of(peer: str, folder: Path) -> tuple[Path | None, str]:
    """Give the Python that a peer is installed in, made where it is not there yet; or None and why not."""
    place, wanted = folder / "peers" / peer, (_HERE / f"{peer}.txt").read_text()
    python, stamp = place / "bin" / "python", place / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return python, ""
    print(f"installing {peer} ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
    command = [python, "-m", "pip", "install", "--quiet", "--requirement", _HERE / f"{peer}.txt"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if re.match(r"\s*(ERROR|error|fatal)", line)]
        return None, (errors or done.stderr.splitlines() or ["pip failed"])[0].strip()[:200]
    stamp.write_text(wanted)
    return python, ""


def measure(peer: str, python: Path, files: Files, out: Path, timeout_s: float) -> Ran:
    """Let a peer measure, into an empty folder."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.csv"):
        old.unlink()
    return run([python, _HERE / "measure.py", peer, files.image, files.mask, files.names, out], timeout_s)


def columns_of(tables: list[Path], files: Files) -> tuple[str, int]:
    """Say which columns some tables have, channels counted, and how many rows."""
    with files.names.open(newline="") as file:
        names = {row["marker_name"] for row in csv.DictReader(file)}
    found: dict[str, None] = {}
    rows = means = 0
    for table in tables:
        with table.open(newline="") as file:
            reader = csv.reader(file)
            header = next(reader)
            rows = max(rows, sum(1 for _ in reader))
        means += sum(column in names for column in header)
        found |= dict.fromkeys(column for column in header if column not in names)
    return ", ".join([f"{means} means", *found]), rows
