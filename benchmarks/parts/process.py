"""A command in a process of its own, and what the operating system says that it took."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Ran", "run"]


@dataclass(frozen=True)
class Ran:
    """Wall and processor seconds of the whole process, peak resident memory, and what it said of itself.

    ``said`` is the last line it printed, where that is JSON; ``problem`` is empty when all went well.
    """

    whole_s: float
    cpu_s: float
    peak_mib: float
    said: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def run(command: Sequence[object], timeout_s: float = 3600.0) -> Ran:
    """Run a command; the caller must be small, for a new process counts the memory of the one that starts it."""
    # Byte code that may not be kept is compiled at every start, which nobody's users do.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err, env=environment)
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        printed, complaint = (file.read().decode(errors="replace").strip().splitlines() for file in (out, err))
    problem = ""
    if process.returncode:
        late = seconds >= timeout_s
        problem = f"longer than {timeout_s:g} s" if late else (complaint or [f"exit {process.returncode}"])[-1][:300]
    said = {}
    if printed and printed[-1].startswith("{"):
        said = json.loads(printed[-1])
    return Ran(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said, problem)
