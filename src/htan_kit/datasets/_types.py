"""Which cell types there are, how they look, and how often they are met in each region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from htan_kit.datasets._layout import REGIONS

__all__ = ["DISTANCE_UM", "FRACTIONS", "PHENOTYPES", "PROLIFERATING", "CellType", "fraction_table"]


@dataclass(frozen=True)
class CellType:
    """How the cells of one type look.

    Parameters
    ----------
    cell_um
        Half axes of the cell where nothing is in its way.
    nucleus_um
        Half axes of the nucleus.
    aligned
        Whether the cell lies along the fibres around it.
    chromatin
        Brightness of the nucleus in a DNA channel (lymphocytes are dense, tumour nuclei are pale).
    hematoxylin
        The same in an H&E.
    eosin
        Eosin in the cytoplasm.
    """

    cell_um: tuple[float, float]
    nucleus_um: tuple[float, float]
    aligned: bool
    chromatin: float
    hematoxylin: float
    eosin: float


#: The phenotypes; the number of a phenotype is its place here.
PHENOTYPES: Final[dict[str, CellType]] = {
    "Epithelial": CellType((10.6, 9.4), (4.8, 3.8), aligned=False, chromatin=0.85, hematoxylin=0.62, eosin=0.34),
    "Stromal": CellType((12.5, 3.3), (6.4, 1.9), aligned=True, chromatin=0.95, hematoxylin=0.80, eosin=0.30),
    "Endothelial": CellType((9.5, 2.7), (5.0, 1.6), aligned=True, chromatin=0.95, hematoxylin=0.85, eosin=0.32),
    "Macrophage": CellType((7.4, 6.0), (3.9, 2.8), aligned=False, chromatin=0.90, hematoxylin=0.66, eosin=0.26),
    "Helper T cell": CellType((4.7, 4.4), (3.3, 3.1), aligned=False, chromatin=1.15, hematoxylin=1.05, eosin=0.14),
    "Cytotoxic T cell": CellType((4.7, 4.4), (3.3, 3.1), aligned=False, chromatin=1.15, hematoxylin=1.05, eosin=0.14),
    "Regulatory T cell": CellType((4.7, 4.4), (3.3, 3.1), aligned=False, chromatin=1.15, hematoxylin=1.05, eosin=0.14),
    "B cell": CellType((5.0, 4.7), (3.5, 3.3), aligned=False, chromatin=1.10, hematoxylin=1.00, eosin=0.14),
}

#: How often a phenotype is met in a region (the rows sum to 1).
FRACTIONS: Final[dict[str, dict[str, float]]] = {
    "stroma": {
        "Stromal": 0.68, "Endothelial": 0.02, "Macrophage": 0.12, "Helper T cell": 0.08, "Cytotoxic T cell": 0.05,
        "Regulatory T cell": 0.02, "B cell": 0.03,
    },
    "tumour": {"Epithelial": 0.93, "Macrophage": 0.025, "Cytotoxic T cell": 0.035, "Helper T cell": 0.01},
    "margin": {
        "Stromal": 0.42, "Cytotoxic T cell": 0.24, "Macrophage": 0.16, "Helper T cell": 0.10,
        "Regulatory T cell": 0.06, "B cell": 0.02,
    },
    "b_zone": {"B cell": 0.84, "Helper T cell": 0.10, "Macrophage": 0.03, "Regulatory T cell": 0.03},
    "t_zone": {
        "Helper T cell": 0.46, "Cytotoxic T cell": 0.22, "B cell": 0.14, "Regulatory T cell": 0.09,
        "Macrophage": 0.05, "Stromal": 0.04,
    },
    "vessel": {"Endothelial": 0.90, "Stromal": 0.10},
}  # fmt: skip

#: Hard-core distance of two cells of a region, in µm (0: no cells).
DISTANCE_UM: Final[dict[str, float]] = {
    "empty": 0.0, "stroma": 10.6, "tumour": 10.2, "margin": 9.6, "b_zone": 6.8, "t_zone": 7.0, "vessel": 7.6,
}  # fmt: skip

#: Share of proliferating (Ki67) cells, by region.
PROLIFERATING: Final[dict[str, float]] = {
    "empty": 0.0, "stroma": 0.02, "tumour": 0.22, "margin": 0.04, "b_zone": 0.25, "t_zone": 0.05, "vessel": 0.02,
}  # fmt: skip


def fraction_table() -> np.ndarray:
    """FRACTIONS as an array (regions, phenotypes); the row of the empty region is 0."""
    return np.array([[FRACTIONS.get(region, {}).get(name, 0.0) for name in PHENOTYPES] for region in REGIONS])
