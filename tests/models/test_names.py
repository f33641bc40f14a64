from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.models import components, key, match, miti_sections


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Frame_ Averaging", "Frame Averaging"),
        ("Catalog #", "Catalog Number"),
        ("Metal isotope: Element", "Metal Isotope Element"),
        ("\ufeffChannel ID", "CHANNEL_ID"),
        ("Flurophore", "Fluorophore"),
        ("Fov_Sizex", "FOV_SizeX"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert key(one) == key(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert key(key(text)) == key(text)


@given(st.text())
def test_a_match_is_one_of_the_names(text: str) -> None:
    assert match(["Filename", "File Format"], text) in {None, "Filename", "File Format"}


def test_no_two_attributes_of_a_component_fold_alike() -> None:
    groups = [list(component["attributes"]) for component in components().values()]
    groups += [list(section) for section in miti_sections().values()]
    for names in groups:
        assert len({key(name) for name in names}) == len(names)


def test_every_name_of_the_models_is_found_under_itself_and_its_bigquery_form() -> None:
    for component in components().values():
        names = list(component["attributes"])
        for name in names:
            assert match(names, name) == name
            assert match(names, name.replace(" ", "_").replace("-", "_")) == name


def test_miti_names_find_their_machine_keys() -> None:
    for section in miti_sections().values():
        for machine_key, attribute in section.items():
            assert match(section, attribute["name"]) == machine_key


def test_nothing_matches_nothing() -> None:
    assert match(["Filename"], " -_ ") is None
    assert match(["#"], "") is None
