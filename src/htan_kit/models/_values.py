"""Text to the type a model asks for, where the text says so without doubt."""

from __future__ import annotations

import math

__all__ = ["is_blank", "typed"]

_TRUE = {"true", "yes", "y", "1"}
_FALSE = {"false", "no", "n", "0"}
_BLANK = {"", "na", "n/a", "nan", "none", "null", "-", "not applicable", "not available", "unknown", "not reported"}


def is_blank(text: str) -> bool:
    """Tell whether a cell says that there is no value.

    Parameters
    ----------
    text
        The cell.

    Returns
    -------
    True for an empty cell, ``NA``, ``None``, ``Not Applicable`` and their like.

    Examples
    --------
    >>> from htan_kit.models import is_blank
    >>> is_blank(" Not Applicable "), is_blank("0")
    (True, False)
    """
    text = text.strip()
    return text.casefold() in _BLANK and text != "Na"  # sodium, in MIBI


def typed(value: object, kind: str) -> object:
    """Read a value as the type a model gives it.

    Parameters
    ----------
    value
        Usually text; numbers and booleans pass through when they fit.
    kind
        ``boolean``, ``integer``, ``float`` (MITI's words) or ``bool``, ``int``; any other leaves the value as it is.

    Returns
    -------
    The bool, int or float; the value unchanged where it does not say one.

    Examples
    --------
    >>> from htan_kit.models import typed
    >>> typed("8.0", "integer"), typed("Yes", "boolean"), typed("452 ORION", "float")
    (8, True, '452 ORION')
    """
    text = str(value).strip()
    if kind in ("boolean", "bool"):
        word = text.casefold().split(" - ")[0]  # HTAN 1 writes "No - Channels QC"
        return True if word in _TRUE else False if word in _FALSE else value
    if kind in ("integer", "int", "float") and not isinstance(value, bool):
        try:
            number = float(text)
        except ValueError:
            return value
        if not math.isfinite(number) or "_" in text:  # Python reads 1_000 as a number; people do not
            return value
        if kind == "float":
            return number
        return int(number) if number.is_integer() and abs(number) < 2**53 else value
    return value
