"""What a page says about a sample in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anndata
import numpy as np
import pandas as pd
import pytest

from htan_kit.findings import Finding, Findings, error, info, warning
from htan_kit.report import banner, card, key_numbers, limits, lineage, provenance

if TYPE_CHECKING:
    from htan_kit.cohort import Cohort, Sample

BAD = "<script>bad</script>"


@dataclass
class Judged:
    """Results as the functions need them."""

    sample: Sample
    verdict: str = "not assessed"
    rows: tuple[tuple[str, str, str], ...] = ()
    found: tuple[Finding, ...] = ()
    statistics: pd.DataFrame = field(default_factory=pd.DataFrame)
    qc: dict[str, Any] = field(default_factory=dict)

    @property
    def verdicts(self) -> pd.DataFrame:
        return pd.DataFrame(list(self.rows), columns=["check", "verdict", "reason"])

    @property
    def findings(self) -> Findings:
        return Findings(self.found)


@pytest.fixture
def sample(cohort: Cohort) -> Sample:
    return cohort["HTA200_1_D1"]


def test_the_banner_says_what_it_is_and_how_it_was_judged(sample: Sample) -> None:
    rows = (("image", "pass", ""), ("mask", "warn", "few"), ("table", "fail", BAD))
    shown = banner(Judged(sample, "fail", rows))
    assert repr(shown).startswith("HTA200_1_D1 ✗ fail")
    assert "CyCIF · Level 2, Level 3, Level 4" in repr(shown)
    assert repr(shown).index("✗ fail table") < repr(shown).index("! warn mask")
    assert "pass" not in repr(shown)
    assert "<script>" not in shown._repr_html_()


def test_the_banner_has_the_three_worst_findings_and_repeats_nothing(sample: Sample) -> None:
    told = error("a", "x.csv", "It is wrong.", "Put it right.")
    found = (info("i", "n", "Note."), warning("b", "y.csv", "Odd.", BAD), told, *(warning("c", f, "W.") for f in "def"))
    shown = banner(Judged(sample, "fail", (("table", "fail", "It is wrong."),), found))
    text = repr(shown)
    assert text.count("It is wrong.") == 1
    assert "x.csv: Put it right." in text
    assert text.index("x.csv") < text.index("y.csv")
    assert "Note." not in text
    assert shown._repr_html_().count("<li>") == 3
    assert "<script>" not in shown._repr_html_()


def test_a_good_sample_has_a_short_banner(sample: Sample) -> None:
    shown = banner(Judged(sample, "pass", (("image", "pass", ""),)))
    assert "What to do" not in repr(shown)
    assert 'class="banner pass"' in shown._repr_html_()


def test_key_numbers(sample: Sample) -> None:
    statistics = pd.DataFrame(
        {
            "statistic": ["area", "density", "density"],
            "type_a": [None, None, "T cell"],
            "value": [0.25, 16.0, 8.0],
        }
    )
    adata = anndata.AnnData(np.zeros((4, 3), np.float32))
    adata.obs["phenotype"] = ["T cell", "T cell", "Unknown", "B cell"]
    rows = (("a", "pass", ""), ("b", "fail", ""), ("c", "not assessed", ""))
    text = repr(key_numbers(Judged(sample, rows=rows, statistics=statistics), adata))
    assert text == "Cells 4 Tissue, mm² 0.25 Cells per mm² 16 Channels 3 Unknown type 25 % Checks passed 1 of 2"


def test_what_is_not_known_is_a_dash(sample: Sample) -> None:
    text = repr(key_numbers(Judged(sample), anndata.AnnData(np.zeros((0, 1), np.float32))))
    assert text == "Cells – Tissue, mm² – Cells per mm² – Channels 1 Unknown type – Checks passed 0 of 0"


def test_lineage_is_shown_with_signs(cohort: Cohort) -> None:
    text = repr(lineage(cohort["HTA200_1_D1"]))
    assert [level in text for level in ("participant", "biospecimen", "HTA200_1_D1", "✓")] == [True] * 4
    assert "✗" not in text


def test_without_a_manifest_lineage_was_not_assessed(sample: Sample) -> None:
    from dataclasses import replace

    assert "not assessed" in repr(lineage(replace(sample, unit=None)))


def test_limits_give_each_reason_once(sample: Sample) -> None:
    statistics = pd.DataFrame(
        {"statistic": ["nhood"] * 8 + ["area"], "reason": ["A few", "A few", *"bcdef", None, BAD], "value": 1.0}
    )
    adata = anndata.AnnData(np.zeros((1, 1), np.float32))
    adata.uns["htan_kit"] = {"HTA200_1_D1": {"parameters": {"phenotype": {"reason": "no marker of any rule"}}}}
    judged = Judged(sample, rows=(("mask", "not assessed", "no mask"), ("image", "pass", "")), statistics=statistics)
    shown = limits(judged, adata)
    text = repr(shown)
    assert "mask: no mask" in text
    assert "cell types: no marker of any rule" in text
    assert "nhood, 7 of 8 rows: A few; b; c; d; and 2 more reasons in statistics.csv." in text
    assert "area: " in text
    assert "<script>" not in shown._repr_html_()
    assert "image" not in text


def test_no_limits_are_said(sample: Sample) -> None:
    assert "could be assessed" in repr(limits(Judged(sample)))


def test_the_metadata_card_has_every_section_with_a_value() -> None:
    adata = anndata.AnnData(np.zeros((1, 1), np.float32))
    adata.uns["miti"] = {
        "A": {
            "file": {"assay_type": "CyCIF"},
            "clinical": {"gender": "Female", "empty": "", "none": None, "gap": np.nan},
            "cell": {"A_D4": {"file_format": BAD, "many": np.array(["a", "b"])}},
            "biospecimen": {},
            "channel": pd.DataFrame({"x": [1]}),
            "json": "{}",
        }
    }
    adata.uns["htan"] = {"A": {"level2": {"A_D1": {"HTAN_PARENT_ID": "A_B1"}}}}
    shown = card(adata)
    text = repr(shown)
    assert text.index("clinical") < text.index("file") < text.index("cell A_D4") < text.index("level2 A_D1")
    assert "gender Female" in text
    assert "many a, b" in text
    assert "HTAN_PARENT_ID A_B1" in text
    for absent in ("empty", "none", "gap", "biospecimen MITI", "channel MITI", "json"):
        assert absent not in text
    assert "<script>" not in shown._repr_html_()


def test_the_metadata_card_says_what_is_missing() -> None:
    adata = anndata.AnnData(np.zeros((1, 1), np.float32))
    adata.uns["miti"] = {"A": {"file": {"data_file_id": BAD, "pyramid": True}}}
    text = repr(card(adata))
    assert text.startswith("completeness MITI, 2 of ")
    assert "file 2 of 13 0 of 11 Filename, File Format, " in text
    assert "and 3 more" in text
    assert "processed data" not in text


def test_no_metadata_are_said() -> None:
    assert "No MITI or HTAN" in repr(card(anndata.AnnData(np.zeros((1, 1), np.float32))))


def test_provenance_has_files_parameters_and_versions() -> None:
    adata = anndata.AnnData(np.zeros((1, 1), np.float32))
    files = {"image": {"file": BAD, "size_bytes": 5, "hash": "sha256:" + "0123456789abcdef" * 4}}
    parameters = {"pixel_size_um": 0.5, "phenotype": {"layer": "arcsinh", "rules": "x" * 100, "table": pd.DataFrame()}}
    block = {"files": files, "parameters": parameters, "versions": {"numpy": "2.0"}, "models": {"miti": "abc"}}
    adata.uns["htan_kit"] = {"A": block}
    shown = provenance(adata)
    text = repr(shown)
    assert "sha256:0123456789abcdef…" in text
    assert "pixel size, µm 0.5" in text
    assert "phenotype: layer arcsinh" in text
    assert "xxx" not in text
    assert "numpy 2.0" in text
    assert "miti abc" in text
    assert "<script>" not in shown._repr_html_()
    assert "No provenance" in repr(provenance(anndata.AnnData(np.zeros((1, 1), np.float32))))
