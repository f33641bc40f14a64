"""The rows of a channel table, antibody by antibody, as text under MITI's keys, and which channel each belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import info, report, warning
from htan_kit.io._channel_ids import pair_of_id
from htan_kit.io._channel_shape import NAMES, Shaped, shape
from htan_kit.io._delimited import Sheet, read_sheets
from htan_kit.io._marker_name import fold

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from htan_kit.findings import Findings

__all__ = ["Rows", "channels_of", "read_rows"]

_MAX_BYTES = 16 * 2**20
_MOST_CHANNELS = 5_000
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"}
_DROPPED = {"0", "0.0", "false", "no", "n"}
SHOWN = 60
"""Characters of a cell that a message repeats."""


class Rows(NamedTuple):
    """The rows as text (None for an empty cell), how they were read, and the header of each key."""

    frame: pd.DataFrame
    shaped: Shaped
    columns: dict[str, str]  # header -> key
    sheet: str


def read_rows(path: Path, panel: str = "") -> Rows:
    """Read all rows of a channel table; see :func:`htan_kit.io.channel_table.read_channel_rows`."""
    import pandas as pd

    sheets = read_sheets(path, max_bytes=_MAX_BYTES, max_rows=4 * _MOST_CHANNELS)
    found = [(sheet, shaped) for sheet in sheets if (shaped := shape(sheet.rows)) is not None]
    if not found:
        raise _no_names(path, next(([c.strip() for c in row] for sheet in sheets for row in sheet.rows if row), []))
    sheet, shaped = next((pair for pair in found if pair[1].sure), found[0])
    if len(shaped.rows) > _MOST_CHANNELS:
        message = f"The table has {len(shaped.rows):,} rows; a channel table has at most {_MOST_CHANNELS:,}."
        raise _problem(path, "channels.columns", message, "Is this the right file?")
    _check_surplus(path, shaped, sheet)
    content: dict[str, list[str | None]] = {}
    headers: dict[str, str] = {}
    for position, header in enumerate(shaped.header):
        cells = [_cell(row[position]) for _, row in shaped.rows]
        name = shaped.columns.get(position)
        if name is None and not header and not any(cells):
            continue
        name = name or _own(header or f"Unnamed: {position}", content)
        if position in shaped.columns:
            headers[_own(header or f"column {position + 1}", headers)] = name
        content[name] = _joined(content[name], cells) if name in content else cells
    if "channel_id" not in content and "metal_tag" in content:
        content["channel_id"] = list(content["metal_tag"])
    for name in NAMES[1:]:
        content.setdefault("channel_name", list(content.get(name, [])))
        if not content["channel_name"]:
            del content["channel_name"]
    content.setdefault("channel_name", [None] * len(shaped.rows))
    content["source_row"] = [where for where, _ in shaped.rows]
    frame = pd.DataFrame(content, dtype=object)
    said = [name for name in ("channel_id", "channel_name", "target_name", "antibody_name") if name in frame]
    frame = frame[frame[said].notna().any(axis=1)]
    frame = _of_panel(frame, panel, path).reset_index(drop=True)
    if frame.empty:
        raise _problem(path, "channels.empty", "The table has no rows with a channel.", "Add one row a channel.")
    frame["channel_row"] = pd.array([0] * len(frame), dtype="Int64")
    frame["channel_row"] = pd.array(_groups(frame), dtype="Int64")
    return Rows(frame, shaped, headers, sheet.name)


def _cell(text: str) -> str | None:
    return None if text in _ERRORS else text or None


def _own(name: str, taken: object) -> str:
    """Call a column that means nothing to the kit by its header, made unique."""
    number, own = 0, name[:200]
    while own in taken:  # type: ignore[operator]
        number += 1
        own = f"{name[:200]}.{number}"
    return own


def _joined(first: list[str | None], second: list[str | None]) -> list[str | None]:
    """Join what two columns for one key say; only notes can have two."""
    return ["; ".join(dict.fromkeys(filter(None, pair))) or None for pair in zip(first, second, strict=True)]


def _check_surplus(path: Path, shaped: Shaped, sheet: Sheet) -> None:
    """Refuse rows with cells beyond the header: one delimiter too many shifts every value behind it."""
    if sheet.name or not shaped.header_row:  # a workbook has no delimiters
        return
    written = sheet.rows[int(shaped.header_row) - 1]
    width = len(written) + (written[0].strip() != "" and shaped.header[0] == "")  # row names of R have no header
    beyond = [where for where, cells in shaped.rows if any(cells[width:])]
    if beyond:
        message = f"Row {', '.join(beyond[:10])} has more cells than the header, which has {width}."
        raise _problem(path, "file.ragged", message, "Quote cells that contain the delimiter.")


def _no_names(path: Path, header: list[str]) -> InputError:
    shown = ", ".join(text[:SHOWN] for text in header[:12]) + (", ..." if len(header) > 12 else "")
    message = f"No column names the channels; found: {shown or 'nothing'}."
    return _problem(path, "channels.columns", message, "Call it Channel Name (HTAN, MITI) or marker_name (MCMICRO).")


def _of_panel(frame: pd.DataFrame, panel: str, path: Path) -> pd.DataFrame:
    if "panel" not in frame:
        return frame
    panels = list(dict.fromkeys(frame["panel"].dropna()))
    names = ", ".join(str(name)[:SHOWN] for name in panels[:10])
    if panel and panel not in panels:
        message = f"There is no panel {panel!r} in the table; it has {names or 'none'}."
        raise _problem(path, "channels.panel", message, "Choose one of them.")
    if not panel and len(panels) > 1:
        message = f"The table has {len(panels)} panels: {names}."
        raise _problem(path, "channels.panel", message, "Choose one with panel=.")
    return frame[frame["panel"] == panel] if panel else frame


def _groups(frame: pd.DataFrame) -> list[int]:
    """Give each row the number of its channel, in the order of their first rows.

    Rows belong to one channel when they share its id and its name. Where ids count within a cycle they share the
    cycle too.
    """
    blank = [None] * len(frame)
    ids = frame["channel_id"].tolist() if "channel_id" in frame else blank
    cycles = frame["cycle_number"].tolist() if "cycle_number" in frame else blank
    names = frame["channel_name"].tolist()
    within = counts_within_cycle(frame)
    groups: dict[tuple[str, str, str], int] = {}
    numbers = []
    for row, (text, cycle, name) in enumerate(zip(ids, cycles, names, strict=True)):
        mark = (fold(text), fold(name or ""), fold(cycle or "") if within else "") if text else (f"\n{row}", "", "")
        numbers.append(groups.setdefault(mark, len(groups)))
    return numbers


def counts_within_cycle(frame: pd.DataFrame) -> bool:
    """Tell whether ids count within a cycle: ``c 2/4``, or an id whose rows differ in name and cycle."""
    if "channel_id" not in frame or "cycle_number" not in frame:
        return False
    ids = frame["channel_id"].tolist()
    pairs = [pair_of_id(text) for text in ids if text]
    if pairs and all(pair is not None and pair.of for pair in pairs):
        return True
    seen: dict[str, list[tuple[str | None, str]]] = {}
    for text, cycle, name in zip(ids, frame["cycle_number"], frame["channel_name"], strict=True):
        if text:
            seen.setdefault(fold(text), []).append((cycle, fold(name or "")))
    return any(
        len({name for _, name in rows}) > 1 and len({cycle for cycle, _ in rows if cycle}) > 1 for rows in seen.values()
    )


def channels_of(rows: Rows, subject: str, findings: Findings | None) -> tuple[pd.DataFrame, list[list[int]]]:
    """Keep the primary antibody of each channel; tell which rows it stands for.

    Returns
    -------
    One row a channel in the order of the file, and the positions of its rows in ``rows.frame``.
    """
    frame = rows.frame
    if rows.shaped.layout == "steinbock" and "keep" in frame:
        frame = frame[[str(cell or "").casefold() not in _DROPPED for cell in frame["keep"]]]
    roles = frame["antibody_role"] if "antibody_role" in frame else frame["channel_name"].map(lambda _: None)
    keep, members, several = [], [], []
    for _, group in frame.groupby("channel_row", sort=True):
        positions = [int(position) for position in group.index]
        keep.append(min(positions, key=lambda position: _rank(roles[position])))
        members.append(positions)
        if len(positions) > 1:
            several.append(str(frame["channel_id"][positions[0]])[:SHOWN])
    order = sorted(range(len(keep)), key=lambda i: keep[i])
    keep, members = [keep[i] for i in order], [members[i] for i in order]
    _report_repeated(frame.loc[keep], subject, findings)
    if several:
        message = f"Several antibodies are listed for {', '.join(several[:10])}; the primary (or first) one is used."
        report(findings, info("channels.antibodies", subject, message))
    return frame.loc[keep].reset_index(drop=True), members


def _report_repeated(frame: pd.DataFrame, subject: str, findings: Findings | None) -> None:
    if "channel_id" not in frame or counts_within_cycle(frame):
        return
    seen: dict[str, list[str]] = {}
    for text, name in zip(frame["channel_id"], frame["channel_name"], strict=True):
        if text:
            seen.setdefault(text, []).append(str(name)[:SHOWN])
    twice = [f"{text[:SHOWN]} ({', '.join(names)})" for text, names in seen.items() if len(names) > 1]
    if twice:
        message = f"Rows share a channel id but not a name: {'; '.join(twice[:10])}."
        report(findings, warning("channels.id-repeated", subject, message, "Give every channel its own id."))


def _rank(antibody_role: str | None) -> int:
    text = (antibody_role or "").strip().casefold()
    return 0 if text.startswith("primary") else 2 if text.startswith("secondary") else 1


def _problem(path: Path, rule: str, message: str, hint: str) -> InputError:
    return InputError.of(rule, path, message, hint)
