"""Intensities of every channel, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.pixels._measure import measure
from htan_kit.pixels._measurement import measured

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io.image import Image

__all__ = ["channel_statistics"]


def channel_statistics(image: Image, *, findings: Findings | None = None) -> pd.DataFrame:
    """Summarise every channel at full resolution, each stored tile decoded once.

    Integers of up to 16 bits are counted exactly. Wider integers and floats are counted in 65 536 bins that keep
    8 significant bits, so that their median, percentiles and threshold are within 0.4 % of the exact value; minimum,
    maximum, mean and SD are exact. Pixels that are not finite are left out of everything but ``n_not_finite``.

    Parameters
    ----------
    image
        The image; RGB gives three rows (red, green, blue).
    findings
        Where to report pixels that are not finite; None: the column is all that is said of them.

    Returns
    -------
    One row a channel in plane order, float64 in the image's own units: ``channel_index`` int64, ``min``, ``median``,
    ``mean``, ``sd``, ``p99_9`` (99.9th percentile), ``max``, ``zero_share`` (0 to 1), ``saturated_share`` (0 to 1:
    pixels at the dtype's maximum; NaN for floats, which have none), ``plateau`` (the most frequent level among the
    brightest 0.01 % of pixels: where a camera of fewer bits than the file saturates), ``plateau_share`` (pixels at
    or above it), ``otsu`` (threshold), ``snr_otsu_ratio`` (mean above over mean below it; NaN where the channel is
    flat or nothing lies below), ``n_not_finite`` int64.

    References
    ----------
    Otsu 1979, doi 10.1109/TSMC.1979.4310076; the ratio as in IMCDataAnalysis, chapter Image and cell-level quality
    control; saturation as in Bray et al. 2012, J. Biomol. Screen. 17:266.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import channel_statistics
    >>> table = channel_statistics(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"))
    >>> bool((table["min"] <= table["median"]).all())
    True
    """
    from htan_kit.findings import Findings

    silent = Findings() if findings is None else findings
    return measured(measure(image, focus=False, tissue=False, findings=silent).channels)
