"""A MITI record as a file: JSON or YAML, read as written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["YAML_SUFFIXES", "read_miti"]

YAML_SUFFIXES: Final = (".yaml", ".yml")
_MAX_BYTES: Final = {"JSON": 16 * 2**20, "YAML": 2**20}  # PyYAML takes seconds for each MiB
_BOOL: Final = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL: Final = re.compile(r"^(?:~|null|Null|NULL|)$")


def read_miti(path: Path) -> dict[str, Any]:
    """Read a MITI record, as written.

    Parameters
    ----------
    path
        ``.json``; or ``.yaml``, ``.yml``: one document without aliases, whose scalars stay text unless they are
        ``true``, ``false`` or ``null`` (a lot ``0012`` is no number; the model says what is one).

    Returns
    -------
    The object.

    Raises
    ------
    InputError
        The file cannot be read, or is not one object.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.assemble._miti_file import read_miti
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.yaml")
    ...     _ = path.write_text("file: {Lens NA: 0.75, Pyramid: true}")
    ...     read_miti(path)
    {'file': {'Lens NA': '0.75', 'Pyramid': True}}
    """
    form = "YAML" if path.suffix.lower() in YAML_SUFFIXES else "JSON"
    problem = f"is not one {form} object"
    try:
        if path.stat().st_size > _MAX_BYTES[form]:
            problem = f"has more than {_MAX_BYTES[form] >> 20} MiB"
        else:
            text = path.read_text(encoding="utf-8-sig")
            record = json.loads(text, parse_constant=str) if form == "JSON" else _yaml(text)
            if isinstance(record, dict):
                return record
    except (OSError, ValueError, RecursionError) as exception:
        reason = exception.strerror if isinstance(exception, OSError) else _reason(exception)
        problem = f"cannot be read as {form} ({reason})"
    rule = f"miti.{form.lower()}"
    raise InputError.of(rule, path.name, f"The MITI record {problem}.", "Give one object with MITI's sections.")


def _reason(exception: Exception) -> str:
    return str(exception) if isinstance(exception, _YamlError) else type(exception).__name__


class _YamlError(ValueError):
    """What is wrong with a YAML text, in few words and without quoting it."""


def _yaml(text: str) -> Any:
    import yaml

    class Loader(yaml.SafeLoader):
        """Plain YAML: an alias can make a small file unfold into gigabytes, so there are none."""

        yaml_implicit_resolvers: dict[str, Any] = {}

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                line = self.peek_event().start_mark.line + 1
                msg = f"line {line} has an alias"
                raise _YamlError(msg)
            return super().compose_node(parent, index)

    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOL, list("tTfF"))
    Loader.add_implicit_resolver("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""])
    try:
        return _text_keys(yaml.load(text, Loader))  # noqa: S506 - a SafeLoader, made narrower
    except yaml.YAMLError as exception:
        mark = getattr(exception, "problem_mark", None)
        msg = f"line {mark.line + 1}" if mark is not None else type(exception).__name__
        raise _YamlError(msg) from exception


def _text_keys(obj: Any) -> Any:
    if isinstance(obj, dict):
        return {str(name): _text_keys(value) for name, value in obj.items()}
    return [_text_keys(value) for value in obj] if isinstance(obj, list | set) else obj
