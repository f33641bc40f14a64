from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.io._marker_name import bare, fold, is_dye


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("PD-L1 (28-8)", "PD-L1"), ("anti-CD11b-AF488", "CD11b"), ("CD8_2", "CD8"), ("Her2 (D)", "Her2"),
        ("cKIT-(D)", "cKIT"), ("Trop2 (Opal 520)", "Trop2"), ("CCNA-PE", "CCNA"), ("CD3-PE-Cy7", "CD3"),
        ("CD3_cellMask", "CD3"), ("DNA (9)", "DNA"), ("S6 (pS240; pS244)", "S6 (pS240; pS244)"), ("aCCR2", "CCR2"),
        ("Ki-67", "Ki-67"), ("PD-1", "PD-1"), ("IL-6", "IL-6"), ("H3K27Ac", "H3K27Ac"),
        ("A555_background", "A555_background"),
        ("AF488", "AF488"), ("DAPI", "DAPI"), ("PE", "PE"), ("Blank", "Blank"), ("human CD3", "CD3"), ("(x)", "(x)"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_name(name: str, left: str) -> None:
    assert bare(name) == left


@pytest.mark.parametrize(
    "name", ["Alexa Fluor 488", "AF647", "A488", "Cy5", "Cy5.5", "FITC", "Opal 520", "DyLight 550", "PE-Cy7"]
)
def test_dyes(name: str) -> None:
    assert is_dye(name)


@pytest.mark.parametrize("name", ["CD8", "AFP", "Ki67", "A1", "panCK", "", "PE10", "488"])
def test_no_dyes(name: str) -> None:
    assert not is_dye(name)


@given(st.text(max_size=300))
def test_baring_a_name_leaves_something_and_ends(name: str) -> None:
    left = bare(name)
    assert len(left) <= 200
    assert bool(left) == bool(name[:200].split())
    assert isinstance(fold(name), str)
