"""Level 4: an object-by-feature table of any dialect, its columns sorted and its ids checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, error, report, warning
from htan_kit.io._delimited import read_delimited, sniff_header
from htan_kit.io._paths import is_file
from htan_kit.io.dialects import DIALECTS, dialect_of
from htan_kit.io.dialects import _h5ad as h5ad_dialect

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd

    from htan_kit.findings import Finding
    from htan_kit.io.dialects._raw import RawTable

__all__ = ["CellTable", "is_cell_table", "read_table"]


@dataclass(frozen=True)
class CellTable:
    """A Level 4 table of one image; all parts share its rows.

    Parameters
    ----------
    paths
        The file or files it was read from.
    dialect
        Name of the dialect.
    ids
        int64 (objects,): the mask's labels, or the row numbers where the table has other ids (see ``object_ids``).
    object_ids
        The table's own ids where they are no whole numbers (UUIDs), else None.
    xy_px
        float64 (objects, 2): x, y of the centroids in level-0 pixels, None when the table has none.
    markers
        Numbers, one column a marker, named as in the file.
    features
        Further numbers.
    notes
        Further columns that are no numbers.
    """

    paths: tuple[Path, ...]
    dialect: str
    ids: np.ndarray
    object_ids: pd.Series | None
    xy_px: np.ndarray | None
    markers: pd.DataFrame
    features: pd.DataFrame
    notes: pd.DataFrame

    def __repr__(self) -> str:
        size = f"{len(self.ids)} objects, {self.markers.shape[1]} markers"
        return f"<CellTable {self.paths[0].name} ({self.dialect}): {size}>"


def is_cell_table(path: str | os.PathLike[str]) -> bool:
    """Tell from name and header whether a file is a Level 4 table of a known dialect.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    True for an .h5ad name, or a text table whose header a dialect knows.

    Examples
    --------
    >>> from htan_kit.io.cell_table import is_cell_table
    >>> is_cell_table("cells.h5ad"), is_cell_table("missing.csv")
    (True, False)
    """
    path = Path(path)
    if path.suffix.lower() == ".h5ad":
        return True
    if path.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        return False
    try:
        return dialect_of(sniff_header(path)) is not None
    except InputError:
        return False


def read_table(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    image: str | Sequence[str] | None = None,
    findings: Findings | None = None,
) -> CellTable:
    """Read a Level 4 table.

    Parameters
    ----------
    path
        A CSV, TSV or h5ad file; or the files whose columns belong to the same objects (steinbock's intensities and
        regionprops), joined by id.
    image
        The image whose rows to take. Several names are those by which the table may call it: they are looked at only
        where the table holds several images. None when it holds one.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    The table, in the order of the file.

    Raises
    ------
    InputError
        The dialect is not known; ids are missing, fractional or repeated; a marker column holds text; the table holds
        several images and none is chosen; files to be joined hold different ids.

    References
    ----------
    HTAN Manual, Imaging Level 4: a unique object id equal to the Level 3 label, centroids, marker columns.

    Examples
    --------
    >>> import htan_kit as hk
    >>> table = hk.read_table(hk.datasets.sample() / "level4" / "HTA200_1_D4.csv")
    >>> table.dialect
    'mcquant'
    """
    paths = tuple(Path(p) for p in ([path] if isinstance(path, str | Path) or hasattr(path, "__fspath__") else path))
    parts = [_read_one(p, findings) for p in paths]
    dialect, raw = parts[0]
    for (_, other), other_path in zip(parts[1:], paths[1:], strict=True):
        raw = _join(raw, other, paths[0], other_path)
    return _checked(_of_image(raw, image, paths[0]), dialect, paths, findings)


def _read_one(path: Path, findings: Findings | None) -> tuple[str, RawTable]:
    if not is_file(path):
        raise InputError.of("file.exists", path, "There is no such file.", "Check the path.")
    if path.suffix.lower() == ".h5ad":
        return "h5ad", h5ad_dialect.read(path, findings)
    header = sniff_header(path)
    name = dialect_of(header)
    if name is None:
        hint = "A table needs an id column named CellID (or Object), equal to the label in the mask."
        message = f"No dialect knows these columns: {', '.join(header[:12])[:300]}; the table has no id column."
        raise InputError.of("table.ids", path, message, hint, "HTAN Manual, Level 4")
    twice = [column for column in ("CellID", "Object") if f"{column}.1" in header]
    if twice:
        message = f"There are several columns {twice[0]!r}; which one holds the labels is not clear."
        raise InputError.of("table.ids", path, message, "Keep the one that is equal to the label in the mask.")
    frame = read_delimited(path, dtype=None, keep_default_na=True)
    return name, DIALECTS[name].read(frame)


def _join(left: RawTable, right: RawTable, left_path: Path, right_path: Path) -> RawTable:
    import pandas as pd

    ids, others = left.ids, right.ids
    if ids is None or others is None or ids.duplicated().any() or set(ids) != set(others) or len(ids) != len(others):
        message = f"Its ids are not those of {left_path.name}; the two cannot be joined."
        raise InputError.of("table.join", right_path, message, "Give tables made from the same mask.")
    order = others.reset_index(drop=True).reset_index().set_index(others.name)["index"].loc[ids].to_numpy()
    moved = _rows(right, order)
    return left._replace(
        xy_px=left.xy_px if left.xy_px is not None else moved.xy_px,
        markers=pd.concat([left.markers, moved.markers], axis=1),
        features=pd.concat([left.features, moved.features], axis=1),
        notes=pd.concat([left.notes, moved.notes], axis=1),
        image=left.image if left.image is not None else moved.image,
    )


def _of_image(raw: RawTable, image: str | Sequence[str] | None, path: Path) -> RawTable:
    if raw.image is None:
        return raw
    names = raw.image.astype(str)
    found = list(dict.fromkeys(names))
    if not isinstance(image, str) and len(found) <= 1:
        return raw
    wanted = [image] if isinstance(image, str) else list(image or ())
    chosen = [name for name in found if {name, _stem(name)} & {*wanted, *map(_stem, wanted)}]
    if len(chosen) != 1:
        some = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        some = some if not chosen else ", ".join(chosen[:5])
        what = "one is expected" if not wanted else f"{len(chosen) or 'none'} of them is called {wanted[0]!r}"
        message = f"The table holds {len(found)} images ({some}); {what}."
        raise InputError.of(
            "table.images", path, message, "Split the table, or read it with hk.read_table(path, image=...)."
        )
    return _rows(raw, (names == chosen[0]).to_numpy().nonzero()[0])


def _stem(name: str) -> str:
    """Drop folders and the suffixes of images: programs write the path, the file's name or the stem."""
    name = name.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"(\.ome)?\.tiff?$", "", name, flags=re.IGNORECASE)


def _rows(raw: RawTable, rows: np.ndarray) -> RawTable:
    parts = {name: part.iloc[rows].reset_index(drop=True) for name, part in raw._asdict().items() if part is not None}
    return raw._replace(**parts)


def _checked(raw: RawTable, dialect: str, paths: tuple[Path, ...], findings: Findings | None) -> CellTable:
    import numpy as np

    subject = paths[0]
    problems = Findings()
    ids, object_ids = _ids(raw, subject, problems, findings)
    xy = None
    if raw.xy_px is not None:
        wrong = [name for name in raw.xy_px if raw.xy_px[name].dtype.kind not in "iuf"]
        if wrong:
            message = f"Centroids are no numbers in {wrong}."
            problems.append(error("table.centroids", subject, message, "Give pixels of the full resolution."))
        else:
            xy = raw.xy_px.to_numpy(np.float64)
    if not len(raw.markers):
        raise InputError.of("table.rows", subject, "The table has no rows.", "Export the cells again.")
    problems.extend(_spoilt(raw, dialect, subject))
    if not raw.markers.shape[1]:
        hint = "Marker columns stand before X_centroid (MCMICRO) or beside Object (steinbock)."
        problems.append(error("table.markers", subject, "The table has no marker columns.", hint))
    if len(problems):
        raise InputError(*problems)
    if xy is not None and not np.isfinite(xy).all():
        n = int((~np.isfinite(xy)).any(axis=1).sum())
        report(
            findings, warning("table.centroids", subject, f"{n} objects have no centroid.", "Their place is not shown.")
        )
    values = raw.markers.to_numpy(np.float64)
    _report_overflow(raw, values, subject, findings)
    missing = int((~np.isfinite(values)).sum())
    if missing:
        message = f"{missing} marker values are missing or not finite; they are kept as they are."
        report(findings, warning("table.values", subject, message, "Check the quantification."))
    return CellTable(paths, dialect, ids, object_ids, xy, raw.markers, raw.features, raw.notes)


def _report_overflow(raw: RawTable, values: np.ndarray, subject: Path, findings: Findings | None) -> None:
    """Warn of values that X, which is float32, cannot hold."""
    import numpy as np

    beyond = np.isfinite(values) & (np.abs(values) > np.finfo(np.float32).max)
    if beyond.any():
        names = [str(name)[:60] for name in raw.markers.columns[beyond.any(axis=0)]]
        some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        n = int(beyond.any(axis=1).sum())
        message = f"{n} objects have values too large for float32, infinite in X, in the columns {some}."
        report(findings, warning("table.values", subject, message, "Check the quantification, or give smaller units."))


def _spoilt(raw: RawTable, dialect: str, subject: Path) -> Iterator[Finding]:
    """Find columns of numbers with a few words in them: they would quietly be no markers any more."""
    import pandas as pd

    for name in raw.notes if dialect != "h5ad" else ():
        column = raw.notes[name].dropna()
        numbers = pd.to_numeric(column, errors="coerce").notna()
        if column.dtype != bool and len(column) and 0.5 < numbers.mean() < 1:
            message = f"Column {name!r} holds text among numbers, such as {str(column[~numbers].iloc[0])[:40]!r}."
            yield error("table.values", subject, message, "Leave the cell empty where there is no number.")


def _ids(
    raw: RawTable, subject: Path, problems: Findings, findings: Findings | None
) -> tuple[np.ndarray, pd.Series | None]:
    import numpy as np
    import pandas as pd

    n = len(raw.markers)
    rows = np.arange(1, n + 1, dtype=np.int64)
    hint, source = "Each row needs the label of its object in the mask.", "HTAN Manual, Level 4"
    if raw.ids is None:
        problems.append(error("table.ids", subject, "The table has no id column (CellID).", hint, source))
        return rows, None
    if raw.ids.isna().any():
        where = ", ".join(str(i + 2) for i in np.flatnonzero(raw.ids.isna())[:5])
        problems.append(error("table.ids", subject, f"Ids are missing (line {where}).", hint, source))
        return rows, None
    repeated = raw.ids[raw.ids.duplicated()].unique()
    if len(repeated):
        some = ", ".join(str(i) for i in repeated[:5])
        message = (
            f"Ids stand in more than one row: {some}{', ...' if len(repeated) > 5 else ''} ({len(repeated):,} in all)."
        )
        problems.append(error("table.ids-unique", subject, message, hint, source))
        return rows, None
    if raw.ids.map(lambda cell: isinstance(cell, bool | np.bool_)).any():
        problems.append(error("table.ids", subject, "Ids must be whole numbers; found True or False.", hint, source))
        return rows, None
    numbers = pd.to_numeric(raw.ids, errors="coerce").to_numpy(np.float64)
    if np.isnan(numbers).any():
        message = (
            "Ids are not the whole numbers of a mask; they are kept in object_id, CellID is found by place or row."
        )
        report(findings, warning("table.ids-are-labels", subject, message, hint, source))
        return rows, raw.ids.astype(str)
    odd = ~np.isfinite(numbers) | (numbers != np.floor(numbers)) | (numbers < 1) | (numbers > 2**53)
    if odd.any():
        wrong = numbers[odd][0]
        background = ", a mask's background" if wrong == 0 else ""
        message = f"Ids must be whole numbers; found {wrong:g}{background}."
        problems.append(error("table.ids", subject, message, hint, source))
        return rows, None
    return raw.ids.astype(np.int64).to_numpy(), None
