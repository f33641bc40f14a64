"""obs, var and obsm as the contract wants them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from htan_kit._keys import Key

if TYPE_CHECKING:
    from anndata import AnnData

    from htan_kit.cohort import Sample

__all__ = ["add_places", "add_sizes", "named_safely", "obs", "var_of_features"]

_CLASSES = ("nucleus", "cytoplasm", "membrane", "plasma_membrane", "spot", "tissue", "roi")
_AREAS = ("Area", "area", "area_px")
_LENGTHS = {  # MCMICRO's and scikit-image's names, in px
    "major_axis_length_um": ("MajorAxisLength", "axis_major_length", "major_axis_length"),
    "minor_axis_length_um": ("MinorAxisLength", "axis_minor_length", "minor_axis_length"),
    "perimeter_um": ("Perimeter", "perimeter"),
}


def obs(
    sample: Sample, ids: np.ndarray, xy_px: np.ndarray | None, object_ids: pd.Series | None, notes: pd.DataFrame
) -> pd.DataFrame:
    """Make ``obs``: ids, names under each tool's convention, places in px, and the table's own notes."""
    library_id, n = sample.library_id, len(ids)
    object_class = f"{sample.mask_name}_" if sample.mask_name in _CLASSES else ""
    frame = pd.DataFrame({Key.obs.cell_id: ids}, index=[f"{library_id}_{object_class}{i}" for i in ids.tolist()])
    all_alike = np.zeros(n, np.int8)
    frame[Key.obs.library_id] = pd.Categorical.from_codes(all_alike, [library_id])
    frame[Key.obs.region] = pd.Categorical.from_codes(all_alike, [library_id])
    frame[Key.obs.instance_id] = ids
    frame[Key.obs.imageid] = pd.Categorical.from_codes(all_alike, [sample.name])
    if xy_px is not None:
        frame[Key.obs.x], frame[Key.obs.y] = xy_px.T
    if object_ids is not None:
        frame[Key.obs.object_id] = object_ids.to_numpy()
    for name, column in named_safely(notes).items():
        if name not in frame:
            frame[name] = _note(column).set_axis(frame.index)
    frame.index = frame.index.astype(str)
    return frame


def _note(column: pd.Series) -> pd.Series:
    if column.dtype == bool or isinstance(column.dtype, pd.CategoricalDtype):
        return column
    text = column.where(column.isna(), column.astype(str))
    return text.astype(object).astype("category")


def named_safely(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename columns to what h5ad and SpatialData accept: letters, digits, ``_ - .``, all different."""
    names: dict[str, None] = {}
    for column in frame.columns:
        base = re.sub(r"[^A-Za-z0-9_.-]+", "_", str(column)).strip("_") or "column"
        name, n = base, 1
        while name in names:
            n += 1
            name = f"{base}_{n}"
        names[name] = None
    renamed = frame.copy(deep=False)  # the columns themselves are not copied
    renamed.columns = list(names)
    return renamed


def add_places(adata: AnnData, xy_px: np.ndarray | None, pixel_size_um: float | None) -> None:
    """Add ``obsm`` places: pixels, and µm where the pixel size is known; none where no place is known."""
    if xy_px is None:
        return
    adata.obsm[Key.obsm.spatial] = np.ascontiguousarray(xy_px, np.float64)
    if pixel_size_um is not None:
        adata.obsm[Key.obsm.spatial_um] = np.ascontiguousarray(xy_px * pixel_size_um, np.float64)


def add_sizes(
    adata: AnnData, objects: pd.DataFrame | None, features: pd.DataFrame, pixel_size_um: float | None
) -> None:
    """Add the area of each object: the table's, else the mask's; and its lengths in µm where they are known in px."""
    for name_um, names in _LENGTHS.items():
        length = next((name for name in names if name in features), None)
        if length is not None and pixel_size_um is not None:
            adata.obs[name_um] = features[length].to_numpy(np.float64) * pixel_size_um
    name = next((name for name in _AREAS if name in features), None)
    if name is not None:
        area = features[name].to_numpy(np.float64)
    elif objects is not None:
        area = objects.set_index("label")["area_px"].reindex(adata.obs[Key.obs.cell_id]).to_numpy(np.float64)
    else:
        return
    adata.obs[Key.obs.area_px] = area
    if pixel_size_um is not None:
        adata.obs[Key.obs.area_um2] = area * pixel_size_um**2


def var_of_features(channel_frame: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Give each table column the metadata of its channel, in the order of the table.

    Parameters
    ----------
    channel_frame
        What :func:`htan_kit.channels.reconcile` gave.
    features
        The table's marker columns.

    Returns
    -------
    One row a feature, index = the feature's name; NA where no channel belongs to it.
    """
    from htan_kit.channels import role

    of = channel_frame.dropna(subset=["feature"]).reset_index(drop=True).set_index("feature")
    var = of[~of.index.duplicated()].reindex(features)
    unknown = var[Key.var.role].isna()
    var.loc[unknown, Key.var.role] = [role(name) for name in var.index[unknown]]
    return var.rename_axis(None)
