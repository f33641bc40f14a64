from __future__ import annotations

from typing import TYPE_CHECKING

import anndata
import numpy as np
import pandas as pd
import pytest

import htan_kit as hk
from htan_kit.findings import Finding, Findings, error, info, warning

if TYPE_CHECKING:
    from conftest import MakeSample

    from htan_kit.cohort import Cohort

CHECKS = ["image", "channels", "mask", "table", "mask ↔ table", "de-identification", "lineage & metadata"]


def whole(levels: list[int], *, htan: bool = True) -> anndata.AnnData:
    adata = anndata.AnnData(np.ones((1, 1), np.float32))
    adata.uns["htan_kit"] = {"s1": {"levels": np.array(levels), "files": {}}}
    adata.uns["htan"] = {"s1": {"level2": {"a": "b"}}} if htan else {}
    return adata


def words(table: pd.DataFrame) -> list[str]:
    assert table["check"].tolist() == CHECKS
    return table["verdict"].tolist()


def test_nothing_found_passes() -> None:
    assert words(hk.qc.verdicts(whole([2, 3, 4]), Findings())) == ["pass"] * 7


def test_missing_levels_are_not_assessed() -> None:
    table = hk.qc.verdicts(whole([2], htan=False), Findings())
    assert words(table) == ["pass", "pass"] + ["not assessed"] * 3 + ["pass", "not assessed"]
    reasons = dict(zip(table["check"], table["reason"], strict=True))
    assert reasons["mask ↔ table"] == "no mask (Level 3); no table (Level 4)"
    assert reasons["lineage & metadata"] == "no HTAN manifest and no MITI record"


@pytest.mark.parametrize(
    ("finding", "check"),
    [
        (error("image.truncated", "x", "m"), "image"),
        (error("htan2.l2.ome-xml-valid", "x", "m"), "image"),
        (error("htan2.dp.rgb", "x", "m"), "image"),
        (error("htan2.l2.no-dates", "x", "m"), "de-identification"),
        (error("htan2.l3.de-identified", "x", "m"), "de-identification"),
        (error("deid.dates", "x", "m"), "de-identification"),
        (error("channels.swapped", "x", "m"), "channels"),
        (error("htan2.channels.match-header", "x", "m"), "channels"),
        (error("htan2.l4.object-id", "x", "m"), "table"),
        (error("htan2.l4.object-id-matches", "x", "m"), "mask ↔ table"),
        (error("htan2.multiplex-microscopy-level-2.immersion.value", "x", "m"), "lineage & metadata"),
        (error("mask.size", "x", "m"), "mask"),
        (error("table.ids", "x", "m"), "table"),
        (error("identity.centroid", "x", "m"), "mask ↔ table"),
        (error("lineage.parent-exists", "x", "m"), "lineage & metadata"),
        (error("something.new", "x", "m"), "lineage & metadata"),  # nothing is lost
    ],
    ids=lambda value: value.rule if isinstance(value, Finding) else "",
)
def test_each_finding_reaches_its_check(finding: Finding, check: str) -> None:
    table = hk.qc.verdicts(whole([2, 3, 4]), Findings([finding])).set_index("check")
    assert table.loc[check, "verdict"] == "fail"
    assert (table["verdict"] == "fail").sum() == 1


def test_the_worst_decides_and_all_doubts_are_told() -> None:
    found = [
        warning("image.a", "x", "A doubt.", source="paper"),
        error("image.b", "x", "A fault.", source="HTAN Manual"),
        info("image.c", "x", "A note."),
    ]
    row = hk.qc.verdicts(whole([2]), Findings(found)).iloc[0]
    assert row["verdict"] == "fail"
    assert row["reason"] == "A fault. A doubt."
    assert row["source"] == "HTAN Manual"


def test_many_reasons_are_cut() -> None:
    found = Findings(warning(f"image.{i}", "x", f"R{i}.") for i in range(9))
    assert hk.qc.verdicts(whole([2]), found)["reason"].iloc[0] == "R0. R1. R2. (and 6 more)"


def test_notes_do_not_lower_a_verdict() -> None:
    assert words(hk.qc.verdicts(whole([2, 3, 4]), Findings([info("image.c", "x", "A note.")]))) == ["pass"] * 7


def test_saturation_and_flat_channels_warn_only() -> None:
    channels = pd.DataFrame(
        {"marker": ["CD3", "CD8", "CD4"], "saturated_share": [0.5, 0.0009, np.nan], "min": [0, 1, 7], "max": [9, 9, 7]}
    )
    row = hk.qc.verdicts(whole([2]), Findings(), channels=channels).iloc[1]
    assert row["verdict"] == "warn"
    assert "CD3 50.00%" in row["reason"]
    assert "CD8" not in row["reason"]
    assert "One value in the whole channel: CD4." in row["reason"]
    assert row["source"] == "kit default; logic"


def test_mask_without_objects_fails() -> None:
    row = hk.qc.verdicts(whole([3]), Findings(), segmentation=pd.DataFrame({"n_objects": [0]})).iloc[2]
    assert (row["verdict"], row["source"]) == ("fail", "logic")


@pytest.mark.parametrize(
    ("centroids", "means", "verdict"), [(1, 1, "pass"), (0.9, 1, "warn"), (1, 0.2, "warn"), (np.nan, np.nan, "pass")]
)
def test_agreement_below_the_kits_limits_warns(centroids: float, means: float, verdict: str) -> None:
    agreement = pd.DataFrame({"centroid_in_own_label_share": [centroids], "means_equal_share": [means]})
    row = hk.qc.verdicts(whole([2, 3, 4]), Findings(), agreement=agreement).iloc[4]
    assert row["verdict"] == verdict


def test_a_file_that_could_not_be_read_is_not_hidden() -> None:
    # The level is missing because its file is broken: the reason is the finding, not the absence.
    row = hk.qc.verdicts(whole([2]), Findings([error("mask.labels", "x", "Fractional values.")])).iloc[2]
    assert (row["verdict"], row["reason"]) == ("fail", "Fractional values.")


def test_sample_and_its_anndata_get_the_same_words(cohort: Cohort) -> None:
    for sample in cohort.samples:
        findings = hk.check(sample)
        assert words(hk.qc.verdicts(sample, findings)) == words(hk.qc.verdicts(hk.read(sample), findings))


def test_empty_tables_of_metrics_are_legal(make_sample: MakeSample) -> None:
    sample = make_sample(np.zeros((1, 4, 4), np.uint16), names=("DNA_1",))
    table = hk.qc.verdicts(
        sample, Findings(), channels=hk.qc.channels(sample), segmentation=hk.qc.segmentation(sample),
        agreement=hk.qc.agreement(sample),
    )  # fmt: skip
    assert words(table) == ["pass", "warn", "not assessed", "not assessed", "not assessed", "pass", "not assessed"]


def test_the_findings_of_one_check() -> None:
    found = Findings(
        [error("deid.dates", "x", "m"), error("image.tiff", "x", "m"), error("htan2.l2.no-dates", "x", "m")]
    )
    assert [f.rule for f in hk.qc.found_in(found, "de-identification")] == ["deid.dates", "htan2.l2.no-dates"]
    assert [f.rule for check in CHECKS for f in hk.qc.found_in(found, check)].count("image.tiff") == 1
    with pytest.raises(hk.InputError, match="Choose one of: image, channels"):
        hk.qc.found_in(found, "identity")
