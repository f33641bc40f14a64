"""demo and run: notebooks over a cohort."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from htan_kit.cli._app import Force, Input, Jobs, Mask, Parameter, PixelSize, app
from htan_kit.cli._shared import open_console, polite, print_rows, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from htan_kit.batch import Run

__all__ = ["demo", "run"]


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("htan-kit-demo"),
    *,
    jobs: Jobs = 2,
    force: Force = False,
) -> None:
    """Run the notebooks over the example data; exits with 0 when every sample ran, whatever the verdicts."""
    from htan_kit.batch import run as run_notebooks
    from htan_kit.datasets import sample

    with polite(), _progress() as tell:
        result = run_notebooks(sample(), out, jobs=jobs, force=force, progress=tell)
    _show_run(result)
    raise typer.Exit(1 if result.exit_code == 1 else 0)


@app.command()
def run(
    input_: Input,
    out: Annotated[Path, typer.Option(help="Folder of the run; nothing is written elsewhere.")],
    *,
    jobs: Jobs = 1,
    parameter: Parameter = None,
    params: Annotated[Path | None, typer.Option(metavar="FILE", help="Parameters in YAML or JSON.")] = None,
    samples: Annotated[str, typer.Option(metavar="A,B", help="Only these library ids.")] = "",
    mask: Mask = "",
    pixel_size_um: PixelSize = None,
    notebooks: Annotated[Path | None, typer.Option(metavar="DIR", help="Your own notebooks.")] = None,
    timeout: Annotated[float, typer.Option(metavar="S", min=0, help="Seconds for one notebook; 0: none.")] = 0.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run, and stop.")] = False,
    force: Force = False,
) -> None:
    """Run the notebooks over every sample and write a page for each and one for all.

    Exits with 0: done; 1: a sample did not run; 2: wrong usage or input; 3: all ran, a verdict is fail; 130: stopped.
    """
    from htan_kit.batch import read_parameters
    from htan_kit.batch import run as run_notebooks

    with polite(), _progress() as tell:
        result = run_notebooks(
            input_, out, notebooks=notebooks, parameters=read_parameters(parameter or (), params), jobs=jobs,
            samples=[name.strip() for name in samples.split(",") if name.strip()], mask=mask,
            pixel_size_um=pixel_size_um, timeout=timeout, force=force, dry_run=dry_run, progress=tell,
        )  # fmt: skip
    (_show_plan if dry_run else _show_run)(result)
    raise typer.Exit(result.exit_code)


@contextmanager
def _progress() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show a bar with the notebooks at work on a terminal, a line for each finished notebook elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = open_console(stderr=True)
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("opening", total=None)
    at_work: dict[str, str] = {}
    width = 0

    def tell(event: dict[str, Any]) -> None:
        nonlocal width
        who = event.get("library_id") or "all samples"
        if event["event"] == "planned":
            width = max(len(library_id or who) for library_id, notebooks in event["tasks"] if notebooks)
            bar.update(task, total=sum(len(notebooks) for _, notebooks in event["tasks"]))
        elif event["event"] == "started":
            at_work[who] = event["notebook"]
        else:
            at_work.pop(who, None)
            bar.advance(task)
            what = {"reused": "up to date"}.get(event["event"], event["status"])
            seconds = f"{event.get('seconds', 0.0):6.1f} s" if event["event"] == "finished" else " " * 8
            error = " ".join(str(event.get("error") or "").split())
            line = f"{who:<{width}}  {event['notebook']:<10} {what:<10} {seconds}  {error}"
            console.print(line.rstrip(), markup=False, soft_wrap=True)
        bar.update(task, description="  ".join(f"{who} {notebook}" for who, notebook in at_work.items()))

    with bar:
        yield tell


def _show_plan(planned: Run) -> None:
    rows = []
    for record in [*planned.samples.values(), planned.cohort]:
        for step in record.notebooks:
            values = ", ".join(f"{k}={v!r}" for k, v in step.parameters.items() if k not in {"input", "sample", "out"})
            rows.append([record.library_id or "all samples", step.notebook, values])
    print_rows(open_console(), ["sample", "notebook", "parameters"], rows)


def _show_run(result: Run) -> None:
    from htan_kit.report import headline

    frame = result.to_frame()
    verdicts = [row.verdict if row.status == "ok" else "did not run" for row in frame.itertuples()]
    rows = [
        [row.library_id, verdict, text(row.n_cells), f"{row.seconds:.0f} s", " ".join(row.error.split())]
        for row, verdict in zip(frame.itertuples(), verdicts, strict=True)
    ]
    console = open_console()
    print_rows(console, ["sample", "verdict", "cells", "time", "error"], rows)
    if result.cohort.error:
        console.print(f"All samples: {result.cohort.error}", markup=False, soft_wrap=True)
    console.print(headline(verdicts), markup=False, style="bold")
    console.print(str(result.index), markup=False, soft_wrap=True)
