"""Whether given values fit the parameters of the notebooks, before any kernel starts."""

from __future__ import annotations

import difflib
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from htan_kit.batch._parameters import Parameter
    from htan_kit.findings import Finding

__all__ = ["Text", "fit", "from_text", "read_parameters"]

# What papermill can hand to a kernel without mangling it.
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (float, int), "bool": (bool,), "list": (list,), "dict": (dict,),
}  # fmt: skip
_BOOLEANS = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}


class Text(str):
    """A value as typed on a command line: it becomes what the notebook's parameter asks for."""

    __slots__ = ()


def from_text(text: str, kind: str) -> Any:
    """Turn the text of ``-p NAME=VALUE`` into the type the notebook asks for.

    Parameters
    ----------
    text
        The value as typed.
    kind
        The type in the parameters cell.

    Returns
    -------
    The value; the text itself where it cannot be read as that type, which :func:`fit` then reports.

    Examples
    --------
    >>> from htan_kit.batch._values import from_text
    >>> from_text("50", "float"), from_text("no", "bool"), from_text("CD3,CD8", "list[str]")
    (50.0, False, ['CD3', 'CD8'])
    """
    import yaml

    base = kind.partition("[")[0]
    try:
        if base == "int":
            return int(text)
        if base == "float":
            return float(text)
        if base == "bool":
            return _BOOLEANS.get(text.strip().lower(), text)
        value = text if base == "str" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError):
        return text
    # "CD3,CD8" is how a list is typed on a command line.
    return [part.strip() for part in text.split(",")] if base == "list" and isinstance(value, str) else value


def read_parameters(pairs: Iterable[str] = (), file: str | PathLike[str] | None = None) -> dict[str, Any]:
    """Read the parameters of a command line.

    Parameters
    ----------
    pairs
        ``NAME=VALUE`` each; they win over the file.
    file
        YAML or JSON: parameter → value, or notebook → such a mapping.

    Returns
    -------
    Parameter → value.

    Raises
    ------
    InputError
        The file cannot be read or is no mapping, or a pair has no ``=``.

    Examples
    --------
    >>> from htan_kit.batch import read_parameters
    >>> read_parameters(["seed=1"])
    {'seed': '1'}
    """
    import yaml

    values: dict[str, Any] = {}
    if file is not None:
        try:
            content = yaml.safe_load(Path(file).read_text("utf-8"))
        except OSError as problem:
            raise InputError.of("run.parameters", file, f"It cannot be read: {problem.strerror}.") from problem
        except (yaml.YAMLError, UnicodeDecodeError) as problem:
            raise InputError.of("run.parameters", file, "This is neither YAML nor JSON.") from problem
        if not isinstance(content, dict):
            raise InputError.of("run.parameters", file, "Expected names and values.", "For example: seed: 1")
        values.update({str(key): value for key, value in content.items()})
    wrong = [pair for pair in pairs if not pair.partition("=")[1]]
    if wrong:
        raise InputError(*(error("run.parameters", f"-p {pair}", "Expected NAME=VALUE.") for pair in wrong))
    values.update({name.strip(): Text(text) for name, _, text in (pair.partition("=") for pair in pairs)})
    return values


def fit(values: Mapping[str, Any], known: Mapping[str, Sequence[Parameter]]) -> dict[str, dict[str, Any]]:
    """Hand each value to the notebooks that have a parameter of that name, after checking name and type.

    Parameters
    ----------
    values
        Parameter → value; or notebook → such a mapping, for that notebook only.
    known
        Notebook → its parameters.

    Returns
    -------
    Notebook → parameter → value, fit for JSON.

    Raises
    ------
    InputError
        Some name is unknown or some value is of the wrong type; all of them at once, with close matches.

    Examples
    --------
    >>> from htan_kit.batch._parameters import Parameter
    >>> from htan_kit.batch._values import fit
    >>> fit({"seed": 1}, {"2_spatial": [Parameter("seed", "int", 0)], "1_qc": []})
    {'2_spatial': {'seed': 1}, '1_qc': {}}
    """
    fitted: dict[str, dict[str, Any]] = {notebook: {} for notebook in known}
    problems: list[Finding] = []
    for name, value in values.items():
        if name in known and isinstance(value, dict):
            for inner, inner_value in value.items():
                _fit_one(str(inner), inner_value, {name: known[name]}, fitted, problems)
        else:
            _fit_one(str(name), value, known, fitted, problems)
    if problems:
        raise InputError(*problems)
    return fitted


def _fit_one(
    name: str,
    value: Any,
    known: Mapping[str, Sequence[Parameter]],
    fitted: dict[str, dict[str, Any]],
    problems: list[Finding],
) -> None:
    takers = [(notebook, p) for notebook, parameters in known.items() for p in parameters if p.name == name]
    if not takers:
        names = sorted({p.name for parameters in known.values() for p in parameters})
        close = difflib.get_close_matches(name, names, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(names)}."
        message = f"No such parameter in {', '.join(known) or 'these notebooks'}."
        problems.append(error("run.parameter-unknown", f"parameter {name}", message, hint))
        return
    for notebook, parameter in takers:
        given = _plain(from_text(value, parameter.kind) if isinstance(value, Text) else value)
        if not _is_a(given, parameter.kind):
            message = f"{notebook} wants {parameter.kind}, got {type(given).__name__} {given!r}."
            problems.append(error("run.parameter-type", f"parameter {name}", message, parameter.help))
            return
        fitted[notebook][name] = float(given) if parameter.kind == "float" else given


def _plain(value: Any) -> Any:
    """Turn paths, tuples and numpy scalars into what survives JSON."""
    if isinstance(value, PathLike):
        return fspath(value)
    if isinstance(value, Text):  # to a parameter that does not say what it is
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value.item() if hasattr(value, "item") and not isinstance(value, (str, bytes)) else value


def _is_a(value: Any, kind: str) -> bool:
    base, _, inner = kind.partition("[")
    if base not in _TYPES:
        return value is None or isinstance(value, (str, int, float, bool, list, dict))
    if not isinstance(value, _TYPES[base]) or (isinstance(value, bool) and base != "bool"):
        return False
    element = inner.rstrip("]").strip()
    return not isinstance(value, list) or element not in _TYPES or all(_is_a(each, element) for each in value)
