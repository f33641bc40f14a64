"""One word a check: pass, warn, fail or not assessed, with the reason and where the rule comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from htan_kit.cohort import Sample
    from htan_kit.findings import Finding

__all__ = ["CHECKS", "found_in", "verdicts"]

#: Which rules belong to which check: the longest prefix that fits.
CHECKS: Final[dict[str, tuple[str, ...]]] = {
    "image": ("image.", "htan2.l2.", "htan2.dp."),
    "channels": ("channels.", "htan2.channels.", "htan2.l2.channel-names"),
    "mask": ("mask.", "htan2.l3."),
    "table": ("table.", "htan2.l4."),
    "mask ↔ table": ("identity.", "htan2.l4.object-id-matches"),
    "de-identification": (
        "deid.", "htan2.l2.de-identified", "htan2.l2.no-dates", "htan2.l2.no-acquisition-date",
        "htan2.l2.no-annotation-dates", "htan2.l2.no-experimenter", "htan2.l3.de-identified",
    ),
    "lineage & metadata": ("",),  # everything about records and folders, and what no other check claims
}  # fmt: skip
_LEVELS: Final = {"image": (2,), "channels": (2,), "mask": (3,), "table": (4,), "mask ↔ table": (3, 4)}
_MISSING: Final = {2: "no image (Level 2)", 3: "no mask (Level 3)", 4: "no table (Level 4)"}
_WORST: Final = ("pass", "warn", "fail")
_SEVERITY: Final = {"error": "fail", "warning": "warn", "info": "pass"}
_SATURATED: Final = 1e-3
_CENTROIDS: Final = 0.95
_MEANS: Final = 0.95
_KIT: Final = "kit default"

Judged = tuple[str, str, str]  # verdict, reason, source


def verdicts(
    target: AnnData | Sample,
    findings: Findings,
    *,
    channels: pd.DataFrame | None = None,
    segmentation: pd.DataFrame | None = None,
    agreement: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Judge a sample, check by check.

    Parameters
    ----------
    target
        The sample, or the AnnData it was read into: which levels are there.
    findings
        What :func:`htan_kit.check` found: an error is a fail, a warning a warn.
    channels
        :func:`htan_kit.qc.channels`: more than 0.1 % saturated pixels warn (kit default), a flat channel warns (logic).
    segmentation
        :func:`htan_kit.qc.segmentation`: a mask without objects fails (logic).
    agreement
        :func:`htan_kit.qc.agreement`: fewer than 95 % of centroids on their label, or of recomputed means equal, warn
        (kit default).

    Returns
    -------
    One row a check: ``check`` (image, channels, mask, table, mask ↔ table, de-identification, lineage & metadata),
    ``verdict`` (``pass``, ``warn``, ``fail``, ``not assessed``), ``reason`` in words, ``source`` of the rule that
    decided. A check whose level is missing is not assessed. Thresholds whose source is the kit can only warn.

    Examples
    --------
    >>> import htan_kit as hk
    >>> sample = hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]
    >>> hk.qc.verdicts(sample, hk.check(sample))["check"].tolist()[:5]
    ['image', 'channels', 'mask', 'table', 'mask ↔ table']
    """
    levels, has_record = _what_is_there(target)
    by_check = _sort(findings)
    judged = {
        "channels": _of_channels(channels),
        "mask": _of_mask(segmentation),
        "mask ↔ table": _of_agreement(agreement),
    }
    rows = []
    for check in CHECKS:
        missing = [_MISSING[level] for level in _LEVELS.get(check, ()) if level not in levels]
        found = [_judge(finding) for finding in by_check[check]] + judged.get(check, [])
        if missing and not any(verdict != "pass" for verdict, *_ in found):
            verdict, reason, source = "not assessed", "; ".join(missing), ""
        elif check == "lineage & metadata" and not has_record and not found:
            verdict, reason, source = "not assessed", "no HTAN manifest and no MITI record", ""
        else:
            verdict, reason, source = _worst(found)
        rows.append({"check": check, "verdict": verdict, "reason": reason, "source": source})
    return pd.DataFrame(rows, columns=["check", "verdict", "reason", "source"])


def found_in(findings: Findings, check: str) -> Findings:
    """Give the findings that belong to one check.

    Parameters
    ----------
    findings
        What :func:`htan_kit.check` found.
    check
        A check of :func:`verdicts`.

    Returns
    -------
    The findings whose rules decide the check's verdict.

    Raises
    ------
    InputError
        There is no such check.

    Examples
    --------
    >>> import htan_kit as hk
    >>> findings = hk.check(hk.open_cohort(hk.datasets.sample())["HTA200_2_D1"])
    >>> [finding.rule for finding in hk.qc.found_in(findings, "de-identification")]
    ['htan2.l2.no-dates', 'htan2.l2.no-acquisition-date']
    """
    if check not in CHECKS:
        raise InputError.of("qc.check", check, "There is no such check.", f"Choose one of: {', '.join(CHECKS)}.")
    return Findings(_sort(findings)[check])


def _what_is_there(target: AnnData | Sample) -> tuple[set[int], bool]:
    if not hasattr(target, "uns"):
        return set(target.levels), target.unit is not None or target.miti is not None
    blocks = target.uns.get(Key.uns.kit, {})
    levels = {int(level) for block in blocks.values() for level in block.get("levels", ())}
    records = [block for block in target.uns.get(Key.uns.htan, {}).values() if len(block)]
    miti = [block for block in blocks.values() if "miti" in block.get("files", {})]
    return levels, bool(records or miti)


def _sort(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    sorted_: dict[str, list[Finding]] = {check: [] for check in CHECKS}
    for finding in findings:
        fitting = [
            (len(p), check) for check, prefixes in CHECKS.items() for p in prefixes if finding.rule.startswith(p)
        ]
        sorted_[max(fitting)[1]].append(finding)
    return sorted_


def _judge(finding: Finding) -> Judged:
    return _SEVERITY[str(finding.severity)], finding.message, finding.source


def _worst(found: list[Judged]) -> Judged:
    """Give the worst, with the reasons for it and for lesser doubts; notes are no reasons."""
    doubts = sorted((each for each in found if each[0] != "pass"), key=lambda each: -_WORST.index(each[0]))
    if not doubts:
        return "pass", "nothing found", ""
    verdict = doubts[0][0]
    reasons = list(dict.fromkeys(reason for _, reason, _ in doubts))
    more = f" (and {len(reasons) - 3} more)" if len(reasons) > 3 else ""
    sources = "; ".join(dict.fromkeys(source for each, _, source in doubts if each == verdict and source))
    return verdict, " ".join(reasons[:3]) + more, sources


def _of_channels(table: pd.DataFrame | None) -> list[Judged]:
    if table is None:
        return []
    saturated = table.loc[table["saturated_share"] > _SATURATED]
    flat = table.loc[table["max"] == table["min"], "marker"]
    judged: list[Judged] = []
    if len(saturated):
        shares = ", ".join(f"{row['marker']} {row['saturated_share']:.2%}" for row in saturated.to_dict("records"))
        judged.append(("warn", f"Saturated pixels above {_SATURATED:.1%}: {shares}.", _KIT))
    if len(flat):
        judged.append(("warn", f"One value in the whole channel: {', '.join(map(str, flat))}.", "logic"))
    return judged


def _of_mask(table: pd.DataFrame | None) -> list[Judged]:
    if table is None or table.empty or table["n_objects"].iloc[0]:
        return []
    return [("fail", "The mask has no objects.", "logic")]


def _of_agreement(table: pd.DataFrame | None) -> list[Judged]:
    if table is None or table.empty:
        return []
    row: dict[str, Any] = table.iloc[0].to_dict()
    judged: list[Judged] = []
    if row["centroid_in_own_label_share"] < _CENTROIDS:
        share = f"{row['centroid_in_own_label_share']:.1%}"
        judged.append(("warn", f"Only {share} of the table's centroids lie on their own label.", _KIT))
    if row["means_equal_share"] < _MEANS:
        share = f"{row['means_equal_share']:.1%}"
        judged.append(("warn", f"Only {share} of the recomputed mean intensities equal the table's.", _KIT))
    return judged
