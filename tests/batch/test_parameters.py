"""Parameters cells, read from their syntax tree."""

from __future__ import annotations

from htan_kit.batch import Parameter
from htan_kit.batch._parameters import parse_cell


def test_a_cell_is_read_in_order_with_type_default_and_help() -> None:
    cell = '# a comment of its own\na: int = 1  # First.\nb: list[str] = ["x", "#y"]\nc: str = "#ff"  # A = sign.\n'
    assert parse_cell(cell) == (
        Parameter("a", "int", 1, "First."),
        Parameter("b", "list[str]", ["x", "#y"], ""),
        Parameter("c", "str", "#ff", "A = sign."),
    )


def test_what_papermill_loses_is_not_lost() -> None:
    names = [
        p.name for p in parse_cell('a: str | None = None\nb: Literal["x"] = "x"\nc = {\n    "k": 1,\n}  # Many.\n')
    ]
    assert names == ["a", "b", "c"]


def test_types_without_annotation_are_those_of_the_default() -> None:
    parameters = parse_cell("a = 1.5\nb = True\nc = Path('x')\nd = None")
    assert [p.kind for p in parameters] == ["float", "bool", "", ""]


def test_other_statements_are_no_parameters() -> None:
    assert parse_cell("import os\na, b = 1, 2\nx.y = 3\nprint(1)\nz: int") == ()
