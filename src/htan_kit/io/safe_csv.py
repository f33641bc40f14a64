"""CSV that a spreadsheet shows and does not run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from htan_kit.io.atomic import replacing

if TYPE_CHECKING:
    import os

    import pandas as pd

__all__ = ["safe_text", "write_csv"]

_FORMULA: Final = re.compile(r"[\s\x00]*[=+\-@＝＋－＠]|[\t\r\n\x00]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def safe_text(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula.

    Parameters
    ----------
    text
        A cell or a header.

    Returns
    -------
    The text; with ``'`` before it where it starts (after blanks) with ``=``, ``+``, ``-`` or ``@``, or with a tab or
    line break, and is neither a number nor that sign alone.

    References
    ----------
    OWASP, CSV injection.

    Examples
    --------
    >>> from htan_kit.io.safe_csv import safe_text
    >>> safe_text("=cmd()"), safe_text("-1.5"), safe_text("CD3")
    ("'=cmd()", '-1.5', 'CD3')
    """
    if len(text) < 2 or not _FORMULA.match(text) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"


def write_csv(frame: pd.DataFrame, path: str | os.PathLike[str], *, index: bool = False) -> None:
    """Write a table as CSV, whole or not at all, with headers and texts that cannot run.

    Parameters
    ----------
    frame
        The table; what is not known becomes an empty cell.
    path
        The file to make or to replace.
    index
        Write the row names too.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import pandas as pd
    >>> from htan_kit.io.safe_csv import write_csv
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv")
    >>> write_csv(pd.DataFrame({"=a": ["@b", None], "n": [-1.5, 2.0]}), path)
    >>> path.read_text().split()
    ["'=a,n", "'@b,-1.5", ',2.0']
    """
    import pandas as pd
    from pandas.api import types

    safe = frame.copy(deep=False)
    for position, dtype in enumerate(frame.dtypes):
        if not (types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype)):
            column = frame.iloc[:, position].astype(object)
            safe.isetitem(position, pd.Series([_safe(value) for value in column], index=frame.index, dtype=object))
    safe.columns = pd.Index([_safe(name) for name in frame.columns], dtype=object)
    if index:
        safe.index = pd.Index([_safe(name) for name in frame.index], dtype=object, name=_safe(frame.index.name))
    with replacing(path) as temporary:
        safe.to_csv(temporary, index=index, encoding="utf-8", lineterminator="\n")


def _safe(value: Any) -> Any:
    return safe_text(value) if isinstance(value, str) else value
