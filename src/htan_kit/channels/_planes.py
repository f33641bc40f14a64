"""Rows of a channel table to planes of an image, by id and by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from htan_kit.channels._doubts import report_contradictions, report_doubts, report_rest, some
from htan_kit.channels._ids import ById, by_id
from htan_kit.channels._labels import is_generic, metal_in, pair, pair_alike
from htan_kit.errors import InputError
from htan_kit.findings import info, report, warning
from htan_kit.io._antigen import antigen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io.image import ImageChannel

__all__ = ["Matches", "match_planes", "texts"]

_SOURCE = "HTAN Manual: channel metadata MUST match the channel information of the OME-TIFF header"


class Matches(NamedTuple):
    """Plane of each row (None: the row has no plane), how it was found, by which rule and how surely."""

    planes: list[int | None]
    how: list[str]
    rules: list[str]
    confidence: list[str]


def texts(table: pd.DataFrame, column: str) -> list[str | None]:
    """Give a column as str or None; None throughout where there is no such column."""
    if column not in table:
        return [None] * len(table)
    return [None if gap else str(cell) for cell, gap in zip(table[column], table[column].isna(), strict=True)]


def match_planes(
    table: pd.DataFrame, image: Sequence[ImageChannel], *, subject: object, findings: Findings | None
) -> Matches:
    """Match rows with planes; a name wins over an id that contradicts it, and the contradiction is a finding."""
    ids, names = texts(table, "channel_id"), _names(table)
    ordered = bool(table.attrs.get("ordered"))
    _check_count(table, ids, len(image), subject)
    likely = by_id(table, ids, image)
    named, rules = _by_name(table, ids, image, likely.planes, subject, findings)
    if likely.grammar == "cycle" and any(likely.planes.get(row, plane) != plane for row, plane in named.items()):
        likely = ById({}, "cycle")  # the image is not laid out cycle by cycle: only names can tell
    planes: list[int | None] = [named.get(row) for row in range(len(table))]
    how, rule, sure = ["none"] * len(table), ["none"] * len(table), ["none"] * len(table)
    for row, plane in named.items():
        agrees = likely.planes.get(row) == plane and not ordered
        how[row] = "id+name" if agrees else "name"
        rule[row] = "normalised" if rules[row] == "bare" else rules[row]
        contradicted = row in likely.planes and not agrees and not ordered
        plain = rules[row] in ("exact", "normalised")
        sure[row] = "high" if agrees or (plain and not contradicted) else "medium"
    differ, free = [], set(range(len(image))) - set(named.values())
    for row, plane in likely.planes.items():
        if planes[row] is None and plane in free:
            free.discard(plane)
            planes[row], how[row] = plane, "order" if ordered else "id"
            rule[row] = "position" if ordered else "id"
            sure[row] = "low" if ordered else "high" if likely.grammar == "ome" else "medium"
            if not is_generic(image[plane].name) and names[row]:
                differ.append(f"channel {plane} is {names[row]!r} in the table and {image[plane].name!r} in the header")
                sure[row] = "low" if ordered or _are_two(names[row], image[plane].name) else "medium"
    for row in _by_place(planes, image, names):
        planes[row], how[row], rule[row], sure[row] = row, "order", "position", "low"
    report_contradictions(names, image, likely.planes, named, subject, findings)
    if differ:
        hint = "Use the same names in both."
        report(findings, warning("channels.name-differs", subject, f"{some(differ)}.", hint, _SOURCE))
    if any(one == "order" and named_by == "position" for one, named_by in zip(how, rule, strict=True)) and ordered:
        message = "Nothing but the order of its rows matches the table with the image; that cannot be verified."
        make = info if len(table) == len(image) else warning
        report(findings, make("channels.order-by-row", subject, message, "Name the channels in the image's header."))
    pairs = [
        (names[row] or ids[row] or "", image[plane].name or f"channel {plane}", rule[row], sure[row])
        for row, plane in enumerate(planes)
        if plane is not None and rules.get(row) not in ("exact", "normalised", "id") and how[row] not in ("id", "none")
    ]
    report_doubts([] if ordered and "order" in how else pairs, subject, findings)
    report_rest(planes, ids, names, image, subject, findings)
    return Matches(planes, how, rule, sure)


def _check_count(table: pd.DataFrame, ids: list[str | None], n_planes: int, subject: object) -> None:
    """Refuse a table with more channels than the image; ids that count within a cycle are not distinct alone."""
    marks = {text.casefold() for text in ids if text}
    if "cycle_channel" in table and "cycle_number" in table:
        cycles = texts(table, "cycle_number")
        marks = {f"{text.casefold()}\n{cycle}" for text, cycle in zip(ids, cycles, strict=True) if text}
    distinct = len(table) if table.attrs.get("ordered") else len(marks)
    if distinct > n_planes:
        message = f"The channel table lists {distinct} channels, the image has {n_planes}."
        raise InputError.of("channels.count", subject, message, "Is it the table of this image?", _SOURCE)


def _names(table: pd.DataFrame) -> list[str | None]:
    pairs = zip(texts(table, "channel_name"), texts(table, "target_name"), strict=True)
    return [name or target for name, target in pairs]


def _are_two(one: str | None, other: str | None) -> bool:
    """Tell whether two names are known to be different antigens."""
    first, second = antigen(one or ""), antigen(other or "")
    return first is not None and second is not None and first.name != second.name


def _by_place(planes: list[int | None], image: Sequence[ImageChannel], names: list[str | None]) -> list[int]:
    """Find rows left over at the place of a plane left over, where all others stand at their plane's place.

    Two names of one channel that nobody has listed as synonyms are found so; names known to differ are not.
    """
    known = [(row, plane) for row, plane in enumerate(planes) if plane is not None]
    if len(planes) != len(image) or len(known) < max(2, len(planes) / 2) or any(row != plane for row, plane in known):
        return []
    left = [row for row, plane in enumerate(planes) if plane is None and names[row]]
    return [row for row in left if image[row].name and not _are_two(names[row], image[row].name)]


def _by_name(
    table: pd.DataFrame,
    ids: list[str | None],
    image: Sequence[ImageChannel],
    likely: dict[int, int],
    subject: object,
    findings: Findings | None,
) -> tuple[dict[int, int], dict[int, str]]:
    header = [None if is_generic(channel.name) else channel.name for channel in image]
    done: dict[int, int] = {}
    rules: dict[int, str] = {}
    if not any(header):
        return done, rules
    names, targets = texts(table, "channel_name"), texts(table, "target_name")
    metals = [metal_in(text) for text in ids]
    both = list(zip(ids, names, strict=True))
    by_order = [
        pair(labels, header, done, likely, rules)
        for labels in (
            names,
            [f"{one}_{other}" if one and other else None for one, other in both],  # steinbock writes metal_name
            [f"{other}_{one}" if one and other else None for one, other in both],
            [None if is_generic(text) else text for text in ids],
            targets,
        )
    ]
    if any(metals):
        before = set(done)
        by_order.append(pair(metals, [metal_in(name) for name in header], done, likely, rules))
        rules |= dict.fromkeys(set(done) - before, "id")  # the metal is the id
    pair_alike(names, header, done, rules)
    pair_alike(targets, header, done, rules)
    if any(by_order):
        message = "Channels of one name are told apart by their order alone."
        report(findings, info("channels.name-repeated", subject, message, "Give every channel its own id or name."))
    return done, rules
