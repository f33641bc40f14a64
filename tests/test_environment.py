"""environment.yml and pyproject.toml ask for the same packages."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict[str, Any]:
    return tomllib.loads((checkout / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def conda(checkout: Path) -> list[Any]:
    return yaml.safe_load((checkout / "environment.yml").read_text())["dependencies"]


def _pip(conda: list[Any]) -> list[str]:
    return next(entry["pip"] for entry in conda if isinstance(entry, dict))


def test_pip_specifiers_are_those_of_the_project(project: dict[str, Any], conda: list[Any]) -> None:
    assert set(_pip(conda)) - {"-e ."} == set(project["dependencies"])
    assert len(_pip(conda)) == len(set(_pip(conda)))


def test_the_kit_itself_is_installed(conda: list[Any]) -> None:
    assert _pip(conda)[-1] == "-e ."


def test_python_bound_is_requires_python(project: dict[str, Any], conda: list[Any]) -> None:
    assert f"python {project['requires-python']}" in conda


def test_every_dependency_has_a_lower_bound_and_no_upper_one(project: dict[str, Any]) -> None:
    for specifier in project["dependencies"]:
        assert ">=" in specifier, specifier
        assert not set("<,~!") & set(specifier), specifier


def test_the_eight_fixed_packages_are_dependencies(project: dict[str, Any]) -> None:
    names = {specifier.partition(">=")[0] for specifier in project["dependencies"]}
    fixed = {"jupyterlab", "papermill", "anndata", "scanpy", "squidpy", "tifffile", "matplotlib", "pandas"}
    assert fixed <= names


def test_what_the_source_imports_is_declared(checkout: Path, project: dict[str, Any]) -> None:
    declared = {_normalised(specifier.partition(">=")[0]) for specifier in project["dependencies"]}
    for extra in project["optional-dependencies"].values():
        declared |= {_normalised(specifier.partition(">=")[0]) for specifier in extra}
    owners = importlib.metadata.packages_distributions()
    undeclared = set()
    for path in (checkout / "src").rglob("*.py"):
        for name in _imported(ast.parse(path.read_text())):
            if name in sys.stdlib_module_names or name in {"htan_kit", "_typeshed"}:
                continue
            if not declared & {_normalised(owner) for owner in owners.get(name, [])}:
                undeclared.add(f"{path.relative_to(checkout)}: {name}")
    assert not undeclared


def _imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _normalised(distribution: str) -> str:
    return distribution.lower().replace("_", "-")
