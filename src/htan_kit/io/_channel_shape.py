"""The shape of a channel table: where its header is, and which way round it lies."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from htan_kit.io._channel_columns import columns_of, layout_of
from htan_kit.io._channel_values import fit, is_color, is_cycle, is_marker, profile
from htan_kit.io._channel_words import header_scores
from htan_kit.io._marker_name import is_dye

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Shaped", "shape"]

NAMES: Final = ("channel_name", "target_name", "antibody_name")
_TITLE_ROWS: Final = 30
_LONGEST_NAME: Final = 80  # of a list without a header, which otherwise could be any text
_NM = re.compile(r"(?:ex|em|laser)?[ _]?([3-9]\d\d)(?: ?nm)?", re.IGNORECASE)
_FILTER = re.compile(r"uv|gfp|rfp|yfp|cfp|nir|dapi|hoechst|far ?red|red|green|blue", re.IGNORECASE)

Row = tuple[str, list[str]]
"""Where a row stands in the file, and its cells, stripped."""


class Shaped(NamedTuple):
    """A table with one antibody a row: header, rows, where each stands, key of each column known, and the layout.

    ``sure`` tells that headers said what the columns are, or values beyond doubt; ``notes`` say how it was turned.
    """

    header: list[str]
    rows: list[Row]
    columns: dict[int, str]
    layout: str
    sure: bool
    notes: str = ""
    header_row: str = ""  # where the header of a plain table stands


def shape(cells: Sequence[Sequence[str]]) -> Shaped | None:
    """Find the channels in the rows of a sheet.

    Parameters
    ----------
    cells
        Rows of text from row 1 on; empty lists are empty rows.

    Returns
    -------
    The table one antibody a row, or None where nothing names a channel.

    Examples
    --------
    >>> from htan_kit.io._channel_shape import shape
    >>> shape([["SDA", "c1", "c2"], ["R0", "DAPI0", "CD3"], ["R1", "DAPI1", "CD8"]]).rows[1]
    ('2', ['CD3', 'R0', '2', 'R0-c2'])
    """
    rows: list[Row] = []
    for number, row in enumerate(cells, start=1):
        stripped = [cell.strip() for cell in row]
        if number == 1 and stripped:
            stripped[0] = stripped[0].removeprefix("\ufeff").strip()  # files that were copied have two byte order marks
        while stripped and not stripped[-1]:
            stripped.pop()
        if stripped:
            rows.append((str(number), stripped))
    if not rows:
        return None
    return _wide(rows) or _pairs(rows) or _lying(rows) or _plain(rows) or _without_header(rows) or _by_values(rows, 0)


def _known(cells: Sequence[str]) -> tuple[int, int, int]:
    """Count the cells that are surely, probably and not at all the name of an attribute; a dye is a value."""
    scores = [0.0 if is_dye(cell) else max(header_scores(cell).values(), default=0.0) for cell in cells if cell]
    return sum(s >= 8 for s in scores), sum(s >= 4 for s in scores), sum(s < 4 for s in scores)


def _header_row(rows: Sequence[Row]) -> int | None:
    for position, (_, cells) in enumerate(rows[:_TITLE_ROWS]):
        sure, likely, other = _known(cells)
        if sure >= 2 or (likely >= 2 and other <= likely) or (sure and len(cells) == 1):
            return position
        if position == 0 and sure:
            return position
    return None


def _even(rows: Sequence[Row], width: int) -> list[Row]:
    return [(where, cells[:width] + [""] * (width - len(cells))) for where, cells in rows]


def _plain(rows: list[Row]) -> Shaped | None:
    first = _header_row(rows)
    return None if first is None else _by_values(rows, first)


def _by_values(rows: list[Row], first: int) -> Shaped | None:
    """Read rows under a header; rows beyond it may be one cell longer when R wrote its row names."""
    header, body = list(rows[first][1]), rows[first + 1 :]
    widths = Counter(len(cells) for _, cells in body)
    if body and min(widths) == max(widths) == len(header) + 1 and _agree(header, body, 1) > _agree(header, body, 0):
        header.insert(0, "")
    body = _even(body, max([len(header), *widths]))
    header += [""] * (max([len(header), *widths]) - len(header))
    columns = columns_of(header, [[cells[i] for _, cells in body] for i in range(len(header))])
    told = set(columns.values())
    if not told & {*NAMES, "metal_tag"} and not _only_ids(columns, body):
        return None
    sure = _is_sure(header, columns, body)
    return Shaped(header, body, columns, layout_of(header, columns), sure, header_row=rows[first][0])


def _agree(header: list[str], body: list[Row], first: int) -> float:
    """Say how well values agree with a header that begins at a column."""
    agreed = 0.0
    for position, name in enumerate(header, start=first):
        found = profile([cells[position] for _, cells in body])
        agreed += max((fit(meaning, found) for meaning in header_scores(name)), default=0.0)
    return agreed


def _only_ids(columns: dict[int, str], body: list[Row]) -> bool:
    """Tell whether a table without names lists the ids of an OME header (HuBMAP's channels.csv)."""
    position = next((i for i, meaning in columns.items() if meaning == "channel_id"), None)
    return position is not None and profile([cells[position] for _, cells in body]).ome > 0.9


def _is_sure(header: list[str], columns: dict[int, str], body: list[Row]) -> bool:
    scores = {meaning: header_scores(header[i]).get(meaning, 0.0) for i, meaning in columns.items()}
    told = {meaning for meaning in scores if meaning not in ("comment", "panel", "keep")}
    named = [i for i, meaning in columns.items() if meaning in ("channel_name", "target_name")]
    said = max((scores[columns[i]] for i in named), default=0.0)
    bound = scores.get("antibody_name", 0.0) >= 7 and len([m for m in told if scores[m] >= 8]) > 2
    if bound and not named:
        return True
    if len(told) == 1:
        return said >= 12 and columns[named[0]] == "channel_name" and len(header) == 1 if named else False
    if said >= 11 or not named:
        return said >= 11
    fits = profile([cells[named[0]] for _, cells in body]).marker > 0.5
    helped = any(scores[meaning] >= 8 for meaning in told - {"channel_name", "target_name"})
    if fits and (said >= 6 or (helped and len(told) > 2)):
        return True
    return said >= 5 and layout_of(header, columns) != "htan"


def _without_header(rows: list[Row]) -> Shaped | None:
    """Read a list of names, or a table whose first row is data like the others."""
    width = max(len(cells) for _, cells in rows)
    body = _even(rows, width)
    if width == 1:
        names = [cells[0] for _, cells in body]
        if _is_title(names):
            body, names = body[1:], names[1:]
        short = all(len(name) <= _LONGEST_NAME and any(c.isalpha() for c in name) for name in names)
        return Shaped([""], body, {0: "channel_name"}, "list", sure=False) if short and names else None
    columns = columns_of([""] * width, [[cells[i] for _, cells in body] for i in range(width)])
    name = next((i for i, meaning in columns.items() if meaning == "channel_name"), None)
    if name is None or not is_marker(body[0][1][name]):
        return None
    for i in range(width):
        cells = [row[i] for _, row in body]
        found = profile(cells)
        if i in columns or not found.n:
            continue
        if (
            "channel_id" not in columns.values()
            and found.integer == 1
            and found.unique == 1
            and "metal_tag" not in columns.values()
        ):
            columns[i] = "channel_id"
        elif "passed_qc" not in columns.values() and found.yes == 1:
            columns[i] = "passed_qc"
    layout = "list" if "channel_id" not in columns.values() else "htan"
    return Shaped([""] * width, body, columns, layout, sure=False, notes="The table has no header.")


def _is_title(names: list[str]) -> bool:
    """Tell whether a list begins with the id of its specimen (OHSU's ``BEMS340264``) and not with a channel."""
    long_number = re.search(r"\d{4}", names[0]) is not None
    return long_number and not is_marker(names[0]) and profile(names[1:]).marker > 0.5


def _is_place(text: str) -> bool:
    return is_color(text) or is_dye(text) or _NM.fullmatch(text) is not None or _FILTER.fullmatch(text) is not None


def _is_count(texts: Sequence[str]) -> bool:
    if not all(text.isdecimal() and len(text) < 4 for text in texts):
        return False
    numbers = [int(text) for text in texts]
    return numbers == sorted(set(numbers)) and numbers[0] < 2


def _wide(rows: list[Row]) -> Shaped | None:
    """Read a matrix of cycles by colours, either way round."""
    for first in range(min(4, len(rows) - 1)):
        header = rows[first][1]
        places = header[1:]
        body = _even(rows[first + 1 :], len(header))
        sides = [cells[0] for _, cells in body]
        if len(places) < 2 or len(sides) < 2 or not all(places) or not all(sides):
            continue
        counted = "cycle_number" in header_scores(header[0]) and _is_count(sides)
        upright = (counted or all(map(is_cycle, sides))) and all(map(_is_place, places))
        turned = all(map(_is_place, sides)) and (_is_count(places) or all(map(is_cycle, places)))
        if not upright and not turned:
            continue
        inner = profile([cell for _, cells in body for cell in cells[1:]])
        if inner.marker < 0.3 or inner.number > 0.2:
            continue
        if upright:
            grid = [(at, cells[0], place, cells[i]) for at, cells in body for i, place in enumerate(places, 1)]
            return _melted(grid, places)
        grid = [(at, place, cells[0], cells[i]) for i, place in enumerate(places, 1) for at, cells in body]
        return _melted(grid, sides)
    return None


def _melted(grid: list[tuple[str, str, str, str]], places: list[str]) -> Shaped:
    """Make a row of each cell: where, cycle, colour, name."""
    rows: list[Row] = []
    dyes = all(not is_color(place) for place in places)
    for where, cycle, place, name in grid:
        if name:
            extra = [place] if dyes else []
            rows.append((where, [name, cycle, str(places.index(place) + 1), f"{cycle}-{place}", *extra]))
    header = ["(cells)", "(cycles)", "(places)", "(cycles and places)", *(["(dyes)"] if dyes else [])]
    keys = ["channel_name", "cycle_number", "cycle_channel", "channel_id"]
    keys += ["fluorophore" if any(map(is_dye, places)) else "excitation_wavelength"] if dyes else []
    complete = len(rows) == len(grid)
    note = "A matrix of cycles and colours; one channel a cell."
    return Shaped(header, rows, dict(enumerate(keys)), "wide" if complete else "sparse", sure=True, notes=note)


def _lying(rows: list[Row]) -> Shaped | None:
    """Turn a table that has a column a channel and a row an attribute."""
    sides = [cells[0] for _, cells in rows if cells[0]]
    width = max(len(cells) for _, cells in rows)
    if len(sides) < 2 or width < 3:
        return None
    sure, likely, other = _known(sides)
    top = _known([cell for cell, n in Counter(rows[0][1][1:]).items() if n == 1])  # attributes are named once
    if sure < 2 or other > likely or 2 * top[0] >= sure or 2 * top[1] > likely:
        return None
    body = _even(rows, width)
    header = [cells[0] for _, cells in body]
    turned = [(f"column {i + 1}", [cells[i] for _, cells in body]) for i in range(1, width)]
    turned = [(where, cells) for where, cells in turned if any(cells)]
    columns = columns_of(header, [[cells[i] for _, cells in turned] for i in range(len(header))])
    if not set(columns.values()) & set(NAMES):
        return None
    note = "The table has a column a channel; it was turned."
    return Shaped(header, turned, columns, layout_of(header, columns), sure=True, notes=note)


def _pairs(rows: list[Row]) -> Shaped | None:
    """Gather a table of one attribute a row: channel, attribute, value (BigQuery's key and value)."""
    width = len(rows[0][1])
    body = _even(rows[1:], width)
    if width not in (2, 3) or len(body) < 4:
        return None
    for at in range(width - 1):
        names = [cells[at] for _, cells in body]
        sure, _, other = _known(names)
        if sure < 0.6 * len(names) or other > 0.4 * len(names) or len(set(names)) == len(names):
            continue
        header = list(dict.fromkeys(names))
        groups: dict[str, dict[str, str]] = {}
        sources: dict[str, list[str]] = {}
        turn = 0
        for where, cells in body:
            mark = cells[0] if at == 1 else str(turn)
            if at == 0 and cells[at] in groups.get(mark, {}):
                turn += 1
                mark = str(turn)
            groups.setdefault(mark, {})[cells[at]] = cells[at + 1]
            sources.setdefault(mark, []).append(where)
        gathered = [(sources[mark][0], [group.get(name, "") for name in header]) for mark, group in groups.items()]
        columns = columns_of(header, [[cells[i] for _, cells in gathered] for i in range(len(header))])
        if set(columns.values()) & set(NAMES):
            note = "The table has one attribute a row; they were gathered."
            return Shaped(header, gathered, columns, layout_of(header, columns), sure=False, notes=note)
    return None
