"""What the cells of a channel table mean: numbers, booleans, cycles, units; and what was read into what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from htan_kit.findings import info, report, warning
from htan_kit.io._channel_ids import pair_of_id
from htan_kit.io._channel_role import metal_tag
from htan_kit.io._channel_words import KINDS, words_of
from htan_kit.models import is_blank, typed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from htan_kit.findings import Findings

__all__ = ["typed_columns"]

_DTYPES: Final = {"integer": "Int64", "float": "Float64", "boolean": "boolean"}
_NAMES: Final = {"channel_name", "target_name", "channel_id", "antibody_name"}  # "Unknown" or "none" can be a name here
_COUNTED: Final = {"cycle_number", "sub_cycle_number", "cycle_channel"}  # R5, Cycle 2, c3
_ALWAYS: Final = ("channel_id", "channel_name")
_RRID = re.compile(r"\s*(?:RRID\s*:\s*)?(AB_\d+)\s*", re.IGNORECASE)
_NUMBER = re.compile(r"([-+]?\d{1,15}(?:\.\d+)?)(?=\s|$|[^\d.:/])")  # Orion writes "452 ORION"
_CYCLE = re.compile(r"[^\W\d_]{1,8}[ _.\-]?0*(\d{1,4})[ _]?[a-z]{0,9}", re.IGNORECASE)
_SHOWN = 60


def typed_columns(
    frame: pd.DataFrame, headers: Mapping[str, str], subject: str, findings: Findings | None, *, within: bool = False
) -> tuple[pd.DataFrame, list[list[str]]]:
    """Give every known column the type MITI gives it; columns without a value are left out.

    Parameters
    ----------
    frame
        Text under keys, None for an empty cell.
    headers
        Header as written -> key; a header may name the unit.
    subject
        What findings are about.
    findings
        Where to collect them.
    within
        Whether ids count within a cycle.

    Returns
    -------
    The typed columns, and for each row what was read into what.
    """
    import pandas as pd

    read: list[list[str]] = [[] for _ in range(len(frame))]
    frame = _with_pairs(frame, read, within=within)
    scale = _exposure_scale(headers)
    columns: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if name not in frame:
            if name in _ALWAYS:
                columns[name] = pd.Series([None] * len(frame), dtype=object)
            continue
        cells = [None if _says_nothing(cell, name) else str(cell) for cell in frame[name]]
        values = [None if cell is None else _value(name, kind, cell, scale) for cell in cells]
        lost = _explain(name, cells, values, read)
        if kind in _DTYPES and lost:
            _report_lost(name, kind, lost, subject, findings)
        if any(value is not None for value in values) or name in _ALWAYS:
            columns[name] = pd.Series(values, dtype=_DTYPES[kind]) if kind in _DTYPES else _texts(values)
    _report_odd(columns, subject, findings)
    return pd.DataFrame(columns), read


def _texts(values: Sequence[object]) -> Any:
    import pandas as pd

    return pd.Series(values, dtype=object) if all(value is None for value in values) else pd.Series(values)


def _says_nothing(cell: object, name: str) -> bool:
    if cell is None:
        return True
    text = str(cell)
    return text.casefold() == "nan" if name in _NAMES else is_blank(text)


def _value(name: str, kind: str, cell: str, scale: float) -> object:
    if name == "rrid_identifier":
        return f"AB_{found[1][3:]}" if (found := _RRID.fullmatch(cell)) and not cell.startswith("RRID") else cell
    if name == "dilution":
        number = typed(cell, "float")
        return f"1:{number:g}" if isinstance(number, float) and number >= 2 else cell  # HTAN: 200 means 1:200
    if name == "metal_isotope_element":
        return tag[0] if (tag := metal_tag(cell)) else cell
    if kind not in _DTYPES:
        return cell
    value = typed(cell, kind)
    if isinstance(value, str) and kind == "boolean":
        word = re.split(r"[^a-z]", cell.casefold())[0]
        return {"pass": True, "passed": True, "good": True, "fail": False, "failed": False, "poor": False}.get(word)
    if isinstance(value, str):
        decimal = re.fullmatch(r"(\d{1,9}),(\d{1,6})", cell)
        found = decimal or _NUMBER.match(cell) or (_CYCLE.fullmatch(cell) if name in _COUNTED else None)
        value = typed(cell.replace(",", "."), kind) if decimal else typed(found[1], kind) if found else None
        value = None if isinstance(value, str) else value
    if name == "exposure" and isinstance(value, float):
        return value * scale if value > 0 else None
    return value


def _explain(
    name: str, cells: Sequence[str | None], values: Sequence[object], read: list[list[str]]
) -> dict[str, object]:
    """Note what was not read word for word; give the cells whose value was lost or guessed."""
    lost: dict[str, object] = {}
    for row, (cell, value) in enumerate(zip(cells, values, strict=True)):
        if cell is None or str(value) == cell or (value is not None and _same(cell, value)):
            continue
        shown = "nothing" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        read[row].append(f"{name}: {cell[:_SHOWN]!r} -> {shown}")
        if not (name == "exposure" and typed(cell, "float") == 0.0) and not (
            name in _COUNTED and _CYCLE.fullmatch(cell)
        ):
            lost[cell] = value
    return lost


def _same(cell: str, value: object) -> bool:
    """Tell whether a value is the cell's own, in another notation: ``8.0`` and 8, ``Yes`` and True."""
    if isinstance(value, bool):
        return typed(cell, "boolean") is value and " - " not in cell
    return isinstance(value, int | float) and typed(cell, "float") == float(value)


def _report_lost(name: str, kind: str, lost: dict[str, object], subject: str, findings: Findings | None) -> None:
    doubtful = {cell: value for cell, value in lost.items() if not (kind == "boolean" and value is not None)}
    if name == "exposure":
        doubtful = {cell: value for cell, value in doubtful.items() if isinstance(typed(cell, "float"), str)}
    if not doubtful:
        return
    said = {
        cell[:_SHOWN]: "is left out" if value is None else f"is read as {value}" for cell, value in doubtful.items()
    }
    read = "; ".join(f"{cell!r} {what}" for cell, what in list(said.items())[:10])
    message = f"Column {name} should hold {kind}s: {read}."
    report(findings, warning("channels.value", subject, message, "Write the number alone."))


def _report_odd(columns: Mapping[str, Any], subject: str, findings: Findings | None) -> None:
    """Report identifiers that are none, and names no tool will bear."""
    if "rrid_identifier" in columns:
        odd = [text for text in columns["rrid_identifier"].dropna().unique() if not _RRID.fullmatch(str(text))]
        if odd:
            shown = ", ".join(repr(str(text)[:_SHOWN]) for text in odd[:5])
            message = f"Column rrid_identifier should hold identifiers such as AB_394606; kept as written: {shown}."
            report(findings, info("channels.rrid", subject, message, "Write Not Applicable where there is none."))
    names = columns["channel_name"]
    odd = [row for row, text in enumerate(names) if isinstance(text, str) and _is_odd(text)]
    if odd:
        shown = ", ".join(repr(str(names[row])[:_SHOWN]) for row in odd[:5])
        message = f"{len(odd)} names of channels are longer than 80 characters or hold markup or line breaks: {shown}."
        report(findings, warning("channels.name-odd", subject, message, "Use the marker's name alone."))
    dates = [
        str(row + 1)
        for row, text in enumerate(names)
        if isinstance(text, str) and re.fullmatch(r"(\d{4}-\d\d-\d\d.*|\d\d?-[A-Z][a-z]{2})", text)
    ]
    if dates:  # the date itself is not repeated: it may be one that must not be published
        message = f"The name of channel {', '.join(dates[:10])} is a date: spreadsheets make dates of names."
        report(findings, warning("channels.name-odd", subject, message, "Write the name again, as text."))


def _is_odd(text: str) -> bool:
    return len(text) > 80 or not text.isprintable() or re.search(r"<[^>]*>|^[=@]|^[+\-]\w*\(", text) is not None


def _exposure_scale(headers: Mapping[str, str]) -> float:
    """Read the unit of exposure from its header; ms where it says none."""
    words = {word for header, name in headers.items() if name == "exposure" for word in words_of(header)}
    if "ms" in words:
        return 1.0
    return 1000.0 if words & {"s", "sec", "seconds"} else 0.001 if words & {"us", "µs", "μs"} else 1.0


def _with_pairs(frame: pd.DataFrame, read: list[list[str]], *, within: bool) -> pd.DataFrame:
    """Split ids that name cycle and channel (``R6-5``, ``c 2/4``, ``Channel:7:2`` where the 7 varies)."""
    if "channel_id" not in frame or "cycle_channel" in frame:
        return frame
    given = [(row, str(text)) for row, text in enumerate(frame["channel_id"]) if text is not None]
    if within and all(text.isdecimal() for _, text in given):
        return frame.assign(cycle_channel=frame["channel_id"])
    pairs = {row: pair for row, text in given if (pair := pair_of_id(text))}
    cycles = {pair.cycle for pair in pairs.values()}
    if (
        len(pairs) < len(given)
        or not pairs
        or (len(cycles) == 1 and all(text.lower().startswith("channel:") for _, text in given))
    ):
        return frame
    frame = frame.copy()
    frame["cycle_channel"] = [str(pairs[row].channel) if row in pairs else None for row in range(len(frame))]
    if "cycle_number" not in frame and cycles != {None}:
        frame["cycle_number"] = [str(pairs[row].cycle) if row in pairs else None for row in range(len(frame))]
    for row, pair in pairs.items():
        said = (
            f"cycle {pair.cycle}, channel {pair.channel}"
            if pair.cycle is not None
            else f"channel {pair.channel} of its cycle"
        )
        read[row].append(f"channel_id: {str(frame['channel_id'].iloc[row])[:_SHOWN]!r} -> {said}")
    return frame
