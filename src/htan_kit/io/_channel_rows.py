"""The rows of a channel table, antibody by antibody, as text under MITI's keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import info, report, warning
from htan_kit.io._channel_columns import layout_of_header, miti_columns
from htan_kit.io._delimited import read_delimited
from htan_kit.models import key

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from htan_kit.findings import Findings

__all__ = ["Rows", "one_row_a_channel", "read_rows"]

_MAX_BYTES = 16 * 2**20
_LONGEST_NAME = 80  # of a list without a header, which otherwise could be any text


class Rows(NamedTuple):
    """The rows as text (None for an empty cell) and the layout they came in."""

    frame: pd.DataFrame
    layout: str


def read_rows(path: Path, panel: str = "") -> Rows:
    """Read all rows of a channel table; see :func:`htan_kit.io.channel_table.read_channel_rows`."""
    import pandas as pd

    table = read_delimited(path, max_bytes=_MAX_BYTES)
    header = [str(column) for column in table.columns]
    layout = layout_of_header(header)
    if layout == "list":
        return Rows(_list_of_names(path, header[0], table), layout)
    columns = miti_columns(header, layout)
    if not layout or not {"channel_name", "target_name"} & set(columns.values()):
        shown = ", ".join(header[:12]) + (", ..." if len(header) > 12 else "")
        message = f"No column names the channels; found: {shown}."
        raise _problem(path, "channels.columns", message, "Call it Channel Name (HTAN, MITI) or marker_name (MCMICRO).")
    content: dict[str, list[str | None]] = {}
    for column in header:
        cells = [str(cell).strip() or None for cell in table[column]]
        name = columns.get(column, column)
        content[name] = _joined(content[name], cells, name) if name in content else cells
    content.setdefault("channel_name", list(content.get("target_name", [])))
    frame = pd.DataFrame(content, dtype=object)
    said = [name for name in ("channel_id", "channel_name", "target_name") if name in frame]
    frame = frame[frame[said].notna().any(axis=1)]
    frame = _of_panel(frame, panel, path).reset_index(drop=True)
    if frame.empty:
        raise _problem(path, "channels.empty", "The table has no rows with a channel.", "Add one row a channel.")
    return Rows(frame, layout)


def _joined(first: list[str | None], second: list[str | None], name: str) -> list[str | None]:
    """Two columns for one key: what the first leaves empty; notes about quality are kept both."""
    if name == "qc_details":
        return ["; ".join(dict.fromkeys(filter(None, pair))) or None for pair in zip(first, second, strict=True)]
    return [one or other for one, other in zip(first, second, strict=True)]


def _list_of_names(path: Path, first: str, table: pd.DataFrame) -> pd.DataFrame:
    """One name a line without a header: CODEX channelNames.txt, CellProfiler's channel lists of IMC."""
    import pandas as pd

    names = [first, *(str(cell).strip() for cell in table.iloc[:, 0])]
    if any(len(name) > _LONGEST_NAME or not any(c.isalpha() for c in name) for name in names):
        message = f"The file has one column, {first[:40]!r}, and not every line of it is a channel's name."
        raise _problem(path, "channels.columns", message, "Give a table with a column Channel Name or marker_name.")
    return pd.DataFrame({"channel_name": names}, dtype=object)


def _of_panel(frame: pd.DataFrame, panel: str, path: Path) -> pd.DataFrame:
    if "panel" not in frame:
        return frame
    panels = list(dict.fromkeys(frame["panel"].dropna()))
    if panel and panel not in panels:
        message = f"There is no panel {panel!r} in the table; it has {', '.join(map(str, panels[:10])) or 'none'}."
        raise _problem(path, "channels.panel", message, "Choose one of them.")
    if not panel and len(panels) > 1:
        message = f"The table has {len(panels)} panels: {', '.join(map(str, panels[:10]))}."
        raise _problem(path, "channels.panel", message, "Choose one with panel=.")
    return frame[frame["panel"] == panel] if panel else frame


def one_row_a_channel(rows: Rows, subject: str, findings: Findings | None) -> tuple[pd.DataFrame, bool]:
    """Keep the primary antibody of each channel; tell whether ids only count within a cycle.

    Rows belong to one channel when they share its id and its name. Rows that share an id but neither name nor cycle
    are channels of a cycle (``c 2/4``); with one cycle they contradict each other, and all are kept.
    """
    frame = rows.frame
    if rows.layout == "steinbock" and "keep" in frame:
        frame = frame[~frame["keep"].isin(["0", "0.0", "False", "FALSE", "false"])].reset_index(drop=True)
    if "channel_id" not in frame:
        return frame, False
    blank = [None] * len(frame)
    cycles = frame["cycle_number"].tolist() if "cycle_number" in frame else blank
    roles = frame["antibody_role"].tolist() if "antibody_role" in frame else blank
    names = frame["channel_name"].tolist()
    groups: dict[str, list[int]] = {}
    for position, channel_id in enumerate(frame["channel_id"]):
        groups.setdefault(key(channel_id) if channel_id else f"\n{position}", []).append(position)
    keep, per_cycle, twice, several = [], False, [], []
    for positions in groups.values():
        by_name: dict[str, list[int]] = {}
        for position in positions:
            by_name.setdefault(key(names[position] or ""), []).append(position)
        if len(by_name) > 1 and len({cycles[position] for position in positions} - {None}) > 1:
            per_cycle = True
            by_name = {str(position): [position] for position in positions}
        elif len(by_name) > 1:
            twice.append(f"{frame['channel_id'][positions[0]]} ({', '.join(str(names[p]) for p in positions)})")
        for same in by_name.values():
            keep.append(min(same, key=lambda position: _rank(roles[position])))
            if len(same) > 1:
                several.append(str(frame["channel_id"][same[0]]))
    if twice:
        message = f"Rows share a channel id but not a name: {'; '.join(twice[:10])}."
        report(findings, warning("channels.id-repeated", subject, message, "Give every channel its own id."))
    if several:
        message = f"Several antibodies are listed for {', '.join(several[:10])}; the primary (or first) one is used."
        report(findings, info("channels.antibodies", subject, message))
    return frame.iloc[sorted(keep)].reset_index(drop=True), per_cycle


def _rank(antibody_role: str | None) -> int:
    text = (antibody_role or "").strip().casefold()
    return 0 if text.startswith("primary") else 2 if text.startswith("secondary") else 1


def _problem(path: Path, rule: str, message: str, hint: str) -> InputError:
    return InputError.of(rule, path, message, hint)
