"""Level 4 as AnnData: X is taken as it is, ids from obs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, info, report
from htan_kit.io.dialects._raw import RawTable, image_column, is_number

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["IDS", "XY", "ids_in_names", "read", "refuse_links"]

IDS = ("CellID", "cell_id", "label", "Object", "instance_id")
XY = (("X_centroid", "Y_centroid"), ("centroid-1", "centroid-0"), ("X_position", "Y_position"))


def read(path: Path, findings: Findings | None) -> RawTable:
    """Read an .h5ad file.

    Parameters
    ----------
    path
        The file.
    findings
        Where to say how ids were found; None shows it as warnings.

    Returns
    -------
    Its columns, sorted: ids from ``obs`` (CellID, cell_id, label, Object, instance_id), else the whole number in
    each of ``obs_names`` when these are unique and none is 0; coordinates from ``obsm["spatial"]``, else from ``obs``.

    Raises
    ------
    InputError
        This is no h5ad file.
    """
    import warnings

    import anndata as ad
    import numpy as np
    import pandas as pd

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
        raise InputError.of("table.h5ad", path, f"This is not a readable h5ad file ({problem}).", hint) from None
    obs = adata.obs.reset_index(drop=True)
    ids = next((obs[name] for name in IDS if name in obs), None)
    if ids is None:
        ids = ids_in_names(adata.obs_names, path, findings)
    xy = next((obs[list(pair)] for pair in XY if set(pair) <= set(obs)), None)
    if (
        xy is None
        and "spatial" in adata.obsm
        and np.ndim(adata.obsm["spatial"]) == 2
        and adata.obsm["spatial"].shape[1] > 1
    ):
        xy = pd.DataFrame(np.asarray(adata.obsm["spatial"])[:, :2])
    values = adata.X.toarray() if hasattr(adata.X, "toarray") else np.asarray(adata.X)
    if adata.raw is not None:
        message = "The h5ad holds both X and raw; X is taken as it is (scimap keeps log values in X)."
        report(findings, info("table.h5ad-x", path, message, "Give raw values as X if X is transformed."))
    markers = pd.DataFrame(values, columns=[str(name) for name in adata.var_names])
    key = image_column(obs) or ("library_id" if "library_id" in obs else None)
    image = None if key is None else obs[key].astype(str)
    taken = {*IDS, key, "library_id", *(xy.columns if xy is not None else ()), "region"}
    rest = [name for name in obs if name not in taken]
    numbers = [name for name in rest if is_number(obs[name])]
    return RawTable(ids, xy, markers, obs[numbers], obs[[n for n in rest if n not in numbers]], image)


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
