"""Cells as a Level 4 file."""

from __future__ import annotations

import io
from contextlib import contextmanager
from csv import writer
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.assemble._statistic import layer_of
from htan_kit.errors import InputError
from htan_kit.export._h5ad import write_h5ad
from htan_kit.io.atomic import replacing
from htan_kit.io.safe_csv import safe_text, write_csv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    import pandas as pd
    from anndata import AnnData

__all__ = ["cell_table", "write_cells", "write_table"]


def write_cells(adata: AnnData, path: str | PathLike[str]) -> Path:
    """Write the cells of an AnnData as a Level 4 file.

    Parameters
    ----------
    adata
        Cells by markers, as :func:`htan_kit.read` gives them.
    path
        ``.csv``: the columns of MCMICRO's quantification (CellID, markers, measured layers such as
        ``CD3_intensity_median``, X_centroid, Y_centroid in pixels, further features); ``.h5ad``: everything.

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
    ['CellID,CD3,X_centroid,Y_centroid', '7,3,1,2']
    """
    target = Path(path)
    if target.suffix not in {".csv", ".h5ad"}:
        raise InputError.of("export.format", target, "The name must end in .csv or .h5ad.")
    if target.suffix == ".csv":
        return write_table(cell_table(adata), target)
    with _said(target):
        write_h5ad(adata, target)
    return target


@contextmanager
def _said(target: Path) -> Iterator[None]:
    """Say of a file that cannot be written which one it is."""
    try:
        yield
    except OSError as problem:
        message = f"It cannot be written: {problem.strerror or str(problem)[:200]}."
        raise InputError.of("export.file", target, message, "Free some space, or give another place.") from problem


def cell_table(adata: AnnData) -> pd.DataFrame:
    """Lay the cells out as MCMICRO's quantification does: id, markers, place, further features."""
    import numpy as np
    import pandas as pd

    ids = adata.obs[[Key.obs.cell_id]]
    markers = pd.DataFrame(np.asarray(adata.X), index=adata.obs_names, columns=adata.var_names)
    places = adata.obs[[name for name in (Key.obs.x, Key.obs.y) if name in adata.obs]]
    layers = []
    for name, values in adata.layers.items():
        layer = layer_of(str(name))
        if layer is not None:
            columns = [layer[0].column(str(marker), layer[1]) for marker in adata.var_names]
            layers.append(pd.DataFrame(np.asarray(values), index=adata.obs_names, columns=columns))
    parts = [ids, markers, *layers, places]
    if Key.obsm.features in adata.obsm:
        parts.append(adata.obsm[Key.obsm.features])
    if Key.obs.in_bad_tile in adata.obs:
        parts.append(adata.obs[[Key.obs.in_bad_tile]])
    return pd.concat(parts, axis=1)


def write_table(table: pd.DataFrame, path: str | PathLike[str]) -> Path:
    """Write a table as CSV, whole or not at all; headers and texts cannot run as formulas.

    Parameters
    ----------
    table
        The table; what is not known becomes an empty cell. One of numbers alone is written fast.
    path
        The file to make or to replace.

    Returns
    -------
    ``path``.

    Raises
    ------
    InputError
        It cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from htan_kit.export import write_table
    >>> table = pd.DataFrame({"CellID": [7], "CD3": [0.5]})
    >>> write_table(table, Path(tempfile.mkdtemp()) / "cells.csv").read_text().split()
    ['CellID,CD3', '7,0.5']
    """
    target = Path(path)
    with _said(target):
        if all(dtype.kind in "biuf" for dtype in table.dtypes):
            _write_numbers(table, target)
        else:
            write_csv(table, target)
    return target


def _write_numbers(table: pd.DataFrame, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import csv

    head = io.StringIO()
    writer(head, lineterminator="\n").writerow([safe_text(str(name)) for name in table])
    columns = [pa.array(table.iloc[:, i].to_numpy(), from_pandas=True) for i in range(table.shape[1])]
    rows = pa.table(columns, names=[str(i) for i in range(len(columns))])
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(head.getvalue().encode())
        csv.write_csv(rows, file, csv.WriteOptions(include_header=False))
