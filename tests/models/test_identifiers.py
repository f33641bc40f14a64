from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.models import Identifier, parse_identifier, schema


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTA9_1", Identifier(1, "participant", "HTA9", "HTA9_1", "", False, False)),
        ("HTA7_1_1001", Identifier(1, "biospecimen or data file", "HTA7", "HTA7_1", "1001", False, False)),
        ("HTA10_07_30101", Identifier(1, "biospecimen or data file", "HTA10", "HTA10_07", "30101", False, False)),
        ("HTA1_0000_5", Identifier(1, "biospecimen or data file", "HTA1", None, "5", True, False)),
        ("HTA1_EXT5_3", Identifier(1, "biospecimen or data file", "HTA1", None, "3", False, True)),
        (" HTA200_1\n", Identifier(2, "participant", "HTA200", "HTA200_1", "", False, False)),
        ("HTA229_12_B3", Identifier(2, "biospecimen", "HTA229", "HTA229_12", "B3", False, False)),
        ("HTA200_1_D1", Identifier(2, "data file", "HTA200", "HTA200_1", "D1", False, False)),
        ("HTA200_1_P1", Identifier(2, "panel", "HTA200", "HTA200_1", "P1", False, False)),
        ("HTA200_EXT7_D1", Identifier(2, "data file", "HTA200", None, "D1", False, True)),
        ("HTA200_0000_B1", Identifier(2, "biospecimen", "HTA200", None, "B1", True, False)),
    ],
)  # fmt: skip
def test_what_an_identifier_says(text: str, expected: Identifier) -> None:
    assert parse_identifier(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "HT060P1", "HTA17_1_1", "HTA0_1", "HTA230_1_B1", "HTA199_1", "HTA200_1_X1", "HTA200_1_B", "HTA200_1_1",
        "HTA7_1_D1", "HTA7_", "HTA7_1_", "hta7_1", "HTA7_1_1001 x", "HTA200_EXT_D1", "HTA7_١", "x HTA7_1", "HTA7_1_1_1",
        "HTA200_1_D" + "1" * 41,
    ],
)  # fmt: skip
def test_what_is_no_identifier(text: str) -> None:
    assert parse_identifier(text) is None


def test_a_long_number_keeps_every_digit() -> None:
    found = parse_identifier("HTA11_1391_20000010116110030010000009999")
    assert found is not None
    assert found.number == "20000010116110030010000009999"


@given(st.from_regex(r"HTA(1|16|200|229|230)_(0000|EXT1|7|0)(_[BDP]?1?)?", fullmatch=True))
def test_the_models_patterns_agree(text: str) -> None:
    # The models' own patterns, each for one kind, applied by hand.
    def form(model: str, component: str, name: str) -> str:
        found = schema(model, component)["properties"][name]
        return str(found.get("items", found)["pattern"])

    level2 = ("htan2", "MultiplexMicroscopyLevel2")
    forms = {
        "data file": form(*level2, "HTAN_DATA_FILE_ID"),
        "panel": form(*level2, "HTAN_PANEL_ID"),
        "biospecimen": form("htan2", "Biospecimen", "HTAN_BIOSPECIMEN_ID"),
        "participant": form("htan2", "Demographics", "HTAN_PARTICIPANT_ID"),
    }
    phase1 = {
        "participant": form("htan1", "Imaging Level 2", "HTAN Participant ID"),
        "biospecimen or data file": form("htan1", "Imaging Level 2", "HTAN Data File ID"),
    }
    found = parse_identifier(text)
    kinds = {(2, kind) for kind, pattern in forms.items() if re.search(pattern, text)}
    kinds |= {(1, kind) for kind, pattern in phase1.items() if re.search(pattern, text)}
    assert kinds == (set() if found is None else {(found.phase, found.kind)})
