"""The imports, held against the table in ARCHITECTURE.md, and the rules about modules."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import statistics
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import htan_kit

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCE = CHECKOUT / "src"
TOP = "htan_kit"


def _module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_module_name(path): path for path in sorted((SOURCE / TOP).rglob("*.py"))}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


class Import(NamedTuple):
    """One import statement of the kit's own: who, what, where."""

    module: str
    target: str
    line: int

    @property
    def place(self) -> str:
        return f"{self.module} line {self.line} imports {self.target}"


def _room(module: str) -> str:
    """The part below htan_kit; the package's own __init__ is "", above all rooms."""
    return module.partition(".")[2].partition(".")[0]


def _targets(name: str, node: ast.AST) -> list[str]:
    """What one node imports, as full names of modules where they are modules."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            is_package = MODULES[name].name == "__init__.py"
            parts = name.split(".")
            parts = parts[: len(parts) - node.level + is_package]
            base = ".".join([*parts, *([node.module] if node.module else [])])
        full = [f"{base}.{alias.name}" for alias in node.names]
        return [target if target in MODULES else base for target in full]
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
            return [node.args[0].value]
    return []


# ast.walk reaches into functions and into `if TYPE_CHECKING:`; a dependency is one wherever it is written.
IMPORTS = [
    Import(name, target, getattr(node, "lineno", 0))
    for name, tree in TREES.items()
    for node in ast.walk(tree)
    for target in _targets(name, node)
    if target.split(".")[0] == TOP
]


class Floors(NamedTuple):
    """The table: the floor of each room, and the pairs (importer, imported) allowed on one floor."""

    floor: dict[str, int]
    arrows: set[tuple[str, str]]
    planned: set[str]


def _floors() -> Floors:
    floor: dict[str, int] = {}
    arrows: set[tuple[str, str]] = set()
    planned: set[str] = set()
    for line in (CHECKOUT / "ARCHITECTURE.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 3 or not cells[0].isdigit():
            continue
        whats = cells[2].split(" · ")
        rooms_here: list[str] = []
        for chain in cells[1].split(" · "):
            rooms = re.findall(r"`(\w+)`", chain)
            arrows |= {(later, rooms[i]) for j, later in enumerate(rooms) for i in range(j)}
            rooms_here += rooms
        floor |= dict.fromkeys(rooms_here, int(cells[0]))
        planned |= {room for room, what in zip(rooms_here, whats, strict=True) if "(planned)" in what}
    return Floors(floor, arrows, planned)


FLOORS = _floors()


def test_the_table_names_every_room_and_no_other() -> None:
    rooms = {_room(name) for name in MODULES} - {""}
    assert rooms - set(FLOORS.floor) == set()
    assert set(FLOORS.floor) - rooms <= FLOORS.planned


def test_the_top_is_for_users_only() -> None:
    # `import htan_kit` from inside would let any room reach any other, unseen by the table.
    assert [i.place for i in IMPORTS if _room(i.target) == "" and i.module != TOP] == []


def test_rooms_import_only_downward() -> None:
    wrong = []
    for found in IMPORTS:
        here, there = _room(found.module), _room(found.target)
        if "" in {here, there} or here == there:
            continue
        floor = FLOORS.floor
        if floor[there] > floor[here] or (floor[there] == floor[here] and (here, there) not in FLOORS.arrows):
            wrong.append(found.place)
    assert wrong == []


@pytest.mark.parametrize("room", sorted({_room(name) for name in MODULES} - {""}))
def test_no_cycles_inside_a_room(room: str) -> None:
    graph: dict[str, set[str]] = {name: set() for name in MODULES if _room(name) == room}
    for found in IMPORTS:
        if found.module in graph and found.target in graph and found.target != found.module:
            graph[found.module].add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as problem:
        pytest.fail(" → ".join(problem.args[1]))


def test_modules_are_small() -> None:
    lines = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}
    assert {name: n for name, n in lines.items() if n > 350} == {}
    # Without __init__.py files, which would make the median small for free.
    assert statistics.median(n for name, n in lines.items() if MODULES[name].name != "__init__.py") <= 150


def _no_asserts_or_prints() -> list[str]:
    found = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            is_print = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            if isinstance(node, ast.Assert) or (is_print and _room(name) != "cli"):
                found.append(f"{name} line {node.lineno}: {'print' if is_print else 'assert'}")
    return found


def test_source_neither_asserts_nor_prints() -> None:
    assert _no_asserts_or_prints() == []


def test_source_has_no_unfinished_places() -> None:
    marks = re.compile(r"\bTODO\b|\bFIXME\b|\bXXX\b|NotImplementedError")
    assert [name for name, path in MODULES.items() if marks.search(path.read_text())] == []


def test_every_module_says_what_it_exports() -> None:
    # A room's __init__ and every other module name their public part; scripts without one would leak helpers.
    lacking = [
        name
        for name, tree in TREES.items()
        if not any(
            isinstance(node, ast.Assign | ast.AnnAssign)
            and "__all__"
            in {getattr(t, "id", "") for t in (node.targets if isinstance(node, ast.Assign) else [node.target])}
            for node in tree.body
        )
    ]
    assert lacking == []


def _exported_from(package: str) -> dict[str, str]:
    """The names a package imports in its ``__init__`` (under TYPE_CHECKING where it is lazy), and from where."""
    return {
        alias.asname or alias.name: node.module or ""
        for node in ast.walk(TREES[package])
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_no_public_function_bears_the_name_of_a_submodule() -> None:
    for info in pkgutil.walk_packages(htan_kit.__path__, f"{TOP}."):
        if not info.name.endswith("__main__"):
            importlib.import_module(info.name)
    clashes = []
    for package in (name for name, path in MODULES.items() if path.name == "__init__.py"):
        module = importlib.import_module(package)
        below = {other.rpartition(".")[2] for other in MODULES if other.startswith(f"{package}.")}
        origin = _exported_from(package)
        for name in module.__all__:
            # A package may hand out its own submodule as such (``hk.qc``); whatever else it hands out is no module,
            # and stays none after every submodule was imported.
            if origin.get(name) != package and (name in below or inspect.ismodule(getattr(module, name))):
                clashes.append(f"{package}.{name}")
    assert clashes == []
