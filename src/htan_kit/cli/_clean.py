"""The command clean: a copy of an image that can be shared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from htan_kit.cli._app import app
from htan_kit.cli._shared import open_console, polite

__all__ = ["clean"]


@app.command()
def clean(
    image: Annotated[
        Path, typer.Argument(metavar="IMAGE", help="OME-TIFF (one file or several), SVS, QPTIFF, ImageJ or plain TIFF.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The copy; pixels are the same, bit for bit.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT where it exists.")] = False,
) -> None:
    """Copy an image without dates, names, serial numbers, paths and pictures of the slide's label."""
    from htan_kit.export import clean as write_clean

    with polite(writing=out):
        done = write_clean(image, out, force=force)
    console = open_console()
    pages, pieces = f"{done.n_pages:,} page{'s'[: done.n_pages > 1]}", f"{done.n_pieces:,} tiles or strips"
    console.print(f"{out}: {pages}, {pieces}, every one as it was", markup=False, soft_wrap=True)
    kinds = Counter(found.kind for found in done.removed if found.kind != "label image")
    said = ", ".join(f"{kind} in {n} place{'s'[: n > 1]}" for kind, n in kinds.items())
    console.print(f"left out: {said or 'nothing that was known to be private'}", markup=False, soft_wrap=True)
    for what in done.dropped:
        console.print(f"left out: {what}", markup=False, soft_wrap=True)
