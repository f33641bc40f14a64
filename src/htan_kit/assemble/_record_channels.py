"""Channels of a record: every antibody row, with what is known of the channel now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from htan_kit._keys import Key
from htan_kit.models import key, match, typed
from htan_kit.models import miti_sections as model_sections

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from htan_kit.assemble._miti import Section

__all__ = ["channel_rows", "judged_planes"]

_OF_THE_CHANNEL: Final = (Key.var.passed_qc, Key.var.qc_details)  # the same for all its antibodies
_IDS: Final = ("channel_id", "channel_name")


def channel_rows(
    frame: pd.DataFrame | None,
    whole: Mapping[str, Any],
    var: pd.DataFrame | None = None,
    *,
    extra: tuple[str, ...] = (),
) -> list[Section]:
    """List the antibody rows in the order of the image.

    Parameters
    ----------
    frame
        ``uns["miti"][library_id]["channel"]``: one row a channel; None when there is none.
    whole
        The lossless record: ``channel`` has the rows of the channel table, ``record`` the MITI record as written.
    var
        Markers with ``passed_qc`` and ``qc_details``, which count more; None to leave them aside.
    extra
        Names beyond MITI to keep: columns of the channel table (``antibody_role``) or of the frame (``role``).

    Returns
    -------
    Rows under MITI's keys with MITI's types. The row that describes a channel has what the frame says now; the
    channel's further antibodies follow it. Rows of no channel of the image come last.
    """
    model = model_sections()["channel"]
    rows = _typed_rows(whole, model, extra)
    if frame is None or not len(frame):
        return rows
    taken: set[int] = set()
    out: list[Section] = []
    judged = judged_planes(var)
    for channel in frame.to_dict("records"):
        known = {name: value for name, value in channel.items() if name in model and _is_known(value)}
        known |= judged.get(_plane(channel), {})
        mine = _rows_of(known, channel, whole.get("channel", []), rows, taken)
        taken.update(mine)
        entries = [rows[position] for position in mine] or [{}]
        first = max(range(len(entries)), key=lambda i: (_agreement(entries[i], known), -i))
        added = {name: channel[name] for name in extra if _is_known(channel.get(name))}
        for i, entry in enumerate(entries):
            out.append(added | entry | (known if i == first else {n: known[n] for n in _OF_THE_CHANNEL if n in known}))
    return [*out, *(row for position, row in enumerate(rows) if position not in taken)]


def _typed_rows(whole: Mapping[str, Any], model: Mapping[str, Any], extra: tuple[str, ...]) -> list[Section]:
    """Keep MITI's attributes of each row; what the table leaves empty is taken from the MITI record."""
    written = [row for row in whole.get("channel", []) if isinstance(row, dict)]
    record = whole.get("record", {})
    section: Any = next((content for name, content in record.items() if key(str(name)) == "channel"), [])
    entries = [_under_keys(row, model) for row in section if isinstance(row, dict)] if isinstance(section, list) else []
    by_id = {key(str(entry.get("channel_id", ""))): entry for entry in reversed(entries)}
    rows = [_under_keys(row, model) | {n: row[n] for n in extra if row.get(n)} for row in written]
    return [by_id.get(key(str(row.get("channel_id", ""))) or "-", {}) | row for row in rows]


def _under_keys(row: Mapping[str, Any], model: Mapping[str, Any]) -> Section:
    out: Section = {}
    for name, value in row.items():
        known = match(model, str(name))
        if known is not None and value is not None and value != "":
            out.setdefault(known, typed(value, model[known]["type"]))
    return out


def _rows_of(
    known: Section, channel: Mapping[str, Any], written: list[dict[str, Any]], rows: list[Section], taken: set[int]
) -> list[int]:
    """Find the rows of a channel: by the row numbers that reading noted, else by id and name, else by one of both."""
    free = [position for position in range(len(rows)) if position not in taken]
    noted = {part for part in str(channel.get("source_rows") or "").split(";") if part.isdecimal()}
    if noted and len(written) == len(rows):
        mine = [position for position in free if str(written[position].get("source_row")) in noted]
        if mine:
            return mine
    own = [key(str(known.get(name, ""))) for name in _IDS]
    theirs = {position: [key(str(rows[position].get(name, ""))) for name in _IDS] for position in free}
    same = [position for position in free if theirs[position] == own]
    for i in range(len(_IDS)):
        same = same or [position for position in free if own[i] and theirs[position][i] == own[i]]
    return same


def _agreement(row: Mapping[str, Any], known: Mapping[str, Any]) -> int:
    return sum(row.get(name) == value for name, value in known.items())


def judged_planes(var: pd.DataFrame | None) -> dict[int, Section]:
    """Quality control by plane, as ``var`` has it."""
    names = [name for name in _OF_THE_CHANNEL if var is not None and name in var]
    if var is None or not names or Key.var.channel_index not in var:
        return {}
    rows = var[[Key.var.channel_index, *names]].to_dict("records")
    return {_plane(row): {str(n): row[n] for n in names if _is_known(row[n])} for row in rows if _plane(row) >= 0}


def _plane(channel: Mapping[Any, Any]) -> int:
    value = channel.get(Key.var.channel_index)
    return int(value) if value is not None and _is_known(value) else -1


def _is_known(value: Any) -> bool:
    import pandas as pd

    return value is not None and not pd.isna(value) and value != ""
