"""The table of rules is complete and true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import htan_kit as hk
from htan_kit.checks import rules

if TYPE_CHECKING:
    from pathlib import Path

OF_FILES = (
    "file", "image", "mask", "table", "channels", "identity", "lineage", "manifest", "miti", "cohort", "sample",
    "sheet", "folder", "mcmicro", "steinbock", "htan2", "deid", "outlines", "remote",
)  # fmt: skip
NO_RULES = {"sample.h5ad", "cohort.h5ad", "image.interpolation", "image.type"}  # other texts


def test_every_rule_that_the_code_names_is_in_the_table(checkout: Path) -> None:
    known = set(rules(attributes=False)["rule"])
    named: dict[str, str] = {}
    for path in (checkout / "src" / "htan_kit").rglob("*.py"):
        for found in re.findall(
            rf'"((?:{"|".join(OF_FILES)})\.[a-z0-9.-]*[a-z0-9])"', path.read_text(encoding="utf-8")
        ):
            named[found] = path.name
    assert {rule: place for rule, place in named.items() if rule not in known | NO_RULES} == {}


def test_the_table_names_no_rule_twice_and_every_rule_has_a_text() -> None:
    table = rules()
    assert not table["rule"].duplicated().any()
    assert (table["text"].str.strip() != "").all()
    assert set(table["severity"]) <= {"error", "warning", "info"}


def test_a_part_of_it() -> None:
    assert set(rules(part="level3")["part"]) == {"level3"}
    assert len(rules(part="level3")) == 4
    assert len(rules(attributes=False)) < len(rules())


def test_what_is_found_in_the_sample_is_in_the_table(cohort: hk.Cohort) -> None:
    known = rules().set_index("rule")["severity"]
    order = ["error", "warning", "info"]
    for finding in [*hk.check(cohort, pixels=True), *hk.check(hk.read(cohort["HTA200_1_D1"]))]:
        assert order.index(finding.severity) >= order.index(known[finding.rule])
