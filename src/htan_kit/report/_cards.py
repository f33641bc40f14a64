"""What a page says about one sample in words: banner, key numbers, lineage, limits, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from markupsafe import Markup

from htan_kit._keys import Key
from htan_kit.report._html import Html, badge, definitions
from htan_kit.report._table import table

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData

    from htan_kit.cohort import Sample
    from htan_kit.findings import Findings

__all__ = ["Assessed", "banner", "key_numbers", "lineage"]

_WORST = 3


class Assessed(Protocol):
    """What these functions need of :class:`htan_kit.batch.Results`."""

    @property
    def sample(self) -> Sample:
        """The sample."""

    @property
    def verdict(self) -> str:
        """The worst verdict."""

    @property
    def verdicts(self) -> pd.DataFrame:
        """Check, verdict, reason."""

    @property
    def findings(self) -> Findings:
        """What was found."""

    @property
    def statistics(self) -> pd.DataFrame:
        """The long table."""

    @property
    def qc(self) -> dict[str, Any]:
        """The content of ``qc.json``."""


def banner(results: Assessed) -> Html:
    """Say what the sample is, how it was judged, and the worst that was found.

    Parameters
    ----------
    results
        The sample's results.

    Returns
    -------
    Name, assay, verdict, the checks that failed, and the three worst findings.

    Examples
    --------
    >>> import htan_kit as hk
    >>> results = hk.open_results(sample="HTA200_1_D1", notebook="1_qc")
    >>> "HTA200_1_D1" in repr(hk.report.banner(results))
    True
    """
    sample, verdicts = results.sample, results.verdicts
    facts = [sample.name if sample.name != sample.library_id else "", sample.assay or ""]
    facts.append(", ".join(f"Level {level}" for level in sample.levels))
    bad = verdicts[verdicts["verdict"].isin(["fail", "warn"])].sort_values("verdict", kind="stable")
    checks = Markup("").join(
        Markup("<p>{} {}: {}</p>").format(badge(row.verdict), row.check, row.reason) for row in bad.itertuples()
    )
    reasons = " ".join(bad["reason"].astype(str))
    worst = [f for f in results.findings.sorted() if f.severity != "info"][:_WORST]
    # A finding that is the reason of a verdict has been told; what to do about it has not.
    told = [(f.subject, f.hint if f.message in reasons else f"{f.message} {f.hint}") for f in worst]
    found = Markup("").join(Markup("<li>{}: {}</li> ").format(*each) for each in told if each[1])
    found = Markup("<p>What to do:</p><ul>{}</ul>").format(found) if found else Markup("")
    return Html(
        Markup('<div class="banner {}"><h3>{} {}</h3><p>{}</p>{}{}</div>').format(
            results.verdict.replace(" ", "-"),
            sample.library_id,
            badge(results.verdict),
            " · ".join(fact for fact in facts if fact),
            checks,
            found,
        )
    )


def key_numbers(results: Assessed, adata: AnnData) -> Html:
    """Show the numbers that say most about a sample.

    Parameters
    ----------
    results
        The sample's results.
    adata
        The sample, with ``obs["phenotype"]`` where there are types.

    Returns
    -------
    Cells, tissue area (mm²), cells per mm², channels, share of cells without a type, checks passed; a dash for what is
    not known.

    Examples
    --------
    >>> import htan_kit as hk
    >>> results = hk.open_results(sample="HTA200_1_D1", notebook="1_qc")
    >>> repr(hk.report.key_numbers(results, results.adata())).startswith("Cells")
    True
    """
    statistics = results.statistics
    types = adata.obs.get(Key.obs.phenotype)
    unknown = None if types is None or not len(types) else float((types.astype(str) == "Unknown").mean())
    given = results.verdicts["verdict"].value_counts()
    images = adata.uns.get(Key.uns.miti, {}).get(results.sample.library_id, {})
    numbers = {
        "Cells": adata.n_obs or None,
        "Tissue, mm²": _value(statistics, "area"),
        "Cells per mm²": _value(statistics, "density"),
        "Channels": len(images["channel"]) if "channel" in images else adata.n_vars,
        "Unknown type": None if unknown is None else f"{100 * unknown:.0f} %",
        "Checks passed": f"{given.get('pass', 0)} of {sum(given.get(v, 0) for v in ('pass', 'warn', 'fail'))}",
    }
    return Html(definitions(numbers, style="key"))


def _value(statistics: pd.DataFrame, name: str) -> float | None:
    """Give the value of a statistic about all cells."""
    if "statistic" not in statistics:
        return None
    rows = statistics[(statistics["statistic"] == name) & statistics["type_a"].isna()]
    return float(rows["value"].iloc[0]) if len(rows) else None


def lineage(sample: Sample) -> Html:
    """Show which record comes from which: participant, biospecimen, Levels 2, 3 and 4.

    Parameters
    ----------
    sample
        The sample.

    Returns
    -------
    A table with ✓ or ✗ for each parent, or a sentence where no HTAN manifest speaks of the sample.

    Examples
    --------
    >>> import htan_kit as hk
    >>> sample = hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]
    >>> "HTA200_1_D1" in repr(hk.report.lineage(sample))
    True
    """
    if sample.unit is None:
        return Html(Markup("<p>There is no HTAN manifest for this sample, so its lineage was not assessed.</p>"))
    from htan_kit.lineage import frame

    rows = frame(sample.unit)
    if "parent_found" in rows:
        rows = rows.assign(parent_found=["✓" if found else "✗" for found in rows["parent_found"]])
    return table(rows, index=False)
