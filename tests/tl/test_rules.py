from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from htan_kit.errors import InputError
from htan_kit.tl import read_rules
from htan_kit.tl._rules import UNKNOWN, Rule, fold

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "parent,phenotype,positive,negative\n"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rules.csv"
    path.write_bytes(text.encode())
    return path


def test_reads_groups_and_alternatives(tmp_path: Path) -> None:
    rules = read_rules(write(tmp_path, "\ufeff" + HEAD + ",T,CD3|CD3e; CD45,CD20\n\nT,Treg,FOXP3,\n"))
    assert rules == [
        Rule(UNKNOWN, "T", (("CD3", "CD3e"), ("CD45",)), (("CD20",),)),
        Rule("T", "Treg", (("FOXP3",),), ()),
    ]


def test_every_problem_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + ",,CD3,\nB,T,CD3,\n,X,,\n,Y,CD1,,too many\n")
    with pytest.raises(InputError) as caught:
        read_rules(path)
    assert [(f.rule, f.subject) for f in caught.value.findings] == [
        ("rules.phenotype", "rules.csv line 2"),
        ("rules.parent", "rules.csv line 3"),
        ("rules.markers", "rules.csv line 4"),
        ("rules.cells", "rules.csv line 5"),
    ]


@pytest.mark.parametrize("text", ["", HEAD, "a,b\n1,2\n"])
def test_not_a_table_of_rules(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"rules\.csv"):
        read_rules(write(tmp_path, text))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_rules(tmp_path / "none.csv")


def test_the_kits_own_table_is_whole() -> None:
    rules = read_rules()
    names = [rule.phenotype for rule in rules]
    assert len(set(names)) == len(names)
    # A type excludes what defines the types of other lineages, so no rule may ask for and forbid one marker.
    for rule in rules:
        asked = {fold(name) for group in rule.positive for name in group}
        forbidden = {fold(name) for group in rule.negative for name in group}
        assert not asked & forbidden, rule.phenotype


@pytest.mark.parametrize(
    ("a", "b"),
    [("CD3ε", "cd3e"), ("Pan-Cytokeratin", "pan cytokeratin"), ("HLA_DR", "HLA-DR"), ("Β-catenin", "Β catenin")],
)
def test_spellings_of_one_marker(a: str, b: str) -> None:
    assert fold(a) == fold(b)


def test_different_markers_stay_apart() -> None:
    assert len({fold(name) for name in ("CD3", "CD31", "CD4", "CD45", "CD8", "Cytokeratin 5", "Cytokeratin")}) == 7
