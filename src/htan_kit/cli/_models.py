"""models: what the models ask for, one attribute a line."""

from __future__ import annotations

from typing import Annotated

import typer

from htan_kit.cli._app import app
from htan_kit.cli._shared import open_console, polite

__all__ = ["models"]

_COLUMNS = ["model", "component", "attribute", "required", "kind", "values", "condition", "description"]
_WIDEST = {"values": 40, "condition": 30}


@app.command()
def models(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="htan1, htan2 or miti; all when left out.")] = "",
    component: Annotated[str, typer.Argument(metavar="[COMPONENT]", help="A component, or a section of MITI.")] = "",
) -> None:
    """List the attributes of HTAN phase 1, HTAN phase 2 and MITI, one a line (tabs between, when piped)."""
    from htan_kit.models import attributes

    with polite():
        table = attributes(model, component)
    constant = [name for name, given in (("model", model), ("component", component)) if given]
    table = table[[name for name in _COLUMNS if name not in constant]]
    rows = [[str(cell) for cell in row] for row in table.to_numpy()]
    console = open_console()
    if not console.is_terminal:
        for row in [list(table.columns), *rows]:
            typer.echo("\t".join(row))
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, cells in zip(table.columns, zip(*rows, strict=True), strict=True):
        # Names stay whole and everything else gives way, so that an attribute stays one line.
        width = min(max(map(len, cells)), _WIDEST.get(name, 99))
        least = width if name in ("attribute", "required", "kind", "component", "model") else None
        shown.add_column(name, no_wrap=True, overflow="ellipsis", min_width=least, max_width=max(width, len(name)))
    for row in rows:
        shown.add_row(*map(Text, row))
    console.print(shown)
