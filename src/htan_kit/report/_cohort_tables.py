"""What the page about all samples says in tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from markupsafe import Markup

from htan_kit.report._html import Html
from htan_kit.report._table import table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["checks_table", "failures", "sample_table"]


class Ran(Protocol):
    """What these functions need of :class:`htan_kit.batch.Run`."""

    @property
    def samples(self) -> dict[str, Any]:
        """What became of each sample."""

    def to_frame(self) -> pd.DataFrame:
        """One row a sample."""

    def qc(self, library_id: str) -> dict[str, Any]:
        """Give the content of ``qc.json``."""


def _verdicts(run: Ran) -> list[str]:
    frame = run.to_frame()
    return ["did not run" if row.status != "ok" else row.verdict for row in frame.itertuples()]


def sample_table(run: Ran) -> Html:
    """Show one row a sample: verdict, assay, cells, markers, time, and links to its pages.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    A table that shows itself in a notebook.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit import report
    >>> from htan_kit.batch import Run
    >>> report.sample_table(Run(Path("results"), {}))
    none
    """
    frame = run.to_frame()
    qc = [run.qc(library_id) for library_id in frame["library_id"]]
    shown = frame[["library_id"]].assign(
        verdict=_verdicts(run),
        assay=[each.get("assay", "") for each in qc],
        n_cells=[each.get("n_cells") for each in qc],
        n_markers=[each.get("n_markers") for each in qc],
        seconds=frame["seconds"],
    )
    shown = shown.astype({"n_cells": "Int64", "n_markers": "Int64"})
    links = {"library_id": dict(zip(frame["library_id"], frame["page"], strict=True))}
    return table(shown, index=False, links=links, max_rows=10_000)


def checks_table(run: Ran) -> Html:
    """Show the verdict of every check for every sample.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    A table of checks by samples; a sentence where no sample was judged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit import report
    >>> from htan_kit.batch import Run
    >>> report.checks_table(Run(Path("results"), {}))
    No sample was judged.
    """
    import pandas as pd

    rows = {
        library_id: {v["check"]: v["verdict"] for v in run.qc(library_id).get("verdicts", [])}
        for library_id in run.samples
    }
    # Samples without a verdict would be lost by some versions of pandas.
    frame = pd.DataFrame.from_dict(rows, orient="index").reindex(index=list(rows)).fillna("did not run")
    if frame.empty:
        return Html(Markup("<p>No sample was judged.</p>"))
    return table(frame, index=True, max_rows=10_000)


def failures(run: Ran) -> Html:
    """Show which samples did not run, why, and where each stopped.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    A list; a sentence where every sample ran.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit import report
    >>> from htan_kit.batch import Run
    >>> report.failures(Run(Path("results"), {}))
    Every sample ran.
    """
    items = []
    for library_id, record in run.samples.items():
        if record.status == "ok":
            continue
        page = f"{library_id}/{record.notebook}.html#papermill-error-cell" if record.notebook else ""
        where = Markup(' <a href="{}">{} stopped here</a>').format(page, record.notebook) if page else Markup("")
        error = record.error or "It was not run."
        items.append(Markup("<li><strong>{}</strong>: {}{}</li> ").format(library_id, error, where))
    if not items:
        return Html(Markup("<p>Every sample ran.</p>"))
    return Html(Markup("<ul>{}</ul>").format(Markup("").join(items)))
