"""Which notebooks a run executes, and what each of them says about itself."""

from __future__ import annotations

import hashlib
import json
import tokenize
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from htan_kit.batch._parameters import Parameter
    from htan_kit.findings import Finding

__all__ = ["Notebook", "find_notebooks", "notebooks_folder", "read_notebook"]

_NBFORMAT = 4
_REQUIRED = ("input", "sample", "out")


@dataclass(frozen=True, slots=True)
class Notebook:
    """One notebook, read without running it.

    Parameters
    ----------
    path
        The file.
    scope
        ``"sample"``: executed for every sample. ``"cohort"``: once, after the samples (its metadata says
        ``"htan_kit": {"scope": "cohort"}``).
    parameters
        Its parameters cell.
    sha256
        Digest of its code and markdown; outputs and other metadata do not change it.
    title
        Its first heading.
    """

    path: Path
    scope: str = "sample"
    parameters: tuple[Parameter, ...] = field(default=())
    sha256: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """The file name without ``.ipynb``."""
        return self.path.stem


def notebooks_folder() -> Path:
    """Give the folder of the kit's own notebooks: beside the package, or in the checkout.

    Examples
    --------
    >>> from htan_kit.batch import notebooks_folder
    >>> (notebooks_folder() / "1_qc.ipynb").name
    '1_qc.ipynb'
    """
    package = Path(__file__).resolve().parents[1]
    packaged = package / "notebooks"
    return packaged if packaged.is_dir() else package.parents[1] / "notebooks"


def read_notebook(path: str | PathLike[str]) -> Notebook:
    """Read one notebook and check that a run can use it.

    Parameters
    ----------
    path
        The ``.ipynb`` file.

    Raises
    ------
    InputError
        It is no notebook, has no (or a broken) parameters cell, or lacks ``input``, ``sample`` or ``out``.

    Examples
    --------
    >>> from htan_kit.batch._notebooks import notebooks_folder, read_notebook
    >>> read_notebook(notebooks_folder() / "4_cohort.ipynb").scope
    'cohort'
    """
    from htan_kit.batch._parameters import parse_cell

    path = Path(path)
    cells, metadata = _content(path)
    cell = next((c for c in cells if c.kind == "code" and "parameters" in c.tags), None)
    if cell is None:
        hint = 'Tag the first code cell "parameters"; it needs input, sample and out.'
        raise InputError.of("run.notebook", path, "It has no parameters cell.", hint)
    try:
        parameters = parse_cell(cell.source)
    except (SyntaxError, tokenize.TokenError) as problem:
        message = f"Its parameters cell is not Python: {problem.args[0]}."
        raise InputError.of("run.notebook", path, message) from problem
    missing = [name for name in _REQUIRED if name not in {p.name for p in parameters}]
    if missing:
        raise InputError.of("run.notebook", path, f"Its parameters cell lacks {', '.join(missing)}.")
    digest = hashlib.sha256("\0".join(f"{c.kind}\0{c.source}" for c in cells).encode()).hexdigest()
    own = metadata.get("htan_kit", {})
    scope = str(own.get("scope", "sample")) if isinstance(own, dict) else "sample"
    headings = (line for c in cells if c.kind == "markdown" for line in c.source.splitlines())
    title = next((line.lstrip("# ").strip() for line in headings if line.startswith("# ")), path.stem)
    return Notebook(path.resolve(), scope, parameters, digest, title)


class _Cell(NamedTuple):
    kind: str
    source: str
    tags: tuple[str, ...]


def _content(path: Path) -> tuple[list[_Cell], dict[str, Any]]:
    """Read cells and metadata; the file is JSON, and nbformat takes a second to import."""
    try:
        content = json.loads(path.read_text("utf-8"))
        if int(content["nbformat"]) != _NBFORMAT:
            raise InputError.of("run.notebook", path, "Its format is not 4.", "Open and save it in JupyterLab.")
        cells = [
            _Cell(cell["cell_type"], "".join(cell["source"]), tuple(cell.get("metadata", {}).get("tags", ())))
            for cell in content["cells"]
        ]
        return cells, dict(content.get("metadata", {}))
    except OSError as problem:
        raise InputError.of("run.notebook", path, f"It cannot be read: {problem.strerror}.") from problem
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError.of("run.notebook", path, "This is not a Jupyter notebook.") from problem


def find_notebooks(where: str | PathLike[str] | Iterable[str | PathLike[str]] | None = None) -> list[Notebook]:
    """Read the notebooks of a folder in the order of their names.

    Parameters
    ----------
    where
        A folder, some files, or None for the kit's own.

    Raises
    ------
    InputError
        There are none, or some cannot be used (all problems at once).

    Examples
    --------
    >>> from htan_kit.batch import find_notebooks
    >>> [notebook.name for notebook in find_notebooks()]
    ['1_qc', '2_spatial', '3_report', '4_cohort']
    """
    if where is None:
        where = notebooks_folder()
    if isinstance(where, (str, PathLike)):
        folder = Path(where)
        paths = [folder] if folder.suffix == ".ipynb" else sorted(folder.glob("*.ipynb"))
        if not paths:
            raise InputError.of("run.notebook", folder, "No notebook (*.ipynb) here.", "See htan-kit notebooks DIR.")
    else:
        paths = [Path(path) for path in where]
    notebooks: list[Notebook] = []
    problems: list[Finding] = []
    for path in paths:
        try:
            notebooks.append(read_notebook(path))
        except InputError as problem:
            problems.extend(problem.findings)
    names = [notebook.name for notebook in notebooks]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(error("run.notebook", f"{name}.ipynb", "Two notebooks bear this name; their pages would too."))
    if problems:
        raise InputError(*problems)
    return notebooks
