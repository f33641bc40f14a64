"""Hand-over to SpatialData: the table with the pictures and labels it annotates."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from htan_kit._keys import Key
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from anndata import AnnData
    from spatialdata import SpatialData

__all__ = ["to_spatialdata"]


def to_spatialdata(adata: AnnData) -> SpatialData:
    """Make a SpatialData object of one image or of a cohort.

    Parameters
    ----------
    adata
        What :func:`htan_kit.read` or :func:`htan_kit.concat` gave, with cells.

    Returns
    -------
    ``tables["table"]`` a copy of the cells with ``spatialdata_attrs`` (a region for each image); and for each image
    with pictures ``images["<library_id>_image"]`` and ``labels["<library_id>"]``, the thumbnails of
    ``uns["spatial"]``, scaled to level-0 pixels in the coordinate system ``library_id``.

    Raises
    ------
    InputError
        There are no cells: SpatialData has no table without rows.

    References
    ----------
    Marconato et al. 2024, SpatialData, doi 10.1038/s41592-024-02212-x.

    Examples
    --------
    >>> import htan_kit as hk
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> sorted(hk.to_spatialdata(adata).labels)
    ['HTA200_1_D1']
    """
    if not adata.n_obs:
        message = "There are no cells, and SpatialData has no table without rows."
        raise InputError.of("export.no-cells", "to_spatialdata", message, "Give a sample with a mask or a table.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what SpatialData and what it stands on say of their own code
        from spatialdata import SpatialData
        from spatialdata.models import TableModel

        table = adata.copy()
        table.uns.pop(Key.uns.spatialdata, None)
        regions = list(dict.fromkeys(table.obs[Key.obs.region].astype(str)))
        keys = {"region": regions, "region_key": Key.obs.region, "instance_key": Key.obs.instance_id}
        parsed = TableModel.parse(table, **keys)
        images: dict[str, Any] = {}
        labels: dict[str, Any] = {}
        for library_id in regions:
            block = adata.uns.get(Key.uns.spatial, {}).get(library_id)
            if block is not None:
                _add_pictures(images, labels, library_id, block)
        return SpatialData(images=images, labels=labels, tables={"table": parsed})


def _add_pictures(images: dict[str, Any], labels: dict[str, Any], library_id: str, block: dict[str, Any]) -> None:
    import numpy as np
    from spatialdata.models import Image2DModel, Labels2DModel
    from spatialdata.transformations import Scale

    per_px = 1 / float(block["scalefactors"]["tissue_hires_scalef"])
    to_level_0 = {library_id: Scale([per_px, per_px], axes=("x", "y"))}
    picture = np.moveaxis(np.asarray(block["images"]["hires"]), -1, 0)
    images[f"{library_id}_image"] = Image2DModel.parse(
        picture, dims=("c", "y", "x"), c_coords=["r", "g", "b"], transformations=to_level_0
    )
    if "segmentation" in block["images"]:
        small = np.asarray(block["images"]["segmentation"])
        labels[library_id] = Labels2DModel.parse(small, dims=("y", "x"), transformations=to_level_0)
