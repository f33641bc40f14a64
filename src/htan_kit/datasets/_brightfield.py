"""Hematoxylin and eosin: how much of each stain lies at a pixel, and what colour that leaves of white light.

Optical densities of the two stains: Ruifrok AC, Johnston DA, Anal Quant Cytol Histol 2001;23:291-299.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.datasets._defects import DEFECTS
from htan_kit.datasets._geometry import depth_of, nucleus_of, region_of
from htan_kit.datasets._layout import EMPTY
from htan_kit.datasets._noise import normal_field
from htan_kit.datasets._planting import focus_weight
from htan_kit.datasets._random import STREAM, generator
from htan_kit.datasets._types import PHENOTYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from htan_kit.datasets._tissue import Tissue

    Window = tuple[int, int, int, int]

__all__ = ["STAINS", "BrightfieldPlane"]

#: Optical density of hematoxylin and eosin in red, green and blue.
STAINS: Final = np.array([[0.644, 0.717, 0.267], [0.093, 0.954, 0.283]])
_WHITE: Final = 243.0


@dataclass(frozen=True)
class BrightfieldPlane:
    """Makes any window of an H&E.

    Parameters
    ----------
    tissue
        What to look at.
    hematoxylin, eosin, nucleoli
        Of each label.
    """

    tissue: Tissue
    hematoxylin: NDArray[np.float32]
    eosin: NDArray[np.float32]
    nucleoli: NDArray[np.float32]

    @classmethod
    def of(cls, tissue: Tissue) -> BrightfieldPlane:
        """Look up the stains of every label."""
        ids, kind = np.asarray(tissue.cells["cell_id"]), tissue.type_index
        z = generator(tissue.seed, STREAM.EXPRESSION, 0).standard_normal((2, len(ids)))
        types = list(PHENOTYPES.values())
        tables = np.zeros((3, int(ids.max(initial=0)) + 1), dtype=np.float32)
        tables[0, ids] = np.array([t.hematoxylin for t in types])[kind] * np.exp(0.15 * z[0])
        tables[1, ids] = np.array([t.eosin for t in types])[kind] * np.exp(0.15 * z[1])
        tables[2, ids] = kind == list(PHENOTYPES).index("Epithelial")
        return cls(tissue, *tables)

    def window(self, window: Window) -> NDArray[np.uint8]:
        """Pixels (h, w, 3) of (y0, y1, x0, x1)."""
        from scipy.ndimage import gaussian_filter

        tissue = self.tissue
        y0, y1, x0, x1 = window
        sigma = 0.42 / tissue.pixel_size_um
        poor = "out_of_focus" in tissue.defects
        blur = DEFECTS["out_of_focus"].parameters["sigma_um"] / tissue.pixel_size_um if poor else 0.0
        pad = int(4 * sigma + 4 * blur) + 2
        stains = self._stains((y0 - pad, y1 + pad, x0 - pad, x1 + pad))
        inner = np.s_[pad:-pad, pad:-pad]
        sharp = [gaussian_filter(s, sigma, mode="nearest") for s in stains]
        amounts = np.stack([s[inner] for s in sharp])
        if poor:
            weight = focus_weight(tissue, window)
            soft = np.stack([gaussian_filter(s, blur, mode="nearest")[inner] for s in sharp])
            amounts = amounts * (1 - weight) + soft * weight
        out = np.empty((y1 - y0, x1 - x0, 3), dtype=np.uint8)
        for band in range(3):
            density = amounts[0] * STAINS[0, band] + amounts[1] * STAINS[1, band]
            value = _WHITE * 10.0**-density + 1.1 * normal_field(tissue.seed, band, window)
            out[..., band] = np.clip(np.floor(value + 0.5), 0, 255)
        return out

    def _stains(self, window: Window) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        geometry = self.tissue.geometry
        labels, code = geometry.read("labels", window), geometry.read("code", window)
        texture = geometry.read("texture", window).astype(np.float32) / 127.0
        fibre = geometry.read("fibre", window).astype(np.float32) / 255.0
        nucleus, depth = nucleus_of(code), depth_of(code)
        chromatin = self.hematoxylin[labels] * np.where(nucleus == 1, 1.12, 0.92 + 0.40 * texture)
        chromatin += self.nucleoli[labels] * np.where(texture > 0.52, 0.55, 0.0)
        h = np.where(nucleus > 0, chromatin, 0.05 * (depth > 0))
        cytoplasm = self.eosin[labels] * (1 + 0.28 * texture) * np.where(depth == 1, 1.15, 1.0)
        matrix = np.where(region_of(code) == EMPTY, 0.0, 0.06 + 0.36 * fibre + 0.03 * texture)
        e = np.where(nucleus > 0, 0.35 * self.eosin[labels], np.where(depth > 0, cytoplasm, matrix))
        return h.astype(np.float32), e.astype(np.float32)
