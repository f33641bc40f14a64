"""Rows, planes and features matched by what their names and ids mean, with the rule and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.channels import antigen, proposed, reconcile
from htan_kit.channels._ids import by_id
from htan_kit.errors import InputError
from htan_kit.findings import Findings, Severity
from htan_kit.io.channel_table import read_channels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Plane(NamedTuple):
    index: int
    id: str | None = None
    name: str | None = None
    samples: int = 1


def planes(*names: str | None, ids: bool = False) -> list[Plane]:
    return [Plane(i, f"Channel:0:{i}" if ids else None, name) for i, name in enumerate(names)]


def table(names: Sequence[str | None], index: Sequence[int | None] | None = None, **columns: object) -> pd.DataFrame:
    ids = None if index is None else [None if i is None else f"Channel:0:{i}" for i in index]
    frame = pd.DataFrame({"channel_id": ids or [None] * len(names), "channel_name": names}, dtype=object)
    index = [None] * len(names) if index is None else index
    return frame.assign(channel_index=pd.array(index, dtype="Int64"), **columns)


def run(
    rows: pd.DataFrame, image: Sequence[Plane] | None, features: list[str] | None = None
) -> tuple[pd.DataFrame, dict[str, Severity], str]:
    found = Findings()
    frame = reconcile(rows, image, features, subject="channels.csv", findings=found)
    return frame, {f.rule: f.severity for f in found}, " ".join(f.message for f in found)


@pytest.mark.parametrize(
    ("in_table", "in_header", "rule", "confidence"),
    [
        ("CD8", "CD8", "exact", "high"),
        ("CD3e", "CD3ε", "normalised", "high"),
        ("PD-L1 (28-8)", "PD-L1", "normalised", "medium"),
        ("CD11b-AF488", "CD11b_3", "normalised", "medium"),
        ("Trop2 (Opal 520)", "TROP-2", "normalised", "medium"),
        ("CD8", "CD8A", "synonym", "medium"),
        ("a-SMA", "ACTA2", "synonym", "medium"),
        ("panCK", "Pan-Cytokeratin (AE1/AE3)", "synonym", "medium"),
        ("CD279", "PD-1 (D)", "synonym", "medium"),
    ],
)
def test_the_rule_of_a_name(in_table: str, in_header: str, rule: str, confidence: str) -> None:
    frame, rules, said = run(table(["DNA", in_table]), planes(in_header, "DNA"))
    assert frame["channel_name"].tolist() == [in_table, "DNA"]
    assert frame["matched_by"].tolist() == ["name", "name"]
    assert frame["match_rule"].tolist() == [rule, "exact"]
    assert frame["confidence"].tolist() == [confidence, "high"]
    if confidence == "medium":
        assert rules == {"channels.match-likely": Severity.info}
        assert f"'{in_table}' is taken for '{in_header}'" in said
    else:
        assert rules == {}
    frame, _, _ = run(table(["DNA", in_table], [1, 0]), planes(in_header, "DNA"))
    assert frame["matched_by"].tolist() == ["id+name"] * 2
    assert frame["confidence"].tolist() == ["high", "high"]  # the id says the same


@pytest.mark.parametrize(("one", "other"), [("CD8_2", "CD82"), ("CD4 (1)", "CD41"), ("S6", "pS6"), ("CD45RO", "CD45")])
def test_names_that_look_alike_and_mean_something_else(one: str, other: str) -> None:
    frame, rules, _ = run(table([one]), planes(other))
    assert frame["match_rule"].tolist() == ["none"]
    assert frame["confidence"].tolist() == ["none"]
    assert set(rules) == {"channels.row-without-plane", "channels.plane-without-row"}


def test_synonyms_that_are_not_unique_are_not_guessed() -> None:
    frame, rules, _ = run(table(["CD20/MS4A1", "CD20"]), planes("MS4A1", "DNA"))
    assert frame["match_rule"].tolist() == ["none", "none"]
    assert "channels.row-without-plane" in rules


def test_how_sure_an_id_is() -> None:
    frame, _, _ = run(table(["DNA", "CD8"], [0, 1]), planes(None, None, ids=True))
    assert frame[["match_rule", "confidence"]].to_numpy().tolist() == [["id", "high"]] * 2
    frame, _, _ = run(table(["DNA", "CD8"], [0, 1]), planes(None, None))
    assert frame[["match_rule", "confidence"]].to_numpy().tolist() == [["id", "medium"]] * 2
    frame, rules, _ = run(table(["DNA", "CD8"], [0, 1]), planes("DNA", "CD4", ids=True))
    assert frame["match_rule"].tolist() == ["exact", "id"]
    assert frame["confidence"].tolist() == ["high", "low"]  # two antigens that are known to differ
    assert rules == {"channels.name-differs": Severity.warning}


def test_a_name_against_its_id_is_less_sure() -> None:
    frame, rules, _ = run(table(["DNA", "CD8", "CD4"], [0, 1, 2]), planes("DNA", "CD4", "CD8"))
    assert rules == {"channels.swapped": Severity.error}
    assert frame["confidence"].tolist() == ["high", "medium", "medium"]


def test_what_is_left_between_others_that_agree_is_matched_by_its_place() -> None:
    frame, rules, said = run(table(["DNA", "CD3", "Blorb", "CD20"]), planes("DNA", "CD3", "Blorbin-7", "CD20"))
    assert frame["match_rule"].tolist() == ["exact", "exact", "position", "exact"]
    assert frame["confidence"].tolist() == ["high", "high", "low", "high"]
    assert rules == {"channels.match-doubtful": Severity.warning}
    assert "'Blorb' with 'Blorbin-7'" in said
    frame, rules, _ = run(table(["DNA", "CD3", "CD4", "CD20"]), planes("DNA", "CD3", "CD8", "CD20"))
    assert frame["match_rule"].tolist()[2] == "none"  # known to be two
    frame, _, _ = run(table(["CD3", "DNA", "Blorb", "CD20"]), planes("DNA", "CD3", "Blorbin-7", "CD20"))
    assert frame["match_rule"].tolist()[2] == "none"  # the table is in another order


def test_an_order_that_is_the_id_is_low() -> None:
    rows = table(["DNA", "CD3"])
    rows.attrs = {"ordered": True}
    frame, rules, _ = run(rows, planes(None, None))
    assert frame[["matched_by", "match_rule", "confidence"]].to_numpy().tolist() == [["order", "position", "low"]] * 2
    assert rules == {"channels.order-by-row": Severity.info}


@pytest.mark.parametrize(
    ("pairs", "n_planes", "expected"),
    [
        ([(1, 1), (1, 2), (2, 1), (2, 2)], 4, [0, 1, 2, 3]),
        ([(2, 2), (1, 1)], 4, [3, 0]),
        ([(6, 5), (7, 1)], 10, [4, 5]),  # the image begins with cycle 6
        ([(3, 2), (2, 1)], 6, [5, 2]),  # a first cycle that the table leaves out
        ([(0, 0), (1, 3)], 8, [0, 7]),  # both from 0
        ([(1, 1), (2, 3)], 7, None),  # not whole cycles
        ([(1, 1), (9, 2)], 4, None),  # more cycles than the image has
        ([(1, 1), (1, 1)], 2, None),  # one place twice
    ],
)
def test_ids_of_cycle_and_channel_against_the_image(
    pairs: list[tuple[int, int]], n_planes: int, expected: list[int] | None
) -> None:
    rows = table(
        [f"M{i}" for i in range(len(pairs))], cycle_number=[c for c, _ in pairs], cycle_channel=[c for _, c in pairs]
    )
    found = by_id(rows, [None] * len(pairs), [Plane(i) for i in range(n_planes)])
    assert found.planes == ({} if expected is None else dict(enumerate(expected)))
    assert found.grammar == "cycle"


def test_names_that_contradict_the_cycles_win() -> None:
    rows = table(["DAPI", "CD3", "CD8"], cycle_number=[1, 1, 2], cycle_channel=[1, 2, 1])
    frame, rules, _ = run(rows, planes(None, "CD3", None, "DAPI"))
    assert frame["matched_by"].tolist() == ["none", "name", "none", "name"]
    assert "channels.swapped" not in rules
    frame, rules, _ = run(rows, planes(None, "CD3", None, None))
    assert frame["channel_name"].tolist()[:3] == ["DAPI", "CD3", "CD8"]
    assert frame["matched_by"].tolist() == ["id", "id+name", "id", "none"]


def test_a_table_read_from_a_file_and_its_image(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("Channel ID,Channel Name\nR1-1,DAPI\nR1-2,CD3\nR2-1,DAPI\nR2-2,CD8\n")
    rows = read_channels(tmp_path / "c.csv", findings=Findings())
    frame, rules, _ = run(rows, planes(None, None, None, None))
    assert frame["channel_name"].tolist() == ["DAPI", "CD3", "DAPI", "CD8"]
    assert frame["confidence"].tolist() == ["medium"] * 4
    assert rules == {"channels.name-repeated": Severity.info}
    with pytest.raises(InputError, match="lists 4 channels, the image has 3"):
        run(rows, planes(None, None, None))
    (tmp_path / "c.csv").write_text(
        "Channel ID,Channel Name,Cycle Number\nc 1/2,DAPI,1\nc 2/2,CD3,1\nc 1/2,DAPI,2\nc 2/2,CD8,2\n"
    )
    rows = read_channels(tmp_path / "c.csv", findings=Findings())
    frame, _, _ = run(rows, planes(None, None, None, None))
    assert frame["channel_name"].tolist() == ["DAPI", "CD3", "DAPI", "CD8"]


@pytest.mark.parametrize(
    ("features", "rules"),
    [
        (["DNA", "CD8"], ["exact", "exact"]),
        (["dna", "cd-8"], ["normalised", "normalised"]),
        (["DNA_cellMask", "CD8_cellMask"], ["normalised", "normalised"]),
        (["DNA", "CD8A"], ["exact", "synonym"]),
        (["Ir191", "Er170"], ["id", "id"]),
        (["DNA", "Nobody"], ["exact", "none"]),
    ],
)
def test_the_rule_of_a_feature(features: list[str], rules: list[str]) -> None:
    rows = table(["DNA", "CD8"]).assign(channel_id=["Ir191", "Er170"])
    frame, _, _ = run(rows, planes("DNA", "CD8"), features)
    assert frame["feature_match_rule"].tolist() == rules
    assert frame["feature"].isna().tolist() == [rule == "none" for rule in rules]


def test_long_names_are_cut_in_messages() -> None:
    _, _, said = run(table(["x" * 3000, "DNA"], [0, 1]), planes("y" * 3000, "DNA", "z" * 3000))
    assert len(said) < 1500


@given(
    st.lists(
        st.sampled_from(["CD8", "CD8A", "CD8_2", "CD82", "DNA", "DNA (1)", "a-SMA", "SMA", "PD-1", "", "X"]), max_size=6
    )
)
def test_every_match_has_a_rule_and_a_confidence(names: list[str]) -> None:
    image = planes("CD8", "DNA_1", "ACTA2", "CD279", "Y", "Z")
    frame, _, _ = run(table(names), image, ["CD8A", "DNA", "SMA"])
    matched = frame["matched_by"] != "none"
    assert (matched == (frame["match_rule"] != "none")).all()
    assert set(frame["confidence"][matched]) <= {"high", "medium", "low"}
    assert set(frame["confidence"][~matched]) <= {"none"}
    assert ((frame["feature_matched_by"] == "none") == (frame["feature_match_rule"] == "none")).all()


def test_the_corrected_table() -> None:
    rows = table(
        ["CD8a", "DAPI", "X"], [0, 1, 2],
        clone=["C8/144B", None, "=cmd()"], passed_qc=pd.array([False, True, None], dtype="boolean"),
        cycle_number=pd.array([1, 1, None], dtype="Int64"), rrid_identifier=["RRID: AB_1", None, None],
        antibody_role=["primary", None, None], role=["marker", "nuclear", "marker"],
        excitation_wavelength=pd.array([485.0, 395.5, None], dtype="Float64"),
    )  # fmt: skip
    frame, _, _ = run(rows, planes("DAPI", "CD8", None))
    fixed = proposed(frame)
    assert fixed.shape == (3, 25)
    assert fixed["Channel ID"].tolist() == ["Channel:0:0", "Channel:0:1", "Channel:0:2"]
    assert fixed["Channel Name"].tolist() == ["DAPI", "CD8", "X"]
    assert fixed["Target Name"].tolist() == ["", "CD8a", ""]  # what the table called it is kept
    assert fixed["Channel Passed QC"].tolist() == ["Yes", "No - Channel Failed QC", ""]
    assert fixed["Antibody Role"].tolist() == ["Neither-Dye/Stain", "Primary", ""]
    assert fixed["RRID identifier"].tolist() == ["", "AB_1", ""]
    assert fixed["Cycle Number"].tolist() == ["1", "1", ""]
    assert fixed["Excitation Wavelength"].tolist() == ["395.5", "485", ""]
    assert fixed["Clone"].tolist() == ["", "C8/144B", "=cmd()"]


def test_the_corrected_table_agrees_with_the_image(tmp_path: Path) -> None:
    rows = table(["DNA", "CD4", "PD-L1 (28-8)"], [0, 2, 1])
    image = planes("DNA", "CD8", "PDL1", None, ids=True)
    frame, _, _ = run(rows, image)
    proposed(frame).to_csv(tmp_path / "fixed.csv", index=False)
    again, rules, _ = run(read_channels(tmp_path / "fixed.csv"), image)
    assert again["matched_by"].tolist() == ["id+name", "id+name", "id+name", "id"]
    assert again["confidence"].tolist() == ["high"] * 4
    assert rules == {}


def test_the_template_is_that_of_the_model() -> None:
    from htan_kit.models import attributes

    names = set(attributes("htan1", "Imaging Level 3 Channels")["attribute"])
    frame, _, _ = run(table(["DNA"]), planes("DNA"))
    assert names - set(proposed(frame).columns) == {"HTAN Channel Metadata ID", "Channel QC Failure Type"}
    assert set(proposed(frame).columns) <= names


def test_antigens_are_public() -> None:
    found = antigen("CD8a")
    assert found is not None
    assert found.symbol == "CD8A"
