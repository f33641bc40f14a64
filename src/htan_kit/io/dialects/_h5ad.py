"""Level 4 as AnnData, from scimap, the kit itself, or others: ids from obs, X as measured where the file tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError
from htan_kit.findings import info, report, warning
from htan_kit.io._text_form import unique
from htan_kit.io.dialects._columns import Columns, Place, image_column

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from anndata import AnnData

    from htan_kit.findings import Findings
    from htan_kit.io.tables._images import ImageChoice
    from htan_kit.io.tables._rows import Rows

__all__ = ["IDS", "XY", "dialect_of_uns", "ids_in_names", "read", "refuse_links"]

IDS: Final = ("CellID", "cell_id", "label", "Object", "instance_id")
XY: Final = (("X_centroid", "Y_centroid"), ("centroid-1", "centroid-0"), ("X_position", "Y_position"))


def dialect_of_uns(names: set[str]) -> str:
    """Name who wrote a file, by what stands in ``uns``."""
    if "htan_kit" in names:
        return "htan_kit h5ad"
    return "scimap h5ad" if "all_markers" in names else "h5ad"


def read(path: Path, images: ImageChoice, findings: Findings | None) -> tuple[str, Columns, Rows]:
    """Read an .h5ad file.

    Parameters
    ----------
    path
        The file.
    images
        Which rows to take.
    findings
        Where to say how ids and values were found; None shows it as warnings.

    Returns
    -------
    Dialect, columns, rows: ids from ``obs`` (CellID, cell_id, label, Object, instance_id), else the whole number in
    each of ``obs_names`` when these are unique and none is 0; coordinates from ``obs``, else ``obsm["spatial"]``.

    Raises
    ------
    InputError
        This is no h5ad file.
    """
    import numpy as np
    import pandas as pd

    from htan_kit.io.tables._rows import Rows

    adata = _opened(path)
    dialect = dialect_of_uns(set(adata.uns))
    names = unique([str(name) for name in adata.var_names])
    obs = adata.obs.reset_index(drop=True).rename(columns=str)
    image = image_column(obs) or ("library_id" if "library_id" in obs else None)
    keep = slice(None) if image is None else images.of(_coded(obs[image]))
    id_column = next((name for name in IDS if name in obs), None)
    ids = obs[id_column] if id_column else ids_in_names(adata.obs_names, path, findings)
    pair = next((pair for pair in XY if set(pair) <= set(obs)), None)
    xy = None if pair is None else obs[list(pair)]
    if xy is None and "spatial" in adata.obsm and np.ndim(adata.obsm["spatial"]) == 2:
        xy = pd.DataFrame(np.asarray(adata.obsm["spatial"])[:, :2]) if adata.obsm["spatial"].shape[1] > 1 else None
        if xy is not None and dialect == "h5ad":
            message = "Places are taken from obsm['spatial'] as pixels; nothing in the file tells their unit."
            report(findings, info("table.centroids", path, message, "Add X_centroid and Y_centroid, in px, to obs."))
    if xy is not None and any(xy[name].dtype.kind not in "iuf" for name in xy):
        raise InputError.of("table.centroids", path, f"Centroids are no numbers in {list(map(str, xy))}.", "Give px.")
    wide = _values(adata, names, dialect, path, findings)[keep]
    with np.errstate(over="ignore"):
        x = wide.astype(np.float32, copy=False)
    large = np.isinf(x) & np.isfinite(wide)
    taken = {*IDS, image, "library_id", "region", *(xy.columns if xy is not None else ())}
    rest = [name for name in obs if name not in taken]
    numbers = [name for name in rest if obs[name].dtype.kind in "iuf"]
    notes = {name: _coded(obs[name][keep]) for name in rest if name not in numbers}
    place = None if xy is None else Place((str(xy.columns[0]),), (str(xy.columns[1]),))
    columns = Columns(
        id_column, image, place, {n: n for n in names}, {n: n for n in numbers}, tuple(notes), frozenset(notes),
    )  # fmt: skip
    rows = Rows(
        len(x), None if ids is None else _ids(ids[keep]), None,
        None if xy is None else xy.to_numpy(np.float64)[keep], np.ascontiguousarray(x),
        obs[numbers].to_numpy(np.float64)[keep], notes, {}, {},
        int((~np.isfinite(wide)).sum()), large.any(axis=0), int(large.any(axis=1).sum()),
    )  # fmt: skip
    return dialect, columns, rows


def _opened(path: Path) -> AnnData:
    import warnings

    import anndata as ad

    refuse_links(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # files of old anndata versions warn, and cannot be changed here
            adata = ad.read_h5ad(path)
            if hasattr(adata.X, "check_format"):
                adata.X.check_format(full_check=True)  # indices out of range would be written out of the array
            if adata.X is None:
                msg = "there is no X"
                raise ValueError(msg)
    except Exception as problem:  # noqa: BLE001 - each kind of damage raises its own
        hint = "Write it again with a current anndata."
        message = f"This is not a readable h5ad file ({str(problem)[:200]})."
        raise InputError.of("table.h5ad", path, message, hint) from None
    return adata


def _values(adata: AnnData, names: list[str], dialect: str, path: Path, findings: Findings | None) -> np.ndarray:
    """Give the values as measured: scimap keeps them in ``raw``, and their logarithm or a rescaled form in X."""
    import numpy as np

    values = _dense(adata.X)
    if "log1p" in adata.uns and adata.raw is None:
        message = "By uns['log1p'] the values of X are logarithms; they are kept as they are."
        report(findings, warning("table.transformed", path, message, "Give the values as measured as X."))
    if adata.raw is None:
        return values
    raw_names = [str(name) for name in adata.raw.var_names]
    if set(names) <= set(raw_names):
        raw = _dense(adata.raw.X)[:, [raw_names.index(name) for name in names]]
        with np.errstate(invalid="ignore"):
            is_log = (raw >= 0).all() and np.allclose(np.log1p(raw), values, rtol=1e-4, atol=1e-4)
        if is_log or dialect == "scimap h5ad":
            what = "log1p of raw" if is_log else "rescaled"
            message = f"The h5ad holds both X, which is {what}, and raw; raw is taken, the values as measured."
            report(findings, info("table.h5ad-x", path, message))
            return raw
    message = "The h5ad holds both X and raw, and X is no log1p of raw; X is taken as it is."
    report(findings, info("table.h5ad-x", path, message, "Give raw values as X if X is transformed."))
    return values


def _dense(values: object) -> np.ndarray:
    import numpy as np

    return np.asarray(values.toarray() if hasattr(values, "toarray") else values)


def _ids(column: pd.Series) -> np.ndarray | pa.DictionaryArray:
    """Give numbers where all are, else text; flags are text."""
    import numpy as np
    import pandas as pd

    if column.dtype != bool:
        numbers = pd.to_numeric(column.astype(object), errors="coerce")
        if numbers.notna().equals(column.notna()) and not column.map(lambda cell: isinstance(cell, bool)).any():
            return numbers.to_numpy(np.float64)
    return _coded(column)


def _coded(column: pd.Series) -> pa.DictionaryArray:
    import pandas as pd
    import pyarrow as pa

    codes, words = pd.factorize(column)
    indices = pa.array(codes, pa.int32(), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([str(word) for word in words], pa.string()))


def refuse_links(path: Path) -> None:
    """Raise InputError where a part of the file lies elsewhere: HDF5 can point at any file of the machine."""
    import h5py

    outside: list[str] = []

    def look(name: str) -> None:
        link = file.get(name, getlink=True)
        node = None if isinstance(link, h5py.ExternalLink) else file.get(name)
        if isinstance(link, h5py.ExternalLink) or isinstance(node, h5py.Dataset) and (node.external or node.is_virtual):
            outside.append(name)

    try:
        with h5py.File(path, "r") as file:
            file.visit_links(look)
    except (OSError, RuntimeError, KeyError) as problem:
        message = f"This is not a readable h5ad file ({problem})."
        raise InputError.of("table.h5ad", path, message, "Write it again with a current anndata.") from None
    if outside:
        message = f"{outside[0]!r} points at another file; that is not followed."
        raise InputError.of("table.h5ad", path, message, "Write one file that holds everything.")


def ids_in_names(names: pd.Index, path: Path, findings: Findings | None) -> pd.Series | None:
    """Read the ids that names end in or begin with (``Object 7 in x.tiff``, ``x_7``), None where they do not."""
    import pandas as pd

    text = pd.Series(names.astype(str))
    # "Object 7 in image.tiff", "image_7": the number that changes from row to row.
    for pattern in (r"^(?:Object|Cell|cell)[ _](\d+)\b", r"_(\d+)$", r"^(\d+)$"):
        found = text.str.extract(pattern)[0]
        if found.notna().all() and len(found.unique()) > 1:
            if (found.str.strip("0") == "").any():  # 0 is a mask's background: these are row numbers, not labels
                return text.where(~text.str.fullmatch(r"\d+"), "obs " + text)
            message = f"obs has no id column; ids are read from obs_names such as {text.iloc[0][:60]!r}."
            report(findings, info("table.ids-from-names", path, message, "Add a CellID column to obs."))
            return found.astype("int64")
    return None
