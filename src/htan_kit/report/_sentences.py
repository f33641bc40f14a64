"""What the spatial statistics say, in sentences made from the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from htan_kit.report._html import Html, number

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["top_statistics"]

_Q = 0.05


def top_statistics(statistics: pd.DataFrame, *, n: int = 5) -> Html:
    """Say which pairs of cell types are neighbours much more, or much less, often than by chance.

    Parameters
    ----------
    statistics
        The long table.
    n
        How many sentences.

    Returns
    -------
    The pairs with the largest effect (log2 of observed over expected) among those with q < 0.05; a sentence saying so
    where there are none.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit import report
    >>> row = {"statistic": "nhood_enrichment", "type_a": "T cell", "type_b": "tumour", "log2fc": -1.0, "q": 0.002}
    >>> report.top_statistics(pd.DataFrame([{**row, "n_a": 30, "n_b": 90}]))
    T cell and tumour: neighbours 2 times less often than by chance (log2 -1, q = 0.002, n = 30 and 90).
    """
    if "statistic" not in statistics or "log2fc" not in statistics:
        return Html(Markup("<p>There are no spatial statistics for this sample.</p>"))
    rows = statistics[statistics["statistic"] == "nhood_enrichment"]
    shown = rows[rows["q"] < _Q].dropna(subset=["log2fc"])
    shown = shown.reindex(shown["log2fc"].abs().sort_values(ascending=False, kind="stable").index).head(n)
    if shown.empty:
        reasons = list(dict.fromkeys(rows["reason"].dropna().astype(str))) if "reason" in rows else []
        if reasons and rows["q"].isna().all():
            return Html(Markup("<p>Not assessed: {}.</p>").format("; ".join(reasons[:2])))
        return Html(Markup("<p>No pair of cell types has a neighbourhood that differs from chance.</p>"))
    items = Markup("").join(Markup("<li>{}</li> ").format(_sentence(row)) for row in shown.to_dict("records"))
    return Html(Markup("<ul>{}</ul>").format(items))


def _sentence(row: dict[str, Any]) -> str:
    times = 2.0 ** abs(float(row["log2fc"]))
    often = "more" if row["log2fc"] > 0 else "less"
    same = row["type_a"] == row["type_b"]
    counts = number(row["n_a"]) if same else f"{number(row['n_a'])} and {number(row['n_b'])}"
    evidence = f"log2 {row['log2fc']:.2g}, q = {row['q']:.2g}, n = {counts}".replace(" = ", "\u00a0=\u00a0")
    pair = f"{row['type_a']} among themselves" if same else f"{row['type_a']} and {row['type_b']}"
    return f"{pair}: neighbours {times:.2g} times {often} often than by chance ({evidence})."
