"""Rows of a channel table to planes of an image, by id and by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from htan_kit.channels._labels import is_generic, metal_in, pair
from htan_kit.errors import InputError
from htan_kit.findings import error, info, report, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io.image import ImageChannel

__all__ = ["Matches", "match_planes", "texts"]

_SOURCE = "HTAN Manual: channel metadata MUST match the channel information of the OME-TIFF header"
_SHOWN = 10


class Matches(NamedTuple):
    """Plane of each row (None: the row has no plane), and how it was found."""

    planes: list[int | None]
    how: list[str]


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
    distinct = len(table) if ordered else len({text.casefold() for text in ids if text})
    if distinct > len(image):
        message = f"The channel table lists {distinct} channels, the image has {len(image)}."
        rule = "channels.count"
        raise InputError.of(rule, subject, message, "Is it the table of this image?", _SOURCE)
    by_id = dict(enumerate(range(len(table)))) if ordered else _by_id(table, ids, image)
    by_name = _by_name(table, ids, image, by_id, subject, findings)
    planes: list[int | None] = [by_name.get(row) for row in range(len(table))]
    how = ["none"] * len(table)
    for row, plane in by_name.items():
        agrees = by_id.get(row) == plane and not ordered
        how[row] = "id+name" if agrees else "name"
    differ, free = [], set(range(len(image))) - set(by_name.values())
    for row, plane in by_id.items():
        if planes[row] is None and plane in free:
            free.discard(plane)
            planes[row], how[row] = plane, "order" if ordered else "id"
            if not is_generic(image[plane].name) and names[row]:
                differ.append(f"channel {plane} is {names[row]!r} in the table and {image[plane].name!r} in the header")
    _report_contradictions(names, image, by_id, by_name, subject, findings)
    if differ:
        hint = "Use the same names in both."
        report(findings, warning("channels.name-differs", subject, f"{_some(differ)}.", hint, _SOURCE))
    if "order" in how:
        message = "Nothing but the order of its rows matches the table with the image; that cannot be verified."
        make = info if len(table) == len(image) else warning
        report(findings, make("channels.order-by-row", subject, message, "Name the channels in the image's header."))
    _report_rest(planes, ids, names, image, subject, findings)
    return Matches(planes, how)


def _names(table: pd.DataFrame) -> list[str | None]:
    pairs = zip(texts(table, "channel_name"), texts(table, "target_name"), strict=True)
    return [name or target for name, target in pairs]


def _by_id(table: pd.DataFrame, ids: list[str | None], image: Sequence[ImageChannel]) -> dict[int, int]:
    """Match OME's own ids where both sides have them, else the planes that the ids count."""
    ome = {channel.id.casefold(): channel.index for channel in image if channel.id}
    if len(ome) == len(image) and ome.keys() & {text.casefold() for text in ids if text}:
        return {row: ome[text.casefold()] for row, text in enumerate(ids) if text and text.casefold() in ome}
    index = table["channel_index"]
    known = {row: int(plane) for row, plane in enumerate(index) if not index.isna().iloc[row]}
    return {row: plane for row, plane in known.items() if plane < len(image)}


def _by_name(
    table: pd.DataFrame,
    ids: list[str | None],
    image: Sequence[ImageChannel],
    by_id: dict[int, int],
    subject: object,
    findings: Findings | None,
) -> dict[int, int]:
    header = [None if is_generic(channel.name) else channel.name for channel in image]
    done: dict[int, int] = {}
    if not any(header):
        return done
    names, targets = texts(table, "channel_name"), texts(table, "target_name")
    metals = [metal_in(text) for text in ids]
    both = list(zip(ids, names, strict=True))
    by_order = [
        pair(labels, header, done, by_id)
        for labels in (
            names,
            [f"{one}_{other}" if one and other else None for one, other in both],  # steinbock writes metal_name
            [f"{other}_{one}" if one and other else None for one, other in both],
            [None if is_generic(text) else text for text in ids],
            targets,
        )
    ]
    if any(metals):
        by_order.append(pair(metals, [metal_in(name) for name in header], done, by_id))
    if any(by_order):
        message = "Channels of one name are told apart by their order alone."
        report(findings, info("channels.name-repeated", subject, message, "Give every channel its own id or name."))
    return done


def _report_contradictions(
    names: list[str | None],
    image: Sequence[ImageChannel],
    by_id: dict[int, int],
    by_name: dict[int, int],
    subject: object,
    findings: Findings | None,
) -> None:
    shifts = {row: plane - by_id[row] for row, plane in by_name.items() if row in by_id}
    wrong = [row for row, shift in shifts.items() if shift]
    if not wrong:
        return
    if len(shifts) > 1 and len(set(shifts.values())) == 1:
        message = f"Every name stands {next(iter(shifts.values())):+d} channels from where the table's ids put it."
        hint = "The names are believed. Let the ids count from the image's first channel."
        report(findings, warning("channels.base", subject, message, hint, _SOURCE))
        return
    pairs = [(by_id[row], names[row], image[by_id[row]].name) for row in wrong]
    said = [f"channel {plane}: {name!r} in the table, {header!r} in the header" for plane, name, header in pairs]
    message = f"Names and ids of the channel table contradict the image's header: {_some(said)}."
    hint = "The header's names are believed, and each row goes where its name is. Correct the table."
    report(findings, error("channels.swapped", subject, message, hint, _SOURCE))


def _report_rest(
    planes: list[int | None],
    ids: list[str | None],
    names: list[str | None],
    image: Sequence[ImageChannel],
    subject: object,
    findings: Findings | None,
) -> None:
    lost = [names[row] or ids[row] or f"row {row + 1}" for row, plane in enumerate(planes) if plane is None]
    bare = sorted(set(range(len(image))) - set(planes))
    if lost:
        message = f"{len(lost)} rows of the channel table are in no channel of the image: {_some(lost)}."
        hint = "Compare their ids and names with the image's header."
        report(findings, warning("channels.row-without-plane", subject, message, hint, _SOURCE))
    if bare:
        said = [f"{plane} ({image[plane].name})" if image[plane].name else str(plane) for plane in bare]
        message = f"{len(bare)} channels of the image are not in the channel table: {_some(said)}."
        report(findings, warning("channels.plane-without-row", subject, message, "Add their rows.", _SOURCE))


def _some(items: list[str]) -> str:
    return "; ".join(items[:_SHOWN]) + (f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else "")
