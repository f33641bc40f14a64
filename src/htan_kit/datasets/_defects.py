"""The defects that can be planted, by name: what each does, where, and with which numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from htan_kit.datasets._panel import ASSAYS
from htan_kit.errors import InputError

__all__ = ["DEFECTS", "Defect", "check_names"]


@dataclass(frozen=True)
class Defect:
    """One thing that can be wrong.

    Parameters
    ----------
    description
        What it does.
    where
        The file it is seen in: ``image``, ``header``, ``channels``, ``mask``, ``table`` or ``manifest``.
    parameters
        The numbers, with their units in the names.
    not_for
        Assays that cannot have it.

    Examples
    --------
    >>> from htan_kit import datasets
    >>> datasets.DEFECTS["shifted_mask"].where
    'mask'
    """

    description: str
    where: str
    parameters: dict[str, Any]
    not_for: tuple[str, ...] = ()


#: The registry of defects.
DEFECTS: Final[dict[str, Defect]] = {
    "out_of_focus": Defect(
        "A disc of the image is blurred in every channel.",
        "image",
        {"centre": (0.72, 0.30), "radius": 0.22, "sigma_um": 2.6},  # centre (x, y) and radius: shares of the size
        ("imc",),
    ),
    "saturated_channel": Defect(
        "One channel is so bright that its positive cells reach the largest value.",
        "image",
        {"channel": "Vimentin", "factor": 350.0},
        ("imc", "he"),
    ),
    "lost_cells": Defect(
        "A half plane of cells, and a share of the others, is gone in the last cycle.",
        "image",
        {"side": "left", "share_of_width": 0.24, "share_elsewhere": 0.05},
        ("imc", "he"),
    ),
    "misregistered_cycle": Defect(
        "The last cycle is shifted against the others.", "image", {"dy_px": 5.0, "dx_px": -7.0}, ("imc", "he")
    ),
    "uneven_illumination": Defect(
        "Light falls off towards the edges of a camera field.", "image", {"loss": 0.6}, ("imc", "he")
    ),
    "hot_pixels": Defect("Single pixels are far too bright.", "image", {"share": 0.0005}, ("he",)),
    "empty_channel": Defect("One antibody did not bind.", "image", {"channel": "CD8"}, ("he",)),
    "bleed_through": Defect(
        "A channel shows a share of another one.",
        "image",
        {"source": "panCK", "target": "CD20", "share": 0.35},
        ("he",),
    ),
    "date_in_header": Defect(
        "The OME header has an AcquisitionDate and the TIFF a DateTime, which HTAN forbids.",
        "header",
        {"date": "2021-05-17T10:20:30"},
    ),
    "missing_pixel_size": Defect("The OME header gives no PhysicalSize.", "header", {}),
    "missing_channel_names": Defect("The OME header gives no channel names.", "header", {}, ("he",)),
    "swapped_channel_rows": Defect(
        "Two rows of the channel table have each other's Channel ID.", "channels", {"names": ("CD8", "CD68")}, ("he",)
    ),
    "shifted_mask": Defect("The mask is moved against the image.", "mask", {"dy_px": 6, "dx_px": 9}, ("he",)),
    "float_mask": Defect("Labels are stored as float32 with fractions.", "mask", {"added": 0.25}, ("he",)),
    "missing_table_rows": Defect("Rows of cells are missing from the table.", "table", {"share": 0.05}, ("he",)),
    "duplicate_table_ids": Defect("Rows bear the CellID of the row before.", "table", {"share": 0.02}, ("he",)),
    "swapped_table_columns": Defect(
        "Two marker columns of the table have each other's name.", "table", {"names": ("CD3", "CD20")}, ("he",)
    ),
    "broken_parent_id": Defect(
        "HTAN_PARENT_ID of the table names a file that is not there.", "manifest", {"id": "D999"}, ("he",)
    ),
}  # fmt: skip


def check_names(assay: str, defects: tuple[str, ...]) -> None:
    """Raise InputError where the assay or a defect is unknown, or the two do not go together."""
    if assay not in ASSAYS:
        raise InputError.of("simulate.assay", assay, "Not an assay.", f"Use one of {', '.join(ASSAYS)}.")
    for name in defects:
        if name not in DEFECTS:
            raise InputError.of("simulate.defect", name, "Not a defect.", f"Use one of {', '.join(DEFECTS)}.")
        if assay in DEFECTS[name].not_for:
            raise InputError.of("simulate.defect", name, f"It cannot be planted in {assay!r}.")
