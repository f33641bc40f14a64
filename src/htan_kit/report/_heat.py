"""Effects of many samples side by side: numbers on a colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from htan_kit.report._html import Html

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["enrichment_table"]

_FULL = 3.0  # log2: eight times as often has the full colour
_MORE, _LESS = "200, 70, 40", "40, 110, 200"


def enrichment_table(statistics: pd.DataFrame, *, n: int = 20) -> Html:
    """Show the neighbourhood enrichment of pairs of cell types, sample by sample.

    Parameters
    ----------
    statistics
        The long table of all samples.
    n
        How many pairs: those with the largest median departure from chance.

    Returns
    -------
    log2 of observed over expected neighbours, a row a pair, a column a sample; a dash where there is no number, ``*``
    where q < 0.05. Red: more often than by chance; blue: less often.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit import report
    >>> row = {"statistic": "nhood_enrichment", "type_a": "T cell", "type_b": "tumour", "log2fc": -1.0, "q": 0.002}
    >>> report.enrichment_table(pd.DataFrame([{**row, "library_id": "A"}]))
    pair A T cell – tumour -1.0*
    """
    if "statistic" not in statistics or "log2fc" not in statistics:
        return Html(Markup("<p>There are no spatial statistics in this run.</p>"))
    rows = statistics[statistics["statistic"] == "nhood_enrichment"].dropna(subset=["log2fc"])
    if rows.empty:
        return Html(Markup("<p>No pair of cell types could be tested in any sample.</p>"))
    rows = rows.assign(pair=rows["type_a"].astype(str) + " – " + rows["type_b"].astype(str))
    effects = rows.pivot_table(index="pair", columns="library_id", values="log2fc", observed=True)
    evidence = rows.pivot_table(index="pair", columns="library_id", values="q", observed=True)
    order = effects.abs().median(axis=1).sort_values(ascending=False, kind="stable").index[:n]
    head = Markup(" ").join(Markup('<th scope="col">{}</th>').format(name) for name in ["pair", *effects.columns])
    body = []
    for pair in order:
        cells = [Markup('<th scope="row">{}</th>').format(pair)]
        for name in effects.columns:
            q = evidence.loc[pair, name] if pair in evidence.index and name in evidence.columns else 1.0
            cells.append(_cell(float(effects.loc[pair, name]), significant=bool(q < 0.05)))
        body.append(Markup("<tr>{}</tr>").format(Markup(" ").join(cells)))
    left = len(effects) - len(body)
    note = Markup('<p class="note">{} more pairs are in the file.</p>').format(left) if left else Markup("")
    return Html(
        Markup('<div class="scroll"><table><thead><tr>{}</tr></thead> <tbody>{}</tbody></table></div>{}').format(
            head, Markup(" ").join(body), note
        )
    )


def _cell(effect: float, *, significant: bool) -> Markup:
    if effect != effect:
        return Markup('<td class="number">–</td>')
    colour = _MORE if effect > 0 else _LESS
    strength = min(abs(effect) / _FULL, 1.0) * 0.6
    text = f"{effect:.1f}{'*' if significant else ''}"
    return Markup('<td class="number" style="background: rgba({}, {:.2f})">{}</td>').format(colour, strength, text)
