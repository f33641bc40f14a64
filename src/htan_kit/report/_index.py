"""The page about all samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.report._fragment import fragment
from htan_kit.report._html import number
from htan_kit.report._json import read_json
from htan_kit.report._pages import Link, Problem, render
from htan_kit.report._thumbnail import thumbnail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = ["headline", "index"]

_FILES = {
    "cohort.h5ad": "all cells with their types",
    "cohort_metrics.csv": "every number of quality control, one row each",
    "cohort_statistics.csv": "every spatial statistic, one row each",
    "run.json": "what ran, with which parameters and versions",
}
_VERDICTS = ("pass", "warn", "fail", "not assessed", "did not run")


@dataclass(frozen=True, slots=True)
class Card:
    """What the overview shows of one sample.

    Parameters
    ----------
    library_id
        Its name.
    verdict
        Its verdict, or ``did not run``.
    facts
        A few words: assay, cells.
    error
        Why it did not run.
    error_href
        Where to read more.
    href
        Its report.
    links
        Its other pages.
    picture
        A ``data:`` address.
    """

    library_id: str
    verdict: str
    facts: str
    error: str
    error_href: str
    href: str
    links: list[Link]
    picture: str


def headline(verdicts: Sequence[str]) -> str:
    """Say in one line how a run went.

    Parameters
    ----------
    verdicts
        One for each sample: ``pass``, ``warn``, ``fail``, ``not assessed``, ``did not run``.

    Returns
    -------
    How many samples there are, and how many of each.

    Examples
    --------
    >>> from htan_kit import report
    >>> report.headline(["pass", "warn", "warn", "did not run"])
    '4 samples: 1 pass, 2 warn, 0 fail, 1 did not run'
    """
    counts = {verdict: verdicts.count(verdict) for verdict in _VERDICTS}
    shown = [f"{counts[v]} {v}" for v in _VERDICTS if v != "not assessed" or counts[v]]
    return f"{len(verdicts)} sample{'' if len(verdicts) == 1 else 's'}: {', '.join(shown)}"


def index(folder: str | PathLike[str]) -> Path:
    """Write ``index.html`` of a run from the files in its folder.

    Parameters
    ----------
    folder
        The run's folder.

    Returns
    -------
    The page. It exists whatever failed: samples that did not run are in it with the reason.

    Examples
    --------
    >>> import tempfile
    >>> from htan_kit import report
    >>> page = report.index(tempfile.mkdtemp())
    >>> "0 samples" in page.read_text()
    True
    """
    folder = Path(folder)
    run = read_json(folder / "run.json")
    cards = [_card(folder, str(name)) for name in run.get("samples", [])]
    notebooks = [n for n in run.get("notebooks", []) if (folder / f"{n['notebook']}.ipynb").exists()]
    about_all = [fragment(folder / f"{n['notebook']}.ipynb") for n in notebooks]
    problems = [Problem(c.library_id, c.error, c.error_href) for c in cards if c.error]
    problems += [
        Problem(f.title, f"{s.name}: {s.message}", "#papermill-error-cell", s.traceback)
        for f in about_all
        for s in f.stops
    ]
    if run.get("error") and not any(f.stops for f in about_all):
        problems.append(Problem("All samples", run["error"]))
    return render(
        "index.html.j2",
        folder / "index.html",
        run=run,
        times=[str(run.get(key, "")).replace("T", " ").replace("+00:00", " UTC") for key in ("started", "ended")],
        headline=headline([card.verdict for card in cards]),
        counts={v: sum(card.verdict == v for card in cards) for v in _VERDICTS},
        cards=cards,
        about_all=about_all,
        problems=problems,
        files={name: what for name, what in _FILES.items() if (folder / name).exists()},
    )


def _card(folder: Path, library_id: str) -> Card:
    record, qc = (read_json(folder / library_id / name) for name in ("run.json", "qc.json"))
    names = {n["notebook"]: n.get("title") or n["notebook"] for n in record.get("notebooks", [])}
    links = [Link(title, f"{library_id}/{name}.html") for name, title in names.items()]
    ok = record.get("status") == "ok"
    stopped = record.get("notebook", "")
    cells = qc.get("n_cells")
    facts = [str(qc.get("assay") or ""), f"{number(cells)} cells" if cells else "no cell table" if qc else ""]
    return Card(
        library_id,
        (record.get("verdict") or "not assessed") if ok else "did not run",
        " · ".join(fact for fact in facts if fact),
        "" if ok else record.get("error") or "It did not run.",
        f"{library_id}/{stopped}.html#papermill-error-cell" if stopped else "",
        links[-1].href if links else "",
        links,
        thumbnail(folder / library_id),
    )
