"""notebooks and simulate: files to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htan_kit.cli._app import app
from htan_kit.cli._shared import open_console, polite

__all__ = ["notebooks", "simulate"]


@app.command()
def notebooks(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put them.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Copy the kit's notebooks to a folder, to open in JupyterLab or to change."""
    from htan_kit.batch import copy_notebooks

    with polite():
        copies = copy_notebooks(folder, force=force)
    for copy in copies:
        open_console().print(str(copy), markup=False, soft_wrap=True)


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the cohort.")],
    *,
    seed: Annotated[int, typer.Option(help="Same seed, same tissue.")] = 0,
) -> None:
    """Make a small cohort of simulated tissue with a known answer."""
    from htan_kit.datasets import write_cohort

    with polite():
        write_cohort(folder, seed=seed)
    open_console().print(str(folder), markup=False, soft_wrap=True)
