from __future__ import annotations

import pytest

from htan_kit.errors import InputError
from htan_kit.models import attributes, htan2_components, miti_sections, record_rules


def test_every_attribute_of_every_model_has_a_row() -> None:
    table = attributes()
    assert table.groupby("model").size().to_dict() == {"htan1": 181, "htan2": 185, "miti": 198}
    assert not table.duplicated(["model", "component", "attribute"]).any()
    sections = {name: len(section) for name, section in miti_sections().items()}
    assert attributes("miti").groupby("component").size().to_dict() == sections


def test_required_counts_are_those_of_the_sources() -> None:
    required = attributes().query("required == 'required'").groupby(["model", "component"]).size()
    assert required["htan1"].to_dict() | {"Biospecimen": 0, "Demographics": 0} == {
        "Imaging Level 1": 10, "Imaging Level 2": 32, "Imaging Level 3 Image": 16, "Imaging Level 3 Segmentation": 9,
        "Imaging Level 3 Channels": 8, "Imaging Level 4": 10, "SRRS Imaging Level 2": 30, "Biospecimen": 0,
        "Demographics": 0,
    }  # fmt: skip
    assert required["htan2", "DigitalPathology"] == 19
    assert required["miti", "clinical"] == 23
    # Of MITI's 14 the five that say how a channel is labelled are one of three ways.
    assert required["miti", "channel"] == 14 - 5


def test_what_a_row_says() -> None:
    table = attributes("htan2", "DigitalPathology").set_index("attribute")
    assert table.loc["ANNOTATION_TYPE", "values"] == "Artifact|Cell|Nucleus|ROI|Tissue"
    assert table.loc["ANNOTATION_TYPE", "condition"] == "HAS_ANNOTATIONS is True"
    assert table.loc["HTAN_PARENT_ID", "multiple"]
    assert list(table.index) == list(htan2_components()["DigitalPathology"]["attributes"])
    channel = attributes("miti", "channel").set_index("attribute")
    assert channel.loc["fluorophore", "condition"].startswith("one of fluorophore, metal_isotope_element + ")


def test_a_component_is_found_without_its_model() -> None:
    assert set(attributes(component="imaging level 4")["model"]) == {"htan1"}
    assert set(attributes(component="Biospecimen")["model"]) == {"htan1", "htan2", "miti"}


@pytest.mark.parametrize(("model", "component"), [("x", ""), ("", "x"), ("htan1", "x"), ("x", "Imaging Level 2")])
def test_what_is_not_there_is_said(model: str, component: str) -> None:
    with pytest.raises(InputError):
        attributes(model, component)


def test_rules_are_unique_and_of_known_severity() -> None:
    rules = record_rules()
    assert rules["rule"].is_unique
    assert set(rules["severity"]) == {"error", "warning", "info"}
    assert rules["text"].str.endswith(".").all()
    assert not rules["text"].str.contains("{", regex=False).any()
    one = rules.set_index("rule")
    assert one.loc["htan2.multiplex-microscopy-level-2.physical-size-z.condition", "severity"] == "error"
    assert one.loc["htan1.imaging-level-2.comment.condition", "severity"] == "info"
    assert "htan1.imaging-level-2.comment.value" not in one.index
