"""What the header of a Level 4 table says: its columns, and its ids where the table is not too large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.io._delimited import read_delimited
from htan_kit.io._paths import is_file
from htan_kit.io._whole_file import whole_file
from htan_kit.io.dialects import DIALECTS, dialect_of
from htan_kit.io.dialects import _h5ad as h5ad_dialect
from htan_kit.io.dialects._columns import Header, image_column
from htan_kit.io.tables._header import format_of, header_of

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["MAX_BYTES", "TableHeader", "images_named", "read_table_header"]

MAX_BYTES = 32 * 2**20
"""A larger table is not gone through unless asked for (kit default); a third of a million cells of 20 columns."""

_WHOLE_BYTES = 2**20  # below this, reading all columns is quicker than reading the file twice
_ROWS = 50  # enough to tell numbers from text
_ID_NAMES = ("cellid", "objectid", "object", "label", "cell", "objectnumber", "instanceid", "objectlabel", "id")
_XY_NAMES = (
    ("xcentroid", "ycentroid"), ("xposition", "yposition"), ("centroid1", "centroid0"), ("x", "y"),
    ("centroidx", "centroidy"), ("centroidx\u03bcm", "centroidy\u03bcm"), ("centroidxpx", "centroidypx"),
    ("locationcenterx", "locationcentery"), ("cellxposition", "cellyposition"), ("xx", "yy"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableHeader:
    """The columns of a Level 4 table, sorted, and what its id column holds.

    Parameters
    ----------
    path
        The file.
    format
        ``"csv"``, ``"h5ad"``, ``"parquet"``, or the suffix of another text table (``"tsv"``, ``"csv.gz"``).
    dialect
        Name of the dialect, None when none knows the columns.
    columns
        All column names as written (of an h5ad those of ``obs``, then ``var_names``).
    markers, features, notes
        The columns that are marker values, further numbers, and no numbers, as written.
    id_column, image_column
        The column of object ids, and the one that says which image a row belongs to; None for none.
    xy_columns
        The columns (or ``obsm`` key) of the centroids, empty when there are none.
    n_rows
        Objects; None when the table is too large to be gone through.
    ids
        The ids as read, with the image they belong to; None likewise, or without an id column.
    """

    path: Path
    format: str
    dialect: str | None
    columns: tuple[str, ...]
    markers: tuple[str, ...]
    features: tuple[str, ...]
    notes: tuple[str, ...]
    id_column: str | None
    image_column: str | None
    xy_columns: tuple[str, ...]
    n_rows: int | None
    ids: pd.DataFrame | None

    @property
    def n_images(self) -> int | None:
        """Images the rows belong to, None when no column says."""
        return int(self.ids["image"].nunique()) if self.ids is not None and "image" in self.ids else None

    @property
    def images(self) -> list[str]:
        """Their names, at most 1,000."""
        return (
            []
            if self.ids is None or "image" not in self.ids
            else self.ids["image"].astype(str).unique()[:1000].tolist()
        )


@whole_file
def read_table_header(path: str | os.PathLike[str], *, max_bytes: int | None = MAX_BYTES) -> TableHeader:
    """Read what a Level 4 table says of itself, of any dialect or none.

    Parameters
    ----------
    path
        A CSV, TSV, Parquet or h5ad file.
    max_bytes
        The ids of a larger file are not read; None for no limit.

    Returns
    -------
    Its columns and ids; values are not read.

    Raises
    ------
    InputError
        The file does not exist, or cannot be read as a table.

    References
    ----------
    HTAN Manual, multiplex microscopy, Level 4.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io.table_header import read_table_header
    >>> header = read_table_header(hk.datasets.sample() / "level4" / "HTA200_1_D4.csv")
    >>> header.id_column, header.xy_columns
    ('CellID', ('X_centroid', 'Y_centroid'))
    """
    path = Path(path)
    if not is_file(path):
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    small = max_bytes is None or path.stat().st_size <= max_bytes
    return _of_h5ad(path, small=small) if path.suffix.lower() == ".h5ad" else _of_text(path, small=small)


def images_named(path: Path) -> frozenset[str]:
    r"""Name the images that the rows of a table belong to, without folders and suffixes.

    Parameters
    ----------
    path
        A table of a known dialect.

    Returns
    -------
    The names; of a table that numbers its images those that a file beside it gives. Empty where no column says.

    Raises
    ------
    InputError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io.table_header import images_named
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "cells.csv")
    ...     _ = path.write_text("Image,Object,CD3\na.tiff,1,2\nb.tiff,1,3\n")
    ...     sorted(images_named(path))
    ['a', 'b']
    """
    from htan_kit.io.tables._images import image_stem

    if read_table_header(path, max_bytes=0).image_column is None:
        return frozenset()
    header = read_table_header(path, max_bytes=None)
    if header.ids is None or "image" not in header.ids:
        return frozenset()
    found = {str(name) for name in header.ids["image"].dropna().unique()}
    beside = getattr(DIALECTS.get(header.dialect or ""), "beside", None)
    names = beside(path).names if beside is not None else {}
    return frozenset(image_stem(name) for key in found for name in (key, *names.get(key, ())))


def _of_text(path: Path, *, small: bool) -> TableHeader:
    import pandas as pd

    from htan_kit.io.tables._source import unpacked

    columns = header_of(path)
    kind = format_of(path)
    whole = path.stat().st_size <= _WHOLE_BYTES
    with unpacked(path) as plain:
        frame = _cells(plain, columns, n_rows=None if whole else _ROWS)
        dialect = dialect_of(columns, path.name)
        numbers = frozenset(name for name in frame if frame[name].dtype.kind in "iuf")
        sides = _sorted(dialect, Header(tuple(columns), numbers, path.name))
        ids, n_rows = None, None
        if small:
            wanted = [name for name in (sides.id_column, sides.image) if name is not None]
            cells = frame if whole else _cells(plain, wanted or columns[:1], n_rows=None)
            n_rows = len(cells)
            roles = (("id", sides.id_column), ("image", sides.image))
            ids = pd.DataFrame({role: cells[name] for role, name in roles if name})
    return TableHeader(
        path, kind, dialect, tuple(columns), sides.markers, sides.features, sides.notes, sides.id_column, sides.image,
        sides.xy, n_rows, ids if sides.id_column is not None else None,
    )  # fmt: skip


def _cells(path: Path, columns: Sequence[str], *, n_rows: int | None) -> pd.DataFrame:
    import pandas as pd

    if format_of(path) == "parquet":
        return pd.read_parquet(path, columns=list(columns))
    return read_delimited(path, usecols=list(columns), nrows=n_rows, dtype=None, keep_default_na=True)


class _Sides(NamedTuple):
    id_column: str | None
    image: str | None
    xy: tuple[str, ...]
    markers: tuple[str, ...]
    features: tuple[str, ...]
    notes: tuple[str, ...]


@lru_cache(maxsize=32)
def _sorted(dialect: str | None, header: Header) -> _Sides:
    """Sort the columns by what they are; the tables of a cohort mostly have the same."""
    if dialect is None:
        id_column, xy = _first(header.names, _ID_NAMES), _pair(header.names)
        rest = [name for name in header.names if name not in (id_column, *xy)]
        features = tuple(name for name in rest if name in header.numbers)
        notes = tuple(name for name in rest if name not in header.numbers)
        return _Sides(id_column, image_column(header.names), xy, (), features, notes)
    told = DIALECTS[dialect].read(header)
    xy = told.place.columns if told.place else ()
    return _Sides(told.ids, told.image, xy, tuple(told.markers.values()), tuple(told.features.values()), told.notes)


def _of_h5ad(path: Path, *, small: bool) -> TableHeader:
    import warnings

    import h5py
    import pandas as pd
    from anndata.io import read_elem

    h5ad_dialect.refuse_links(path)
    try:
        with warnings.catch_warnings(), h5py.File(path, "r") as file:
            warnings.simplefilter("ignore")  # files of old anndata versions warn, and cannot be changed here
            obs, var = read_elem(file["obs"]), read_elem(file["var"])
            places = [name for name in file.get("obsm", ()) if name == "spatial"]
            dialect = h5ad_dialect.dialect_of_uns(set(file.get("uns", ())))
        obs, var = _indexed(obs), _indexed(var)
    except Exception as problem:  # noqa: BLE001 - each kind of damage raises its own
        message = f"This is not a readable h5ad file ({type(problem).__name__})."
        raise InputError.of("table.h5ad", path, message, "Write it again with a current anndata.") from None
    names = [str(name) for name in obs.columns]
    id_column = next((name for name in h5ad_dialect.IDS if name in names), None)
    identifiers = obs[id_column] if id_column else h5ad_dialect.ids_in_names(obs.index, path, Findings())
    xy = next((pair for pair in h5ad_dialect.XY if set(pair) <= set(names)), tuple(f"obsm/{name}" for name in places))
    image = image_column(names) or ("library_id" if "library_id" in names else None)
    rest = [name for name in names if name not in {id_column, image, *xy}]
    features = tuple(name for name in rest if obs[name].dtype.kind in "iuf")
    ids = None
    if small and identifiers is not None:
        ids = pd.DataFrame({"id": identifiers.to_numpy()} | ({"image": obs[image].to_numpy()} if image else {}))
    markers = tuple(str(name) for name in var.index)
    return TableHeader(
        path, "h5ad", dialect, (*names, *markers), markers, features, tuple(n for n in rest if n not in features),
        id_column or ("obs_names" if identifiers is not None else None), image, tuple(xy), len(obs), ids,
    )  # fmt: skip


def _indexed(part: object) -> pd.DataFrame:
    """Give obs or var as a table; before anndata 0.7 they were records with the names in a field ``index``."""
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame.from_records(part) if isinstance(part, np.ndarray) else part
    if not isinstance(frame, pd.DataFrame):
        msg = "obs and var must be tables"
        raise TypeError(msg)
    index = next((name for name in ("index", "_index") if name in frame.columns), None)
    if index is None:
        return frame
    frame = frame.set_index(index)
    frame.index = frame.index.map(lambda name: name.decode(errors="replace") if isinstance(name, bytes) else name)
    return frame


def _fold(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _first(columns: Sequence[str], names: tuple[str, ...]) -> str | None:
    folded = {_fold(column): column for column in reversed(columns)}
    return next((folded[name] for name in names if name in folded), None)


def _pair(columns: Sequence[str]) -> tuple[str, ...]:
    folded = {_fold(column): column for column in reversed(columns)}
    return next(((folded[x], folded[y]) for x, y in _XY_NAMES if x in folded and y in folded), ())
