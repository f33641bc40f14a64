"""Measurements that are kept in a folder, and measured again when anything they were made from is another."""

from __future__ import annotations

import hashlib
import json
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from htan_kit.findings import report, warning
from htan_kit.io._paths import is_remote
from htan_kit.io.hashing import file_hash
from htan_kit.pixels._stored import load_measurement, save_measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from htan_kit.findings import Findings
    from htan_kit.pixels import Measurement

__all__ = ["kept"]

_ROOMS: Final = ("io", "pixels")  # whose code decides what a measurement says
_PACKAGES: Final = ("htan-kit", "imagecodecs", "numba", "numpy", "tifffile", "zarr")


def kept(
    folder: Path,
    question: Mapping[str, Any],
    files: Mapping[str, Path | None],
    answer: Callable[[], Measurement],
    *,
    findings: Findings | None,
) -> Measurement:
    """Give a measurement that was kept, else make it and keep it.

    Parameters
    ----------
    folder
        Where measurements are kept, each in a folder of its own. The one that answers the same question about files of
        the same names is replaced.
    question
        What was asked, as JSON can hold it.
    files
        The files it is measured from, by role. They count by content; one of more than 256 MiB by a sample of its
        content, its size and its time of change; a folder by the sizes and times of its files.
    answer
        Measures.
    findings
        Where to say that it could not be kept; None shows it as a Python warning.

    Returns
    -------
    The measurement; what was found then is in its ``findings``.
    """
    names = {role: path.name for role, path in files.items() if path is not None}
    digest = hashlib.sha256(json.dumps([question, names], sort_keys=True).encode()).hexdigest()[:12]
    place = folder / f"{next(iter(names.values()), 'measurement')[:60]}-{digest}"
    try:
        contents = {role: _content(path) for role, path in files.items() if path is not None}
    except OSError:  # a file that is gone is the measurement's to report
        return answer()
    made_from = json.loads(json.dumps({"question": question, "files": contents, "kit": _kit()}))
    found = load_measurement(place, made_from)
    if found is not None:
        return found
    found = answer()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_measurement(found, place, made_from)
    except OSError as problem:
        message = f"What was measured could not be kept: {problem.strerror or problem}."
        hint = "It is measured again when it is needed again."
        report(findings, warning("measure.cache", folder, message, hint))
        return found
    return load_measurement(place, made_from) or found  # mapped from the disk, it leaves the memory


def _content(path: Path) -> list[Any]:
    if not is_remote(path) and path.is_dir():
        members = sorted(member for member in path.rglob("*") if member.is_file())
        return [[member.relative_to(path).as_posix(), *_size_and_time(member)] for member in members]
    if is_remote(path):
        return [file_hash(path)]
    now = path.stat()
    found = _hashed(path, now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino)
    return [found, *_size_and_time(path)] if found.startswith("sha256-sampled:") else [found]


@lru_cache(maxsize=64)
def _hashed(path: Path, *_state: int) -> str:
    """Hash a file once a process, as long as it looks the same: every table and figure asks."""
    return file_hash(path)


def _size_and_time(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


@cache
def _kit() -> dict[str, str]:
    package = Path(__file__).resolve().parents[1]
    sources = sorted(path for room in _ROOMS for path in (package / room).rglob("*.py"))
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return {"code": code, **{name: version(name) for name in _PACKAGES}}
