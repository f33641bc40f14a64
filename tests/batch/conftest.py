"""Small notebooks and a cohort of small images; one of them makes a notebook fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np
import pytest
import tifffile
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from htan_kit.batch import Run

    MakeNotebook = Callable[..., Path]

PARAMETERS = 'input: str = ""  # In.\nsample: str = ""  # Which.\nout: str = ""  # Where.\n'


@pytest.fixture(scope="session")
def make_notebook() -> MakeNotebook:
    """Write a notebook: a title, a parameters cell, and cells of code."""

    def make(path: Path, *code: str, parameters: str = "", scope: str = "", title: str = "") -> Path:
        first = new_code_cell(PARAMETERS + parameters, metadata={"tags": ["parameters"]})
        cells = [new_markdown_cell(f"# {title or path.stem}"), first, *(new_code_cell(each) for each in code)]
        metadata: dict[str, Any] = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        if scope:
            metadata["htan_kit"] = {"scope": scope}
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
        return path

    return make


@pytest.fixture(scope="session")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample sheet with the samples one, two and bad."""
    folder = tmp_path_factory.mktemp("cohort")
    lines = ["sample,image"]
    for name in ("one", "two", "bad"):
        tifffile.imwrite(folder / f"{name}.tif", np.arange(2048, dtype=np.uint16).reshape(2, 32, 32), metadata=None)
        lines.append(f"{name},{name}.tif")
    path = folder / "sheet.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory: pytest.TempPathFactory, make_notebook: MakeNotebook) -> Path:
    """Two notebooks a sample (the first fails on ``bad``), one about all."""
    folder = tmp_path_factory.mktemp("notebooks")
    make_notebook(
        folder / "1_first.ipynb",
        "import json, os, sys\nfrom pathlib import Path",
        "place = Path(out, sample)\nbasis = dict(python=sys.executable, cwd=os.getcwd(), n=n, input=input)",
        "basis['threads'] = os.environ['OMP_NUM_THREADS']\n(place / 'first.json').write_text(json.dumps(basis));",
        "if sample == 'bad':\n    raise ValueError('a <b>bad</b> sample')",
        "verdict = {'one': 'pass', 'two': 'fail'}[sample]",
        "(place / 'qc.json').write_text(json.dumps({'verdict': verdict, 'n_cells': 7, 'assay': 'IMC'}));",
        parameters="n: int = 3  # A number.\n",
        title="First",
    )
    make_notebook(
        folder / "2_second.ipynb",
        "from pathlib import Path",
        "Path(out, sample, 'second.txt').write_text(Path(out, sample, 'first.json').read_text());",
        title="Second",
    )
    make_notebook(folder / "4_all.ipynb", "print('all of', out)", scope="cohort", title="All")
    return folder


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory, sheet: Path, notebooks: Path
) -> tuple[Run, list[dict[str, Any]]]:
    """One run over the three samples, and what it told on the way; read only."""
    from htan_kit.batch import run

    events: list[dict[str, Any]] = []
    out = tmp_path_factory.mktemp("run") / "a {folder} with <braces>"
    done = run(sheet, out, notebooks=notebooks, parameters={"n": 5}, jobs=2, progress=events.append)
    return done, events
