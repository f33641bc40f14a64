"""Tables of metrics: the same columns whether there is something to measure or a reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["metric_table"]


def metric_table(
    columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]] = (), *, reason: str = ""
) -> pd.DataFrame:
    """Make a table with these columns and types; without rows, ``attrs["reason"]`` says why it is empty."""
    table = pd.DataFrame(list(rows), columns=list(columns))
    table = table.astype({name: dtype for name, dtype in columns.items() if dtype != "object"})
    if table.empty:
        table.attrs["reason"] = reason
    return table
