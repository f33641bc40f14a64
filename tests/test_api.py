"""The public names: complete, lazy, documented, typed, and called the same way everywhere."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import htan_kit as hk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

SOURCE = Path(hk.__file__).resolve().parent
MODULES = sorted(
    ".".join(("htan_kit", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
    for path in SOURCE.rglob("*.py")
    if path.name != "__main__.py"
)
# What makes a Finding takes the Finding's own fields in their order; every caller knows them by heart.
FIELDS_IN_ORDER = {"InputError.of"}
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


def _public() -> Iterator[tuple[str, Any]]:
    """Everything a user reaches as ``hk.name`` or ``hk.module.name``."""
    for name in hk.__all__:
        value = getattr(hk, name)
        if inspect.ismodule(value):
            yield from ((f"{name}.{inner}", getattr(value, inner)) for inner in value.__all__)
        else:
            yield name, value


def _everything() -> Iterator[tuple[str, Any]]:
    """Every name in every module's ``__all__``, where it is defined."""
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name in module.__all__:
            value = getattr(module, name)
            if getattr(value, "__module__", None) == module_name:
                yield f"{module_name}.{name}", value


def _functions(names: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions among them, and the public methods and properties that their classes define."""
    for name, value in names:
        if _is_function(value):
            yield name, value
        elif inspect.isclass(value):
            for inner, member in vars(value).items():
                function = next(
                    (getattr(member, a) for a in ("__func__", "fget", "func") if hasattr(member, a)), member
                )
                if inspect.isfunction(function) and not inner.startswith("_") and not _inherited(value, inner):
                    yield f"{name}.{inner}", function


def _is_function(value: Any) -> bool:
    """A function, also one that a decorator such as ``functools.cache`` wraps."""
    return inspect.isfunction(inspect.unwrap(value)) if callable(value) and not inspect.isclass(value) else False


def _inherited(cls: type, name: str) -> bool:
    return any(name in vars(base) for base in cls.__mro__[1:])


PUBLIC = dict(_public())
PUBLIC_FUNCTIONS = {name: value for name, value in PUBLIC.items() if _is_function(value)}
PUBLIC_CLASSES = {name: value for name, value in PUBLIC.items() if inspect.isclass(value)}
FUNCTIONS = dict(_functions(_everything()))
CLASSES = {name: value for name, value in _everything() if inspect.isclass(value)}


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    own = list(inspect.signature(function).parameters.values())
    return [p for i, p in enumerate(own) if not (i == 0 and p.name in {"self", "cls"})]


def _sections(documented: Any) -> dict[str, str]:
    """The numpydoc sections of a docstring, by name."""
    text = inspect.getdoc(documented) or ""
    marks = list(SECTION.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark[1]: text[mark.end() : end] for mark, end in zip(marks, ends, strict=False)}


def _documented_parameters(documented: Any) -> list[str]:
    lines = re.findall(r"^([*\w][\w*, ]*?)(?: :.*)?$", _sections(documented).get("Parameters", ""), re.MULTILINE)
    return [name.strip().lstrip("*") for line in lines for name in line.split(",")]


# --- one dict, lazily resolved -----------------------------------------------------------------------------------


def _lazy_packages() -> list[ModuleType]:
    modules = [importlib.import_module(name) for name in MODULES]
    return [module for module in modules if "__getattr__" in vars(module)]


def _lazy_names(module: ModuleType) -> set[str]:
    """What ``__getattr__`` answers to: the one private dict from text to text, and the rooms handed out as they are."""
    names = [(n, v) for n, v in vars(module).items() if re.fullmatch(r"_[A-Za-z]+", n)]
    found = [v for _, v in names if isinstance(v, dict) and v and all(isinstance(w, str) for w in v.values())]
    if len(found) != 1:
        pytest.fail(f"{module.__name__} has {len(found)} dicts that could be its lazy names")
    return set(found[0]) | set(vars(module).get("_ROOMS", ()))


LAZY = _lazy_packages()
lazily = pytest.mark.parametrize("module", LAZY, ids=lambda module: module.__name__)


def test_the_top_is_lazy() -> None:
    assert hk in LAZY


@lazily
def test_all_is_the_lazy_dict_and_dir(module: ModuleType) -> None:
    assert set(module.__all__) == _lazy_names(module)
    assert sorted(dir(module)) == sorted(module.__all__)
    assert len(module.__all__) == len(set(module.__all__))


@lazily
def test_what_a_type_checker_sees_is_what_there_is(module: ModuleType) -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text())
    blocks = [n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)]
    seen = {
        alias.asname or alias.name: node.module
        for block in blocks
        for node in block.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("htan_kit")
        for alias in node.names
    }
    for name in _lazy_names(module):
        assert getattr(importlib.import_module(str(seen[name])), name) is getattr(module, name)


@lazily
def test_a_wrong_name_is_an_attribute_error(module: ModuleType) -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = module.no_such_name


def test_the_promised_names_are_there() -> None:
    promised = """open_cohort Cohort Sample read read_image read_channels read_mask read_table read_manifest quantify
    concat to_spatialdata check run open_run open_results Finding Findings InputError qc tl pl datasets models report"""
    assert set(promised.split()) <= set(hk.__all__)


# --- documented --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_every_public_name_begins_with_a_sentence(name: str) -> None:
    first = (inspect.getdoc({**FUNCTIONS, **CLASSES}[name]) or "").partition("\n\n")[0]
    assert first.endswith((".", "?")), first
    assert first[:1].isupper() or first[:1] in "(`µ0123456789", first


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_documented_parameters_are_those_of_the_signature(name: str) -> None:
    value = {**FUNCTIONS, **CLASSES}[name]
    documented = _documented_parameters(value)
    if documented:
        assert documented == [p.name for p in _parameters(value)]


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_public_functions_have_their_numpydoc_sections(name: str) -> None:
    function = PUBLIC_FUNCTIONS[name]
    expected = {"Parameters"} if _parameters(function) else set()
    if inspect.signature(function).return_annotation not in {"None", None}:
        expected.add("Returns")
    if _raises(function):
        expected.add("Raises")
    assert expected - set(_sections(function)) == set()


@pytest.mark.parametrize("name", [*PUBLIC_FUNCTIONS, *PUBLIC_CLASSES])
def test_public_names_show_an_example_that_runs(name: str) -> None:
    # tests/test_doctests.py runs them; an example without a prompt would be prose.
    assert ">>> " in _sections(PUBLIC[name]).get("Examples", "")


def _raises(function: Callable[..., Any]) -> bool:
    """Whether the function itself says ``raise Something`` (not inside a function of its own)."""
    body = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    pending: list[ast.AST] = list(ast.iter_child_nodes(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Raise) and node.exc is not None:
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
    return False


# --- typed and called the same way -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_fully_typed(name: str) -> None:
    signature = inspect.signature(FUNCTIONS[name])
    untyped = [p.name for p in _parameters(FUNCTIONS[name]) if p.annotation is p.empty]
    assert untyped == []
    assert signature.return_annotation is not signature.empty


@pytest.mark.parametrize("name", sorted({**PUBLIC_FUNCTIONS, **dict(_functions(iter(PUBLIC_CLASSES.items())))}))
def test_at_most_three_positional_parameters(name: str) -> None:
    function = {**PUBLIC_FUNCTIONS, **dict(_functions(iter(PUBLIC_CLASSES.items())))}[name]
    if name in FIELDS_IN_ORDER:
        return
    positional = [p for p in _parameters(function) if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
    assert len(positional) <= 3


@pytest.mark.parametrize("name", [n for n in PUBLIC_FUNCTIONS if n.startswith("tl.")])
def test_verbs_take_adata_first(name: str) -> None:
    parameters = _parameters(PUBLIC_FUNCTIONS[name])
    if parameters and "AnnData" in str(parameters[0].annotation):
        assert parameters[0].name == "adata"


@pytest.mark.parametrize("name", PUBLIC_FUNCTIONS)
def test_booleans_are_given_by_name(name: str) -> None:
    flags = [p for p in _parameters(PUBLIC_FUNCTIONS[name]) if isinstance(p.default, bool)]
    assert [p.name for p in flags if p.kind is not p.KEYWORD_ONLY] == []
