"""All cells of a run in one file, written sample by sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit._keys import Key
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import h5py
    import numpy as np
    from anndata import AnnData

__all__ = ["write_cohort"]


def write_cohort(paths: Sequence[Path], target: Path) -> None:
    """Write the cells of several h5ad files into one, holding the values of one sample at a time.

    Parameters
    ----------
    paths
        The samples' files.
    target
        The file to make. It has no images and no graphs (:func:`htan_kit.tl.spatial_graph` makes them again); markers
        are those that all samples have, or all markers (NaN where not measured) where they have none in common.
    """
    import anndata
    import h5py
    import numpy as np
    import pandas as pd

    frames, places, firsts = [], [], []
    for path in paths:
        part = _light(path)
        frames.append(part.obs)
        places.append({key: part.obsm[key] for key in (Key.obsm.spatial, Key.obsm.spatial_um) if key in part.obsm})
        firsts.append(part[:1].copy())
    like = _joined(firsts)
    obs = pd.concat([f.astype({c: object for c in f if isinstance(f[c].dtype, pd.CategoricalDtype)}) for f in frames])
    for column in like.obs:
        if isinstance(like.obs[column].dtype, pd.CategoricalDtype):
            obs[column] = pd.Categorical(obs[column], categories=_categories(frames, column))
    everywhere = (
        set.intersection(*(set(p) for p, f in zip(places, frames, strict=True) if len(f))) if len(obs) else set()
    )
    obsm = {key: np.concatenate([p[key] for p, f in zip(places, frames, strict=True) if len(f)]) for key in everywhere}
    anndata.AnnData(obs=obs[list(like.obs)], var=like.var, obsm=obsm, uns=like.uns).write_h5ad(target)
    layers = [name for name in like.layers if name is not None]
    with h5py.File(target, "r+") as store:
        for name in ["X", *(f"layers/{layer}" for layer in layers)]:
            _fill(store, name, paths, list(like.var_names), len(obs))


def _light(path: Path) -> AnnData:
    """Read a sample's file without its images, graphs and values beyond the first row."""
    import anndata

    part = anndata.read_h5ad(path)
    part.uns.pop(Key.uns.spatial, None)
    for key in list(part.obsp):
        del part.obsp[key]
    part.uns.pop(Key.uns.neighbors, None)
    return part


def _joined(firsts: Sequence[AnnData]) -> AnnData:
    from htan_kit.assemble import concat
    from htan_kit.findings import Findings

    try:
        return concat(firsts, findings=Findings())
    except InputError:  # no marker in common: better all of them with gaps than no cells
        return concat(firsts, "outer", findings=Findings())


def _categories(frames: Sequence[Any], column: str) -> list[Any]:
    known = [f[column].cat.categories for f in frames if column in f and hasattr(f[column], "cat")]
    return list(dict.fromkeys(value for categories in known for value in categories))


def _fill(store: h5py.File, name: str, paths: Sequence[Path], markers: list[str], n_obs: int) -> None:
    """Write the matrix ``name`` row by row of samples; NaN where a sample has no such marker."""
    import h5py
    import numpy as np

    if name in store:
        del store[name]
    matrix = store.create_dataset(
        name, (n_obs, len(markers)), np.float32, fillvalue=np.nan, compression="gzip", chunks=True if n_obs else None
    ) if n_obs and markers else store.create_dataset(name, (n_obs, len(markers)), np.float32)  # fmt: skip
    matrix.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    start = 0
    for path in paths:
        with h5py.File(path) as part:
            values, names = _values(part, name)
        if len(values) and markers:
            columns = [(i, names.index(marker)) for i, marker in enumerate(markers) if marker in names]
            block = np.full((len(values), len(markers)), np.nan, np.float32)
            block[:, [i for i, _ in columns]] = values[:, [j for _, j in columns]]
            matrix[start : start + len(values)] = block
        start += len(values)


def _values(part: h5py.File, name: str) -> tuple[np.ndarray, list[str]]:
    import numpy as np
    from anndata.io import read_elem

    names = [str(n) for n in read_elem(part["var"]).index]
    rows = len(read_elem(part["obs"]))
    if name not in part:
        return np.full((rows, len(names)), np.nan, np.float32), names
    return np.asarray(read_elem(part[name]), dtype=np.float32), names
