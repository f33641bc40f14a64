from __future__ import annotations

from htan_kit.io.manifest import Record
from htan_kit.lineage import Unit, inherited
from htan_kit.models import htan2_components

IMAGE = Record(
    "MultiplexMicroscopyLevel2", 2, "2", "HTA200_1_D1", ("HTA200_1_B1",), "a.ome.tiff",
    {
        "FILENAME": "a.ome.tiff", "HTAN_DATA_FILE_ID": "HTA200_1_D1", "HTAN_PARENT_ID": "HTA200_1_B1", "SIZE_C": "16",
        "IMAGING_ASSAY_TYPE": "CyCIF", "HTAN_PANEL_ID": "HTA200_1_P1", "OBJECTIVE": "20x", "SPECIES": "9606",
        "STAINING_METHOD": "Not Applicable", "PASSED_QC": "true", "QC_COMMENT": "fine", "DE_IDENTIFIED": "true",
    },
)  # fmt: skip


def test_a_mask_inherits_how_its_image_was_taken() -> None:
    mask = Record("MultiplexMicroscopyLevel3", 2, "3", "HTA200_1_D2", ("HTA200_1_D1",), attributes={"SPECIES": "10090"})
    found = inherited(Unit(IMAGE, (mask,)), mask)
    assert found == {"IMAGING_ASSAY_TYPE": "CyCIF", "HTAN_PANEL_ID": "HTA200_1_P1", "OBJECTIVE": "20x"}
    assert "SIZE_C" not in htan2_components()["MultiplexMicroscopyLevel3"]["attributes"]


def test_nothing_to_inherit() -> None:
    table = Record("MultiplexMicroscopyLevel4", 2, "4", "HTA200_1_D3", ("HTA200_1_D1",))
    assert inherited(Unit(None, (), (table,)), table) == {}
    assert inherited(Unit(IMAGE), IMAGE) == {}
    assert inherited(Unit(IMAGE), Record("Biospecimen", 2, "biospecimen", "HTA200_1_B1")) == {}
