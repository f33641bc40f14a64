"""How many objects a mask has, how large they are and how much they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.assemble._sources import open_sources
from htan_kit.qc._tables import metric_table

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.cohort import Sample

__all__ = ["segmentation"]

_PERCENTILES: Final = {"p5": 5, "median": 50, "p95": 95}
_COLUMNS: Final = {
    "library_id": "object", "mask": "object", "n_objects": "int64",
    **{f"area_{unit}_{name}": "float64" for unit in ("px", "um2") for name in _PERCENTILES},
    "n_touching_border": "int64", "border_share": "float64", "coverage_share": "float64",
    "objects_per_mm2": "float64",
}  # fmt: skip


def segmentation(sample: Sample) -> pd.DataFrame:
    """Summarise the objects of a sample's mask.

    Parameters
    ----------
    sample
        The files of one image.

    Returns
    -------
    One row: ``library_id``, ``mask`` (its name), ``n_objects``, percentiles of the objects' areas
    (``area_px_p5``, ``area_px_median``, ``area_px_p95`` and the same in µm², NaN where the pixel size is unknown),
    ``n_touching_border`` and ``border_share`` (0 to 1: objects cut by the edge of the image), ``coverage_share`` (0 to
    1: pixels of the image inside objects), ``objects_per_mm2`` (of the whole image). No row, and
    ``attrs["reason"]``, without a mask.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    References
    ----------
    Counts and coverage as in SPRM's and CellSegmentationEvaluator's reference-free measures (Chen & Murphy 2023,
    doi 10.1091/mbc.E22-08-0364); no source gives thresholds.

    Examples
    --------
    >>> import htan_kit as hk
    >>> table = hk.qc.segmentation(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> bool(table["n_objects"].iloc[0] > 0)
    True
    """
    sources = open_sources(sample)
    if sources.mask is None or sources.objects is None:
        return metric_table(_COLUMNS, reason="the sample has no mask (Level 3)")
    objects, size = sources.objects, sources.pixel_size_um or float("nan")
    areas = objects["area_px"].to_numpy(float)
    pixels = float(sources.mask.shape[0]) * sources.mask.shape[1]
    n, n_border = len(objects), int(objects["touches_border"].sum())
    row: dict[str, object] = {"library_id": sample.library_id, "mask": sample.mask_name, "n_objects": n}
    for name, percentile in _PERCENTILES.items():
        area = float(np.percentile(areas, percentile)) if n else float("nan")
        row |= {f"area_px_{name}": area, f"area_um2_{name}": area * size**2}
    row |= {
        "n_touching_border": n_border,
        "border_share": n_border / n if n else float("nan"),
        "coverage_share": areas.sum() / pixels,
        "objects_per_mm2": n / (pixels * size**2 / 1e6),
    }
    return metric_table(_COLUMNS, [row])
