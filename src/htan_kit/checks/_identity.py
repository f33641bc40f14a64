"""Whether Levels 2, 3 and 4 are of the same objects: what the table says is measured again from the pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from htan_kit.assemble._identity import check_rows
from htan_kit.findings import Findings, error, info, warning

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.assemble._sources import Sources
    from htan_kit.findings import Finding

__all__ = ["check_identity"]

_AREAS: Final = ("Area", "area", "area_px", "NumberOfPixels", "cell_size", "Cell Area")
_EQUAL: Final = 1e-3  # numbers that differ by less are the same (tables are rounded)
_SHARE: Final = 0.95  # of values that must be the same (kit default)
_ALIKE: Final = 0.95  # rank correlation from which two columns are one quantity (kit default)
_UNLIKE: Final = 0.5  # rank correlation below which they are two (kit default)
_MIN_CELLS: Final = 20
_SHOWN: Final = 5
_SOURCE: Final = "HTAN Manual, Level 4: features of the Level 3 objects, headers that match the channels"


def check_identity(sources: Sources, *, n_cells: int = 200, seed: int = 0) -> Findings:
    """Hold the table of a sample against its mask and image, pixel by pixel.

    Parameters
    ----------
    sources
        The opened files of a sample.
    n_cells
        Area and means are recomputed for this many cells, drawn at random.
    seed
        Of the draw.

    Returns
    -------
    Ids without an object and objects without a row; centroids that are not their objects', with the simple mistake
    that explains them best (swapped, flipped, µm, another pyramid level, an offset) and its evidence; areas
    and means that differ from the pixels', and columns that hold the means of another channel. Nothing without a
    mask and a table. Images and masks of two sizes do not get here: they are an error when they are opened.

    Raises
    ------
    InputError
        A tile cannot be decoded.

    References
    ----------
    Spearman 1904 (rank correlation). HTAN Manual, Imaging Level 4.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.assemble._sources import open_sources
    >>> from htan_kit.checks._identity import check_identity
    >>> len(check_identity(open_sources(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])))
    0
    """
    table, mask, objects, image = sources.table, sources.mask, sources.objects, sources.image
    if table is None or mask is None or objects is None or sources.ids is None or not sources.ids_are_labels:
        return Findings()
    size = sources.pixel_size_um
    levels = [level.downsample for level in image.levels] if image is not None else []
    found = check_rows(sources.ids, table, mask, objects, pixel_size_um=size, downsamples=levels)
    both, rows, _ = np.intersect1d(sources.ids, objects["label"].to_numpy(), return_indices=True)
    if not len(both) or any(finding.rule == "identity.ids-renumbered" for finding in found):
        return found  # other objects' numbers would be compared
    drawn = np.sort(np.random.default_rng(seed).permutation(len(both))[:n_cells])
    labels, rows = both[drawn], rows[drawn]
    subject = table.paths[0].name
    measured = objects.set_index("label").loc[labels, "area_px"].to_numpy(np.float64)
    name = next((name for name in _AREAS if name in table.features), None)
    if name is not None:
        found.extend(_areas(table.features[name].to_numpy(np.float64)[rows], measured, name, size, subject))
    channels = sources.channel_frame.dropna(subset=["feature"])
    if image is not None and not image.is_rgb and len(channels):
        told = table.markers[list(channels["feature"])].to_numpy(np.float64)[rows]
        found.extend(_means(told, sources.measured.means(labels), channels, subject))
    return found


def _same(told: np.ndarray, seen: np.ndarray) -> np.ndarray:
    near = np.abs(told - seen) <= _EQUAL * np.maximum(np.abs(told), np.abs(seen))
    return near | (np.isnan(told) & np.isnan(seen))


def _areas(told: np.ndarray, seen: np.ndarray, name: str, size: float | None, subject: str) -> list[Finding]:
    share = float(_same(told, seen).mean())
    if share >= _SHARE:
        return []
    ratio = float(np.nanmedian(told / seen)) if np.isfinite(told).any() else math.nan
    alike = float(_same(told, seen * ratio).mean()) >= _SHARE if math.isfinite(ratio) and ratio else False
    message = f"{share:.0%} of {len(told)} areas in {name!r} are those of the mask"
    if alike and size is not None and math.isclose(ratio, size**2, rel_tol=0.01):
        return [info("identity.areas", subject, f"Areas in {name!r} are in µm², not px.", "", _SOURCE)]
    if alike:
        message += f"; all are {ratio:.4g} times the mask's"
        message += f", as at a pyramid level {1 / math.sqrt(ratio):.3g} times smaller" if ratio < 1 else ""
    hint = "Check that the table was made from this mask, at full resolution."
    return [warning("identity.areas", subject, f"{message}.", hint, _SOURCE)]


def _means(told: np.ndarray, seen: np.ndarray, channels: pd.DataFrame, subject: str) -> list[Finding]:
    """Compare columns with channels; where they differ, look for the channel a column is of."""
    planes = channels["channel_index"].to_numpy(np.int64)
    names = [str(name)[:60] for name in channels["feature"]]
    by_plane = dict(zip(planes.tolist(), names, strict=True))
    exact = np.array([[_same(told[:, i], seen[:, k]).mean() for k in planes] for i in range(len(planes))])
    wrong = [i for i in range(len(planes)) if exact[i, i] < _SHARE]
    if not wrong or len(told) < _MIN_CELLS:
        return []
    ranks = _rank_correlation(told, seen[:, planes])
    moved, other, unlike = [], [], []
    for i in wrong:
        rivals = [k for k in range(len(planes)) if k != i]
        best = max(rivals, key=lambda k: (exact[i, k], ranks[i, k]), default=i)
        is_rival = exact[i, best] >= _SHARE or (ranks[i, i] < _UNLIKE and ranks[i, best] >= _ALIKE)
        if is_rival:
            moved.append(f"{names[i]!r} holds {by_plane[int(planes[best])]!r}")
        elif ranks[i, i] >= _ALIKE:
            other.append(names[i])
        else:
            unlike.append(f"{names[i]} (rank correlation {ranks[i, i]:.2f})")
    n, found = f"{len(told)} cells", []
    if moved:
        message = f"{len(moved)} columns hold the means of another channel, measured in {n}: {_some(moved)}."
        hint = "Correct the header of the table, or the order of the channel table."
        found.append(error("identity.columns-swapped", subject, message, hint, _SOURCE))
    if unlike:
        message = f"{len(unlike)} of {len(planes)} columns do not agree with the pixels of {n}: {_some(unlike)}."
        hint = "Check that the table was made from this image and mask."
        found.append(warning("identity.means", subject, message, hint, _SOURCE))
    if other:
        message = f"{len(other)} of {len(planes)} columns rank {n} as their means over the mask do, with other numbers"
        hint = "They are another statistic, of another compartment, or transformed: say so in the metadata."
        found.append(info("identity.means-transformed", subject, f"{message}: {_some(other)}.", hint, _SOURCE))
    return found


def _rank_correlation(told: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Correlate the ranks of each column with those of each channel; 0 where one of them is constant."""
    from scipy.stats import rankdata

    ranks = []
    for values in (told, seen):
        rank = rankdata(np.nan_to_num(values), axis=0)
        rank -= rank.mean(axis=0)
        norm = np.linalg.norm(rank, axis=0)
        ranks.append(np.divide(rank, norm, out=np.zeros_like(rank), where=norm > 0))
    return ranks[0].T @ ranks[1]


def _some(items: list[str]) -> str:
    return ", ".join(items[:_SHOWN]) + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")
