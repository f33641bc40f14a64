"""Where in a given tissue the defects of the registry lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from htan_kit.datasets._defects import DEFECTS
from htan_kit.datasets._random import STREAM, generator

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from htan_kit.datasets._tissue import Tissue

    Window = tuple[int, int, int, int]

__all__ = ["focus_weight", "last_cycle", "lose_cells", "target_channel"]


def last_cycle(tissue: Tissue) -> int:
    """Give the number of the last cycle; 0 where there are none."""
    return max((c.cycle for c in tissue.channels), default=0)


def target_channel(tissue: Tissue, defect: str, key: str = "channel") -> int:
    """Plane of the channel that a defect names, the last plane if the panel lacks it; -1 if not planted."""
    if defect not in tissue.defects:
        return -1
    names = [c.name for c in tissue.channels]
    name = DEFECTS[defect].parameters[key]
    return names.index(name) if name in names else len(names) - 1


def lose_cells(tissue: Tissue) -> None:
    """Plant ``lost_cells`` in the truth."""
    parameters = DEFECTS["lost_cells"].parameters
    cells: pd.DataFrame = tissue.cells
    u = generator(tissue.seed, STREAM.DEFECTS, 1).random(len(cells))
    gone = (cells["x_px"] < parameters["share_of_width"] * tissue.shape[1]) | (u < parameters["share_elsewhere"])
    stays = cells["lost_from_cycle"] == 0
    cells.loc[gone & stays, "lost_from_cycle"] = last_cycle(tissue)


def focus_weight(tissue: Tissue, window: Window) -> NDArray[np.float64]:
    """How much each pixel of a window is out of focus, 0 to 1, with a soft edge."""
    parameters = DEFECTS["out_of_focus"].parameters
    height, width = tissue.shape
    y = np.arange(window[0], window[1])[:, None] - parameters["centre"][1] * height
    x = np.arange(window[2], window[3])[None, :] - parameters["centre"][0] * width
    radius = parameters["radius"] * min(height, width)
    return np.clip((radius - np.sqrt(x * x + y * y)) / (0.15 * radius) + 0.5, 0.0, 1.0)
