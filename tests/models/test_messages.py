from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.models._messages import quoted, wrong
from htan_kit.models._spec import component_of


@given(st.text())
def test_text_from_files_stays_on_one_line_and_is_bounded(text: str) -> None:
    shown = quoted(text)
    assert len(shown) <= 90
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("which", "attribute", "check", "value", "expected"),
    [
        (("htan1", "Imaging Level 2"), "SizeX", "range", 0, "SizeX is '0'; expected 1 or more."),
        (("htan1", "Imaging Level 2"), "PhysicalSizeX", "range", 0.0, "PhysicalSizeX is '0'; expected more than 0."),
        (("htan1", "Imaging Level 2"), "Immersion", "value", "x",
         "Immersion is 'x'; expected one of Air, Oil, Water, Other."),
        (("htan2", "DigitalPathology"), "LICENSE", "value", "x", "LICENSE is 'x'; expected CC BY 4.0."),
        (("htan2", "DigitalPathology"), "PASSED_QC", "type", "x", "PASSED_QC is 'x'; expected true or false."),
        (("miti", "file"), "image_acquisition_date", "pattern", "May 1987",
         "Image Acquisition Date is a value (not repeated); expected a date such as 2024-01-31."),
    ],
)  # fmt: skip
def test_messages(which: tuple[str, str], attribute: str, check: str, value: object, expected: str) -> None:
    assert wrong(component_of(*which), attribute, check, "x", value).message == expected


def test_a_long_list_of_words_is_cut() -> None:
    message = wrong(component_of("htan1", "Imaging Level 2"), "File Format", "value", "s", "x").message
    assert len(message) < 250
    assert message.endswith("or one of 80 more.")


def test_every_pattern_has_a_form_to_show() -> None:
    from htan_kit.models._load import models

    for model, names in models().items():
        for name in names:
            component = component_of(model, name)
            for attribute in component.attributes.values():
                if attribute.pattern and not attribute.words:
                    said = wrong(component, attribute.name, "pattern", "s", "x").message
                    assert "^" not in said, said
