"""The contract of the notebooks, held without a kernel."""

from __future__ import annotations

import ast
import functools
import inspect
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import papermill
import pytest

import htan_kit as hk
from htan_kit.batch import find_notebooks, notebooks_folder
from htan_kit.batch._values import fit

if TYPE_CHECKING:
    from collections.abc import Iterator

PATHS = sorted(notebooks_folder().glob("*.ipynb"))
PLAIN = {"str", "int", "float", "bool", "list", "dict", "list[str]"}
MOST_LINES = 12

every = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@functools.cache
def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def _code(path: Path) -> list[Any]:
    return [cell for cell in _read(path).cells if cell.cell_type == "code"]


def _trees(path: Path) -> Iterator[ast.AST]:
    for cell in _code(path):
        yield from ast.walk(ast.parse(cell.source))


def _name(node: ast.AST) -> str:
    """``hk.pl.image`` of an attribute that starts at ``hk``, else nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(["hk", *reversed(parts)]) if isinstance(node, ast.Name) and node.id == "hk" else ""


def _object(name: str) -> Any:
    return functools.reduce(getattr, name.split(".")[1:], hk)


def test_these_are_the_notebooks() -> None:
    assert [path.name for path in PATHS] == ["1_qc.ipynb", "2_spatial.ipynb", "3_report.ipynb", "4_cohort.ipynb"]
    assert [n.scope for n in find_notebooks()] == ["sample", "sample", "sample", "cohort"]


@every
def test_the_format_is_that_of_stable_diffs(path: Path) -> None:
    content = _read(path)
    nbformat.validate(content)
    assert (content.nbformat, content.nbformat_minor) == (4, 5)
    assert len({cell.id for cell in content.cells}) == len(content.cells)
    assert content.metadata.kernelspec.name == "python3"


@every
def test_nothing_was_run(path: Path) -> None:
    assert [cell.outputs for cell in _code(path) if cell.outputs] == []
    assert {cell.execution_count for cell in _code(path)} == {None}


@every
def test_the_first_code_cell_is_the_only_parameters_cell(path: Path) -> None:
    tagged = [i for i, cell in enumerate(_code(path)) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [0]


@every
def test_papermill_sees_the_parameters_that_python_sees(path: Path) -> None:
    (found,) = find_notebooks(path)
    seen = papermill.inspect_notebook(path)
    assert list(seen) == [p.name for p in found.parameters]
    assert [s["inferred_type_name"] for s in seen.values()] == [p.kind for p in found.parameters]
    assert [s["help"] for s in seen.values()] == [p.help for p in found.parameters]
    assert [ast.literal_eval(s["default"]) for s in seen.values()] == [p.default for p in found.parameters]


@every
def test_parameters_are_plain_and_explained(path: Path) -> None:
    (found,) = find_notebooks(path)
    assert [p.name for p in found.parameters[:3]] == ["input", "sample", "out"]
    for parameter in found.parameters:
        assert parameter.kind in PLAIN, parameter
        assert parameter.help[:1].isupper(), parameter
        assert parameter.help.endswith("."), parameter
        fit({parameter.name: parameter.default}, {"it": [parameter]})  # the default is of its own type
    lines = _code(path)[0].source.splitlines()
    assert len(lines) == len(found.parameters)  # one a line


@every
def test_there_is_no_logic(path: Path) -> None:
    banned = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.Try, ast.If)
    assert [ast.unparse(node) for node in _trees(path) if isinstance(node, banned)] == []


@every
def test_cells_are_short_and_come_after_text(path: Path) -> None:
    cells = _read(path).cells
    for before, cell in zip([None, *cells], cells, strict=False):
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= MOST_LINES
            assert before is not None
            assert before.cell_type == "markdown"
            assert before.source.rstrip().endswith((".", "`", ")")), before.source


@every
def test_only_the_second_cell_imports(path: Path) -> None:
    importing = [
        i
        for i, cell in enumerate(_code(path))
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(cell.source)))
    ]
    assert importing == [1]
    assert _code(path)[1].source == "import htan_kit as hk"


@every
def test_no_path_of_this_machine(path: Path) -> None:
    for node in _trees(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not node.value.startswith(("/", "~", "C:")), node.value
    assert str(Path.home()) not in path.read_text()


@every
def test_what_is_called_exists_and_takes_what_it_is_given(path: Path) -> None:
    names = {_name(node) for node in _trees(path) if isinstance(node, ast.Attribute)} - {""}
    assert names
    for name in names:
        _object(name)
    for node in _trees(path):
        if isinstance(node, ast.Call) and _name(node.func):
            signature = inspect.signature(_object(_name(node.func)))
            if not any(isinstance(arg, ast.Starred) for arg in node.args) and all(k.arg for k in node.keywords):
                signature.bind(*node.args, **{str(k.arg): k.value for k in node.keywords})


@every
def test_every_parameter_is_used(path: Path) -> None:
    used = {
        node.id for cell in _code(path)[1:] for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)
    }
    (found,) = find_notebooks(path)
    # Every notebook has these three; the one about all samples has no use for one of them.
    assert {p.name for p in found.parameters} - used <= ({"sample"} if found.scope == "cohort" else set())


@every
def test_every_figure_has_a_text_of_its_own(path: Path) -> None:
    shown = [node for node in _trees(path) if isinstance(node, ast.Call) and _name(node.func) == "hk.pl.show"]
    texts = [ast.unparse(k.value) for node in shown for k in node.keywords if k.arg == "alt"]
    assert len(texts) == len(shown) == len(set(texts))


@every
def test_figures_are_shown_through_the_kit(path: Path) -> None:
    top = [statement for cell in _code(path) for statement in ast.parse(cell.source).body]
    bare = [ast.unparse(s) for s in top if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    assert [call for call in bare if call.startswith("hk.pl.") and not call.startswith("hk.pl.show(")] == []


def test_ruff_is_content(checkout: Path) -> None:
    pytest.importorskip("ruff")
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", *map(str, PATHS)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
