"""A sample's metadata without its cells: headers and tables of channels only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.assemble._metadata import htan_block, miti_sections, storable
from htan_kit.channels import reconcile
from htan_kit.findings import Findings
from htan_kit.io.channel_table import read_channels
from htan_kit.io.image import read_image

if TYPE_CHECKING:
    from anndata import AnnData

    from htan_kit.cohort import Sample

__all__ = ["describe"]


def describe(sample: Sample, *, findings: Findings | None = None) -> AnnData:
    """Give the metadata that :func:`htan_kit.read` would give, without reading a pixel or a cell.

    Parameters
    ----------
    sample
        A sample of a cohort.
    findings
        Where to collect what is odd; None to leave it aside.

    Returns
    -------
    0 objects by channels, with ``var``, ``uns["miti"]`` and ``uns["htan"]``.

    Raises
    ------
    InputError
        The image or the channel table cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.assemble import describe
    >>> describe(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]).shape
    (0, 16)
    """
    import numpy as np
    from anndata import AnnData

    collector = Findings() if findings is None else findings
    image = read_image(sample.image, findings=collector) if sample.image is not None else None
    table = read_channels(sample.channels, panel=sample.panel, findings=collector) if sample.channels else None
    planes = list(image.channels) if image is not None else None
    if planes is None and table is None:
        frame = None
    else:
        frame = reconcile(table, planes, None, subject=sample.name, findings=collector)
    miti = miti_sections(sample, image, frame, findings=collector)
    uns = {Key.uns.miti: {sample.library_id: miti}, Key.uns.htan: {sample.library_id: htan_block(sample)}}
    if frame is None:
        return AnnData(np.zeros((0, 0), np.float32), uns=uns)
    return AnnData(np.zeros((0, len(frame)), np.float32), var=storable(frame), uns=uns)
