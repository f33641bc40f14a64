"""The pages of a run: one for each notebook of a sample, one for all samples; each a single file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from htan_kit.io.atomic import write_text
from htan_kit.report._fragment import Fragment, fragment
from htan_kit.report._html import badge
from htan_kit.report._json import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import jinja2

__all__ = ["Link", "page", "pages"]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of a page's navigation.

    Parameters
    ----------
    title
        What it says.
    href
        Where it leads; empty for the page itself.

    Examples
    --------
    >>> from htan_kit.report import Link
    >>> Link("All samples", "../index.html").href
    '../index.html'
    """

    title: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """An entry of a page's errors.

    Parameters
    ----------
    title
        Where it happened.
    message
        What happened.
    href
        Where to read more.
    details
        The traceback.
    """

    title: str
    message: str
    href: str = ""
    details: str = field(default="", repr=False)


@cache
def templates() -> jinja2.Environment:
    """Give the templates of this room; everything put into them is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("htan_kit.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["badge"] = badge
    return environment


def render(template: str, out_html: Path, **content: Any) -> Path:
    """Fill a template and write the page, whole."""
    from importlib.metadata import PackageNotFoundError, version
    from importlib.resources import files

    try:
        kit = version("htan-kit")
    except PackageNotFoundError:  # run from a source tree
        kit = ""
    css = files("htan_kit.report").joinpath("templates", "style.css").read_text("utf-8")
    html = templates().get_template(template).render(css=Markup(css), kit=kit, **content)  # noqa: S704 - our own file
    write_text(out_html, html)
    return out_html


def page(
    notebook: str | PathLike[str] | None,
    out_html: str | PathLike[str],
    *,
    title: str = "",
    library_id: str = "",
    verdict: str = "",
    links: Iterable[Link] = (),
    note: str = "",
    note_href: str = "",
) -> Path:
    """Write the page of one notebook: a single file that needs no network and no script.

    Parameters
    ----------
    notebook
        The executed ``.ipynb``; None where there is none: the page says in ``note`` why.
    out_html
        The page.
    title
        The heading of a page without a notebook.
    library_id
        The sample.
    verdict
        Its verdict.
    links
        The pages beside this one.
    note
        Something to say on top: why this notebook did not run.
    note_href
        Where to read more about it.

    Returns
    -------
    ``out_html``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit import report
    >>> from htan_kit.batch import notebooks_folder
    >>> out = report.page(notebooks_folder() / "1_qc.ipynb", Path(tempfile.mkdtemp()) / "1_qc.html", library_id="A")
    >>> "No errors." in out.read_text()
    True
    """
    target = Path(out_html)
    content = fragment(notebook) if notebook is not None else Fragment(title or target.stem, Markup(""), {})
    problems = [Problem(s.name, s.message, "#papermill-error-cell", s.traceback) for s in content.stops]
    if note:
        problems.append(Problem("Not run", note, note_href))
    return render(
        "page.html.j2", target, content=content, library_id=library_id, verdict=verdict,
        links=list(links), problems=problems, note=note, note_href=note_href,
    )  # fmt: skip


def pages(folder: str | PathLike[str]) -> list[Path]:
    """Write the pages of a sample's folder, as its ``run.json`` says.

    Parameters
    ----------
    folder
        ``DIR/<library_id>`` of a run.

    Returns
    -------
    The pages. A notebook that did not run has one, too: it says why and leads to the one that stopped.

    Examples
    --------
    >>> import tempfile
    >>> from htan_kit import report
    >>> report.pages(tempfile.mkdtemp())
    []
    """
    folder = Path(folder)
    record = read_json(folder / "run.json")
    notebooks = record.get("notebooks", [])
    titles = {n["notebook"]: n.get("title") or n["notebook"] for n in notebooks}
    stopped = record.get("notebook", "")
    written = []
    for n in notebooks:
        name = n["notebook"]
        links = [Link("All samples", "../index.html")]
        links += [Link(title, "" if other == name else f"{other}.html") for other, title in titles.items()]
        ran = n["status"] in {"ok", "failed"} and (folder / f"{name}.ipynb").exists()
        said = dict.fromkeys(text for text in (n.get("error"), record.get("error")) if text)
        note = "" if ran else ": ".join(said) or "It did not run."
        href = f"{stopped}.html#papermill-error-cell" if stopped and not ran else ""
        written.append(
            page(
                folder / f"{name}.ipynb" if ran else None,
                folder / f"{name}.html",
                title=titles[name],
                library_id=record.get("library_id", ""),
                verdict=record.get("verdict", "") if record.get("status") == "ok" else "did not run",
                links=links,
                note=note,
                note_href=href,
            )
        )
    return written
