from __future__ import annotations

from htan_kit.models import file_requirements


def test_the_counts_are_those_of_the_manual() -> None:
    table = file_requirements()
    assert table["part"].value_counts().to_dict() == {
        "level2": 16, "level4": 11, "level3": 4, "channel_metadata": 3, "digital_pathology": 3,
    }  # fmt: skip
    words = table["word"].value_counts().to_dict()
    assert words == {"MUST": 16, "SHOULD": 10, "MUST NOT": 5, "SHOULD NOT": 3, "MAY": 3}


def test_ids_are_stable_and_unique() -> None:
    rules = file_requirements()["rule"]
    assert rules.is_unique
    assert rules.str.fullmatch(r"htan2\.(channels|l2|l3|l4|dp)\.[a-z0-9-]+").all()


def test_the_severity_is_that_of_the_word() -> None:
    table = file_requirements()
    by_word = table.groupby("word")["severity"].unique().map(list).to_dict()
    assert by_word == {
        "MUST": ["error"], "MUST NOT": ["error"], "SHOULD": ["warning"], "SHOULD NOT": ["warning"], "MAY": ["info"],
    }  # fmt: skip


def test_what_no_program_can_judge_says_why() -> None:
    table = file_requirements().set_index("rule")
    unassessable = table[~table["assessable"]]
    assert set(unassessable.index) == {"htan2.channels.before-level2", "htan2.l2.tma-dearrayed"}
    assert (unassessable["reason"] != "").all()
    assert (table["text"].str.endswith(".") & table["source"].str.contains("HTAN Manual")).all()
