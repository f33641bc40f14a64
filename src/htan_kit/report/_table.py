"""DataFrames as tables for readers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from htan_kit.report._html import Html, badge, definitions, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

__all__ = ["facts", "readable", "table"]

_UNITS = {"um2": "µm²", "um": "µm", "px": "px", "mm2": "mm²", "bytes": "bytes"}
_VERDICTS = {"pass", "warn", "fail", "not assessed", "did not run"}
_LONG = 40  # characters from which on a cell gets room
_MANY = 10  # columns from which on the letters are smaller


def table(
    df: pd.DataFrame,
    caption: str = "",
    *,
    index: bool | None = None,
    omit: Sequence[str] = (),
    max_rows: int = 200,
    links: Mapping[str, Mapping[Any, str]] | None = None,
) -> Html:
    """Show a table: rounded numbers, signs for verdicts, a dash for what is not known, all text escaped.

    Parameters
    ----------
    df
        The table.
    caption
        What it shows.
    index
        Show the row names; None: when they are names and not just counted.
    omit
        Columns to leave out.
    max_rows
        Leave out the rows after these, and say so.
    links
        Column → value → address.

    Returns
    -------
    An object that shows itself in a notebook.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit import report
    >>> report.table(pd.DataFrame({"marker": ["CD3"], "mean": [0.123456]}), "Means")
    Means marker mean CD3 0.1235
    """
    df = df.drop(columns=[name for name in omit if name in df])
    if index is None:
        index = df.index.dtype.kind not in "iu" and len(df) > 0
    shown = df.head(max_rows)
    numeric = [str(dtype).lower().startswith(("int", "uint", "float")) for dtype in df.dtypes]
    titles = ([("", False)] if index else []) + list(zip(map(readable, map(str, df.columns)), numeric, strict=True))
    head = [Markup('<th scope="col"{}>{}</th>').format(_style("", "", right=right), title) for title, right in titles]
    body = []
    for label, row in zip(shown.index, shown.itertuples(index=False, name=None), strict=True):
        cells = [Markup('<th scope="row">{}</th>').format(str(label))] if index else []
        for column, right, value in zip(df.columns, numeric, row, strict=True):
            address = (links or {}).get(str(column), {}).get(value, "")
            cells.append(
                Markup("<td{}>{}</td>").format(
                    _style(str(column), value, right=right), _cell(str(column), value, address)
                )
            )
        body.append(Markup("<tr>{}</tr>").format(Markup(" ").join(cells)))
    if not body:
        why = df.attrs.get("reason") or "none"
        return Html(Markup("<p>{}{}</p>").format(f"{caption}: " if caption else "", why))
    left = len(df) - len(shown)
    note = Markup("<p class='note'>{} more rows are in the file.</p>").format(left) if left else Markup("")
    title = Markup("<caption>{} </caption>").format(caption) if caption else Markup("")
    return Html(
        Markup('<div class="scroll"><table{}>{}<thead><tr>{}</tr></thead> <tbody>{}</tbody></table></div>{}').format(
            Markup(' class="wide"') if len(head) > _MANY else "",
            title,
            Markup(" ").join(head),
            Markup(" ").join(body),
            note,
        )
    )


def facts(df: pd.DataFrame, *, omit: Sequence[str] = ("library_id",)) -> Html:
    """Show a table of one row as names and values.

    Parameters
    ----------
    df
        One row; where it is empty, ``attrs["reason"]`` is shown.
    omit
        Columns to leave out.

    Returns
    -------
    An object that shows itself in a notebook.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit import report
    >>> report.facts(pd.DataFrame({"n_objects": [1200], "coverage_share": [0.25]}))
    objects 1 200 coverage, % 25
    """
    if df.empty:
        reason = str(df.attrs.get("reason") or "nothing to show").rstrip(".")
        return Html(Markup("<p>Not assessed: {}.</p>").format(reason))
    shown = {readable(str(name)): _text(str(name), value) for name, value in df.iloc[0].items() if name not in omit}
    return Html(definitions(shown))


def readable(column: str) -> str:
    """Write a column's name for reading: the unit behind a comma, no ``n_``, shares in percent."""
    if column.endswith("_share"):
        return f"{column.removesuffix('_share').replace('_', ' ')}, %"
    if "_per_" in column:
        before, _, after = column.partition("_per_")
        return f"{before.removeprefix('n_').replace('_', ' ')} per {_UNITS.get(after, after)}"
    words = re.sub(r"\bp(\d+)_(\d)\b", r"p\1.\2", column).removeprefix("n_").split("_")
    unit = next((word for word in words[1:] if word in _UNITS), "")
    name = " ".join(word for word in words if word != unit or not unit)
    return f"{name}, {_UNITS[unit]}" if unit else name


def _text(column: str, value: Any) -> str:
    if column.endswith("_share") and isinstance(value, (int, float)):
        return number(100 * value)
    return number(value)


def _style(column: str, value: Any, *, right: bool) -> Markup:
    if right:
        return Markup(' class="number"')
    return Markup(' class="long"') if len(_text(column, value)) > _LONG else Markup("")


def _cell(column: str, value: Any, address: str = "") -> Markup:
    content = badge(value) if isinstance(value, str) and value in _VERDICTS else escape(_text(column, value))
    return Markup('<a href="{}">{}</a>').format(address, content) if address else content
