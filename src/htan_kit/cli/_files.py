"""info and quantify: one file, or an image and its mask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from htan_kit.cli._app import PixelSize, app
from htan_kit.cli._shared import open_console, polite, print_findings, print_rows, text

__all__ = ["info", "quantify"]


@app.command()
def info(file: Annotated[Path, typer.Argument(metavar="FILE", help="A file or folder.")]) -> None:
    """Say what a file is: level, dialect, size, channels, pixel size."""
    from htan_kit.report import describe

    with polite():
        found = describe(file)
    console = open_console()
    console.print(f"{file.name}: {found.kind}", style="bold", markup=False)
    facts = [[name, text(value)] for name, value in found.facts.items() if value != ""]
    print_rows(console, ["", ""], facts, head=False)
    if found.table is not None and len(found.table):
        shown = found.table.reset_index() if found.table.index.name else found.table
        rows = [[text(value) for value in row] for row in shown.astype(object).to_numpy()]
        print_rows(console, list(map(str, shown.columns)), rows)
    print_findings(found.findings)


@app.command()
def quantify(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Level 2 image.")],
    mask: Annotated[Path, typer.Argument(metavar="MASK", help="Level 3 mask.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The table to write: .csv (MCMICRO's header) or .h5ad.")],
    *,
    channels: Annotated[Path | None, typer.Option(metavar="CSV", help="Channel metadata.")] = None,
    pixel_size_um: PixelSize = None,
) -> None:
    """Measure every object of a mask in every channel of an image."""
    from htan_kit.assemble import quantify as measure
    from htan_kit.export import write_cells

    with polite():
        adata = measure(image, mask, channels, pixel_size_um=pixel_size_um)
        write_cells(adata, out)
    open_console().print(f"{adata.n_obs} objects × {adata.n_vars} markers: {out}", markup=False, soft_wrap=True)
