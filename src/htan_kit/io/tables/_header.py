"""What a table of any format is called and how its columns are: all that folder discovery asks, without numpy."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from htan_kit.io._delimited import sniff_header
from htan_kit.io._text_form import form_of, problem

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.errors import InputError

__all__ = ["SUFFIXES", "format_of", "header_of", "no_gzip"]

SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".parquet")
"""How the names of tables end."""

_SAMPLE = 2**20


def format_of(path: Path) -> str:
    """Name the format by the file's suffix: ``csv``, ``csv.gz``, ``parquet``, ...

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The suffix without its point, in lower case.
    """
    name = path.name.lower()
    longest = max((s for s in SUFFIXES if name.endswith(s)), key=len, default=path.suffix.lower())
    return longest.lstrip(".") or "no suffix"


def header_of(path: Path) -> list[str]:
    """Name the columns of a table without reading the table.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    The names.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    kind = format_of(path)
    if kind == "parquet":
        from htan_kit.io.tables._parquet import open_parquet  # brings numpy

        return list(open_parquet(path).names)
    if not kind.endswith("gz"):
        return sniff_header(path)
    try:
        with gzip.open(path) as packed:
            sample = packed.read(_SAMPLE + 1)
    except (OSError, EOFError, ValueError) as trouble:
        raise no_gzip(path, trouble) from None
    if not sample.strip():
        raise problem(path, "file.empty", "The file is empty.")
    return form_of(path, sample[:_SAMPLE], whole=len(sample) <= _SAMPLE).names


def no_gzip(path: Path, trouble: Exception) -> InputError:
    """Make the message for what gzip cannot unpack."""
    if isinstance(trouble, OSError) and trouble.errno is not None:
        return problem(path, "file.missing", f"The file cannot be read: {trouble.strerror}.", "Check the path.")
    return problem(path, "file.binary", f"The gzip archive is damaged ({type(trouble).__name__}).", "Pack it again.")
