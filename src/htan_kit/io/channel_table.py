"""Channel tables: HTAN templates, MITI, MCMICRO and nf-core markers, steinbock panels, lists of names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import info, report, warning
from htan_kit.io._channel_columns import KINDS, layout_of_header, miti_columns
from htan_kit.io._channel_ids import planes_of_ids
from htan_kit.io._channel_role import metal_tag, role
from htan_kit.io._channel_rows import one_row_a_channel, read_rows
from htan_kit.io._delimited import sniff_header
from htan_kit.models import is_blank, key, typed

if TYPE_CHECKING:
    import os

    import pandas as pd

    from htan_kit.findings import Findings

__all__ = ["is_channel_table", "read_channel_rows", "read_channels"]

_OTHER_TABLES = {"cellid", "xcentroid", "ycentroid", "object", "objectid", "image", "sample"}
_DTYPES = {"integer": "Int64", "float": "Float64", "boolean": "boolean"}
_NAMES = {"channel_name", "target_name", "channel_id", "antibody_name"}  # "Unknown" or "none" can be a name here
_ORDERED = {"mcmicro", "steinbock", "list"}  # layouts whose documentation defines the order of rows as that of planes


def is_channel_table(path: str | os.PathLike[str]) -> bool:
    r"""Tell by its header whether a file is a channel table.

    Parameters
    ----------
    path
        Any file; what cannot be read as a text table is none.

    Returns
    -------
    True for the layouts that :func:`read_channels` reads, but for lists without a header; a manifest of HTAN's
    ChannelMetadata is both a manifest and a channel table.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io.channel_table import is_channel_table
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "markers.csv")
    ...     _ = path.write_text("channel_number,cycle_number,marker_name")
    ...     is_channel_table(path)
    True
    """
    try:
        header = sniff_header(Path(path))
    except InputError:
        return False
    folded = {key(name) for name in header}
    if folded & _OTHER_TABLES:
        return False
    layout = layout_of_header(header)
    if layout == "htan":
        return len(set(miti_columns(header, layout).values()) - {"comment"}) > 1  # a list of gates has names too
    return layout not in ("", "list")


def read_channel_rows(path: str | os.PathLike[str], *, panel: str = "") -> pd.DataFrame:
    r"""Read every row of a channel table as text: several rows may describe one channel.

    Parameters
    ----------
    path
        The table.
    panel
        The panel to read from a table of several (HTAN_PANEL_ID).

    Returns
    -------
    One row an antibody, in the order of the file; columns under MITI's keys where they have one (and
    ``antibody_role``, ``panel``, ``keep``), else under their header; values as written, NA for an empty cell.

    Raises
    ------
    InputError
        The file cannot be read, no column names the channels, or it has several panels and none was chosen.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io.channel_table import read_channel_rows
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "a.csv")
    ...     _ = path.write_text("Channel ID,Channel Name,HMSL ID\nChannel:0:0,DNA,")
    ...     read_channel_rows(path).columns.tolist()
    ['channel_id', 'channel_name', 'HMSL ID']
    """
    return read_rows(Path(path), panel).frame


def read_channels(path: str | os.PathLike[str], *, panel: str = "", findings: Findings | None = None) -> pd.DataFrame:
    r"""Read a channel table: one row a channel.

    Parameters
    ----------
    path
        HTAN's template or ChannelMetadata, MITI's columns, two columns (id and name), MCMICRO or nf-core markers,
        steinbock's panel.csv (rows with ``keep`` 0 are not in the image), imctools' CSV, or a list of names.
    panel
        The panel to read from a table of several (HTAN_PANEL_ID).
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    Channels in the order of the file, the columns MITI's keys that have a value (always ``channel_id`` and
    ``channel_name``), text, Int64, Float64 (wavelengths in nm, ``exposure`` in ms) or boolean; ``channel_index``
    (Int64), the 0-based plane where the id says it; and ``role``. Of several antibodies of a channel the primary is
    kept. ``.attrs["layout"]`` names the layout, ``.attrs["ordered"]`` is True where the layout defines the order of
    rows as the order of planes.

    Raises
    ------
    InputError
        The file cannot be read, no column names the channels, or it has several panels and none was chosen.

    References
    ----------
    HTAN Manual, channel metadata; Schapiro et al. 2022 (MITI), doi:10.1038/s41592-022-01415-4; labsyspharm/mcmicro
    docs/io.md; nf-core/mcmicro assets/schema_marker.json; BodenmillerGroup/steinbock docs/file-types.md.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from htan_kit.io.channel_table import read_channels
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "markers.csv")
    ...     _ = path.write_text("channel_number,cycle_number,marker_name\n1,1,DNA_1\n2,1,CD3\n")
    ...     read_channels(path)[["channel_index", "channel_name", "role"]].to_dict("records")[1]
    {'channel_index': 1, 'channel_name': 'CD3', 'role': 'marker'}
    """
    import pandas as pd

    path = Path(path)
    rows = read_rows(path, panel)
    frame, per_cycle = one_row_a_channel(rows, path.name, findings)
    table = _with_metals(_typed(frame, path.name, findings))
    index = _planes(frame, path.name, findings, per_cycle=per_cycle)
    ordered = rows.layout in _ORDERED and any(plane is None for plane in index)
    if ordered and rows.layout != "steinbock":  # steinbock's id is the metal; its order is the panel's, see attrs
        index = list(range(len(table)))
    table.insert(0, "channel_index", pd.array(index, dtype="Int64"))
    roles = frame["antibody_role"].tolist() if "antibody_role" in frame else [None] * len(frame)
    targets = _texts(table, "target_name")
    table["role"] = [
        role(name, target, antibody_role=antibody)
        for name, target, antibody in zip(_texts(table, "channel_name"), targets, roles, strict=True)
    ]
    table.attrs = {"layout": rows.layout, "ordered": ordered}
    return table


def _planes(frame: pd.DataFrame, subject: str, findings: Findings | None, *, per_cycle: bool) -> list[int | None]:
    ids = _texts(frame, "channel_id")
    planes = planes_of_ids(ids)
    if per_cycle:
        return [None] * len(ids)
    if planes.base not in (None, 0, 1):
        message = f"Channel ids count from {planes.base}; {planes.base} is taken for the first channel of the image."
        report(findings, info("channels.base", subject, message, "Compare the names with those of the image."))
    elif planes.base is None and any(text and text.strip().isdecimal() for text in ids):
        message = "Channel ids count from neither 0 nor 1 and have gaps; they cannot be matched to channels."
        report(findings, warning("channels.base", subject, message, "Use the ids of the OME header, Channel:0:0 on."))
    return planes.planes


def _typed(frame: pd.DataFrame, subject: str, findings: Findings | None) -> pd.DataFrame:
    """Give every known column the type MITI gives it; columns without a value are left out."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if name not in frame:
            if name in ("channel_id", "channel_name"):
                columns[name] = pd.Series([None] * len(frame), dtype=object)
            continue
        cells = [None if _says_nothing(cell, name) else cell for cell in frame[name]]
        if kind in _DTYPES:
            values = [None if cell is None else _number(cell, kind) for cell in cells]
            odd = [(cell, value) for cell, value in zip(cells, values, strict=True) if cell and str(value) != cell]
            odd = [(cell, value) for cell, value in odd if value is None or typed(cell, kind) != value]
            if odd:
                read = "; ".join(f"{cell!r} is read as {value}" for cell, value in dict(odd[:10]).items())
                message = f"Column {name} should hold {kind}s: {read}."
                report(findings, warning("channels.value", subject, message, "Write the number alone."))
            cells = values
        if any(cell is not None for cell in cells) or name in ("channel_id", "channel_name"):
            columns[name] = pd.Series(cells, dtype=_DTYPES[kind]) if kind in _DTYPES else pd.Series(cells)
    return pd.DataFrame(columns)


def _says_nothing(cell: str | None, name: str) -> bool:
    return cell is None or (cell.casefold() == "nan" if name in _NAMES else is_blank(cell))


def _number(cell: str, kind: str) -> object:
    value = typed(cell, kind)
    if not isinstance(value, str):
        return value
    start = re.match(r"[-+]?\d+(\.\d+)?(?=\s|[^\d.:/])", cell)  # Orion writes "452 ORION"
    return typed(start[0], kind) if start and kind != "boolean" else None


def _with_metals(table: pd.DataFrame) -> pd.DataFrame:
    """Split metal tags (``Ir191``) into MITI's element and mass where the table does not have them."""
    import pandas as pd

    if "metal_isotope_element" in table:
        return table
    tags = [metal_tag(text or "") for text in _texts(table, "channel_id")]
    if any(tags):
        table["metal_isotope_element"] = pd.Series([tag[0] if tag else None for tag in tags])
        table["metal_isotope_mass"] = pd.Series([tag[1] if tag else None for tag in tags], dtype="Int64")
    return table


def _texts(table: pd.DataFrame, column: str) -> list[str | None]:
    if column not in table:
        return [None] * len(table)
    return [None if missing else str(cell) for cell, missing in zip(table[column], table[column].isna(), strict=True)]
