"""HTAN phase 2 manifests of simulated files, one CSV a component."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from htan_kit.datasets._defects import DEFECTS
from htan_kit.datasets._measure import MORPHOLOGY
from htan_kit.datasets._tables import channel_rows
from htan_kit.datasets._tiff import level_shapes

if TYPE_CHECKING:
    from htan_kit.datasets._tissue import Tissue

__all__ = ["Entry", "manifest_rows"]

_DOI: Final = "https://doi.org/10.1038/s41592-022-01415-4"
_CHANNEL_ATTRIBUTES: Final = {
    "CHANNEL_ID": "Channel ID", "CHANNEL_NAME": "Channel Name", "CYCLE_NUMBER": "Cycle Number",
    "SUB_CYCLE_NUMBER": "Sub Cycle Number", "TARGET_NAME": "Target Name", "ANTIBODY_NAME": "Antibody Name",
    "RRID_IDENTIFIER": "RRID identifier", "FLUOROPHORE": "Fluorophore", "CLONE": "Clone", "LOT": "Lot",
    "CATALOG_NUMBER": "Catalog Number", "EXCITATION_WAVELENGTH": "Excitation Wavelength",
    "EMISSION_WAVELENGTH": "Emission Wavelength", "EXCITATION_BANDWIDTH": "Excitation Bandwidth",
    "EMISSION_BANDWIDTH": "Emission Bandwidth", "METAL_ISOTOPE_ELEMENT_ABBREVIATION": "Metal Isotope Element",
    "METAL_ISOTOPE_ELEMENT_MASS": "Metal Isotope Mass", "DILUTION": "Dilution",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """The files of one image and their HTAN ids.

    Parameters
    ----------
    participant
        Such as ``HTA200_1``.
    biospecimen
        Such as ``B1``.
    image
        Data file id of the Level 2 image, such as ``D1``.
    masks
        Object class -> data file id of a Level 3 mask.
    table
        Data file id of the Level 4 table; empty for none.
    table_format
        ``csv`` or ``h5ad``.
    panel
        Panel id, such as ``P1``; empty for none.
    """

    participant: str
    biospecimen: str
    image: str
    masks: dict[str, str]
    table: str = ""
    table_format: str = "csv"
    panel: str = ""

    def full(self, part: str) -> str:
        """Make a whole id."""
        return f"{self.participant}_{part}"

    @property
    def image_id(self) -> str:
        """Id of the Level 2 image."""
        return self.full(self.image)

    @property
    def image_file(self) -> str:
        """Path of the Level 2 image in the cohort."""
        return f"level2/{self.image_id}.ome.tiff"

    @property
    def channel_file(self) -> str:
        """Path of the channel table."""
        return f"level2/{self.image_id}_channels.csv"

    def mask_file(self, object_class: str) -> str:
        """Path of a mask."""
        return f"level3/{self.full(self.masks[object_class])}.ome.tiff"

    @property
    def table_file(self) -> str:
        """Path of the Level 4 table."""
        return f"level4/{self.full(self.table)}.{self.table_format}"


def manifest_rows(entry: Entry, tissue: Tissue, *, n_objects: int) -> dict[str, list[dict[str, Any]]]:
    """Make the manifest rows of one image's files, by component."""
    base = _base(tissue)
    rows: dict[str, list[dict[str, Any]]] = {}
    image_ids = {"HTAN_DATA_FILE_ID": entry.image_id, "HTAN_PARENT_ID": entry.full(entry.biospecimen)}
    image = {"FILENAME": entry.image_file, "FILE_FORMAT": "ome-tiff"} | image_ids
    if tissue.assay == "he":
        rows["DigitalPathology"] = [image | {"HAS_ANNOTATIONS": "false"} | base]
        return rows
    rows["MultiplexMicroscopyLevel2"] = [image | _dimensions(entry, tissue) | base]
    rows["MultiplexMicroscopyLevel3"] = [
        {"FILENAME": entry.mask_file(name), "FILE_FORMAT": "ome-tiff", "HTAN_DATA_FILE_ID": entry.full(file_id)}
        | {"HTAN_PARENT_ID": entry.image_id, "SEGMENTATION_WORKFLOW_TYPE": "htan_kit simulator"}
        | {"SEGMENTATION_METHOD": "ground truth of the simulation", "SEGMENTATION_ANNOTATION_TYPE": name.capitalize()}
        | base
        for name, file_id in entry.masks.items()
    ]
    if entry.table:
        parents = [entry.full(entry.masks["cell"]), entry.image_id]
        if "broken_parent_id" in tissue.defects:
            parents = [entry.full(DEFECTS["broken_parent_id"].parameters["id"])]
        rows["MultiplexMicroscopyLevel4"] = [
            {
                "FILENAME": entry.table_file,
                "FILE_FORMAT": entry.table_format,
                "HTAN_DATA_FILE_ID": entry.full(entry.table),
            }
            | {"HTAN_PARENT_ID": ",".join(parents), "FEATURE_EXTRACTION_WORKFLOW_TYPE": "htan_kit simulator"}
            | {
                "FEATURE_EXTRACTION_METHOD": "mean intensity and shape of each object (mcquant)",
                "MATRIX_TYPE": "Raw Counts",
            }
            | {"NUMBER_OF_FEATURES": len(tissue.channels) + len(MORPHOLOGY), "NUMBER_OF_OBJECTS": n_objects}
            | base
        ]
    rows["ChannelMetadata"] = [
        {"HTAN_PANEL_ID": entry.full(entry.panel)}
        | {new: _phase_2(new, row[old]) for new, old in _CHANNEL_ATTRIBUTES.items()}
        for row in channel_rows(tissue)
    ]
    return rows


def _phase_2(attribute: str, value: str) -> str:
    """Phase 1 writes AB_1, phase 2 RRID:AB_1."""
    return f"RRID:{value}" if attribute == "RRID_IDENTIFIER" and value else value


def _dimensions(entry: Entry, tissue: Tissue) -> dict[str, Any]:
    return {
        "IMAGING_ASSAY_TYPE": tissue.properties.name,
        "PYRAMID": str(len(level_shapes(tissue.shape)) > 1).lower(),
        "PHYSICAL_SIZE_X": tissue.pixel_size_um,
        "PHYSICAL_SIZE_Y": tissue.pixel_size_um,
        "SIZE_C": len(tissue.channels),
        "SIZE_T": 1,
        "SIZE_X": tissue.shape[1],
        "SIZE_Y": tissue.shape[0],
        "SIZE_Z": 1,
        "HTAN_PANEL_ID": entry.full(entry.panel),
    }


def _base(tissue: Tissue) -> dict[str, Any]:
    lens = tissue.assay != "imc"
    return {
        "EXPERIMENTAL_STRATEGY_AND_DATA_SUBTYPES": "Pathological",
        "DE_IDENTIFICATION_METHOD_TYPE": "Not Applicable",
        "LICENSE": "CC BY 4.0",
        "IMAGE_MODALITY": "SM",
        "IMAGING_EQUIPMENT_MANUFACTURER": "htan_kit",
        "IMAGING_EQUIPMENT_MODEL": "simulator",
        "CITATION_OR_DOI": _DOI,
        "STAINING_METHOD": tissue.properties.name,
        "OBJECTIVE": "20x 0.75 NA" if lens else "Not Applicable",
        "NOMINAL_MAGNIFICATION": 20 if lens else 0,
        "IMMERSION": "Air" if lens else "",
        "LENS_NUMERICAL_APERTURE": 0.75 if lens else "",
        "PASSED_QC": "true",
        "QC_COMMENT": "Simulated data",
        "SPECIES": "9606 (Homo sapiens)",
        "HAS_SLIDE_LABEL": "false",
        "DE_IDENTIFIED": "true",
    }
