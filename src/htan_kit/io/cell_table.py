"""Level 4: an object-by-feature table of any dialect, its columns sorted and its ids checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError
from htan_kit.findings import Findings, error, info, report, warning
from htan_kit.io._whole_file import whole_file
from htan_kit.io.dialects import dialect_of, is_part
from htan_kit.io.tables._header import SUFFIXES, header_of
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    import numpy as np
    import pandas as pd

    from htan_kit.findings import Finding
    from htan_kit.io.tables._parts import Part

__all__ = ["CellTable", "is_cell_table", "read_table"]

_AS_ASKED: Final = ("mcquant", "h5ad", "htan_kit h5ad")  # HTAN's own names, and AnnData, which has places for all


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
        float64 (objects, 2): x, y of the centroids in level-0 pixels, origin at the centre of the first pixel; None
        when the table has none, or has them in µm and the pixel size is not known.
    xy_um
        The same in µm as the table has them; None when it has pixels.
    x
        float32 (objects, markers): the values.
    marker_names
        Their columns, named as in the file without what says where in the cell they were measured.
    features
        Further numbers.
    notes
        Further columns that are no numbers.
    first_px
        Where the table puts the centre of the first pixel, in px: 0.5 where its corner is 0 (QuPath).
    """

    paths: tuple[Path, ...]
    dialect: str
    ids: np.ndarray
    object_ids: pd.Series | None
    xy_px: np.ndarray | None
    xy_um: np.ndarray | None
    x: np.ndarray
    marker_names: tuple[str, ...]
    features: pd.DataFrame
    notes: pd.DataFrame
    first_px: float = 0.0

    def __repr__(self) -> str:
        size = f"{len(self.ids)} objects, {len(self.marker_names)} markers"
        return f"<CellTable {self.paths[0].name} ({self.dialect}): {size}>"

    @property
    def markers(self) -> pd.DataFrame:
        """The values as a table: one column a marker."""
        import pandas as pd

        return pd.DataFrame(self.x, columns=list(self.marker_names), copy=False)

    def placed(self, pixel_size_um: float | None) -> CellTable:
        """Give the table with its centroids in pixels, where they were in µm.

        Parameters
        ----------
        pixel_size_um
            Side of a pixel in µm; None when unknown.

        Returns
        -------
        The table with ``xy_px``; itself where it has that already, or nothing can be said.
        """
        if self.xy_px is not None or self.xy_um is None or pixel_size_um is None:
            return self
        return replace(self, xy_px=self.xy_um / pixel_size_um - self.first_px)


@whole_file
def is_cell_table(path: str | os.PathLike[str]) -> bool:
    """Tell from name and header whether a file is a Level 4 table of a known dialect.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    True for an .h5ad name, or a text or Parquet table whose header a dialect knows.

    Examples
    --------
    >>> from htan_kit.io.cell_table import is_cell_table
    >>> is_cell_table("cells.h5ad"), is_cell_table("missing.csv")
    (True, False)
    """
    path = Path(path)
    if path.suffix.lower() == ".h5ad":
        return True
    if not path.name.lower().endswith(SUFFIXES):
        return False
    try:
        dialect = dialect_of(header_of(path), path.name)
    except InputError:
        return False
    return dialect is not None and not is_part(dialect, path.name)


@whole_file
def read_table(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    image: str | Sequence[str] | None = None,
    pixel_size_um: float | None = None,
    findings: Findings | None = None,
) -> CellTable:
    """Read a Level 4 table.

    Parameters
    ----------
    path
        A CSV, TSV (also packed, .gz), Parquet or h5ad file; or the files whose columns belong to the same objects
        (steinbock's intensities and regionprops), joined by id.
    image
        The image whose rows to take. Several names are those by which the table may call it: they are looked at only
        where the table holds several images. None when it holds one.
    pixel_size_um
        Side of a pixel in µm: centroids that the table has in µm become pixels. None leaves them in µm.
    findings
        Where to collect what is odd but usable, and what was understood; None shows what is odd as Python warnings.

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
    if pixel_size_um is not None and not is_pixel_size(pixel_size_um):
        message = f"A pixel size of {pixel_size_um!r} µm is not possible."
        raise InputError.of("read.pixel-size", "hk.read_table", message, "Give micrometres per pixel, such as 0.65.")
    paths = [Path(p) for p in ([path] if isinstance(path, str | Path) or hasattr(path, "__fspath__") else path)]
    if paths[0].suffix.lower() == ".geojson":
        return _of_points(paths[0], findings)
    from htan_kit.io.tables._parts import join, read_part

    whole = read_part(paths[0], image, findings)
    if len(paths) == 1:
        paths += whole.more
    for other in paths[1:]:
        whole = join(whole, read_part(other, image, findings))
    table = _checked(whole, tuple(paths), findings).placed(pixel_size_um)
    if findings is not None:
        findings.extend(_understood(whole, table, pixel_size_um))
    return table


def _of_points(path: Path, findings: Findings | None) -> CellTable:
    import numpy as np
    import pandas as pd

    from htan_kit.io.outlines import FIRST_PX, read_points

    ids, object_ids, xy = read_points(path, findings=findings)
    nothing = pd.DataFrame(index=range(len(ids)))
    none = np.zeros((len(ids), 0), np.float32)
    return CellTable((path,), "GeoJSON points", ids, object_ids, xy, None, none, (), nothing, nothing, FIRST_PX)


def _checked(part: Part, paths: tuple[Path, ...], findings: Findings | None) -> CellTable:
    import numpy as np
    import pandas as pd

    from htan_kit.io.tables._ids import checked_ids
    from htan_kit.io.tables._notes import notes_of

    rows, columns, subject = part.rows, part.columns, part.path
    if not rows.n:
        raise InputError.of("table.rows", subject, "The table has no rows.", "Export the cells again.")
    problems = Findings()
    ids, object_ids = checked_ids(rows, columns, subject, problems, findings)
    notes, spoilt = notes_of(rows.notes, columns.texts, part.decimal)
    places = columns.place.columns if columns.place else ()
    if wrong := [name for name in places if name in rows.words]:
        message = f"Centroids are no numbers in {wrong}."
        problems.append(error("table.centroids", subject, message, "Give pixels of the full resolution."))
    spoilt |= {name: found.example for name, found in rows.words.items() if name not in (columns.ids, *places)}
    hint = "Leave the cell empty where there is no number."
    for name, example in spoilt.items():
        message = f"Column {name!r} holds text among numbers, such as {example[:40]!r}."
        problems.append(error("table.values", subject, message, hint))
    if not columns.markers:
        hint = "Marker columns stand before X_centroid (MCMICRO) or beside Object (steinbock)."
        problems.append(error("table.markers", subject, "The table has no marker columns.", hint))
    if len(problems):
        raise InputError(*problems)
    for finding in (*columns.remarks, *_odd_values(part)):
        report(findings, finding)
    if part.scale is not None and part.scale != 1:
        np.multiply(rows.x, np.float32(part.scale), out=rows.x)
    in_um = columns.place is not None and columns.place.unit == "um"
    first_px = columns.place.first_px if columns.place else 0.0
    xy_px = None if rows.xy is None or in_um else rows.xy - first_px if first_px else rows.xy
    features = pd.DataFrame(rows.features, columns=list(columns.features), copy=False)
    return CellTable(
        paths, part.dialect, ids, object_ids, xy_px, rows.xy if in_um else None, rows.x, tuple(columns.markers),
        features, notes, first_px,
    )  # fmt: skip


def _odd_values(part: Part) -> Iterator[Finding]:
    import numpy as np

    rows, subject = part.rows, part.path
    if rows.xy is not None and (n := int((~np.isfinite(rows.xy)).any(axis=1).sum())):
        yield warning("table.centroids", subject, f"{n} objects have no centroid.", "Their place is not shown.")
    if rows.n_beyond:
        names = [name[:60] for name, beyond in zip(part.columns.markers, rows.beyond, strict=True) if beyond]
        some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        message = f"{rows.n_beyond} objects have values too large for float32, infinite in X, in the columns {some}."
        yield warning("table.values", subject, message, "Check the quantification, or give smaller units.")
    if rows.missing:
        message = f"{rows.missing} marker values are missing or not finite; they are kept as they are."
        yield warning("table.values", subject, message, "Check the quantification.")
    if part.dialect == "CellProfiler" and part.scale is None and (np.nanmax(rows.x, initial=0.0) <= 1):
        message = (
            "CellProfiler scales pixels to 0 to 1, and no Image.csv beside the table says by what; kept as written."
        )
        hint = "Put its Image.csv beside it, or multiply by 65535 for an image of 16 bits."
        yield warning("table.scaled", subject, message, hint)


def _understood(part: Part, table: CellTable, pixel_size_um: float | None) -> Iterator[Finding]:
    """Say what was made of a table that is not written as HTAN asks."""
    if part.dialect not in _AS_ASKED:
        unit = "none" if part.rows.xy is None else "µm" if table.xy_um is not None else "px"
        message = f"The columns are those of {part.dialect}: {len(table.marker_names)} markers, "
        message += f"{table.features.shape[1]} further numbers, centroids: {unit}."
        hint = "HTAN's own names are CellID, X_centroid and Y_centroid."
        yield info("table.dialect", part.path, message, hint, "HTAN Manual, Level 4")
    if part.scale is not None and part.scale != 1:
        message = f"Marker values are multiplied by {part.scale:g}, by which Image.csv says CellProfiler divided them; "
        message += "other columns are kept as written."
        yield info("table.scaled", part.path, message)
    if table.xy_um is not None:
        known = "the pixel size is not known: they are no pixels yet"
        message = "The table has centroids in µm; " + (
            f"at {pixel_size_um:g} µm per pixel." if pixel_size_um else known + "."
        )
        yield info("table.centroids-um", part.path, message)
