"""export: metadata in the form that others ask for."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from htan_kit.cli._app import app
from htan_kit.cli._shared import open_console, polite, print_findings

__all__ = ["export"]


class _To(StrEnum):
    miti = "miti"
    htan1 = "htan1"
    htan2 = "htan2"
    channels = "channels"


class _Format(StrEnum):
    yaml = "yaml"
    json = "json"


@app.command()
def export(
    input_: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A run's folder, an .h5ad of the kit, or what run takes.")
    ],
    to: Annotated[_To, typer.Option(help="MITI records, manifests of HTAN phase 1 or 2, or channel tables.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.")],
    *,
    value: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="An attribute only you know, such as an identifier."),
    ] = None,
    file_format: Annotated[_Format, typer.Option("--format", help="Of MITI records.")] = _Format.yaml,
) -> None:
    """Write metadata for others, each record held against its model; exits with 1 when one has an error."""
    from htan_kit.export import export as write
    from htan_kit.findings import Findings

    values = {}
    for pair in value or ():
        name, sign, text = pair.partition("=")
        if not sign or not name.strip():
            msg = f"--set takes NAME=VALUE, not {pair[:80]!r}."
            raise typer.BadParameter(msg)
        values[name.strip()] = text
    found = Findings()
    with polite(writing=out):
        paths = write(input_, out, to=to.value, values=values, file_format=file_format.value, findings=found)
    for path in paths:
        open_console().print(str(path), markup=False, soft_wrap=True)
    print_findings(found.sorted())
    if not paths:
        typer.echo("Nothing was written.", err=True)
    raise typer.Exit(1 if found.errors else 0)
