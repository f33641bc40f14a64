"""Columns of a cell table to channels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.channels._labels import fold, pair
from htan_kit.channels._planes import texts
from htan_kit.findings import info, report, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Findings

__all__ = ["Features", "match_features", "report_features"]

_SOURCE = "HTAN Manual: Level 4 column headers SHOULD match the channel metadata"


class Features(NamedTuple):
    """Feature of each row that has one, how it was found (``name``, ``id``), and the features of no row."""

    feature: dict[int, str]
    how: dict[int, str]
    lost: list[str]


def match_features(frame: pd.DataFrame, features: Sequence[str]) -> Features:
    """Match features with the rows of a channel frame; each is used at most once."""
    done: dict[int, int] = {}
    names = texts(frame, "channel_name")
    for column in ("channel_name", "image_name", "target_name"):
        labels = texts(frame, column)
        pair(labels, features, done, {})
        _numbered(labels, features, done)
    how = dict.fromkeys(done, "name")
    ids = texts(frame, "channel_id")
    for labels in (ids, [f"{one}_{other}" if one and other else None for one, other in zip(ids, names, strict=True)]):
        pair(labels, features, done, {})
    index = frame["channel_index"]
    counted = [None if index.isna().iloc[row] else f"channel_{int(index.iloc[row])}" for row in range(len(frame))]
    pair([None if name else count for name, count in zip(names, counted, strict=True)], features, done, {})
    how |= {row: "id" for row in done if row not in how}
    lost = [feature for position, feature in enumerate(features) if position not in done.values()]
    return Features({row: features[position] for row, position in done.items()}, how, lost)


def _numbered(labels: Sequence[str | None], features: Sequence[str], done: dict[int, int]) -> None:
    """Pair channels of one name with ``DNA, DNA_1, DNA_2``, as writers number what repeats."""
    for label in {fold(name) for name in labels if name}:
        rows = [row for row, name in enumerate(labels) if name and fold(name) == label]
        free = [
            position
            for position, feature in enumerate(features)
            if position not in done.values() and fold(re.sub(r"[_.]\d+$", "", feature)) == label
        ]
        left = [row for row in rows if row not in done]
        if len(rows) > 1 and left and len(left) == len(free):
            done.update(zip(left, free, strict=True))


def report_features(frame: pd.DataFrame, columns: Features, *, subject: object, findings: Findings | None) -> None:
    """Report features without a channel and channels without a feature."""
    if columns.lost:
        some = _some(columns.lost)
        message = f"{len(columns.lost)} features of the cell table are no channel of the image or its table: {some}."
        hint = "Name the columns as the channels."
        report(findings, warning("channels.feature-without-channel", subject, message, hint, _SOURCE))
    bare = [row for row in range(len(frame)) if row not in columns.feature]
    if bare:
        names, roles = texts(frame, "channel_name"), texts(frame, "role")
        message = (
            f"{len(bare)} channels are not in the cell table: {_some([names[r] or f'channel {r}' for r in bare])}."
        )
        # Tables often leave out DNA, blanks and backgrounds.
        make = warning if any(roles[row] == "marker" for row in bare) else info
        report(findings, make("channels.channel-without-feature", subject, message, "", _SOURCE))


def _some(items: list[str]) -> str:
    return ", ".join(items[:10]) + (f" and {len(items) - 10} more" if len(items) > 10 else "")
