"""What the image file is: size, type, scale, storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.assemble._sources import open_sources
from htan_kit.qc._tables import metric_table

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.cohort import Sample

__all__ = ["images"]

_COLUMNS: Final = {
    "library_id": "object", "assay": "object", "height_px": "int64", "width_px": "int64", "n_channels": "int64",
    "dtype": "object", "pixel_size_um": "float64", "width_um": "float64", "height_um": "float64", "levels": "int64",
    "tiled": "bool", "compression": "object", "file_size_bytes": "int64",
}  # fmt: skip


def images(sample: Sample) -> pd.DataFrame:
    """Describe the Level 2 image of a sample; no pixels are read.

    Parameters
    ----------
    sample
        The files of one image.

    Returns
    -------
    One row: ``library_id``, ``assay``, ``height_px``, ``width_px``, ``n_channels`` (RGB: 1), ``dtype``,
    ``pixel_size_um``, ``width_um``, ``height_um`` (NaN where the pixel size is unknown), ``levels`` (of the pyramid),
    ``tiled``, ``compression``, ``file_size_bytes``. No row, and ``attrs["reason"]``, without an image.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> cohort = hk.open_cohort(hk.datasets.sample())
    >>> hk.qc.images(cohort["HTA200_1_D1"])["pixel_size_um"].tolist()
    [0.65]
    """
    sources = open_sources(sample)
    image = sources.image
    if image is None:
        return metric_table(_COLUMNS, reason="the sample has no image (Level 2)")
    size = float("nan") if sources.pixel_size_um is None else sources.pixel_size_um
    row = {
        "library_id": sample.library_id,
        "assay": sample.assay or "",
        "height_px": image.height,
        "width_px": image.width,
        "n_channels": image.n_channels,
        "dtype": str(image.dtype),
        "pixel_size_um": size,
        "width_um": image.width * size,
        "height_um": image.height * size,
        "levels": len(image.levels),
        "tiled": image.tiled,
        "compression": image.compression,
        "file_size_bytes": image.path.stat().st_size,
    }
    return metric_table(_COLUMNS, [row])
