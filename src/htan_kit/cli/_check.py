"""The command check: do files keep the rules, and belong together."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from htan_kit.cli._app import Input, Mask, app
from htan_kit.cli._shared import open_console, polite, printable

if TYPE_CHECKING:
    from htan_kit.findings import Findings

__all__ = ["check"]

_SEVERITIES = ("error", "warning", "info")


@app.command()
def check(
    input_: Input,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the findings as JSON.")] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="A warning counts as an error.")] = False,
    pixels: Annotated[bool, typer.Option("--pixels", help="Go over masks and tables too, not only headers.")] = False,
    mask: Mask = "",
) -> None:
    """Check files, their records and each against the others.

    Exits with 0: no error (with --strict no warning either); 1: there is one; 2: wrong usage or input.
    """
    from htan_kit.checks import check_each
    from htan_kit.findings import Finding, Findings
    from htan_kit.io.atomic import write_text

    found, rows, n_samples, fine = dict[Finding, None](), list[dict[str, Any]](), 0, 0
    with polite():
        for library_id, findings in check_each(input_, pixels=pixels, mask=mask):
            new = Findings(finding for finding in findings if finding not in found)
            n_samples += bool(library_id)
            fine += bool(library_id) and not len(findings)
            found |= dict.fromkeys(new)
            rows += [{"sample": library_id, **row} for row in new.to_frame().to_dict("records")]
            _print_sample(library_id, new)
    whole = Findings(found)
    open_console().print(_summary(whole, n_samples, fine), markup=False, style="bold", soft_wrap=True)
    if json is not None:  # last, so that nothing found is lost where it cannot be written
        with polite(writing=json):
            write_text(json, json_format.dumps(rows, ensure_ascii=False, indent=1))
    raise typer.Exit(1 if len(whole.errors) or (strict and len(whole.of("warning"))) else 0)


def _print_sample(library_id: str, findings: Findings) -> None:
    """Print what was found in one sample, errors first; nothing for a sample without findings."""
    if not len(findings):
        return
    typer.echo(library_id or "all samples")
    for severity in _SEVERITIES:
        for finding in findings.of(severity):
            typer.echo(printable(f"  {severity}: {finding.subject}: {finding.message} [{finding.rule}]"))
            if finding.hint:
                typer.echo(printable(f"    {finding.hint}"))


def _summary(findings: Findings, n_samples: int, fine: int) -> str:
    counts = ", ".join(f"{len(findings.of(severity))} {severity}" for severity in _SEVERITIES)
    return f"{counts} in {n_samples} sample{'' if n_samples == 1 else 's'}; {fine} without findings"
