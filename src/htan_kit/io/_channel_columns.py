"""Which column of a channel table is which attribute: what its header says, weighed against what its values are."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from htan_kit.io._channel_values import Profile, fit, meaning_of_values, profile
from htan_kit.io._channel_words import EXACT, header_scores
from htan_kit.models import key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["columns_of", "layout_of"]

_LEAST: Final = 4.0
_SEVERAL: Final = {"qc_details", "comment"}
_DOUBTED: Final = -5.0  # how much values can take from a name that a model itself uses
Scored = tuple[float, int, str]
"""Score, minus the position of the column (so that of equal scores the first column wins), key."""

_STEINBOCK: Final = {"keep", "ilastik", "deepcell", "cellpose"}


def columns_of(header: Sequence[str], columns: Sequence[Sequence[str]]) -> dict[int, str]:
    """Say which attribute each column of a channel table holds.

    Parameters
    ----------
    header
        Names of the columns, as written; they may say nothing.
    columns
        The cells of each column; empty columns where only the header is known.

    Returns
    -------
    Position of a column -> key, best matches first decided; columns that mean nothing to the kit are left out.

    Examples
    --------
    >>> from htan_kit.io._channel_columns import columns_of
    >>> columns_of(["BEMS267865", "rounds", "colors"], [["CD20", "CD45"], ["R1", "R2"], ["c2", "c5"]])
    {0: 'channel_name', 1: 'cycle_number', 2: 'cycle_channel'}
    """
    looked: dict[int, Profile] = {}

    def values(position: int) -> Profile:
        if position not in looked:
            looked[position] = profile(columns[position])
        return looked[position]

    names = Counter(map(key, header))
    scored: list[Scored] = []
    for position, name in enumerate(header):
        said = header_scores(name)
        for meaning, score in said.items():
            # A model's own name, once in the header: no value could change what it means.
            alone = score >= EXACT and meaning != "channel_name" and names[key(name)] == 1
            weight = 0.0 if alone else fit(meaning, values(position))
            scored.append((score + (max(weight, _DOUBTED) if score >= EXACT else weight), -position, meaning))
        if not said:
            scored += [(score, -position, meaning) for meaning, score in meaning_of_values(values(position)).items()]
    found: dict[int, str] = {}
    for score, minus, meaning in sorted(scored, reverse=True):
        free = meaning not in found.values() or meaning in _SEVERAL
        if score >= _LEAST and -minus not in found and free:
            found[-minus] = meaning
    _metals_are_ids(found, scored, values)
    _not_of_the_image(found, header)
    _count_in_cycle(found, header, columns)
    return dict(sorted(found.items()))


def _metals_are_ids(found: dict[int, str], scored: list[Scored], values: Callable[[int], Profile]) -> None:
    """Where a column called name holds metals and another holds labels, the metals are the ids (imctools)."""
    if {"channel_id", "metal_tag"} & set(found.values()):
        return
    called = ("channel_name", "target_name")
    names = sorted({-minus for _, minus, meaning in scored if meaning in called})
    metals = [position for position in names if values(position).metal > 0.9]
    others = [(score, -minus) for score, minus, meaning in scored if meaning in called and -minus not in metals]
    if metals and others and max(others)[0] >= _LEAST:
        found[metals[0]] = "channel_id"
        if "channel_name" not in found.values():
            found[max(others)[1]] = "channel_name"


def _not_of_the_image(found: dict[int, str], header: Sequence[str]) -> None:
    """In a manifest of images, whether one passed QC is said of the image, not of a channel (Vanderbilt)."""
    folded = [key(name) for name in header]
    if {"htandatafileid", "imagingassaytype"} <= set(folded):
        for position in [i for i in found if folded[i] in ("passedqc", "comment")]:
            del found[position]


def _count_in_cycle(found: dict[int, str], header: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    """Take a column called channel for the channel of a cycle where its numbers start again in each cycle."""
    by_key = {meaning: position for position, meaning in found.items()}
    position = by_key.get("cycle_channel")
    if "cycle_number" not in by_key:
        if (
            position is not None
            and "channel_id" not in by_key
            and len(set(columns[position])) == len(columns[position])
        ):
            found[position] = "channel_id"
        return
    position = by_key.get("channel_id")
    if position is None or "cycle_channel" in by_key or max(header_scores(header[position]).values(), default=0) >= 8:
        return
    pairs = [
        (int(cycle), int(number))
        for cycle, number in zip(_integers(columns[by_key["cycle_number"]]), _integers(columns[position]), strict=True)
        if cycle and number
    ]
    ends: dict[int, tuple[int, int]] = {}
    for cycle, number in pairs:
        low, high = ends.get(cycle, (number, number))
        ends[cycle] = min(low, number), max(high, number)
    spans = [ends[cycle] for cycle in sorted(ends)]
    if len(spans) > 1 and any(after[0] <= before[1] for before, after in zip(spans, spans[1:], strict=False)):
        found[position] = "cycle_channel"  # what counts through the image grows from cycle to cycle


def _integers(cells: Sequence[str]) -> list[str]:
    """Find the number in each cell: ``R5`` and ``5.0`` are 5; empty where there is none."""
    return [found[1] if (found := re.search(r"(\d{1,6})(?:\.0+)?\D*$", cell)) else "" for cell in cells]


def layout_of(header: Sequence[str], found: dict[int, str]) -> str:
    """Name the layout of a table whose columns are known.

    Parameters
    ----------
    header
        Names of the columns.
    found
        What :func:`columns_of` gave.

    Returns
    -------
    ``"steinbock"`` and ``"mcmicro"`` (also nf-core's) define the order of rows as that of planes; ``"imctools"``,
    ``"panel"`` (metal and target) and ``"htan"`` (all that name their channels) do not.

    Examples
    --------
    >>> from htan_kit.io._channel_columns import layout_of
    >>> layout_of(["cycle", "marker_name"], {0: "cycle_number", 1: "channel_name"})
    'mcmicro'
    """
    folded = {key(name) for name in header}
    if {"channel", "name"} <= folded and folded & _STEINBOCK:
        return "steinbock"
    if "markername" in folded and "markerid" not in folded:  # Vanderbilt's files have both, in no defined order
        return "mcmicro"
    if {"channelname", "channellabel"} <= folded:
        return "imctools"
    return "panel" if "metal_tag" in found.values() else "htan"
