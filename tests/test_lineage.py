from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.findings import Findings, InputWarning, Severity
from htan_kit.io.manifest import Record
from htan_kit.lineage import Unit, frame, units

COMPONENTS = {
    "1": "Imaging Level 1", "2": "MultiplexMicroscopyLevel2", "3": "MultiplexMicroscopyLevel3",
    "4": "MultiplexMicroscopyLevel4", "channel": "ChannelMetadata", "biospecimen": "Biospecimen",
    "participant": "Demographics",
}  # fmt: skip


def record(level: str, identifier: str, *parents: str, phase: int = 2, filename: str = "", **attributes: str) -> Record:
    name = filename or f"{identifier}.file"
    values = {"HTAN_DATA_FILE_ID": identifier, **attributes}
    return Record(COMPONENTS[level], phase, level, identifier, parents, name, values, f"level{level}.csv row 2")


def run(*records: Record) -> tuple[list[Unit], list[tuple[str, Severity]]]:
    findings = Findings()
    found = units(records, findings=findings)
    return found, [(f.rule, f.severity) for f in findings]


PERSON = record("participant", "HTA200_1")
TISSUE = record("biospecimen", "HTA200_1_B1", "HTA200_1")
IMAGE = record("2", "HTA200_1_D1", "HTA200_1_B1", HTAN_PANEL_ID="HTA200_1_P1")
MASK = record("3", "HTA200_1_D2", "HTA200_1_D1")
TABLE = record("4", "HTA200_1_D3", "HTA200_1_D2")
PANEL = [record("channel", "HTA200_1_P1", CHANNEL_ID=f"Channel:0:{i}") for i in range(3)]
ALL = [PERSON, TISSUE, IMAGE, MASK, TABLE, *PANEL]


@given(st.permutations(ALL))
def test_a_whole_line_in_any_order_of_rows(rows: list[Record]) -> None:
    findings = Findings()
    (unit,) = units(rows, findings=findings)
    assert len(findings) == 0
    assert (unit.level2, unit.level3, unit.level4) == (IMAGE, (MASK,), (TABLE,))
    assert {r.attributes["CHANNEL_ID"] for r in unit.channels} == {"Channel:0:0", "Channel:0:1", "Channel:0:2"}
    assert unit.biospecimens == ("HTA200_1_B1",)
    assert unit.participant == "HTA200_1"
    assert unit.ancestors == (TISSUE, PERSON)
    assert unit.files == (IMAGE, MASK, TABLE)


def test_the_lineage_as_a_table() -> None:
    (unit,), _ = run(*ALL)
    table = frame(unit)
    assert table["level"].tolist() == ["participant", "biospecimen", "2", "3", "4"]
    assert table["data_file_id"].tolist() == ["HTA200_1", "HTA200_1_B1", "HTA200_1_D1", "HTA200_1_D2", "HTA200_1_D3"]
    assert table["parent_id"].tolist() == ["", "HTA200_1", "HTA200_1_B1", "HTA200_1_D1", "HTA200_1_D2"]
    assert table["parent_found"].tolist() == [True] * 5
    assert table["parent_found"].dtype == bool
    assert frame(Unit()).empty


def test_ids_alone_make_a_line() -> None:
    (unit,), rules = run(IMAGE, MASK, TABLE)
    assert rules == []
    assert unit.biospecimens == ("HTA200_1_B1",)
    assert unit.participant == "HTA200_1"
    assert frame(unit)["parent_found"].all()


def test_a_table_that_names_the_image_and_a_mask_of_an_image_of_level_3() -> None:
    corrected = record("3", "HTA200_1_D5", "HTA200_1_D1")
    mask = record("3", "HTA200_1_D6", "HTA200_1_D5")
    direct = record("4", "HTA200_1_D7", "HTA200_1_D1")
    (unit,), rules = run(IMAGE, mask, corrected, direct)
    assert rules == []
    assert {r.data_file_id for r in unit.level3} == {"HTA200_1_D5", "HTA200_1_D6"}
    assert unit.level4 == (direct,)


def test_a_table_of_several_images_is_in_each_unit() -> None:
    other = record("2", "HTA200_1_D10", "HTA200_1_B1")
    masks = [MASK, record("3", "HTA200_1_D12", "HTA200_1_D10")]
    both = record("4", "HTA200_1_D13", "HTA200_1_D2", "HTA200_1_D12")
    found, rules = run(IMAGE, other, *masks, both)
    assert rules == []
    assert [unit.level4 for unit in found] == [(both,), (both,)]
    assert [unit.level3 for unit in found] == [(masks[0],), (masks[1],)]


def test_files_without_their_image_are_units_of_their_own() -> None:
    mask = record("3", "HTA200_1_D22", "HTA200_1_D20")
    table = record("4", "HTA200_1_D23", "HTA200_1_D22")
    sibling = record("4", "HTA200_1_D24", "HTA200_1_D20")
    orphan = record("4", "HTA200_1_D30")
    found, rules = run(IMAGE, mask, table, sibling, orphan)
    lost = ("lineage.parent-exists", Severity.error)
    assert rules == [lost, ("lineage.reaches-image", Severity.error), lost, lost]
    assert [unit.level2 for unit in found] == [IMAGE, None, None]
    assert found[1].level3 == (mask,)
    assert found[1].level4 == (table, sibling)
    assert found[2].level4 == (orphan,)
    assert found[1].participant == "HTA200_1"
    assert not frame(found[1])["parent_found"].iloc[1]


def test_a_biospecimen_that_is_missing_from_its_manifest() -> None:
    other = record("biospecimen", "HTA200_1_B9", "HTA200_1")
    _, rules = run(IMAGE, other)
    assert rules == [("lineage.parent-exists", Severity.error)]


def test_biospecimens_of_biospecimens() -> None:
    block = record("biospecimen", "HTA200_1_B0", "HTA200_1")
    section = record("biospecimen", "HTA200_1_B1", "HTA200_1_B0")
    (unit,), rules = run(PERSON, block, section, IMAGE)
    assert rules == []
    assert unit.biospecimens == ("HTA200_1_B1", "HTA200_1_B0")
    assert unit.ancestors == (section, block, PERSON)
    assert frame(unit)["data_file_id"].tolist()[:3] == ["HTA200_1", "HTA200_1_B0", "HTA200_1_B1"]


def test_level_1_in_between() -> None:
    raw = record("1", "HTA1_1_5", "HTA1_1_2", phase=1)
    image = record("2", "HTA1_1_6", "HTA1_1_5", phase=1)
    (unit,), rules = run(raw, image)
    assert rules == []
    assert unit.ancestors == (raw,)
    assert unit.biospecimens == ("HTA1_1_2",)


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        (record("3", "HTA200_1_D1", "HTA200_1_D2"), record("4", "HTA200_1_D2", "HTA200_1_D1")),
        (record("2", "HTA200_1_D1", "HTA200_1_D2"), record("3", "HTA200_1_D2", "HTA200_1_D1")),
        (record("2", "HTA200_1_D1", "HTA200_1_D2"), record("2", "HTA200_1_D2", "HTA200_1_B1")),
        (record("4", "HTA200_1_D1", "HTA200_1_B1"), record("biospecimen", "HTA200_1_B1", "HTA200_1")),
        (record("biospecimen", "HTA200_1_B1", "HTA200_1_D2"), record("2", "HTA200_1_D2", "HTA200_1_B1")),
    ],
)
def test_levels_in_the_wrong_order(child: Record, parent: Record) -> None:
    found, rules = run(child, parent)
    assert ("lineage.level-order", Severity.error) in rules
    placed = [r for unit in found for r in unit.files]
    assert {r.data_file_id for r in (child, parent) if r.level != "biospecimen"} == {r.data_file_id for r in placed}


def test_participants_that_differ() -> None:
    _, rules = run(IMAGE, record("3", "HTA200_2_D2", "HTA200_1_D1"))
    assert rules == [("lineage.participant", Severity.error)]
    image = record("2", "HTA12_2_1112", "HTA12_3_102", phase=1, **{"HTAN Participant ID": "HT060P1"})
    _, rules = run(image)
    assert rules == [("lineage.participant", Severity.warning)] * 2
    _, rules = run(record("2", "HTA200_0000_D1", "HTA200_1_B1"), record("2", "HTA200_EXT1_D1", "HTA200_1_B1"))
    assert rules == []


def test_a_panel_that_is_missing() -> None:
    _, rules = run(IMAGE, record("channel", "HTA200_1_P9"))
    assert rules == [("lineage.panel-exists", Severity.error)]
    (unit,), rules = run(IMAGE)
    assert (unit.channels, rules) == ((), [])


def test_identifiers_given_twice() -> None:
    _, rules = run(IMAGE, record("2", "HTA200_1_D1", "HTA200_1_B1", HTAN_PANEL_ID="HTA200_1_P1"))
    assert rules == [("lineage.id-unique", Severity.info)]
    found, rules = run(IMAGE, record("2", "HTA200_1_D1", "HTA200_1_B1", filename="other", SIZE_C="3"))
    assert rules == [("lineage.id-unique", Severity.error)]
    assert len(found) == 1


def test_images_without_an_identifier_are_units_all_the_same() -> None:
    nameless = [record("2", "", filename=name) for name in ("a.tif", "b.tif")]
    found, _ = run(*nameless)
    assert [unit.level2 for unit in found] == nameless


def test_findings_nobody_collects_are_warnings() -> None:
    with pytest.warns(InputWarning, match="names no parent"):
        units([record("4", "HTA200_1_D3")])


IDS = [f"HTA200_1_D{i}" for i in range(6)]


@given(
    st.lists(
        st.tuples(st.sampled_from("1234"), st.sampled_from([*IDS, ""]), st.lists(st.sampled_from(IDS), max_size=3)),
        max_size=8,
    )
)
def test_any_records_end_and_no_file_is_lost(rows: list[tuple[str, str, list[str]]]) -> None:
    records = [
        record(level, identifier, *parents, filename=f"{i}") for i, (level, identifier, parents) in enumerate(rows)
    ]
    findings = Findings()
    found = units(records, findings=findings)
    first: dict[str, Record] = {}
    kept = [r for r in records if not r.data_file_id or first.setdefault(r.data_file_id, r) is r]
    placed = {r.filename for unit in found for r in unit.files}
    assert placed == {r.filename for r in kept if r.level in "234"}
    assert [unit.level2 for unit in found if unit.level2] == [r for r in kept if r.level == "2"]
    for unit in found:
        frame(unit)
