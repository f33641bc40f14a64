"""All cells of a run in one file, written sample by sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from htan_kit._keys import Key
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import h5py
    import numpy as np
    import pandas as pd
    from anndata import AnnData

__all__ = ["write_cohort"]

_PLACES = (Key.obsm.spatial, Key.obsm.spatial_um)
_LEFT_OUT = (Key.uns.spatial, Key.uns.neighbors)


def write_cohort(paths: Sequence[Path], target: Path) -> None:
    """Write the cells of several h5ad files into one, with the cells of one sample in memory at a time.

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

    heads, columns = [], _Columns()
    for path in paths:
        with h5py.File(path) as store:
            obs = _element(store, "obs")
            columns.see(obs)
            heads.append(_head(store, obs))
    like, dtypes = _joined(heads), columns.dtypes()
    places = [key for key in _PLACES if all(key in head.obsm for head in heads if head.n_obs) and columns.n_cells]
    names = ["X", *(f"layers/{name}" for name in like.layers if name is not None)]
    empty = {name: np.empty((0, like.n_vars), np.float32) for name in names}
    no_cells = _framed(heads[0].obs[:0], dtypes)
    _anndata(anndata.AnnData(obs=no_cells, var=like.var, uns=like.uns), empty).write_h5ad(target)
    start = 0
    for path in paths:
        with h5py.File(path) as store:
            obs = _framed(_element(store, "obs"), dtypes)
            if not len(obs):
                continue
            matrices = {name: _matrix(store, name, list(like.var_names)) for name in names}
            part = _anndata(anndata.AnnData(obs=obs, var=like.var), matrices)
            part.obsm.update({key: _element(store, f"obsm/{key}") for key in places})
        _append(part, target, start, columns.n_cells)
        start += len(obs)


class _Columns:
    """What the columns of ``obs`` hold over all samples."""

    def __init__(self) -> None:
        self.n_cells = 0
        self.frames = 0
        self.found: dict[str, list[Any]] = {}
        self.texts: dict[str, dict[Any, None]] = {}

    def see(self, obs: pd.DataFrame) -> None:
        """Take note of one sample's columns."""
        import pandas as pd
        from pandas.api.types import is_bool_dtype, is_numeric_dtype

        self.n_cells += len(obs)
        self.frames += 1
        for name, column in obs.items():
            self.found.setdefault(str(name), []).append(column.dtype)
            if isinstance(column.dtype, pd.CategoricalDtype):
                self.texts.setdefault(str(name), {}).update(dict.fromkeys(column.cat.categories))
            elif not (is_bool_dtype(column.dtype) or is_numeric_dtype(column.dtype)):
                self.texts.setdefault(str(name), {}).update(dict.fromkeys(column.dropna().astype(str).unique()))

    def dtypes(self) -> dict[str, Any]:
        """Give each column the type that holds what it has in every sample, and gaps where a sample lacks it."""
        import numpy as np
        import pandas as pd

        chosen: dict[str, Any] = {}
        for name, dtypes in self.found.items():
            if name in self.texts:
                chosen[name] = pd.CategoricalDtype(list(self.texts[name]))
                continue
            common = np.result_type(*(getattr(dtype, "numpy_dtype", dtype) for dtype in dtypes))
            gaps = len(dtypes) < self.frames or any(hasattr(dtype, "numpy_dtype") for dtype in dtypes)
            with_gaps = {"b": "boolean", "i": "Int64", "u": "Int64"}
            chosen[name] = with_gaps.get(common.kind, common) if gaps else common
        return chosen


def _element(store: h5py.File, name: str) -> Any:
    from anndata.io import read_elem

    return read_elem(store[name])


def _head(store: h5py.File, obs: pd.DataFrame) -> AnnData:
    """Read what a file says of all its cells, with one cell, or none, to hold it."""
    import anndata
    import numpy as np

    var, n = _element(store, "var"), min(len(obs), 1)
    zeros = np.zeros((n, len(var)), np.float32)
    uns = {key: _element(store, f"uns/{key}") for key in store.get("uns", ()) if key not in _LEFT_OUT}
    head = anndata.AnnData(zeros, obs=obs[:n].copy(), var=var, uns=uns)
    head.obsm.update({key: np.zeros((n, 2)) for key in _PLACES if key in store.get("obsm", ())})
    head.layers.update(dict.fromkeys(store.get("layers", ()), zeros))
    return head


def _joined(heads: Sequence[AnnData]) -> AnnData:
    from htan_kit.assemble import concat
    from htan_kit.findings import Findings

    try:
        return concat(heads, findings=Findings())
    except InputError:  # no marker in common: better all of them with gaps than no cells
        return concat(heads, "outer", findings=Findings())


def _framed(obs: pd.DataFrame, dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """Give one sample's cells the columns of all."""
    import pandas as pd

    nothing = pd.Series([None] * len(obs), obs.index, dtype=object)
    return pd.DataFrame({name: obs.get(name, nothing).astype(dtype) for name, dtype in dtypes.items()}, obs.index)


def _matrix(store: h5py.File, name: str, markers: Sequence[str]) -> np.ndarray:
    """Read a sample's values of these markers; NaN where it has no such marker."""
    import numpy as np

    values = _element(store, name)
    values = np.asarray(values.toarray() if hasattr(values, "toarray") else values, np.float32)
    known = [str(marker) for marker in _element(store, "var").index]
    pairs = [(i, known.index(marker)) for i, marker in enumerate(markers) if marker in known]
    block = np.full((len(values), len(markers)), np.nan, np.float32)
    block[:, [i for i, _ in pairs]] = values[:, [j for _, j in pairs]]
    return block


def _anndata(adata: AnnData, matrices: Mapping[str, np.ndarray]) -> AnnData:
    adata.X = matrices["X"]
    adata.layers.update({name.partition("/")[2]: matrix for name, matrix in matrices.items() if name != "X"})
    return adata


def _append(part: AnnData, target: Path, start: int, n_cells: int) -> None:
    """Write a sample's cells from row ``start`` on; the first sample makes the place for all."""
    import h5py
    from anndata.io import write_elem

    # Anndata itself says, in a file that exists in memory only, how each kind of column is written.
    with h5py.File("part", "w", driver="core", backing_store=False) as new, h5py.File(target, "r+") as store:
        write_elem(new, "/", part)
        if not start:  # how a column is written may depend on whether it has rows
            for name in ("X", "obs", "obsm", "layers"):
                del store[name]
                new.copy(name, store)
        for name in _row_wise(new, part.n_obs):
            if not start:
                _make_place(store, new[name], n_cells)
            store[name][start : start + part.n_obs] = new[name][...]


def _row_wise(store: h5py.File, n_obs: int) -> Iterable[str]:
    """List the arrays that have one row a cell."""
    import h5py

    found: list[str] = []

    def look(name: str, item: Any) -> None:
        rows = name == "X" or name.startswith(("obs/", "obsm/", "layers/"))
        rows = rows and "categories" not in name.split("/")[2:]
        if rows and isinstance(item, h5py.Dataset) and item.shape[:1] == (n_obs,):
            found.append(name)

    store.visititems(look)
    return found


def _make_place(store: h5py.File, model: h5py.Dataset, n_cells: int) -> None:
    del store[model.name]
    shape = (n_cells, *model.shape[1:])
    place = store.create_dataset(model.name, shape, model.dtype)
    place.attrs.update(model.attrs)
