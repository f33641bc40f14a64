"""What HTAN asks of the files themselves, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.models._load import data

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["file_requirements"]

_SEVERITY = {"MUST": "error", "MUST NOT": "error", "SHOULD": "warning", "SHOULD NOT": "warning", "MAY": "info"}
_COLUMNS = ("rule", "part", "word", "severity", "text", "assessable", "reason", "source")


def file_requirements() -> pd.DataFrame:
    """List what HTAN phase 2 asks of image, mask and table files.

    Returns
    -------
    One row a requirement: ``rule`` (stable id), ``part`` (``channel_metadata``, ``level2``, ``level3``, ``level4``,
    ``digital_pathology``), ``word`` (``MUST``, ``MUST NOT``, ``SHOULD``, ``SHOULD NOT``, ``MAY``), ``severity`` (what
    a finding of it is), ``text`` (what the word asks for; with ``NOT``, what it asks to avoid), ``assessable``
    (whether a program can judge it), ``reason`` (why not, or how far), ``source``.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy; RFC 2119.

    Examples
    --------
    >>> from htan_kit.models import file_requirements
    >>> table = file_requirements()
    >>> len(table), table.set_index("rule").loc["htan2.l2.pyramid", "word"]
    (37, 'SHOULD')
    """
    import pandas as pd

    content = data("file_requirements")
    rest = {"reason": "", "source": content["_meta"]["source"]}
    rows = [{**rest, **row, "severity": _SEVERITY[row["word"]]} for row in content["requirements"]]
    return pd.DataFrame(rows, columns=list(_COLUMNS))
