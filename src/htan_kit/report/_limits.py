"""What could not be assessed, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from htan_kit._keys import Key
from htan_kit.report._html import Html

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from htan_kit.report._cards import Assessed

__all__ = ["limits"]

_MOST = 4


def limits(results: Assessed, adata: AnnData | None = None) -> Html:
    """Say what was not assessed, and why.

    Parameters
    ----------
    results
        The sample's results.
    adata
        The sample, for what its steps said about themselves.

    Returns
    -------
    Checks that could not be made, cell types that could not be named, and statistics without a number.

    Examples
    --------
    >>> import htan_kit as hk
    >>> results = hk.open_results(sample="HTA200_1_D1", notebook="1_qc")
    >>> hk.report.limits(results)
    Everything that was asked for could be assessed.
    """
    verdicts = results.verdicts
    missing = [(row.check, row.reason) for row in verdicts.itertuples() if row.verdict == "not assessed"]
    if adata is not None:
        block = adata.uns.get(Key.uns.kit, {}).get(results.sample.library_id, {})
        reason = block.get("parameters", {}).get("phenotype", {}).get("reason", "")
        missing += [("cell types", reason)] if reason else []
    missing += _statistics(results.statistics)
    if not missing:
        return Html(Markup("<p>Everything that was asked for could be assessed.</p>"))
    items = Markup("").join(Markup("<li><strong>{}</strong>: {}</li> ").format(*each) for each in missing)
    return Html(Markup("<ul>{}</ul>").format(items))


def _statistics(statistics: pd.DataFrame) -> list[tuple[str, str]]:
    """Give one entry a statistic, with its most common reasons."""
    if "reason" not in statistics:
        return []
    entries = []
    for name, rows in statistics.groupby("statistic", observed=True, sort=False):
        reasons = rows["reason"].dropna().astype(str).value_counts()
        if len(reasons):
            what = str(name).replace("_", " ") + (f", {reasons.sum()} of {len(rows)} rows" if len(rows) > 1 else "")
            told = "; ".join(reasons.index[:_MOST])
            left = len(reasons) - _MOST
            entries.append((what, f"{told}{f'; and {left} more reasons in statistics.csv' if left > 0 else ''}."))
    return entries
