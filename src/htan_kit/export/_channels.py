"""The channel table as it should be: what the kit understood, in HTAN's template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.assemble._record import library_of
from htan_kit.assemble._record_channels import judged_planes
from htan_kit.channels import proposed
from htan_kit.errors import InputError
from htan_kit.io.safe_csv import write_csv

if TYPE_CHECKING:
    from os import PathLike

    from anndata import AnnData

__all__ = ["write_channels"]


def write_channels(adata: AnnData, path: str | PathLike[str], *, library_id: str = "") -> Path:
    """Write the channel table of one image under the columns of HTAN's template.

    Parameters
    ----------
    adata
        What :func:`htan_kit.read` gave; ``passed_qc`` and ``qc_details`` of ``var`` count where it has them.
    path
        The CSV file.
    library_id
        Which image; ``""`` where there is only one.

    Returns
    -------
    ``path``; one row a channel of the image, as :func:`htan_kit.channels.proposed` corrects them.

    Raises
    ------
    InputError
        There is no such image, it has no channels, or the file cannot be written.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import htan_kit as hk
    >>> from htan_kit.export import write_channels
    >>> adata = hk.read(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> path = write_channels(adata, pathlib.Path(tempfile.mkdtemp(), "channels.csv"))
    >>> hk.read_channels(path)["channel_name"].tolist()[:2]
    ['DNA_1', 'panCK']
    """
    library_id = library_of(adata, library_id)
    frame = adata.uns[Key.uns.miti][library_id].get("channel")
    if frame is None or not len(frame):
        message = "There are no channels to write."
        raise InputError.of("export.channels", library_id, message, "Read the sample with its image or channel table.")
    frame = frame.copy()
    alone = len(adata.uns[Key.uns.miti]) == 1
    for plane, judged in judged_planes(adata.var if alone else None).items():
        rows = (frame[Key.var.channel_index] == plane).to_numpy(dtype=bool)
        for name, value in judged.items():
            column = frame[name].astype(object) if name in frame else frame[Key.var.channel_index].map(lambda _: None)
            column[rows] = value
            frame[name] = column.astype("boolean") if name == Key.var.passed_qc else column
    target = Path(path)
    try:
        write_csv(proposed(frame), target)
    except OSError as problem:
        raise InputError.of("export.file", target, f"It cannot be written: {problem.strerror}.") from problem
    return target
