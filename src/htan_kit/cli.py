"""The command line: parses, calls, prints."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from htan_kit.batch import Run
    from htan_kit.findings import Findings

__all__ = ["app", "main"]

app = typer.Typer(
    name="htan-kit",
    help="Quality control, spatial analysis and reports for multiplexed tissue images (HTAN, MITI).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_Input = Annotated[
    Path,
    typer.Argument(metavar="INPUT", help="HTAN manifests, sheet, steinbock or MCMICRO folder, image, table."),
]
_Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many samples at a time.")]
_Mask = Annotated[str, typer.Option(help="Which mask, where an image has several.")]
_PixelSize = Annotated[float | None, typer.Option(help="Pixel size in µm, for images that do not say.")]
_Force = Annotated[
    bool, typer.Option("--force", help="Run again what is up to date; take over another input's folder.")
]
_Parameter = Annotated[
    list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A notebook's parameter.")
]


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder of the run.")] = Path("htan-kit-demo"),
    *,
    jobs: _Jobs = 2,
    force: _Force = False,
) -> None:
    """Run the notebooks over the example data; exits with 0 when every sample ran, whatever the verdicts."""
    from htan_kit.batch import run as run_notebooks
    from htan_kit.datasets import sample

    with _polite(), _progress() as tell:
        result = run_notebooks(sample(), out, jobs=jobs, force=force, progress=tell)
    _show_run(result)
    raise typer.Exit(1 if result.exit_code == 1 else 0)


@app.command()
def run(
    input_: _Input,
    out: Annotated[Path, typer.Option(help="Folder of the run; nothing is written elsewhere.")],
    *,
    jobs: _Jobs = 1,
    parameter: _Parameter = None,
    params: Annotated[Path | None, typer.Option(metavar="FILE", help="Parameters in YAML or JSON.")] = None,
    samples: Annotated[str, typer.Option(metavar="A,B", help="Only these library ids.")] = "",
    mask: _Mask = "",
    pixel_size_um: _PixelSize = None,
    notebooks: Annotated[Path | None, typer.Option(metavar="DIR", help="Your own notebooks.")] = None,
    timeout: Annotated[float, typer.Option(metavar="S", min=0, help="Seconds for one notebook; 0: none.")] = 0.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would run, and stop.")] = False,
    force: _Force = False,
) -> None:
    """Run the notebooks over every sample and write a page for each and one for all.

    Exits with 0: done; 1: a sample did not run; 2: wrong usage or input; 3: all ran, a verdict is fail; 130: stopped.
    """
    from htan_kit.batch import read_parameters
    from htan_kit.batch import run as run_notebooks

    with _polite(), _progress() as tell:
        result = run_notebooks(
            input_, out, notebooks=notebooks, parameters=read_parameters(parameter or (), params), jobs=jobs,
            samples=[name.strip() for name in samples.split(",") if name.strip()], mask=mask,
            pixel_size_um=pixel_size_um, timeout=timeout, force=force, dry_run=dry_run, progress=tell,
        )  # fmt: skip
    (_show_plan if dry_run else _show_run)(result)
    raise typer.Exit(result.exit_code)


@app.command()
def info(file: Annotated[Path, typer.Argument(metavar="FILE", help="A file or folder.")]) -> None:
    """Say what a file is: level, dialect, size, channels, pixel size."""
    from htan_kit.report import describe

    with _polite():
        found = describe(file)
    console = _console()
    console.print(f"{file.name}: {found.kind}", style="bold", markup=False)
    facts = [[name, _text(value)] for name, value in found.facts.items() if value != ""]
    _print_rows(console, ["", ""], facts, head=False)
    if found.table is not None and len(found.table):
        shown = found.table.reset_index() if found.table.index.name else found.table
        rows = [[_text(value) for value in row] for row in shown.astype(object).to_numpy()]
        _print_rows(console, list(map(str, shown.columns)), rows)
    _print_findings(found.findings)


@app.command()
def check(
    input_: _Input,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the findings as JSON.")] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="A warning counts as an error.")] = False,
) -> None:
    """Check files against HTAN's rules and against each other; exits with 1 when there is an error."""
    from htan_kit.checks import check as check_files
    from htan_kit.io.atomic import write_text

    with _polite():
        findings = check_files(input_)
        if json is not None:
            write_text(json, findings.to_json())
    _print_findings(findings.sorted(), file=sys.stdout)
    counts = {severity: len(findings.of(severity)) for severity in ("error", "warning", "info")}
    _console().print(", ".join(f"{n} {severity}" for severity, n in counts.items()), markup=False)
    raise typer.Exit(1 if counts["error"] or (strict and counts["warning"]) else 0)


@app.command()
def quantify(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="Level 2 image.")],
    mask: Annotated[Path, typer.Argument(metavar="MASK", help="Level 3 mask.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The table to write: .csv (MCMICRO's header) or .h5ad.")],
    *,
    channels: Annotated[Path | None, typer.Option(metavar="CSV", help="Channel metadata.")] = None,
    pixel_size_um: _PixelSize = None,
) -> None:
    """Measure every object of a mask in every channel of an image."""
    from htan_kit.assemble import quantify as measure
    from htan_kit.export import write_cells

    with _polite():
        adata = measure(image, mask, channels, pixel_size_um=pixel_size_um)
        write_cells(adata, out)
    _console().print(f"{adata.n_obs} objects × {adata.n_vars} markers: {out}", markup=False, soft_wrap=True)


@app.command()
def notebooks(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put them.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Copy the kit's notebooks to a folder, to open in JupyterLab or to change."""
    from htan_kit.batch import copy_notebooks

    with _polite():
        copies = copy_notebooks(folder, force=force)
    for copy in copies:
        _console().print(str(copy), markup=False, soft_wrap=True)


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the cohort.")],
    *,
    seed: Annotated[int, typer.Option(help="Same seed, same tissue.")] = 0,
) -> None:
    """Make a small cohort of simulated tissue with a known answer."""
    from htan_kit.datasets import write_cohort

    with _polite():
        write_cohort(folder, seed=seed)
    _console().print(str(folder), markup=False, soft_wrap=True)


def main() -> None:
    """Run the command line."""
    # A scheduler's SIGTERM is a Ctrl-C from afar: the run is closed in order, and can be taken up again.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()


@contextmanager
def _polite() -> Iterator[None]:
    """Turn what a user can put right into one message on stderr, and Ctrl-C into exit code 130."""
    from htan_kit.errors import InputError

    try:
        yield
    except InputError as problem:
        _print_findings(problem.findings)
        raise typer.Exit(2) from problem
    except KeyboardInterrupt as stop:
        typer.echo("Stopped. The same command goes on where it was.", err=True)
        raise typer.Exit(130) from stop


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    # A pipe has no width; a table must not be folded at 80 there.
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=200)


def _text(value: Any) -> str:
    """Write a cell of a table; what is not known is empty."""
    return "" if str(value) in {"None", "nan", "<NA>"} else str(value)


def _print_findings(findings: Findings, file: Any = None) -> None:
    for finding in findings:
        typer.echo(f"{finding.severity}: {finding.subject}: {finding.message}", file=file, err=file is None)
        if finding.hint:
            typer.echo(f"  {finding.hint}", file=file, err=file is None)


def _print_rows(console: Console, columns: list[str], rows: list[list[str]], *, head: bool = True) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD if head else None, show_header=head, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


@contextmanager
def _progress() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show a bar with the notebooks at work on a terminal, a line for each finished notebook elsewhere."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = _console(stderr=True)
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("opening", total=None)
    at_work: dict[str, str] = {}

    def tell(event: dict[str, Any]) -> None:
        who = event.get("library_id") or "all samples"
        if event["event"] == "planned":
            bar.update(task, total=sum(len(notebooks) for _, notebooks in event["tasks"]))
        elif event["event"] == "started":
            at_work[who] = event["notebook"]
        else:
            at_work.pop(who, None)
            bar.advance(task)
            what = {"reused": "up to date"}.get(event["event"], event["status"])
            seconds = f"{event.get('seconds', 0.0):6.1f} s" if event["event"] == "finished" else " " * 8
            error = " ".join(str(event.get("error") or "").split())
            if event["event"] == "skipped":  # why was said when the notebook before it stopped
                error = error.partition(":")[0]
            line = f"{who}  {event['notebook']:<10} {what:<10} {seconds}  {error}"
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
    _print_rows(_console(), ["sample", "notebook", "parameters"], rows)


def _show_run(result: Run) -> None:
    from htan_kit.report import headline

    frame = result.to_frame()
    verdicts = [row.verdict if row.status == "ok" else "did not run" for row in frame.itertuples()]
    rows = [
        [row.library_id, verdict, _text(row.n_cells), f"{row.seconds:.0f} s", " ".join(row.error.split())]
        for row, verdict in zip(frame.itertuples(), verdicts, strict=True)
    ]
    console = _console()
    _print_rows(console, ["sample", "verdict", "cells", "time", "error"], rows)
    if result.cohort.error:
        console.print(f"All samples: {result.cohort.error}", markup=False, soft_wrap=True)
    console.print(headline(verdicts), markup=False, style="bold")
    console.print(str(result.index), markup=False, soft_wrap=True)
