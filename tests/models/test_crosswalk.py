from __future__ import annotations

from htan_kit.models import components, crosswalk, htan_to_miti, miti_sections
from htan_kit.models._crosswalk import rows

# Phase 1 biospecimen attributes are not held by name.
NOT_HELD = {"Acquisition Method Type", "Preservation Method", "Section Thickness Value", "Slicing Method",
            "Slide Charge Type", "Shipping Condition Type"}  # fmt: skip


def test_every_attribute_named_exists() -> None:
    known = {1: set(NOT_HELD), 2: set()}
    for component in components().values():
        known[component["phase"]] |= set(component["attributes"])
    sections = miti_sections()
    for row in rows():
        assert row.htan1 in known[1] | {""}, row.htan1
        assert row.htan2 in known[2] | {""}, row.htan2
        assert not row.miti or row.miti in sections[row.miti_section]


def test_every_imaging_attribute_is_in_it() -> None:
    named = {name for row in rows() for name in (row.htan1, row.htan2)}
    lacking = {
        name
        for component in components().values()
        if component["level"] not in ("biospecimen", "participant")
        for name in component["attributes"]
    } - named
    assert lacking == set()
    imaging = [name for name in miti_sections() if name not in ("clinical", "biospecimen")]
    told = {(row.miti_section, row.miti) for row in rows()}
    assert {(name, each) for name in imaging for each in miti_sections()[name]} <= told


def test_relations_are_skos_with_a_confidence() -> None:
    for row in rows():
        assert bool(row.relation) == bool(row.confidence)
        if row.relation:
            assert row.relation in {"skos:exactMatch", "skos:closeMatch", "skos:narrowMatch", "skos:broadMatch",
                                    "skos:relatedMatch"}  # fmt: skip
            assert 0 < float(row.confidence) <= 1
            assert row.htan1
            assert row.htan2


def test_only_what_means_the_same_can_stand_for_the_other() -> None:
    def pairs(source: str, target: str) -> set[tuple[str, str]]:
        return {pair for row in rows() if (pair := row.pair(source, target))}

    assert ("LensNA", "LENS_NUMERICAL_APERTURE") in pairs("htan1", "htan2")
    assert ("LENS_NUMERICAL_APERTURE", "LensNA") in pairs("htan2", "htan1")
    # A name for the whole microscope is neither its maker nor its model.
    assert not {target for source, target in pairs("htan1", "htan2") if source == "Microscope"}
    # MITI's modality is the principle of imaging, phase 2's a DICOM code.
    assert not {pair for pair in pairs("miti", "htan2") if pair[0] == "imaging_modality"}
    assert not {pair for pair in pairs("htan1", "miti") if pair[1] == "header_size"}
    assert ("Pixels/@SizeZ > 1", "z_stack") in pairs("ome", "miti")


def test_what_fills_miti() -> None:
    mapping = htan_to_miti()
    assert mapping["file"]["assay_type"] == ["IMAGING_ASSAY_TYPE", "Imaging Assay Type", "STAINING_METHOD"]
    assert mapping["file"]["microscope"] == ["IMAGING_EQUIPMENT_MODEL", "Microscope", "IMAGING_EQUIPMENT_MANUFACTURER"]
    assert mapping["processed_data"]["object_class"] == ["SEGMENTATION_ANNOTATION_TYPE", "Imaging Object Class"]
    assert mapping["channel"]["rrid_identifier"] == ["RRID_IDENTIFIER", "RRID identifier"]
    assert "header_size" not in mapping["cell"]
    assert "cell_state" not in mapping


def test_the_table() -> None:
    table = crosswalk()
    assert len(table) == len(rows())
    assert table.notna().all(axis=None)
    size = table.query("htan1 == 'SizeX' and miti == 'size_x'").iloc[0]
    assert size["htan1_components"] == "Imaging Level 2!; SRRS Imaging Level 2!"
    assert size["htan2_components"] == "MultiplexMicroscopyLevel2!"
    assert size["miti_significance"] == "required"
    assert "(0048,0006)" in size["dicom"]
    assert size["ome"] == "Pixels/@SizeX"
