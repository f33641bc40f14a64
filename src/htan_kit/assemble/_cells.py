"""Objects by channels, before they become an AnnData or a table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from htan_kit._keys import Key
from htan_kit.findings import info
from htan_kit.pixels._stains import STAINS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    import pandas as pd

    from htan_kit.assemble._sources import Sources
    from htan_kit.assemble._statistic import Statistic

__all__ = ["Cells", "level4_table", "measured_cells"]

Layer = tuple["Statistic", str]
"""A statistic and the compartment it is of."""


class Cells(NamedTuple):
    """Objects by channels; parts share their rows, ``var`` and ``layers`` the columns of ``x``."""

    ids: np.ndarray  # int64, the label of each object
    x: np.ndarray
    var: pd.DataFrame
    xy_px: np.ndarray | None
    features: pd.DataFrame
    notes: pd.DataFrame
    object_ids: pd.Series | None
    layers: Mapping[Layer, np.ndarray] = MappingProxyType({})


def measured_cells(sources: Sources, statistics: Iterable[Statistic] = ()) -> Cells:
    """Measure the objects of a sample's mask in its image.

    Parameters
    ----------
    sources
        The opened sample, with image and mask.
    statistics
        What is wanted, the mean of the whole object beside; in every compartment that is measured.

    Returns
    -------
    The cells: means float64, and a layer for each statistic and compartment. Those of a colour image are by stain.
    """
    import numpy as np
    import pandas as pd

    found, rgb = sources.measured.found, sources.image is not None and sources.image.is_rgb
    message = f"There is no Level 4 table; {len(found.labels):,} objects were measured from image and mask."
    sources.findings.append(info("table.quantified", sources.sample.name, message))
    groups = found.stains if rgb else found.compartments
    layers = {
        (statistic, compartment): statistic.of(intensities)
        for compartment, intensities in groups.items()
        for statistic in statistics
        if (statistic.name, compartment) != ("mean", "cell")
    }
    said = sources.mask.notes if sources.mask is not None else None  # by the program that drew outlines
    notes = pd.DataFrame(index=found.labels) if said is None else said.reindex(found.labels)
    object_ids = notes.pop("object_id") if "object_id" in notes else None
    if sources.measured.question.skip_bad_tiles:
        notes[Key.obs.in_bad_tile] = found.objects[Key.obs.in_bad_tile].to_numpy()
    var = stains_of(sources.channel_frame) if rgb else sources.channel_frame
    xy = found.objects[["x_px", "y_px"]].to_numpy(np.float64)
    features = pd.DataFrame(found.shapes)
    return Cells(found.labels, groups["cell"].mean, var, xy, features, notes, object_ids, layers)


def stains_of(channel_frame: pd.DataFrame) -> pd.DataFrame:
    """Give a colour image's stains the metadata of its one channel.

    Parameters
    ----------
    channel_frame
        One row.

    Returns
    -------
    A row a stain, role ``stain``.
    """
    import pandas as pd

    frame = pd.concat([channel_frame.iloc[:1]] * len(STAINS)).set_axis(list(STAINS))
    frame[Key.var.role] = "stain"
    return frame


def level4_table(cells: Cells) -> pd.DataFrame:
    """Lay the cells out as MCMICRO's quantification does: id, markers, place, shape.

    Parameters
    ----------
    cells
        The cells.

    Returns
    -------
    ``CellID``, the means under the markers' own names, the other statistics by statistic, ``X_centroid``,
    ``Y_centroid``, then shapes and notes.

    References
    ----------
    labsyspharm/quantification (mcquant), SingleCellDataExtraction.py.
    """
    import pandas as pd

    markers = [str(name) for name in cells.var.index]
    parts = [pd.DataFrame({Key.obs.cell_id: cells.ids}), pd.DataFrame(cells.x, columns=markers)]
    for (statistic, compartment), values in cells.layers.items():
        parts.append(pd.DataFrame(values, columns=[statistic.column(marker, compartment) for marker in markers]))
    if cells.xy_px is not None:
        parts.append(pd.DataFrame(cells.xy_px, columns=[Key.obs.x, Key.obs.y]))
    return pd.concat([*parts, cells.features.reset_index(drop=True), cells.notes.reset_index(drop=True)], axis=1)
