from __future__ import annotations

import pytest

from htan_kit.export._qc_words import failure_type, passed_word
from htan_kit.models import components

MODEL = components()["Imaging Level 3 Channels/1"]["attributes"]
OTHER = "Other/multiple channel QC faliure types"


def test_the_words_are_the_models() -> None:
    assert [passed_word(True), passed_word(False)] == MODEL["Channel Passed QC"]["values"]
    assert passed_word(None) == ""


@pytest.mark.parametrize("word", MODEL["Channel QC Failure Type"]["values"])
def test_the_models_own_words_stay(word: str) -> None:
    assert failure_type(word) == word
    assert failure_type(word.upper().replace("-", " ")) == word


@pytest.mark.parametrize(
    ("details", "word"),
    [
        ("Autofluorescence of red blood cells", "Auto-fluoresence"),
        ("off-target", "Off-target staining"),
        ("staining artifact at the edge", "Staining artefacet"),
        ("Saturated pixels", "Imaging artefact"),
        ("out of focus", "Imaging artefact"),
        ("staining artefact and imaging artefact", OTHER),
        ("antibody lot was bad", OTHER),
        ("", OTHER),
    ],
)
def test_what_people_write(details: str, word: str) -> None:
    assert failure_type(details) == word
