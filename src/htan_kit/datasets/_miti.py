"""The MITI record of a simulated image: eight sections under MITI's machine keys.

What a simulation cannot know (a diagnosis, a treatment) is filled in with the plainest valid value. What one assay
cannot have at once (a fluorophore, a metal and an oligo) says "Not Applicable", or is left out where MITI asks for a
number. There is no date.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from htan_kit.datasets._tables import channel_rows

if TYPE_CHECKING:
    from htan_kit.datasets._records import Entry
    from htan_kit.datasets._tissue import Tissue

__all__ = ["miti_record"]

_NA: Final = "Not Applicable"
_DOI: Final = "https://doi.org/10.1038/s41592-022-01415-4"
_SOFTWARE: Final = "htan_kit simulator"


def miti_record(entry: Entry, tissue: Tissue) -> dict[str, Any]:
    """Make the record of one image."""
    record: dict[str, Any] = {
        "clinical": _clinical(entry),
        "biospecimen": _biospecimen(entry),
        "file": _file(entry, tissue),
        "channel": _channels(tissue),
        "ome-tiff-header": _header(tissue),
    }
    if entry.masks:
        record["processed-data"] = [_mask(entry, tissue, name) for name in entry.masks]
        record["cell"] = [_cell(entry, tissue)]
        record["cell-state"] = [_cell_state(entry)]
    return record


def _clinical(entry: Entry) -> dict[str, Any]:
    first = entry.participant.endswith("_1")
    return {
        "participant_id": entry.participant, "species": "Human", "ethnicity": "Not Hispanic or Latino",
        "gender": "Female" if first else "Male", "race": "other", "vital_status_at_last_follow_up": "Alive",
        "age_at_diagnosis": 61 if first else 54, "primary_diagnosis": "Adenocarcinoma NOS", "morphology": "8140/3",
        "site_of_resection_or_biopsy": "Ascending colon" if first else "Sigmoid colon",
        "tissue_or_organ_of_origin": "Colon NOS", "classification_of_tumor": "Primary", "prior_treatment": "No",
        "days_to_last_follow_up": 365, "last_known_disease_status": "Tumor free",
        "days_to_last_known_disease_status": 365,
        "progression_or_recurrence": "No", "days_to_progression": 0, "days_to_progression_free": 365,
        "tumor_grade": "G2" if first else "G3", "gene_symbol": _NA, "molecular_analysis_method": "IHC",
        "test_result": "Not Reported", "treatment_type": "Surgery", "therapeutic_agents": _NA,
    }  # fmt: skip


def _biospecimen(entry: Entry) -> dict[str, Any]:
    return {
        "biospecimen_id": entry.full(entry.biospecimen), "parent_id": entry.participant, "adjacent_biospecimen_id": _NA,
        "biospecimen_type": "Tissue", "analyte_type": "Tissue section", "protocol_link": _DOI,
        "timepoint_label": "Baseline", "collection_days_from_index": 0.0,
        "acquisition_method_type": "Surgical Resection", "post_mortem_interval": 0.0,
        "tumor_tissue_type": "Primary Tumor",
        "preservation_method": "Formaldehyde fixed paraffin embedded (FFPE)", "fixative_type": "Formalin",
        "fixation_duration": 24, "slide_charge_type": "Charged", "section_thickness_value": 5.0,
        "days_to_sectioning": 30.0, "storage_method": "4C", "days_to_processing": 7.0,
        "shipping_conditions": "Not shipped",
        "histology_assessments_by": "Unknown", "fiducial_marker": "Nuclear Stain (DAPI)",
    }  # fmt: skip


def _file(entry: Entry, tissue: Tissue) -> dict[str, Any]:
    height, width = (n * tissue.pixel_size_um for n in tissue.shape)
    lens = {"objective": "20x 0.75 NA", "lens_na": 0.75, "immersion_medium": "Air"} if tissue.assay != "imc" else {}
    return {
        "data_file_id": entry.image_id, "filename": PurePosixPath(entry.image_file).name, "file_format": "OME-TIFF",
        "channel_level_metadata_csv_filename": PurePosixPath(entry.channel_file).name if tissue.channels else _NA,
        "imaging_modality": "laser ablation" if tissue.assay == "imc" else "epifluorescence",
        "assay_type": tissue.properties.miti, "protocol_ids": _DOI, "microscope": _SOFTWARE, **lens,
        "comment": "Simulated data", "fov_number": 1, "fov_sizex": width, "fov_sizey": height, "pyramid": True,
        "z_stack": False, "t_series": False,
    }  # fmt: skip


def _channels(tissue: Tissue) -> list[dict[str, Any]]:
    out = []
    for row in channel_rows(tissue):
        mass, cycle = row["Metal Isotope Mass"], row["Cycle Number"]
        numbers = {"metal_isotope_mass": int(mass)} if mass else {}
        if cycle:
            numbers |= {"cycle_number": int(cycle), "sub_cycle_number": 1}
        waves = ("excitation_wavelength", "emission_wavelength", "excitation_bandwidth", "emission_bandwidth")
        text = {
            "channel_id": row["Channel ID"], "channel_name": row["Channel Name"],
            "target_name": row["Target Name"] or _NA, "antibody_name": row["Antibody Name"] or _NA,
            "rrid_identifier": row["RRID identifier"] or _NA,
            "fluorophore": row["Fluorophore"] or _NA, "clone": row["Clone"] or _NA, "lot": row["Lot"] or _NA,
            "vendor": row["Vendor"] or _NA, "catalog_number": row["Catalog Number"] or _NA,
            "metal_isotope_element": row["Metal Isotope Element"] or _NA, "oligo_barcode_upper_strand": _NA,
            "oligo_barcode_lower_strand": _NA, "dilution": row["Dilution"] or _NA,
        }  # fmt: skip
        light = {w: float(row[w.replace("_", " ").title()]) for w in waves if row[w.replace("_", " ").title()]}
        out.append(text | numbers | light | {"passed_qc": True})
    return out


def _size(tissue: Tissue) -> dict[str, Any]:
    return {
        "physical_size_x": tissue.pixel_size_um, "physical_size_xunit": "µm",
        "physical_size_y": tissue.pixel_size_um, "physical_size_yunit": "µm",
    }  # fmt: skip


def _header(tissue: Tissue) -> dict[str, Any]:
    n = len(tissue.channels) or 3
    return {
        "image_id": "Image:0", "pixels_big_endian": False, "dimension_order": "XYCZT", **_size(tissue),
        "size_c": n, "size_t": 1, "size_x": tissue.shape[1], "size_y": tissue.shape[0], "size_z": 1,
        "type": {"float32": "float"}.get(tissue.properties.dtype, tissue.properties.dtype),
        "plane_count": len(tissue.channels) or 1,
        "channel_name": ",".join(c.name for c in tissue.channels) or "RGB",
    }  # fmt: skip


def _mask(entry: Entry, tissue: Tissue, object_class: str) -> dict[str, Any]:
    return {
        "data_type": "mask", "data_file_id": entry.full(entry.masks[object_class]),
        "filename": PurePosixPath(entry.mask_file(object_class)).name, "file_format": "OME-TIFF",
        "parent_data_file_id": entry.image_id, "protocol_ids": _DOI, "software_and_version": _SOFTWARE,
        "commit_sha": _NA, "object_class": {"nucleus": "nuclei"}.get(object_class, object_class), "fov_number": 1,
        "pyramid": False,
        "z_stack": False, "t_series": False, **_size(tissue), "type": "uint32",
    }  # fmt: skip


def _cell(entry: Entry, tissue: Tissue) -> dict[str, Any]:
    return {
        "data_file_id": entry.full(entry.table), "filename": PurePosixPath(entry.table_file).name,
        "file_format": entry.table_format.upper(), "parent_id": entry.full(entry.masks["cell"]),
        "software_and_version": _SOFTWARE, "commit_sha": _NA, "header_size": 1, "object_classes_included": "cell",
        "pyramid": False, "z_stack": False, "t_series": False, "type": "float", **_size(tissue),
        "physical_size_z": 0.0, "physical_size_zunit": "µm", "cell_state_level": False,
    }  # fmt: skip


def _cell_state(entry: Entry) -> dict[str, Any]:
    return {
        "data_file_id": f"{entry.image_id}_truth", "filename": f"{entry.image_id}.csv", "file_format": "CSV",
        "parent_id": entry.full(entry.table), "protocol_ids": _DOI, "software_and_version": _SOFTWARE,
        "header_size": 1, "possible_cell_type_states_format": "one phenotype a cell",
        "cell_type_clustering_calling_methods": "ground truth",
    }  # fmt: skip
