from __future__ import annotations

import pytest

from htan_kit.models import key
from htan_kit.models._load import data, models
from htan_kit.models._vocabulary import same_word, translate


@pytest.mark.parametrize(
    ("attribute", "values", "text", "model", "expected"),
    [
        ("Imaging Object Class", ["nucleus", "whole cell"], "nuclei", "htan1", "nucleus"),
        ("Imaging Object Class", ["nucleus", "whole cell"], "Cell", "htan1", "whole cell"),
        ("object_class", ["nuclei", "cell"], "Nucleus", "miti", "nuclei"),
        ("Immersion", ["Air", "Oil"], "OIL", "htan1", "Oil"),
        ("Immersion", ["Air", "Oil", "Water", "Other"], "Glycerol", "htan1", None),
        ("IMAGING_ASSAY_TYPE", ["CyCIF", "t-CyCIF"], "tCyCIF", "htan2", "t-CyCIF"),
        ("assay_type", ["t-CyCIF", "CODEX"], "CyCIF", "miti", None),
        ("PhysicalSizeXUnit", ["cm", "mm", "µm", "nm", "Å"], "micron", "htan1", "µm"),
        ("PhysicalSizeXUnit", ["cm", "mm", "µm", "nm", "Å"], "\u212b", "htan1", "Å"),
        ("PhysicalSizeXUnit", ["cm", "mm", "µm"], "nm", "htan1", None),
        ("Pyramid", ["Yes", "No"], "TRUE", "htan1", "Yes"),
        ("Passed QC", ["Yes", "No - Channels QC"], "no", "htan1", "No - Channels QC"),
        ("DimensionOrder", ["XYZCT", "XYCZT"], "", "htan1", None),
        ("Metal Isotope Element", ["Co", "C", "O"], "co", "htan1", "Co"),
    ],
)  # fmt: skip
def test_spellings_of_words(attribute: str, values: list[str], text: str, model: str, expected: str | None) -> None:
    assert same_word(attribute, values, text, model=model) == expected


@pytest.mark.parametrize(
    ("attribute", "word", "source", "target", "expected"),
    [
        ("immersion_medium", "Glycerin", "miti", "htan2", "Glycerol"),
        ("Immersion", "Glycerol", "ome", "htan1", "Other"),
        ("Immersion", "Other", "htan1", "miti", ""), ("Immersion", "Other", "htan1", "htan2", "Other"),
        ("Immersion", "honey", "htan1", "htan2", None), ("Microscope", "Orion", "htan1", "htan2", None),
        ("Imaging Assay Type", "CyCIF", "htan1", "miti", "t-CyCIF"),
        ("assay_type", "t-CyCIF", "miti", "htan1", "t-CyCIF"), ("Imaging Assay Type", "MERFISH", "htan1", "miti", ""),
        ("FILE_FORMAT", "h5ad", "htan2", "htan1", "hdf5"), ("File Format", "hdf5", "htan1", "htan2", None),
        ("File Format", "OME-TIFF", "htan1", "htan2", "ome-tiff"),
        ("Imaging Object Class", "spot", "htan1", "miti", ""), ("type", "uint16", "ome", "htan1", None),
    ],
)  # fmt: skip
def test_translations(attribute: str, word: str, source: str, target: str, expected: str | None) -> None:
    assert translate(attribute, word, source=source, target=target) == expected


def test_the_words_are_those_of_the_models() -> None:
    # Where a model has a list for one of the attributes, its words are from that list.
    lists: dict[tuple[str, str], set[str]] = {}
    for model, components in models().items():
        for component in components.values():
            for name, attribute in component["attributes"].items():
                label = key(attribute.get("name", name))
                if "values" in attribute and not (label == "type" and model == "miti"):
                    lists.setdefault((model, label), set()).update(attribute["values"])
    for group in data("vocabularies")["groups"]:
        for model in ("htan1", "htan2", "miti"):
            known = [lists[model, name] for name in group["attributes"] if (model, name) in lists]
            words = {term[model] for term in group["terms"] if model in term}
            if known:
                assert words <= set.union(*known), (group["name"], model)
