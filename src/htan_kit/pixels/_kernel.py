"""Compiling the inner loops: once per machine, and still where nothing can be written."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["kernel", "kernels_are_cached"]

_folders: set[Path] = set()


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a loop at its first call, free of the interpreter's lock, and keep the machine code for the next run.

    Parameters
    ----------
    function
        Plain loops over arrays, in the part of Python that numba knows.

    Returns
    -------
    The compiled function. Where no cache can be written it is compiled anew in every process.

    Examples
    --------
    >>> from htan_kit.pixels._kernel import kernel
    >>> kernel.__module__
    'htan_kit.pixels._kernel'
    """
    # Sums in any order are what lets the machine add several at a time; NaN and inf keep their meaning.
    options: dict[str, Any] = {"nogil": True, "fastmath": {"reassoc", "contract", "nsz"}, "error_model": "numpy"}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder
        return numba.njit(**options)(function)
    _folders.add(Path(compiled.stats.cache_path))
    _forgive(compiled)
    return compiled


def _forgive(compiled: Any) -> None:
    """Let a disk that is full or became read-only cost the cache and not the run."""
    cache = compiled._cache
    save = cache.save_overload

    def save_or_not(*args: Any) -> None:
        try:
            save(*args)
        except OSError:
            return

    cache.save_overload = save_or_not


def kernels_are_cached(functions: list[Any]) -> bool:
    """Tell whether some machine code of each of these kernels is on disk.

    Parameters
    ----------
    functions
        What :func:`kernel` returned.

    Returns
    -------
    False where the next call compiles: seconds instead of microseconds.

    Examples
    --------
    >>> from htan_kit.pixels._kernel import kernels_are_cached
    >>> kernels_are_cached([])
    True
    """
    for function in functions:
        if function.signatures:
            continue
        name, folder = function.py_func.__name__, function.stats.cache_path
        line = inspect.getsourcelines(function.py_func)[1]
        if not folder or not any(Path(folder).glob(f"*.{name}-{line}.py*.nbi")):
            return False
    return True
