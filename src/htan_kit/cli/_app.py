"""The application that commands register with, and the options they share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Force", "Input", "Jobs", "Mask", "Parameter", "PixelSize", "app"]

app = typer.Typer(
    name="htan-kit",
    help="Quality control, spatial analysis and reports for multiplexed tissue images (HTAN, MITI).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Input = Annotated[
    str,  # a path would take an address apart
    typer.Argument(metavar="INPUT", help="HTAN manifests, sheet, steinbock or MCMICRO folder, image, table."),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many samples at a time.")]
Mask = Annotated[str, typer.Option(help="Which mask, where an image has several; or which channel, where a mask has.")]
PixelSize = Annotated[float | None, typer.Option(help="Pixel size in µm, for images that do not say.")]
Force = Annotated[bool, typer.Option("--force", help="Run again what is up to date; take over another input's folder.")]
Parameter = Annotated[
    list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A notebook's parameter.")
]
