"""One row a channel, from the channel table, the image's header and the cell table's columns."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from htan_kit.channels._doubts import some
from htan_kit.channels._features import Features, match_features, report_features
from htan_kit.channels._planes import Matches, match_planes, texts
from htan_kit.errors import InputError
from htan_kit.findings import info, report
from htan_kit.io._channel_role import role

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io.image import ImageChannel

__all__ = ["reconcile"]

_FIRST = [
    "channel_index", "channel_id", "channel_name", "image_name", "matched_by", "feature", "feature_matched_by", "role",
    "match_rule", "confidence", "feature_match_rule",
]  # fmt: skip


def reconcile(
    table: pd.DataFrame | None,
    image_channels: Sequence[ImageChannel] | None,
    features: Sequence[str] | None,
    *,
    subject: object,
    findings: Findings | None = None,
) -> pd.DataFrame:
    """Say which row, which plane and which feature are one channel.

    Rows are matched with planes by id and by name: exactly; normalised (case, blanks, ``-_/`` and Greek letters
    folded, then without dye, clone and cycle); as synonyms (:func:`htan_kit.channels.antigen`). Where id and name
    contradict each other the name in the header is believed, since it travels with the pixels, and the row goes where
    its name is: an error finding names both. The position of a row decides only where the layout of the table defines
    it as the id, or where a row and a plane are left over at one place between others that agree; a finding says so.

    Parameters
    ----------
    table
        What :func:`htan_kit.read_channels` gave, or None.
    image_channels
        The image's channels, or None without an image; an RGB image has one, of three samples.
    features
        Names of the cell table's marker columns, or None without a table.
    subject
        What findings are about: the channel table, or the sample.
    findings
        Where to collect them; None shows them as Python warnings.

    Returns
    -------
    One row a plane in the order of planes; without an image one row a channel of the table, and behind them the
    features that are none of its channels. Index: unique marker names (the feature's, else the table's, else the
    header's, else ``channel_<i>``; repeated ones get ``_2``, ``_3``). Columns: those of the table, and
    ``channel_index`` (Int64, 0-based), ``channel_id`` (OME's, else the table's), ``channel_name`` (the table's, else
    the header's), ``image_name`` (the header's), ``matched_by`` (``id``, ``name``, ``id+name``, ``order``, ``none``),
    ``feature``, ``feature_matched_by`` (``name``, ``id``, ``number``, ``none``) and ``role``; ``match_rule`` and
    ``feature_match_rule`` (``exact``, ``normalised``, ``synonym``, ``position``, ``id``, ``none``), ``confidence``
    (``high``, ``medium``, ``low``, and ``none`` where nothing was matched).

    Raises
    ------
    InputError
        The table has more distinct channel ids than the image has channels.

    References
    ----------
    HTAN Manual, imaging channel metadata: MUST match the channel information of the OME-TIFF header.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit.channels import reconcile
    >>> from htan_kit.io.image import ImageChannel
    >>> table = pd.DataFrame({"channel_index": [1, 0], "channel_id": ["2", "1"], "channel_name": ["CD3e", "DNA"]})
    >>> planes = [ImageChannel(0, "Channel:0:0", "DNA"), ImageChannel(1, "Channel:0:1", "CD3ε")]
    >>> frame = reconcile(table, planes, ["DNA", "CD3E"], subject="channels.csv")
    >>> frame[["channel_index", "matched_by", "feature", "role"]].to_dict("index")["CD3E"]
    {'channel_index': 1, 'matched_by': 'id+name', 'feature': 'CD3E', 'role': 'marker'}
    """
    import pandas as pd

    table = pd.DataFrame({"channel_id": [], "channel_name": []}, dtype=object) if table is None else table
    if "channel_index" not in table:
        table = table.assign(channel_index=pd.array([None] * len(table), dtype="Int64"))
    if image_channels is None:
        frame = _of_table(table)
    elif len(image_channels) == 1 and image_channels[0].samples > 1:
        frame = _of_rgb(table, image_channels[0], subject)
    else:
        matches = _no_rows(table) or match_planes(table, image_channels, subject=subject, findings=findings)
        frame = _of_image(table, image_channels, matches)
    columns = Features({}, {}, {}, [])
    if features is not None:
        columns = match_features(frame, list(features))
        if len(frame):
            report_features(frame, columns, subject=subject, findings=findings)
        if image_channels is None:
            frame, columns = _with_features(frame, columns)
    rows = range(len(frame))
    frame["feature"] = _text([columns.feature.get(row) for row in rows])
    frame["feature_matched_by"] = [columns.how.get(row, "none") for row in rows]
    rules = [columns.rules.get(row, "none") for row in rows]
    frame["feature_match_rule"] = ["normalised" if rule == "bare" else rule for rule in rules]
    frame = frame[[*_FIRST, *(column for column in frame.columns if column not in _FIRST)]]
    frame.index = pd.Index(_markers(frame, subject, findings), dtype=str)
    frame.attrs = {}
    return frame


def _no_rows(table: pd.DataFrame) -> Matches | None:
    return None if len(table) else Matches([], [], [], [])


def _of_image(table: pd.DataFrame, image: Sequence[ImageChannel], matches: Matches) -> pd.DataFrame:
    import pandas as pd

    row_of = {plane: row for row, plane in enumerate(matches.planes) if plane is not None}
    order = [row_of.get(plane, -1) for plane in range(len(image))]
    # reindex leaves a gap, of each column's own kind, for a plane without a row
    frame = table.reset_index(drop=True).reindex(order).reset_index(drop=True)
    names = [channel.name for channel in image]
    frame["channel_index"] = pd.array([channel.index for channel in image], dtype="Int64")
    frame["image_name"] = _text(names)
    ids = zip(image, texts(frame, "channel_id"), strict=True)
    frame["channel_id"] = _text([channel.id or text for channel, text in ids])
    frame["channel_name"] = _text([one or other for one, other in zip(_names(frame), names, strict=True)])
    frame["matched_by"] = [matches.how[row] if row >= 0 else "none" for row in order]
    frame["match_rule"] = [matches.rules[row] if row >= 0 else "none" for row in order]
    frame["confidence"] = [matches.confidence[row] if row >= 0 else "none" for row in order]
    frame["role"] = _roles(frame)
    return frame


def _of_rgb(table: pd.DataFrame, channel: ImageChannel, subject: object) -> pd.DataFrame:
    """One channel of three samples: a table may list it once, or its samples."""
    import pandas as pd

    if len({text or str(row) for row, text in enumerate(texts(table, "channel_id"))}) > channel.samples:
        message = f"The channel table lists {len(table)} channels, the image is RGB: one channel of 3 samples."
        rule = "channels.count"
        raise InputError.of(rule, subject, message, "Is it the table of this image?")
    agreed: dict[str, Any] = {}
    for column in table.columns:
        values = table[column].dropna().unique()
        agreed[str(column)] = pd.Series([values[0] if len(values) == 1 else None], dtype=table[column].dtype)
    frame = pd.DataFrame(agreed, index=[0])
    named = texts(frame, "channel_name")[0]
    frame["channel_index"] = pd.array([channel.index], dtype="Int64")
    frame["image_name"] = _text([channel.name])
    frame["channel_id"] = _text([channel.id or texts(frame, "channel_id")[0]])
    frame["channel_name"] = _text([named or channel.name or "RGB"])
    by_name = bool(named) and named == channel.name
    frame["matched_by"] = "none" if not len(table) else "name" if by_name else "order"
    frame["match_rule"] = "none" if not len(table) else "exact" if by_name else "position"
    frame["confidence"] = "none" if not len(table) else "high"  # there is one channel only
    frame["role"] = "stain"
    return frame


def _of_table(table: pd.DataFrame) -> pd.DataFrame:
    frame = table.reset_index(drop=True)
    if not frame["channel_index"].isna().any():
        frame = frame.sort_values("channel_index", kind="stable").reset_index(drop=True)
    frame["channel_name"] = _text(_names(frame))
    frame["role"] = _roles(frame)
    frame["image_name"] = _text([None] * len(frame))
    return frame.assign(matched_by="none", match_rule="none", confidence="none")


def _with_features(frame: pd.DataFrame, columns: Features) -> tuple[pd.DataFrame, Features]:
    """Without an image, features that no row of the table names are channels all the same."""
    import pandas as pd

    if not columns.lost:
        return frame, columns
    first, n = len(frame), len(columns.lost)
    frame = frame.astype({"channel_id": object, "channel_name": object}).reindex(range(first + n))
    frame["channel_index"] = pd.array([*frame["channel_index"][:first], *[None] * n], dtype="Int64")
    frame["channel_name"] = _text([*texts(frame, "channel_name")[:first], *columns.lost])
    frame["role"] = [*texts(frame, "role")[:first], *(role(name) for name in columns.lost)]
    frame = frame.assign(matched_by="none", match_rule="none", confidence="none")
    own = dict(enumerate(columns.lost, start=first))
    how, rules = columns.how | dict.fromkeys(own, "name"), columns.rules | dict.fromkeys(own, "exact")
    return frame, Features(columns.feature | own, how, rules, [])


def _names(frame: pd.DataFrame) -> list[str | None]:
    pairs = zip(texts(frame, "channel_name"), texts(frame, "target_name"), strict=True)
    return [name or target for name, target in pairs]


def _roles(frame: pd.DataFrame) -> list[str]:
    """Keep the table's role; a channel the table does not know (or not by a name) has the role of its name."""
    said = zip(texts(frame, "role"), texts(frame, "channel_name"), strict=True)
    return [known if known not in (None, "unknown") else role(name) for known, name in said]


def _text(values: list[str | None]) -> pd.Series[Any]:
    """Make a text column of the kind pandas itself makes; a column of nothing but gaps has none."""
    import pandas as pd

    return pd.Series(values, dtype=object) if all(value is None for value in values) else pd.Series(values)


def _markers(frame: pd.DataFrame, subject: object, findings: Findings | None) -> list[str]:
    """Name the channels, each once."""
    names = []
    for row, (feature, name) in enumerate(zip(texts(frame, "feature"), texts(frame, "channel_name"), strict=True)):
        index = frame["channel_index"]
        names.append(feature or name or f"channel_{row if index.isna().iloc[row] else index.iloc[row]}")
    repeated = [name for name, n in Counter(names).items() if n > 1]
    if repeated:
        message = f"Several channels have one name: {some(repeated)}; they are numbered from _2 on."
        report(findings, info("channels.name-repeated", subject, message))
    seen: set[str] = set()
    written, last, unique = set(names), dict[str, int](), []
    for name in names:
        candidate, number = name, last.get(name, 1)
        while candidate in seen or (candidate != name and candidate in written):
            number += 1
            candidate = f"{name}_{number}"
        last[name] = number
        seen.add(candidate)
        unique.append(candidate)
    return unique
