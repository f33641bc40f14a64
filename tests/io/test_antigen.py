from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io._antigen import Antigen, antigen
from htan_kit.io._marker_name import fold


def rows() -> list[dict[str, str]]:
    text = files("htan_kit.io").joinpath("data/antigens.csv").read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def test_no_spelling_means_two_antigens() -> None:
    meant: dict[str, set[tuple[str, str]]] = {}
    for row in rows():
        meant.setdefault(fold(row["alias"]), set()).add((row["symbol"], row["name"]))
    assert {alias: names for alias, names in meant.items() if len(names) > 1} == {}


def test_every_name_is_one_of_its_own_spellings_and_has_one_symbol() -> None:
    symbols: dict[str, set[str]] = {}
    for row in rows():
        assert antigen(row["name"]) == Antigen(row["symbol"], row["name"])
        assert antigen(row["alias"]) == Antigen(row["symbol"], row["name"])
        symbols.setdefault(row["name"], set()).add(row["symbol"])
    assert all(len(one) == 1 for one in symbols.values())
    assert len(rows()) > 800


@pytest.mark.parametrize(
    ("symbol", "names"),
    [
        ("CD8A", "CD8,CD8a,CD8A,CD8α,CD8 alpha,CD8 (C8/144B),anti-CD8-AF647,A647 CD8,CD8_2"),
        ("ACTA2", "SMA,aSMA,a-SMA,α-SMA,Alpha Smooth Muscle Actin,SMA (D),ACTA2"),
        ("", "panCK,Pan-Cytokeratin,Pan CytoKRT,PanKRT,AE1/AE3,pan cytokeratin (AE1/AE3)"),
        ("MS4A1", "CD20,CD20/MS4A1,MS4A1"),
        ("PDCD1", "PD-1,PD1,CD279 ,PDCD1"),
        ("CD274", "PD-L1,PDL1,PD-L1 (28-8),CD274"),
        ("MKI67", "Ki67,Ki-67,aKi67,MKI67,KI_67"),
        ("NT5E", "NT5E/CD73 ,CD73"),
        ("GZMB", "GRNZB,GZMB,Granzyme B"),
        ("ERBB2", "Her2 (D),HER2,c-erbB-2"),
        ("TACSTD2", "Trop2 (Opal 520)"),
        ("KRT14", "CK14,K14,Cytokeratin 14"),
        ("CD4", "CD4/021,CD4 (1)"),
    ],
)
def test_spellings_of_released_tables(symbol: str, names: str) -> None:
    found = {name: antigen(name) for name in names.split(",")}
    assert {name: one.symbol if one else None for name, one in found.items()} == dict.fromkeys(found, symbol)
    assert len({one.name for one in found.values() if one}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("S6", "pS6"), ("CD45RO", "CD45"), ("RB", "pRB"), ("H3", "pHH3"), ("S6", "S6 (pS240; pS244)")]
)
def test_forms_of_one_gene_are_two_antigens(one: str, other: str) -> None:
    first, second = antigen(one), antigen(other)
    assert first is not None
    assert second is not None
    assert first.symbol == second.symbol
    assert first.name != second.name


@pytest.mark.parametrize(
    "name", ["", "Blank", "DAPI", "R0c2", "Goat IgG", "CD4/CD8", "Channel 3", "x" * 5000, "/", "()"]
)
def test_what_is_no_antigen(name: str) -> None:
    assert antigen(name) is None


@given(st.text(max_size=40))
def test_any_text_is_looked_up(name: str) -> None:
    found = antigen(name)
    assert found is None or found.name
