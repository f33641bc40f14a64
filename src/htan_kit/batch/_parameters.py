"""The parameters cell of a notebook, read from its syntax tree."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from typing import Any

__all__ = ["Parameter", "parse_cell"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a parameters cell.

    Parameters
    ----------
    name
        The variable.
    kind
        Its type as written (``"str"``, ``"list[str]"``), guessed from the default where none is written; ``""`` when
        neither says.
    default
        The value it has when nobody gives another.
    help
        The comment behind it.
    """

    name: str
    kind: str
    default: Any = None
    help: str = ""


def parse_cell(source: str) -> tuple[Parameter, ...]:
    """Read the assignments of a parameters cell from its syntax tree.

    Papermill's own reading uses a regular expression that loses or mangles some lines; the tree does not.

    Parameters
    ----------
    source
        The code of the cell.

    Returns
    -------
    The parameters in their order; a statement that is not a plain assignment to a name is none.

    Examples
    --------
    >>> from htan_kit.batch._parameters import parse_cell
    >>> parse_cell('seed: int = 0  # Seed of the permutations.')
    (Parameter(name='seed', kind='int', default=0, help='Seed of the permutations.'),)
    """
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for node in ast.parse(source).body:
        value = getattr(node, "value", None)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and value is not None:
            name, kind = node.target.id, ast.unparse(node.annotation)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, kind = node.targets[0].id, ""
        else:
            continue
        try:
            default = ast.literal_eval(value)  # type: ignore[arg-type]  # an assignment has a value
        except ValueError:  # computed, as in Path("x"): nothing to hold a value against
            default = None
        else:
            kind = kind or ("" if default is None else type(default).__name__)
        found.append(Parameter(name, kind, default, comments.get(node.end_lineno or 0, "")))
    return tuple(found)
