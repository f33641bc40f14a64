"""What commands print, and how they end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console

    from htan_kit.findings import Findings

__all__ = ["open_console", "polite", "print_findings", "print_rows", "printable", "text"]


@contextmanager
def polite(*, writing: Path | None = None) -> Iterator[None]:
    """Turn what a user can put right into one message on stderr, and Ctrl-C into exit code 130."""
    from htan_kit.errors import InputError

    try:
        try:
            yield
        except OSError as problem:
            if writing is None:
                raise
            message = f"It cannot be written: {problem.strerror}."
            raise InputError.of("output.file", writing, message, "Give another place.") from problem
    except InputError as problem:
        print_findings(problem.findings)
        raise typer.Exit(2) from problem
    except KeyboardInterrupt as stop:
        typer.echo("Stopped. The same command goes on where it was.", err=True)
        raise typer.Exit(130) from stop


def open_console(*, stderr: bool = False) -> Console:
    """Open the terminal, or what stands for it."""
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    # A pipe has no width; a table must not be folded at 80 there.
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=200)


def text(value: Any) -> str:
    """Write a cell of a table; what is not known is empty."""
    return "" if str(value) in {"None", "nan", "<NA>"} else str(value)


def print_findings(findings: Findings, file: Any = None) -> None:
    """Print findings, each with its hint; on stderr unless told."""
    for finding in findings:
        line = printable(f"{finding.severity}: {finding.subject}: {finding.message}")
        typer.echo(line, file=file, err=file is None)
        if finding.hint:
            typer.echo(printable(f"  {finding.hint}"), file=file, err=file is None)


def printable(line: str) -> str:
    """Show control characters: text from files must not steer the terminal."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)


def print_rows(console: Console, columns: list[str], rows: list[list[str]], *, head: bool = True) -> None:
    """Print a table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD if head else None, show_header=head, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
