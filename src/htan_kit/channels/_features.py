"""Columns of a cell table to channels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.channels._doubts import report_doubts, some
from htan_kit.channels._labels import fold, pair, pair_alike
from htan_kit.channels._planes import texts
from htan_kit.findings import info, report, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Findings

__all__ = ["Features", "match_features", "report_features"]

_SOURCE = "HTAN Manual: Level 4 column headers SHOULD match the channel metadata"


class Features(NamedTuple):
    """Feature of each row that has one, how it was found (name, id, number), by which rule, and features of no row."""

    feature: dict[int, str]
    how: dict[int, str]
    rules: dict[int, str]
    lost: list[str]


def match_features(frame: pd.DataFrame, features: Sequence[str]) -> Features:
    """Match features with the rows of a channel frame; each is used at most once."""
    done: dict[int, int] = {}
    rules: dict[int, str] = {}
    names = texts(frame, "channel_name")
    for column in ("channel_name", "image_name", "target_name"):
        labels = texts(frame, column)
        pair(labels, features, done, {}, rules)
        _numbered(labels, features, done)
        rules |= {row: "normalised" for row in done if row not in rules}
    how = dict.fromkeys(done, "name")
    ids = texts(frame, "channel_id")
    for labels in (ids, [f"{one}_{other}" if one and other else None for one, other in zip(ids, names, strict=True)]):
        pair(labels, features, done, {}, {})
    index = frame["channel_index"]
    counted = [None if index.isna().iloc[row] else f"channel_{int(index.iloc[row])}" for row in range(len(frame))]
    pair([None if name else count for name, count in zip(names, counted, strict=True)], features, done, {}, {})
    how |= {row: "id" for row in done if row not in how}
    rules |= {row: "id" for row in done if row not in rules}
    for column in ("channel_name", "image_name", "target_name"):
        pair_alike(texts(frame, column), features, done, rules)
    how |= {row: "name" for row in done if row not in how}
    _counted(frame, features, done)
    how |= {row: "number" for row in done if row not in how}
    rules |= {row: "position" for row in done if row not in rules}
    used = set(done.values())
    lost = [feature for position, feature in enumerate(features) if position not in used]
    return Features({row: features[position] for row, position in done.items()}, how, rules, lost)


def _numbered(labels: Sequence[str | None], features: Sequence[str], done: dict[int, int]) -> None:
    """Pair channels of one name with ``DNA, DNA_1, DNA_2``, as writers number what repeats."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(labels):
        rows.setdefault(fold(name) if name else "", []).append(row)
    used, free = set(done.values()), dict[str, list[int]]()
    for position, feature in enumerate(features):
        if position not in used:
            free.setdefault(fold(re.sub(r"[_.]\d+$", "", feature)), []).append(position)
    for label, mine in rows.items():
        left = [row for row in mine if row not in done]
        if label and len(mine) > 1 and left and len(left) == len(free.get(label, [])):
            done.update(zip(left, free[label], strict=True))


def _counted(frame: pd.DataFrame, features: Sequence[str], done: dict[int, int]) -> None:
    """Pair ``c1``, ``c2``, ... (CellProfiler) with the first, second, ... plane, where no feature has another name."""
    counts = [re.fullmatch(r"c(\d+)", feature) for feature in features]
    if done or not all(counts):
        return
    position = {int(count[1]) - 1: i for i, count in enumerate(counts) if count is not None}
    planes = [
        None if missing else int(i)
        for i, missing in zip(frame["channel_index"], frame["channel_index"].isna(), strict=True)
    ]
    done.update({row: position[plane] for row, plane in enumerate(planes) if plane in position})


def report_features(frame: pd.DataFrame, columns: Features, *, subject: object, findings: Findings | None) -> None:
    """Report features without a channel, channels without a feature, and matches that are not by an equal name."""
    names = texts(frame, "channel_name")
    report_doubts(
        [
            (names[row] or "", columns.feature[row], "normalised" if rule == "bare" else rule, "medium")
            for row, rule in sorted(columns.rules.items())
            if rule in ("bare", "synonym")
        ],
        subject,
        findings,
    )
    if columns.lost:
        message = f"{len(columns.lost)} features of the cell table are no channel of the image or its table: "
        hint = "Name the columns as the channels."
        report(
            findings,
            warning("channels.feature-without-channel", subject, f"{message}{some(columns.lost)}.", hint, _SOURCE),
        )
    bare = [row for row in range(len(frame)) if row not in columns.feature]
    if bare:
        roles = texts(frame, "role")
        message = f"{len(bare)} channels are not in the cell table: {some([names[r] or f'channel {r}' for r in bare])}."
        # Tables often leave out DNA, blanks and backgrounds.
        make = warning if any(roles[row] == "marker" for row in bare) else info
        report(findings, make("channels.channel-without-feature", subject, message, "", _SOURCE))
