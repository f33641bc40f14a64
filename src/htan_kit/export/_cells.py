"""Cells as a Level 4 file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.io.atomic import replacing
from htan_kit.io.safe_csv import write_csv

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from anndata import AnnData

__all__ = ["cell_table", "write_cells"]


def write_cells(adata: AnnData, path: str | PathLike[str]) -> Path:
    """Write the cells of an AnnData as a Level 4 file.

    Parameters
    ----------
    adata
        Cells by markers, as :func:`htan_kit.read` gives them.
    path
        ``.csv``: the columns of MCMICRO's quantification (CellID, markers, X_centroid, Y_centroid in pixels, further
        features); ``.h5ad``: everything.

    Returns
    -------
    ``path``.

    Raises
    ------
    InputError
        The name ends otherwise, or the file cannot be written.

    References
    ----------
    Header of labsyspharm/quantification (mcquant).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import anndata, numpy as np, pandas as pd
    >>> from htan_kit.export import write_cells
    >>> obs = pd.DataFrame({"CellID": [7], "X_centroid": [1.0], "Y_centroid": [2.0]}, index=["A_7"])
    >>> adata = anndata.AnnData(np.float32([[3]]), obs=obs, var=pd.DataFrame(index=["CD3"]))
    >>> write_cells(adata, Path(tempfile.mkdtemp()) / "cells.csv").read_text().split()
    ['CellID,CD3,X_centroid,Y_centroid', '7,3.0,1.0,2.0']
    """
    target = Path(path)
    if target.suffix not in {".csv", ".h5ad"}:
        raise InputError.of("export.format", target, "The name must end in .csv or .h5ad.")
    try:
        if target.suffix == ".csv":
            write_csv(cell_table(adata), target)
        else:
            with replacing(target) as temporary:
                adata.write_h5ad(temporary, compression="gzip")
    except OSError as problem:
        raise InputError.of("export.file", target, f"It cannot be written: {problem.strerror}.") from problem
    return target


def cell_table(adata: AnnData) -> pd.DataFrame:
    """Lay the cells out as MCMICRO's quantification does: id, markers, place, further features."""
    import numpy as np
    import pandas as pd

    ids = adata.obs[[Key.obs.cell_id]]
    markers = pd.DataFrame(np.asarray(adata.X), index=adata.obs_names, columns=adata.var_names)
    places = adata.obs[[name for name in (Key.obs.x, Key.obs.y) if name in adata.obs]]
    parts = [ids, markers, places]
    if Key.obsm.features in adata.obsm:
        parts.append(adata.obsm[Key.obsm.features])
    return pd.concat(parts, axis=1)
