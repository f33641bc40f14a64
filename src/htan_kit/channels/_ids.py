"""Planes that the ids of a channel table mean, resolved against the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.io.image import ImageChannel

__all__ = ["ById", "by_id"]


class ById(NamedTuple):
    """Row -> plane, and how the ids say it: ``ome`` (its own ids), ``count``, ``cycle`` or ``order``."""

    planes: dict[int, int]
    grammar: str


def by_id(table: pd.DataFrame, ids: Sequence[str | None], image: Sequence[ImageChannel]) -> ById:
    """Find the plane that each row's id means.

    Parameters
    ----------
    table
        The channel table; ``.attrs["ordered"]`` says that the order of its rows is that of the planes.
    ids
        Its ids.
    image
        The image's channels.

    Returns
    -------
    OME's own ids where both sides have them; else the planes that ids count; else cycle and channel, where the image
    has as many planes as these cycles have channels.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit.channels._ids import by_id
    >>> from htan_kit.io.image import ImageChannel
    >>> table = pd.DataFrame({"channel_index": pd.array([None, None], dtype="Int64"),
    ...                       "cycle_number": [1, 2], "cycle_channel": [2, 1]})
    >>> by_id(table, ["R1-2", "R2-1"], [ImageChannel(i) for i in range(4)])
    ById(planes={0: 1, 1: 2}, grammar='cycle')
    """
    if table.attrs.get("ordered"):
        return ById(dict(enumerate(range(len(table)))), "order")
    ome = {channel.id.casefold(): channel.index for channel in image if channel.id}
    if len(ome) == len(image) and ome.keys() & {text.casefold() for text in ids if text}:
        planes = {row: ome[text.casefold()] for row, text in enumerate(ids) if text and text.casefold() in ome}
        return ById(planes, "ome")
    index = table["channel_index"]
    known = {row: int(plane) for row, plane in enumerate(index) if not index.isna().iloc[row]}
    if known:
        return ById({row: plane for row, plane in known.items() if plane < len(image)}, "count")
    return ById(_by_cycle(table, len(image)), "cycle")


def _by_cycle(table: pd.DataFrame, n_planes: int) -> dict[int, int]:
    """Count planes cycle by cycle; nothing where the image has not the planes of whole cycles."""
    if "cycle_number" not in table or "cycle_channel" not in table:
        return {}
    both = table[["cycle_number", "cycle_channel"]].astype("Float64")
    pairs = {
        row: (int(both["cycle_number"].iloc[row]), int(both["cycle_channel"].iloc[row]))
        for row in range(len(table))
        if not both.iloc[row].isna().any()
    }
    if not pairs or len(set(pairs.values())) < len(pairs):
        return {}
    cycles, channels = [cycle for cycle, _ in pairs.values()], [channel for _, channel in pairs.values()]
    lowest = min(channels) if min(channels) in (0, 1) else 1
    per_cycle = max(channels) - lowest + 1
    n_cycles, rest = divmod(n_planes, per_cycle)
    first = next(
        (first for first in (min(cycles), 1, 0) if max(cycles) - first + 1 == n_cycles and first <= min(cycles)), None
    )
    if rest or first is None:
        return {}
    return {row: (cycle - first) * per_cycle + channel - lowest for row, (cycle, channel) in pairs.items()}
