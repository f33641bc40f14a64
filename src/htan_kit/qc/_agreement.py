"""Whether a table belongs to its mask: same ids, same places, same areas, same means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from htan_kit.assemble._sources import open_sources
from htan_kit.pixels import labels_at
from htan_kit.qc._tables import metric_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from htan_kit.assemble._sources import Sources
    from htan_kit.cohort import Sample

__all__ = ["agreement", "agreement_cells", "compare"]

_COLUMNS: Final = {
    "library_id": "object", "mask": "object", "n_in_both": "int64", "n_only_in_mask": "int64",
    "n_only_in_table": "int64", "centroid_in_own_label_share": "float64", "area_px_max_abs_difference": "float64",
    "n_means_recomputed": "int64", "means_equal_share": "float64",
}  # fmt: skip
_CELL_COLUMNS: Final = {"CellID": "int64", "quantity": "object", "table": "float64", "pixels": "float64"}
_AREAS: Final = ("Area", "area", "area_px", "NumberOfPixels")
_EQUAL: Final = 1e-3


def agreement(sample: Sample, *, n_cells: int = 200, seed: int = 0) -> pd.DataFrame:
    """Hold a sample's table against its mask and image.

    Parameters
    ----------
    sample
        The files of one image.
    n_cells
        Means are recomputed from the pixels for this many cells, drawn at random.
    seed
        Of the draw.

    Returns
    -------
    One row: ``library_id``, ``mask``, ids ``n_in_both``, ``n_only_in_mask``, ``n_only_in_table``;
    ``centroid_in_own_label_share`` (0 to 1: of the rows whose id is in the mask, those whose centroid lies on their
    own label; a concave cell may miss), ``area_px_max_abs_difference`` (over the ids in both),
    ``n_means_recomputed`` (values: cells x markers), ``means_equal_share`` (0 to 1: those within 0.1 % of the
    table's). What cannot be compared is NaN. No row, and ``attrs["reason"]``, without a mask or a table.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> table = hk.qc.agreement(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> table[["n_only_in_mask", "n_only_in_table"]].values.tolist()
    [[0, 0]]
    """
    return compare(sample, n_cells=n_cells, seed=seed)[0]


def agreement_cells(sample: Sample, *, n_cells: int = 200, seed: int = 0) -> pd.DataFrame:
    """Give the pairs of numbers that :func:`agreement` compares: one from the table, one from the pixels.

    Parameters
    ----------
    sample
        The files of one image.
    n_cells
        Cells whose means are recomputed, drawn at random.
    seed
        Of the draw.

    Returns
    -------
    One row a pair: ``CellID``, ``quantity`` (``area_px``, for every id in both; else the marker), ``table``,
    ``pixels``. No row, and ``attrs["reason"]``, without a mask or a table.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> pairs = hk.qc.agreement_cells(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"], n_cells=5)
    >>> pairs.columns.tolist()
    ['CellID', 'quantity', 'table', 'pixels']
    """
    return compare(sample, n_cells=n_cells, seed=seed)[1]


def compare(sample: Sample, *, n_cells: int = 200, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give what :func:`agreement` and :func:`agreement_cells` give, from one reading of the files."""
    sources = open_sources(sample)
    reason = _why_not(sources)
    if reason or sources.mask is None or sources.objects is None or sources.table is None or sources.ids is None:
        return metric_table(_COLUMNS, reason=reason), metric_table(_CELL_COLUMNS, reason=reason)
    labels, ids = sources.objects["label"].to_numpy(), np.asarray(sources.ids)
    pairs = _pairs(sources, n_cells, seed)
    is_area = pairs["quantity"] == "area_px"
    area, means = pairs.loc[is_area], pairs.loc[~is_area]
    row = {
        "library_id": sample.library_id,
        "mask": sample.mask_name,
        "n_in_both": len(np.intersect1d(ids, labels)),
        "n_only_in_mask": len(np.setdiff1d(labels, ids)),
        "n_only_in_table": len(np.setdiff1d(ids, labels)),
        "centroid_in_own_label_share": _centroid_share(sources, ids, labels),
        "area_px_max_abs_difference": float((area["table"] - area["pixels"]).abs().max()) if len(area) else np.nan,
        "n_means_recomputed": len(means),
        "means_equal_share": float(_equal(means).mean()) if len(means) else np.nan,
    }
    return metric_table(_COLUMNS, [row]), pairs


def _why_not(sources: Sources) -> str:
    if sources.mask is None:
        return "the sample has no mask (Level 3)"
    return "the sample has no table (Level 4)" if sources.table is None else ""


def _pairs(sources: Sources, n_cells: int, seed: int) -> pd.DataFrame:
    if sources.table is None or sources.objects is None or sources.ids is None:
        return metric_table(_CELL_COLUMNS)
    objects = sources.objects.set_index("label")
    rows = pd.Series(np.arange(len(sources.ids)), index=np.asarray(sources.ids))
    both = np.intersect1d(rows.index, objects.index)
    frames = [metric_table(_CELL_COLUMNS)]
    name = next((name for name in _AREAS if name in sources.table.features), None)
    if name is not None:
        areas = sources.table.features[name].to_numpy(float)[rows[both].to_numpy()]
        frames.append(_frame(both, "area_px", areas, objects.loc[both, "area_px"].to_numpy(float)))
    channels = sources.channel_frame.dropna(subset=["feature"])
    if sources.image is not None and not sources.image.is_rgb and len(channels) and len(both):
        drawn = np.random.default_rng(seed).permutation(both)[:n_cells]
        measured = sources.measured.means(np.sort(drawn))
        for feature, channel in zip(channels["feature"], channels["channel_index"], strict=True):
            told = sources.table.markers[feature].to_numpy(float)[rows[np.sort(drawn)].to_numpy()]
            frames.append(_frame(np.sort(drawn), str(feature), told, measured[:, int(channel)]))
    return pd.concat([frame for frame in frames if len(frame)] or frames, ignore_index=True)


def _frame(ids: NDArray[np.int64], quantity: str, told: NDArray[np.float64], seen: NDArray[np.float64]) -> pd.DataFrame:
    return pd.DataFrame({"CellID": ids, "quantity": quantity, "table": told, "pixels": seen})


def _centroid_share(sources: Sources, ids: NDArray[np.int64], labels: NDArray[np.int64]) -> float:
    if sources.mask is None or sources.table is None or sources.table.xy_px is None:
        return float("nan")
    known = np.isin(ids, labels) & np.isfinite(sources.table.xy_px).all(axis=1)
    if not known.any():
        return float("nan")
    return float((labels_at(sources.mask, sources.table.xy_px[known]) == ids[known]).mean())


def _equal(pairs: pd.DataFrame) -> pd.Series:
    told, seen = pairs["table"], pairs["pixels"]
    size = np.maximum(told.abs(), seen.abs())
    return ((told - seen).abs() <= _EQUAL * size) | (told.isna() & seen.isna())
