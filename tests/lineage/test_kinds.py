from __future__ import annotations

import pytest

from htan_kit.io.manifest import Record
from htan_kit.lineage import is_mask, mask_kinds


def level3(component: str = "Imaging Level 3 Segmentation", **attributes: str) -> Record:
    return Record(component, 1, "3", "x", attributes=attributes)


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("whole cell", ("cell",)),
        ("Cell, Nucleus, Tissue, ROI", ("cell", "nucleus", "tissue", "roi")),
        ("nuclei and cytoplasm", ("nucleus", "cytoplasm")),
        ("Cells;cell", ("cell",)),
        ("Not Applicable", ()),
        ("", ()),
    ],
)
def test_kinds(written: str, kinds: tuple[str, ...]) -> None:
    assert mask_kinds(level3(SEGMENTATION_ANNOTATION_TYPE=written)) == kinds
    assert mask_kinds(level3(**{"Imaging Object Class": written})) == kinds


def test_another_class_is_described() -> None:
    other = {"Imaging Object Class": "Imaging Object Class Other", "Imaging Object Class Description": "Gland"}
    assert mask_kinds(level3(**other)) == ("gland",)


def test_what_is_a_mask() -> None:
    assert is_mask(level3())
    assert is_mask(level3(**{"Imaging Segmentation Data Type": "Mask"}))
    for other in ("Outline", "Polygon", "Probability Map", "Point"):
        assert not is_mask(level3(**{"Imaging Segmentation Data Type": other}))
    assert not is_mask(level3("Imaging Level 3 Image"))
    assert not is_mask(Record("Imaging Level 4", 1, "4", "x"))
