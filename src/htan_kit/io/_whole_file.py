"""Files that have to be read whole: where one is on a server a copy is read, and what is said is said of the file."""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from htan_kit.errors import InputError
from htan_kit.findings import Finding, Findings, report
from htan_kit.io._paths import located, on_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["whole_file"]

P = ParamSpec("P")
R = TypeVar("R")


def whole_file(read: Callable[P, R]) -> Callable[P, R]:
    """Let a reader of local files read addresses too.

    Parameters
    ----------
    read
        Its first argument ``path`` is a file or several; it may have the keyword ``findings``. Where it returns a
        dataclass, ``path`` or ``paths`` of that are the files it read.

    Returns
    -------
    The reader. Findings and errors name the address, without its secrets.

    Examples
    --------
    >>> from htan_kit.io._whole_file import whole_file
    >>> whole_file(lambda path: path.name)("file:///a/b.csv")
    'b.csv'
    """

    @wraps(read)
    def reader(*args: P.args, **kwargs: P.kwargs) -> R:
        given: Any = args[0] if args else kwargs.pop("path", "")
        one = isinstance(given, str | os.PathLike) or hasattr(given, "protocol")
        if one and isinstance(given, Path):
            return read(given, *args[1:], **kwargs)  # type: ignore[arg-type]
        places = [located(path) for path in ([given] if one else given)]
        copies = {place: on_disk(place) for place in places}
        names = {copy: place for place, copy in copies.items() if copy is not place}
        local: Any = [copies[place] for place in places]
        call = local[0] if one else local
        if not names:
            return read(call, *args[1:], **kwargs)  # type: ignore[arg-type]
        return _of_copies(read, (call, *args[1:]), kwargs, names)

    return reader


def _of_copies(read: Callable[..., R], args: Sequence[Any], given: Mapping[str, Any], names: Mapping[Path, Path]) -> R:
    """Read copies, ``names`` says of which files, and name these wherever the copies are named."""
    collects = "findings" in signature(read).parameters
    found = Findings()
    try:
        result = read(*args, **{**given, **({"findings": found} if collects else {})})
    except InputError as problem:
        raise InputError(*(_told(finding, names) for finding in problem.findings)) from None
    finally:
        if collects:
            for finding in found:
                report(given.get("findings"), _told(finding, names))
    return _named(result, names)


def _told(finding: Finding, names: Mapping[Path, Path]) -> Finding:
    subjects = {str(copy): str(path) for copy, path in names.items()}
    return replace(finding, subject=subjects.get(finding.subject, finding.subject))


def _named(result: Any, names: Mapping[Path, Path]) -> Any:
    if not is_dataclass(result) or isinstance(result, type):
        return result
    held: dict[str, Any] = {field.name: getattr(result, field.name) for field in fields(result)}
    changes: dict[str, Any] = {}
    if "path" in held:
        changes["path"] = names.get(held["path"], held["path"])
    if "paths" in held:
        changes["paths"] = tuple(names.get(path, path) for path in held["paths"])
    if "findings" in held:
        changes["findings"] = Findings(_told(finding, names) for finding in held["findings"])
    return replace(result, **changes)
