from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.findings import Findings, Severity
from htan_kit.io.manifest import Record
from htan_kit.lineage import Unit, relation, units

COMPONENTS = {
    "1": "Imaging Level 1",
    "2": "Imaging Level 2",
    "3": "Imaging Level 3 Segmentation",
    "4": "Imaging Level 4",
}


def record(
    level: str, identifier: str, *parents: str, phase: int = 2, component: str = "", **attributes: str
) -> Record:
    name = component or COMPONENTS.get(level, level)
    values = {key.replace("_", " ") if phase == 1 else key: value for key, value in attributes.items()}
    return Record(name, phase, level, identifier, parents, f"{identifier}.tif", values, f"{level}.csv row 2")


def run(*records: Record) -> tuple[list[Unit], list[tuple[str, Severity]]]:
    findings = Findings()
    found = units(records, findings=findings)
    return found, [(f.rule, f.severity) for f in findings]


TISSUE = record("biospecimen", "HTA200_1_B1", "HTA200_1")
RAW = record("1", "HTA200_1_D9", "HTA200_1_B1")
IMAGE = record("2", "HTA200_1_D1", "HTA200_1_D9")
MASK = record("3", "HTA200_1_D2", "HTA200_1_D1", SEGMENTATION_ANNOTATION_TYPE="Cell")
TABLE = record("4", "HTA200_1_D3", "HTA200_1_D2", "HTA200_1_D1")


def states(*records: Record) -> dict[tuple[str, str], str]:
    return {(link.id, link.parent_id): link.state for unit in run(*records)[0] for link in unit.links}


def test_every_record_and_parent_is_a_link() -> None:
    (unit,), rules = run(TABLE, MASK, IMAGE, RAW, TISSUE)
    assert rules == []
    assert {(link.level, link.parent_level, link.relation, link.state) for link in unit.links} == {
        ("biospecimen", "participant", "taken from", "implied"),
        ("1", "biospecimen", "image of", "ok"),
        ("2", "1", "assembled from", "ok"),
        ("3", "2", "segmented from", "ok"),
        ("4", "3", "measured with", "ok"),
        ("4", "2", "measured on", "ok"),
    }
    assert {link.what for link in unit.links if link.level == "3"} == {"cell"}


def test_states_and_their_rules() -> None:
    other = record("3", "HTA200_2_D2", "HTA200_1_D1")
    assert states(IMAGE, other)["HTA200_2_D2", "HTA200_1_D1"] == "other participant"
    assert states(record("4", "HTA200_1_D3", "HTA200_1_D7"))["HTA200_1_D3", "HTA200_1_D7"] == "missing"
    assert states(record("4", "HTA200_1_D3"))["HTA200_1_D3", ""] == "no parent"
    assert states(record("2", "HTA200_1_D1", "HTA200_1_B7"))["HTA200_1_D1", "HTA200_1_B7"] == "implied"
    assert states(TISSUE, record("2", "HTA200_1_D1", "HTA200_1_B7"))["HTA200_1_D1", "HTA200_1_B7"] == "missing"


@pytest.mark.parametrize("parent", ["HTA200_1_B1", "HTA200_1", "HTA200_1_P1"])
def test_a_parent_whose_identifier_says_it_is_no_file(parent: str) -> None:
    _, rules = run(record("4", "HTA200_1_D3", parent))
    assert rules == [("lineage.level-order", Severity.error)]


def test_a_ring_is_a_ring_and_ends() -> None:
    first = record("4", "HTA200_1_D3", "HTA200_1_D4")
    second = record("4", "HTA200_1_D4", "HTA200_1_D3")
    found, rules = run(first, second, record("3", "HTA200_1_D5", "HTA200_1_D5"))
    assert rules == [("lineage.cycle", Severity.error)] * 3
    assert {r.data_file_id for unit in found for r in unit.files} == {"HTA200_1_D3", "HTA200_1_D4", "HTA200_1_D5"}
    assert set(states(first, second).values()) == {"cycle"}
    block = record("biospecimen", "HTA200_1_B1", "HTA200_1_B2")
    _, rules = run(block, record("biospecimen", "HTA200_1_B2", "HTA200_1_B1"))
    assert rules == [("lineage.cycle", Severity.error)] * 2


def test_a_parent_of_the_wrong_level_is_what_is_wrong_and_not_the_circle() -> None:
    _, rules = run(IMAGE, record("3", "HTA200_1_D2", "HTA200_1_D3"), record("4", "HTA200_1_D3", "HTA200_1_D2"))
    assert ("lineage.level-order", Severity.error) in rules
    assert "lineage.cycle" not in {rule for rule, _ in rules}


def test_every_table_reaches_an_image() -> None:
    spots = record("3", "HTA1_1_5", "HTA1_1_4", phase=1)
    table = record("4", "HTA1_1_6", "HTA1_1_5", phase=1)
    _, rules = run(record("1", "HTA1_1_4", "HTA1_1_2", phase=1), spots, table)
    assert rules == [("lineage.reaches-image", Severity.error)] * 2
    image = record("2", "HTA1_1_3", "HTA1_1_4", phase=1)
    _, rules = run(image, record("3", "HTA1_1_5", "HTA1_1_3", phase=1), table)
    assert rules == []


def test_a_parent_file_of_phase_1_is_no_biospecimen() -> None:
    image = record(
        "2", "HTA7_1_9", "HTA7_1_2", "HTA7_1_8", phase=1,
        **{"HTAN Parent Biospecimen ID": "HTA7_1_2", "HTAN Parent Data File ID": "HTA7_1_8"},
    )  # fmt: skip
    (unit,), _ = run(image)
    assert unit.biospecimens == ("HTA7_1_2",)
    assert {link.parent_id: link.parent_level for link in unit.links} == {"HTA7_1_2": "biospecimen", "HTA7_1_8": "1"}


def test_biospecimens_are_checked_too() -> None:
    _, rules = run(TISSUE, record("biospecimen", "HTA200_2_B4", "HTA200_1"))
    assert rules == [("lineage.participant", Severity.error)]
    _, rules = run(TISSUE, record("participant", "HTA200_5"))
    assert rules == [("lineage.parent-exists", Severity.error)]


def test_masks_of_one_kind_and_a_table_that_names_none_of_them() -> None:
    cells = [record("3", f"HTA200_1_D{n}", "HTA200_1_D1", SEGMENTATION_ANNOTATION_TYPE="Cells") for n in (4, 5)]
    table = record("4", "HTA200_1_D6", "HTA200_1_D1")
    image = record("2", "HTA200_1_D1", "HTA200_1_B1")
    _, rules = run(image, *cells, table)
    assert rules == [("lineage.mask-kinds", Severity.info), ("lineage.mask-named", Severity.warning)]
    nucleus = record("3", "HTA200_1_D5", "HTA200_1_D1", SEGMENTATION_ANNOTATION_TYPE="Nucleus")
    _, rules = run(image, cells[0], nucleus, record("4", "HTA200_1_D6", "HTA200_1_D1", "HTA200_1_D4"))
    assert rules == []


def test_several_kinds_in_one_file() -> None:
    image = record("2", "HTA200_1_D1", "HTA200_1_B1")
    both = record("3", "HTA200_1_D4", "HTA200_1_D1", SEGMENTATION_ANNOTATION_TYPE="Cell, Nucleus")
    assert run(image, both)[1] == [("lineage.mask-kinds", Severity.info)]


def test_panels_are_links() -> None:
    image = record("2", "HTA200_1_D1", "HTA200_1_B1", HTAN_PANEL_ID="HTA200_1_P1")
    panel = record("channel", "HTA200_1_P1")
    by_panels = [states(image, *rest)["HTA200_1_D1", "HTA200_1_P1"] for rest in ([], [panel], [record("channel", "x")])]
    assert by_panels == ["implied", "ok", "missing"]


LEVELS = ["participant", "biospecimen", "1", "2", "3", "4"]


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.lists(st.integers(0, 5), max_size=3)), max_size=6))
def test_states_and_findings_agree(rows: list[tuple[str, list[int]]]) -> None:
    records = [
        record(level, f"HTA200_1_D{i}", *(f"HTA200_1_D{p}" for p in dict.fromkeys(parents)))
        for i, (level, parents) in enumerate(rows)
    ]
    found, rules = run(*records)
    seen = {link.state for unit in found for link in unit.links if link.level in "34"}
    said = {rule for rule, _ in rules}
    rules_of = {
        "missing": "parent-exists",
        "no parent": "parent-exists",
        "cycle": "cycle",
        "wrong level": "level-order",
    }
    assert {f"lineage.{rules_of[state]}" for state in seen & rules_of.keys()} <= said
    for unit in found:
        assert all(link.relation == relation(link.level, link.parent_level) for link in unit.links)
