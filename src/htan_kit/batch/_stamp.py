"""What a result was made from, as digests: when all are the same, a run need not be repeated."""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.io.hashing import file_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["digest_files", "digest_kit", "digest_value", "stamp", "versions"]

_PACKAGES = (
    "htan-kit", "anndata", "scanpy", "squidpy", "papermill", "nbconvert", "jupyterlab", "tifffile", "matplotlib",
    "pandas", "numpy", "scipy", "scikit-image", "scikit-learn", "zarr",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Say which versions of Python and of the packages that matter are installed.

    Examples
    --------
    >>> from htan_kit.batch._stamp import versions
    >>> "python" in versions() and "anndata" in versions()
    True
    """
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # run from a source tree
            found[package] = "not installed"
    return found


def digest_value(value: Any) -> str:
    """Digest anything JSON can hold, whatever the order of its keys.

    Examples
    --------
    >>> from htan_kit.batch._stamp import digest_value
    >>> digest_value({"a": 1, "b": 2}) == digest_value({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


@cache
def digest_kit() -> str:
    """Digest the kit itself: its sources and the versions of the packages it stands on."""
    package = Path(__file__).resolve().parents[1]
    sources = {str(p.relative_to(package)): p.read_text("utf-8") for p in sorted(package.rglob("*.py"))}
    return digest_value([sources, versions()])


def digest_files(paths: Iterable[str | Path]) -> str:
    """Digest input files by name and content.

    Parameters
    ----------
    paths
        Files, or folders (zarr), which count with every file in them. One that is missing counts as missing.

    Returns
    -------
    SHA-256. A large file counts with its time of change, too, since :func:`htan_kit.io.hashing.file_hash` samples it:
    reading a terabyte to learn that nothing changed would take longer than many runs.

    Examples
    --------
    >>> from htan_kit.batch._stamp import digest_files
    >>> digest_files([]) == digest_files([])
    True
    """
    found: dict[str, str] = {}
    for path in map(Path, paths):
        members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        found.update({str(member): _digest_file(member) for member in members})
    return digest_value(found)


def _digest_file(path: Path) -> str:
    try:
        found = file_hash(path)
        return found if found.startswith("sha256:") else f"{found} {path.stat().st_mtime_ns}"
    except OSError as problem:
        return f"unreadable: {problem.strerror}"


def stamp(notebook_sha256: str, parameters: Mapping[str, Any], inputs: str) -> dict[str, str]:
    """Collect the digests that decide whether a notebook must run again."""
    return {
        "notebook": notebook_sha256,
        "parameters": digest_value(dict(parameters)),
        "inputs": inputs,
        "kit": digest_kit(),
    }
