"""info and quantify: one file, or an image and its mask."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from htan_kit._keys import Key
from htan_kit.cli._app import PixelSize, app
from htan_kit.cli._shared import open_console, polite, print_findings, print_rows, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["info", "quantify"]


@app.command()
def info(file: Annotated[str, typer.Argument(metavar="FILE", help="A file, a folder or an address.")]) -> None:
    """Say what a file is: level, dialect, size, channels, pixel size."""
    from htan_kit.io._paths import located
    from htan_kit.report import describe

    with polite():
        place = located(file)
        found = describe(place)
    console = open_console()
    console.print(f"{place.name}: {found.kind}", style="bold", markup=False)
    facts = [[name, text(value)] for name, value in found.facts.items() if value != ""]
    print_rows(console, ["", ""], facts, head=False)
    if found.table is not None and len(found.table):
        shown = found.table.reset_index() if found.table.index.name else found.table
        rows = [[text(value) for value in row] for row in shown.astype(object).to_numpy()]
        print_rows(console, list(map(str, shown.columns)), rows)
    print_findings(found.findings)


@app.command()
def quantify(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="Level 2 image, a file or an address.")],
    mask: Annotated[str, typer.Argument(metavar="MASK", help="Level 3 mask.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The table to write: .csv (MCMICRO's header) or .h5ad.")],
    *,
    channels: Annotated[str | None, typer.Option(metavar="CSV", help="Channel metadata.")] = None,
    stat: Annotated[str, typer.Option(help="mean, median, sum, sd, min, max, p99.9, ..., comma-separated.")] = "mean",
    nucleus: Annotated[str | None, typer.Option(metavar="MASK", help="Measure nucleus and cytoplasm, too.")] = None,
    ring: Annotated[float, typer.Option(metavar="UM", help="Measure a ring of this width in µm, too.")] = 0.0,
    pixel_size_um: PixelSize = None,
    skip_bad_tiles: Annotated[bool, typer.Option("--skip-bad-tiles", help="Leave out what cannot be decoded.")] = False,
) -> None:
    """Measure every object of a mask in every channel of an image."""
    from htan_kit.assemble import quantify as measure
    from htan_kit.assemble import quantify_table
    from htan_kit.errors import InputError
    from htan_kit.export import write_cells, write_table
    from htan_kit.findings import Findings

    with polite():
        if out.suffix not in {".csv", ".h5ad"}:  # said before minutes of work
            raise InputError.of("export.format", out, "The name must end in .csv or .h5ad.")
        with _progress() as tell:
            options: dict[str, Any] = {
                "statistics": stat.split(","), "nucleus": nucleus, "ring_um": ring, "pixel_size_um": pixel_size_um,
                "skip_bad_tiles": skip_bad_tiles, "progress": tell,
            }  # fmt: skip
            if out.suffix == ".csv":  # a table needs neither AnnData nor metadata
                table, markers, findings = quantify_table(image, mask, channels, **options)
                n_objects, n_markers = len(table), len(markers)
                write_table(table, out)
            else:
                adata = measure(image, mask, channels, **options)
                block = next(iter(adata.uns[Key.uns.kit].values()))
                n_objects, n_markers = adata.n_obs, adata.n_vars
                findings = Findings.from_json(block["findings"])
                write_cells(adata, out)
    print_findings(Findings(finding for finding in findings if finding.severity != "info"))
    open_console().print(f"{n_objects} objects × {n_markers} markers: {out}", markup=False, soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """Show a bar on a terminal; elsewhere only what takes long and happens once."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = open_console(stderr=True)
    columns = (BarColumn(24), TaskProgressColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("opening", total=1.0)

    def tell(what: str, share: float) -> None:
        if what.startswith("compiling"):
            console.print(f"{what} ...", markup=False)
        bar.update(task, description=what, completed=share)

    with bar:
        yield tell
