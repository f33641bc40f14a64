"""Channel tables: whatever layout they come in, one row a channel in MITI's attributes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError
from htan_kit.findings import info, report, warning
from htan_kit.io._antigen import antigen
from htan_kit.io._channel_cells import typed_columns
from htan_kit.io._channel_ids import planes_of_ids
from htan_kit.io._channel_role import metal_tag, role
from htan_kit.io._channel_rows import Rows, channels_of, counts_within_cycle, read_rows
from htan_kit.io._channel_shape import shape
from htan_kit.io._delimited import read_sheets
from htan_kit.io._whole_file import whole_file
from htan_kit.models import key

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io._antigen import Antigen

__all__ = ["is_channel_table", "read_channel_rows", "read_channels"]

_OTHER_TABLES: Final = {"cellid", "xcentroid", "ycentroid", "object", "objectid", "image", "sample"}
_ORDERED: Final = {"mcmicro", "steinbock", "list", "wide"}  # layouts that define the order of rows as that of planes
_SNIFFED_ROWS: Final = 40
_SHOWN: Final = 60


@whole_file
def is_channel_table(path: str | os.PathLike[str]) -> bool:
    r"""Tell by its first rows whether a file is a channel table.

    Parameters
    ----------
    path
        Any file; what cannot be read as a table is none.

    Returns
    -------
    True for what :func:`read_channels` reads without a doubt: not for lists without a header; a manifest of HTAN's
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
        sheets = read_sheets(Path(path), n_rows=_SNIFFED_ROWS)
    except InputError:
        return False
    for sheet in sheets:
        first = next((row for row in sheet.rows if row), [])
        if {key(name[:200]) for name in first} & _OTHER_TABLES:
            continue
        shaped = shape(sheet.rows)
        if shaped is not None and shaped.sure:
            return True
    return False


@whole_file
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
    ``antibody_role``, ``cycle_channel``, ``metal_tag``, ``panel``, ``keep``), else under their header; values as
    written, NA for an empty cell. ``source_row``: where the row stands in the file (the header is row 1);
    ``channel_row`` (Int64): the number of its channel, from 0 in the order of the file.

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
    ...     read_channel_rows(path).to_dict("records")
    [{'channel_id': 'Channel:0:0', 'channel_name': 'DNA', 'HMSL ID': None, 'source_row': '2', 'channel_row': 0}]
    """
    return read_rows(Path(path), panel).frame


@whole_file
def read_channels(path: str | os.PathLike[str], *, panel: str = "", findings: Findings | None = None) -> pd.DataFrame:
    r"""Read a channel table: one row a channel.

    Columns are recognised by what they mean: the words of their header in any spelling, weighed against their values.
    The header may stand below a title or be absent; the table may be a matrix of cycles by colours, may have a column
    a channel, or an attribute a row.

    Parameters
    ----------
    path
        CSV, TSV, or XLSX: HTAN's template or ChannelMetadata, MITI's columns, two columns (id and name), MCMICRO or
        nf-core markers, steinbock's panel.csv (rows with ``keep`` 0 are not in the image), a list of names, or any
        other table with a column that names channels.
    panel
        The panel to read from a table of several (HTAN_PANEL_ID).
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    Channels in the order of the file, the columns MITI's keys that have a value (always ``channel_id`` and
    ``channel_name``), text, Int64, Float64 (wavelengths in nm, ``exposure`` in ms) or boolean; ``antibody_role`` and
    ``cycle_channel`` (the number of the channel in its cycle) where there are some; ``channel_index`` (Int64), the
    0-based plane where the id says it; ``role``; ``source_rows``: where the rows of the channel stand in the file,
    ``"3;4"`` for two antibodies; and ``understood``: what was read into what, where a value was not taken as written.
    Of several antibodies of a channel the primary is kept. ``.attrs["layout"]`` names the layout,
    ``.attrs["ordered"]`` is True where the layout defines the order of rows as the order of planes,
    ``.attrs["columns"]`` maps headers as written to the keys they were read as, ``.attrs["unread"]`` lists the other
    headers.

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
    frame, members = channels_of(rows, path.name, findings)
    within = counts_within_cycle(frame)
    table, read = typed_columns(frame, rows.columns, path.name, findings, within=within)
    table = _with_metals(table, frame)
    layout = rows.shaped.layout
    index = _planes(table, path.name, findings, per_cycle=within)
    ordered = layout in _ORDERED and any(plane is None for plane in index)
    if ordered and layout != "steinbock":  # steinbock's id is the metal; its order is the panel's, see attrs
        index = list(range(len(table)))
    table.insert(0, "channel_index", pd.array(index, dtype="Int64"))
    names, targets = _texts(table, "channel_name"), _texts(table, "target_name")
    roles = _texts(table, "antibody_role")
    table["role"] = [role(n, t, antibody_role=r) for n, t, r in zip(names, targets, roles, strict=True)]
    where = rows.frame["source_row"]
    table["source_rows"] = [";".join(str(where[position]) for position in group) for group in members]
    table["understood"] = ["; ".join([*_from(rows, row), *said]) for row, said in enumerate(read)]
    _report_names(names, path.name, findings)
    _report_antibodies(rows.frame, path.name, findings)
    unread = [header for i, header in enumerate(rows.shaped.header) if header and i not in rows.shaped.columns]
    table.attrs = {"layout": layout, "ordered": ordered, "columns": dict(rows.columns), "unread": unread}
    return table


def _from(rows: Rows, row: int) -> list[str]:
    """Say how the table was turned, and where the name is another column's."""
    said = [rows.shaped.notes] if rows.shaped.notes and row == 0 else []
    keys = set(rows.columns.values())
    if "channel_name" not in keys:
        source = next((name for name in ("target_name", "antibody_name") if name in keys), None)
        said += [f"channel_name: taken from {source}"] if source else []
    return [text.rstrip(".") for text in said]


def _planes(table: pd.DataFrame, subject: str, findings: Findings | None, *, per_cycle: bool) -> list[int | None]:
    ids = _texts(table, "channel_id")
    if per_cycle:
        return [None] * len(ids)
    planes = planes_of_ids(ids)
    if planes.base not in (None, 0, 1):
        message = f"Channel ids count from {planes.base}; {planes.base} is taken for the first channel of the image."
        report(findings, info("channels.base", subject, message, "Compare the names with those of the image."))
    elif planes.base is None and any(text and text.strip().isdecimal() for text in ids):
        message = "Channel ids count from neither 0 nor 1 and have gaps; they cannot be matched to channels."
        report(findings, warning("channels.base", subject, message, "Use the ids of the OME header, Channel:0:0 on."))
    return planes.planes


def _with_metals(table: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Split metal tags (``Ir191``) into MITI's element and mass where the table does not have them."""
    import pandas as pd

    if "metal_isotope_element" in table and "metal_isotope_mass" in table:
        return table
    tags = [metal_tag(text or "") for text in _texts(frame, "metal_tag" if "metal_tag" in frame else "channel_id")]
    if any(tags):
        table["metal_isotope_element"] = pd.Series([tag[0] if tag else None for tag in tags])
        table["metal_isotope_mass"] = pd.Series([tag[1] if tag else None for tag in tags], dtype="Int64")
    return table


def _report_names(names: Sequence[str | None], subject: str, findings: Findings | None) -> None:
    missing = [str(row + 1) for row, name in enumerate(names) if name is None]
    if len(missing) == len(names):
        message = "The table names no channel; the names of the image's header are used."
        report(findings, warning("channels.name-missing", subject, message, "Add a column Channel Name."))
    elif missing:
        message = f"{len(missing)} of {len(names)} channels have no name: {', '.join(missing[:10])}."
        report(findings, warning("channels.name-missing", subject, message, "Name every channel, blank ones too."))


def _report_antibodies(frame: pd.DataFrame, subject: str, findings: Findings | None) -> None:
    """Report rows whose antibody is known to bind something else than the channel is named for."""
    columns = [_texts(frame, name) for name in ("channel_name", "antibody_name", "clone", "antibody_role")]
    wrong: list[str] = []
    of_clone: dict[str, dict[Antigen, str]] = {}
    for name, said, clone, part in zip(*columns, strict=True):
        meant, bound = antigen(name or ""), antigen(said or "")
        if meant is None or not meant.symbol or (part or "").casefold().startswith("secondary"):
            continue
        if bound and bound.symbol and meant.symbol != bound.symbol:
            wrong.append(f"{(name or '')[:_SHOWN]!r} has the antibody {(said or '')[:_SHOWN]!r}")
        if clone and any(c.isdigit() for c in clone):
            of_clone.setdefault(key(clone), {}).setdefault(meant, f"{(name or '')[:_SHOWN]!r} ({clone[:_SHOWN]})")
    wrong += [f"one clone for {' and '.join(names.values())}" for names in of_clone.values() if len(names) > 1]
    if wrong:
        message = f"Antibodies and channels contradict each other: {'; '.join(wrong[:10])}."
        hint = "One of them was copied from another row; correct it."
        report(findings, warning("channels.antibody-differs", subject, message, hint))


def _texts(table: pd.DataFrame, column: str) -> list[str | None]:
    if column not in table:
        return [None] * len(table)
    return [None if missing else str(cell) for cell, missing in zip(table[column], table[column].isna(), strict=True)]
