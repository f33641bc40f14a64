"""The command line: parses, calls, prints."""

from __future__ import annotations

import signal

# In the order of the help; each registers its commands.
# isort: off
from htan_kit.cli import _run, _check, _files, _clean, _export, _models, _make  # noqa: F401
from htan_kit.cli._app import app
# isort: on

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    # A scheduler's SIGTERM is a Ctrl-C from afar: the run is closed in order, and can be taken up again.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()
