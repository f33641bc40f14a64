"""The Level 4 table: what skimage's regionprops (and so mcquant) gives on the written pixels, made tile by tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.datasets._geometry import blocks

if TYPE_CHECKING:
    import os

    import pandas as pd
    from numpy.typing import NDArray

    from htan_kit.datasets._tissue import Tissue

__all__ = ["MORPHOLOGY", "object_table"]

#: mcquant's columns after the markers, and what skimage calls them.
MORPHOLOGY: Final = {
    "X_centroid": "centroid-1", "Y_centroid": "centroid-0", "Area": "area", "MajorAxisLength": "axis_major_length",
    "MinorAxisLength": "axis_minor_length", "Eccentricity": "eccentricity", "Solidity": "solidity", "Extent": "extent",
    "Orientation": "orientation",
}  # fmt: skip
_BLOCK: Final = 1024


def object_table(tissue: Tissue, image: str | os.PathLike[str]) -> pd.DataFrame:
    """Measure every cell on the pixels of a written image.

    Parameters
    ----------
    tissue
        Whose labels to use.
    image
        The OME-TIFF that was written for it.

    Returns
    -------
    One row a label in rising order, with mcquant's header.
    """
    import pandas as pd
    import tifffile

    size = int(tissue.cells["cell_id"].max()) + 1 if tissue.n_cells else 1
    table = _shape_columns(tissue)
    ids = table.index.to_numpy()
    columns: dict[str, Any] = {"CellID": ids}
    with tifffile.TiffFile(image) as tiff:
        for i, channel in enumerate(tissue.channels):
            sums = np.zeros(size)
            for tile, (*_, y, x, _), _ in tiff.pages[i].segments():
                if tile is None:
                    continue
                # The last tiles of a row and of a column are filled up beyond the image.
                part = tile.reshape(tile.shape[-3:-1])[: tissue.shape[0] - y, : tissue.shape[1] - x]
                labels = tissue.labels((y, y + part.shape[0], x, x + part.shape[1]))
                sums += np.bincount(labels.ravel(), weights=part.ravel(), minlength=size)
            columns[channel.name] = sums[ids] / table["area"].to_numpy()
    return pd.DataFrame(columns | {new: table[old].to_numpy() for new, old in MORPHOLOGY.items()})


def _shape_columns(tissue: Tissue) -> pd.DataFrame:
    """Shapes by label; each cell is measured in the block its centre is in, where it is seen whole."""
    import pandas as pd
    from skimage.measure import regionprops_table

    halo = int(2 * tissue.shapes.reach_um / tissue.pixel_size_um) + 8
    x, y = tissue.cells["x_px"].to_numpy(), tissue.cells["y_px"].to_numpy()
    ids: NDArray[np.int64] = tissue.cells["cell_id"].to_numpy()
    names = ("label", "centroid", *(v for v in MORPHOLOGY.values() if not v.startswith("centroid")))
    parts = []
    for y0, y1, x0, x1 in blocks(tissue.shape, _BLOCK):
        mine = ids[(y >= y0) & (y < y1) & (x >= x0) & (x < x1)]
        top, left = max(y0 - halo, 0), max(x0 - halo, 0)
        labels = tissue.labels((top, min(y1 + halo, tissue.shape[0]), left, min(x1 + halo, tissue.shape[1])))
        labels = np.where(np.isin(labels, mine), labels, 0).astype(np.int64)
        if not labels.any():
            continue
        part = pd.DataFrame(regionprops_table(labels, properties=names))
        part["centroid-0"] += top
        part["centroid-1"] += left
        parts.append(part)
    if not parts:
        empty = pd.DataFrame(columns=["label", *MORPHOLOGY.values()], dtype=float)
        return empty.astype({"label": np.int64}).set_index("label")
    return pd.concat(parts).set_index("label").sort_index()
