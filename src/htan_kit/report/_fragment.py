"""An executed notebook as a fragment of HTML for readers: text, figures and tables, no code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["Fragment", "Stop", "fragment"]

_LEFT_OUT = {"papermill-error-cell-tag", "remove_cell"}  # the second is nbconvert's own word for it
_ANCHOR = Markup('<p id="papermill-error-cell" class="stopped">✗ The notebook stopped here.</p>')
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_FIGURE = re.compile(r'(<img\b[^>]*\balt="([^"]*)"[^>]*>)')


@dataclass(frozen=True, slots=True)
class Stop:
    """Where and why a notebook stopped.

    Parameters
    ----------
    name
        The exception's name.
    message
        Its text.
    traceback
        As Python printed it, without colours.
    source
        The code of the cell.
    """

    name: str
    message: str
    traceback: str
    source: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a page shows of a notebook.

    Parameters
    ----------
    title
        Its first heading.
    html
        Its text, figures and tables.
    headings
        Anchor → text of the second-level headings.
    stops
        What stopped it.
    """

    title: str
    html: Markup
    headings: dict[str, str]
    stops: tuple[Stop, ...] = ()


def fragment(notebook: str | PathLike[str]) -> Fragment:
    """Turn an executed notebook into HTML without code.

    Parameters
    ----------
    notebook
        The executed ``.ipynb``.

    Returns
    -------
    The fragment. Nothing in it is fetched from elsewhere; tracebacks and messages on stderr are folded away.

    Examples
    --------
    >>> from htan_kit.batch import notebooks_folder
    >>> from htan_kit.report import fragment
    >>> fragment(notebooks_folder() / "1_qc.ipynb").stops
    ()
    """
    import nbformat
    from nbconvert import HTMLExporter

    path = Path(notebook)
    content = nbformat.read(path, as_version=4)
    stops = tuple(_prepare(content))
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    # No reader asked for widgets or MathJax; both would want scripts.
    content.metadata.pop("widgets", None)
    body, _ = exporter.from_notebook_node(content)
    found = re.findall(r'<h2[^>]*\bid="([^"]+)"[^>]*>(.*?)</h2>', body, flags=re.DOTALL)
    headings = {Markup(anchor).unescape(): Markup(text).striptags().rstrip("¶") for anchor, text in found}  # noqa: S704 - tags go out
    html = Markup(body)  # noqa: S704 - escaped at its source
    return Fragment(_title(content, path.stem), html, headings, stops)


def _title(content: Any, otherwise: str) -> str:
    lines = (line for cell in content.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), otherwise)


def _prepare(content: Any) -> list[Stop]:
    """Replace papermill's marks, tracebacks and stderr by what a reader can use; return what stopped the notebook."""
    stops: list[Stop] = []
    # Papermill puts one mark on top and one before the failing cell; a page has its own section for errors.
    content.cells = [cell for cell in content.cells if not _LEFT_OUT & set(cell.metadata.get("tags", []))]
    for i, cell in enumerate(content.cells):
        if cell.cell_type != "code":
            continue
        outputs, messages = [], []
        for output in cell.outputs:
            if output.output_type == "error":
                stops.append(Stop(output.ename, output.evalue, _ANSI.sub("", "\n".join(output.traceback)), cell.source))
                outputs.append(_display(_stop_html(stops[-1])))
            elif output.output_type == "stream" and output.name == "stderr":
                messages.append(output.text)
            elif not _is_script(output):
                outputs.append(output)
        if messages:
            outputs.append(_display(_messages_html("".join(messages))))
        cell.outputs = outputs
        if stops:  # what the later cells would have shown is not there to be introduced
            del content.cells[i + 1 :]
            break
    return stops


def _is_script(output: Any) -> bool:
    kinds = set(output.get("data", {}))
    return "application/javascript" in kinds and not kinds & {"text/html", "image/png", "image/jpeg"}


def _display(html: Markup) -> Any:
    import nbformat

    return nbformat.v4.new_output("display_data", data={"text/html": str(html)})


def _stop_html(stop: Stop) -> Markup:
    lines = Markup("<br>").join(stop.message.splitlines())
    return Markup(
        '{}<div class="error"><p><strong>{}</strong>: {}</p><details><summary>Traceback and code</summary>'
        "<pre>{}</pre><pre>{}</pre></details></div>"
    ).format(_ANCHOR, stop.name, lines, stop.source, stop.traceback)


def _messages_html(text: str) -> Markup:
    text = _ANSI.sub("", text).strip()
    lines = len(text.splitlines())
    what = f"{lines} line{'s' if lines > 1 else ''} of messages"
    return Markup('<details class="messages"><summary>{}</summary><pre>{}</pre></details>').format(what, text)
