"""Channels of the simulated assays: what each shows, where in the cell, how bright, and in which cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from htan_kit.datasets._types import PHENOTYPES

__all__ = ["ASSAYS", "MARKERS", "Assay", "Channel", "Marker", "assay_channels", "expression_levels"]


@dataclass(frozen=True)
class Marker:
    """What an antibody binds.

    Parameters
    ----------
    target
        Protein name as HTAN's channel tables write it.
    place
        ``"membrane"``, ``"nucleus"``, ``"cytoplasm"`` or ``"fibre"`` (cytoplasm, and fibres between the cells).
    positive
        Phenotypes that carry it and how strongly (1: as a rule).
    clone
        A clone in wide use. Vendors and numbers in the channel table are made up and look it.
    """

    target: str
    place: str
    positive: dict[str, float]
    clone: str = ""


_T = {"Helper T cell": 1.0, "Cytotoxic T cell": 1.0, "Regulatory T cell": 1.0}
_LITTLE = dict.fromkeys(_T, 0.25)

#: Markers by channel name.
MARKERS: Final[dict[str, Marker]] = {
    "panCK": Marker("Pan-cytokeratin", "cytoplasm", {"Epithelial": 1.0}, "AE1/AE3"),
    "ECAD": Marker("E-cadherin", "membrane", {"Epithelial": 1.0}, "24E10"),
    "CD45": Marker("CD45", "membrane", _T | {"B cell": 0.9, "Macrophage": 0.55}, "2D1"),
    "Vimentin": Marker(
        "Vimentin", "fibre", _LITTLE | {"Stromal": 1.0, "Endothelial": 0.8, "Macrophage": 0.45}, "D21H3"
    ),
    "CD3": Marker("CD3e", "membrane", _T, "SP7"),
    "CD8": Marker("CD8a", "membrane", {"Cytotoxic T cell": 1.0}, "AMC908"),
    "CD4": Marker("CD4", "membrane", {"Helper T cell": 1.0, "Regulatory T cell": 0.8, "Macrophage": 0.15}, "EPR6855"),
    "FOXP3": Marker("FOXP3", "nucleus", {"Regulatory T cell": 1.0}, "236A/E7"),
    "CD20": Marker("CD20", "membrane", {"B cell": 1.0}, "L26"),
    "CD68": Marker("CD68", "cytoplasm", {"Macrophage": 1.0}, "D4B9C"),
    "SMA": Marker("Alpha-smooth muscle actin", "fibre", {"Stromal": 1.0}, "1A4"),
    "CD31": Marker("CD31", "membrane", {"Endothelial": 1.0}, "EPR3094"),
    # By proliferation, not by type.
    "Ki67": Marker("Ki-67", "nucleus", {}, "D3B5"),
}


@dataclass(frozen=True)
class Channel:
    """One plane of an image.

    Parameters
    ----------
    name
        Name in the OME header, the channel table and the Level 4 table.
    marker
        Key of ``MARKERS``, or ``"DNA"``, ``"blank"`` or ``"element"``.
    cycle
        1-based; 0 where the assay has none.
    excitation, emission
        Wavelengths in nm; 0 where the assay has none.
    fluorophore
        Or the dye.
    metal
        Isotope such as ``("Er", 170)``.
    signal
        Mean signal of a positive compartment, in grey levels (counts in IMC).
    autofluorescence
        The same of tissue without antibody.
    """

    name: str
    marker: str
    cycle: int
    excitation: float = 0.0
    emission: float = 0.0
    fluorophore: str = ""
    metal: tuple[str, int] | None = None
    signal: float = 1000.0
    autofluorescence: float = 60.0


@dataclass(frozen=True)
class Assay:
    """What an assay's images are like.

    Parameters
    ----------
    name
        HTAN's valid value for IMAGING_ASSAY_TYPE.
    miti
        MITI's valid value for the same.
    dtype
        Of the pixels.
    pixel_size_um
        The usual one.
    offset, gain, read_noise
        Of the camera, in grey levels: value = offset + signal ± sqrt(gain * signal + read_noise²).
    vignetting
        Loss of light at the edge of a field.
    registration_px
        Standard deviation of a cycle's shift in pixels.
    loss
        Share of cells that every later cycle loses.
    """

    name: str
    miti: str
    dtype: str
    pixel_size_um: float
    offset: float = 0.0
    gain: float = 0.0
    read_noise: float = 0.0
    vignetting: float = 0.0
    registration_px: float = 0.0
    loss: float = 0.0


ASSAYS: Final[dict[str, Assay]] = {
    "cycif": Assay("CyCIF", "t-CyCIF", "uint16", 0.65, 48.0, 0.025, 0.6, 0.12, 0.35, 0.004),
    "codex": Assay("CODEX", "CODEX", "uint16", 0.5, 60.0, 0.06, 1.2, 0.15, 0.30, 0.002),
    "imc": Assay("IMC", "IMC", "float32", 1.0),
    "he": Assay("H&E", "H&E", "uint8", 0.5),
}

_DYES: Final = {
    "DNA": (395.0, 438.0, "Hoechst 33342"),
    "488": (485.0, 525.0, "Alexa Fluor 488"),
    "555": (555.0, 590.0, "Alexa Fluor 555"),
    "647": (640.0, 690.0, "Alexa Fluor 647"),
}
_AUTOFLUORESCENCE: Final = {"DNA": 4.0, "488": 18.0, "555": 11.0, "647": 5.0}
_CYCIF: Final = (
    ("panCK", "CD45", "Vimentin"),
    ("CD3", "CD8", "CD20"),
    ("FOXP3", "CD68", "CD4"),
    ("SMA", "CD31", "Ki67"),
)
_CODEX: Final = (("blank", "blank", "blank"), *_CYCIF, ("blank", "blank", "blank"))
_SIGNAL: Final = {
    "panCK": 375.0, "ECAD": 350.0, "CD45": 200.0, "Vimentin": 325.0, "CD3": 225.0, "CD8": 250.0, "CD20": 275.0,
    "CD4": 175.0, "FOXP3": 150.0, "CD68": 250.0, "SMA": 325.0, "CD31": 250.0, "Ki67": 225.0,
}  # fmt: skip
_METALS: Final = (
    ("Xe131", "element", ("Xe", 131), 0.0), ("SMA", "SMA", ("Pr", 141), 14.0),
    ("Vimentin", "Vimentin", ("Nd", 143), 16.0), ("panCK", "panCK", ("Nd", 148), 18.0),
    ("CD31", "CD31", ("Eu", 151), 9.0), ("CD45", "CD45", ("Sm", 152), 8.0),
    ("FOXP3", "FOXP3", ("Gd", 155), 6.0), ("CD4", "CD4", ("Gd", 156), 7.0), ("ECAD", "ECAD", ("Gd", 158), 14.0),
    ("CD68", "CD68", ("Tb", 159), 10.0), ("CD20", "CD20", ("Dy", 161), 14.0), ("CD8", "CD8", ("Dy", 162), 11.0),
    ("Ki67", "Ki67", ("Er", 168), 9.0), ("CD3", "CD3", ("Er", 170), 9.0), ("DNA1", "DNA", ("Ir", 191), 17.0),
    ("DNA2", "DNA", ("Ir", 193), 30.0),
)  # fmt: skip


def assay_channels(assay: str) -> tuple[Channel, ...]:
    """Channels of an assay (``ASSAYS``) in plane order; an H&E has none of its own."""
    if assay == "imc":
        return tuple(
            Channel(name, marker, 0, fluorophore="", metal=metal, signal=signal, autofluorescence=0.12)
            for name, marker, metal, signal in _METALS
        )
    out: list[Channel] = []
    rounds = {"cycif": _CYCIF, "codex": _CODEX, "he": ()}[assay]
    for cycle, markers in enumerate(rounds, start=1):
        # Bleaching between cycles takes some of the tissue's own light.
        fading = 0.86 ** (cycle - 1)
        for slot, marker in zip(_DYES, ("DNA", *markers), strict=True):
            excitation, emission, dye = _DYES[slot]
            name = f"DNA_{cycle}" if marker == "DNA" else f"Blank_{cycle}_{slot}" if marker == "blank" else marker
            signal = 400.0 * 0.95 ** (cycle - 1) if marker == "DNA" else _SIGNAL.get(marker, 0.0)
            auto = _AUTOFLUORESCENCE[slot] * fading
            fluorophore = "" if marker == "blank" else dye
            out.append(Channel(name, marker, cycle, excitation, emission, fluorophore, None, signal, auto))
    return tuple(out)


def expression_levels(channel: Channel) -> np.ndarray:
    """Mean signal of each phenotype in a channel, in grey levels (n_phenotypes,)."""
    if channel.marker == "DNA":
        return np.array([kind.chromatin * channel.signal for kind in PHENOTYPES.values()])
    positive = MARKERS[channel.marker].positive if channel.marker in MARKERS else {}
    # Even a good antibody binds a little everywhere.
    return np.array([channel.signal * max(positive.get(name, 0.0), 0.02) for name in PHENOTYPES])
