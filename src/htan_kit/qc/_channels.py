"""How bright each channel is, and how much of it is saturated or empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from htan_kit._keys import Key
from htan_kit.assemble._sources import open_sources
from htan_kit.qc._tables import metric_table

if TYPE_CHECKING:
    from htan_kit.assemble._sources import Sources
    from htan_kit.cohort import Sample

__all__ = ["channels"]

_MEASURED: Final = ("min", "median", "p99_9", "max", "zero_share", "saturated_share", "snr_otsu_ratio")
_COLUMNS: Final = {
    "channel_index": "int64", "marker": "object", "channel_name": "object", "role": "object", "cycle": "Int64",
    **dict.fromkeys(_MEASURED, "float64"),
}  # fmt: skip


def channels(sample: Sample) -> pd.DataFrame:
    """Measure every channel of a sample's image, in one pass over its pixels.

    Parameters
    ----------
    sample
        The files of one image.

    Returns
    -------
    One row a plane, in plane order (RGB: red, green, blue): ``channel_index`` (0-based), ``marker``,
    ``channel_name``, ``role``, ``cycle`` (NA where none is given), then over all pixels, in grey levels (IMC: ion
    counts): ``min``, ``median``, ``p99_9`` (99.9th percentile), ``max``; and ``zero_share`` (0 to 1: pixels that are
    exactly 0), ``saturated_share`` (0 to 1, lower is better: pixels at the largest value of the file's type; NaN for
    floats, which have none), ``snr_otsu_ratio`` (≥ 1, higher is better: mean of the pixels above Otsu's threshold over
    the mean of the others; NaN where that is 0 or the channel is flat). No row, and ``attrs["reason"]``, without an
    image.

    Raises
    ------
    InputError
        A file of the sample cannot be read.

    References
    ----------
    Saturation: Bray et al. 2012, J. Biomol. Screen. 17:266 (PercentMaximal). ``snr_otsu_ratio``: IMCDataAnalysis,
    chapter 6; it misleads for markers that are everywhere or almost nowhere.

    Examples
    --------
    >>> import htan_kit as hk
    >>> table = hk.qc.channels(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> table["marker"].iloc[0], table["role"].iloc[0]
    ('DNA_1', 'nuclear')
    """
    sources = open_sources(sample)
    measured = sources.measured.channels
    if measured is None:
        return metric_table(_COLUMNS, reason="the sample has no image (Level 2)")
    named = _names(sources)
    rows = [
        {**name, **numbers} for name, numbers in zip(named, measured[list(_MEASURED)].to_dict("records"), strict=True)
    ]
    return metric_table(_COLUMNS, rows)


def _names(sources: Sources) -> list[dict[str, object]]:
    """Name the planes as the AnnData does."""
    frame = sources.channel_frame
    if sources.image is not None and sources.image.is_rgb:
        role = frame[Key.var.role].iloc[0] if len(frame) else "stain"
        return [
            {"channel_index": i, "marker": name, "channel_name": name, "role": role, "cycle": pd.NA}
            for i, name in enumerate(("red", "green", "blue"))
        ]
    rows = []
    for marker, row in frame.iterrows():
        cycle = pd.to_numeric(pd.Series([row.get(Key.var.cycle_number)]), errors="coerce").iloc[0]
        name = row.get(Key.var.channel_name)
        rows.append(
            {
                "channel_index": int(row[Key.var.channel_index]),
                "marker": str(marker),
                "channel_name": name if isinstance(name, str) else "",
                "role": str(row[Key.var.role]),
                "cycle": pd.NA if pd.isna(cycle) else int(cycle),
            }
        )
    return rows
