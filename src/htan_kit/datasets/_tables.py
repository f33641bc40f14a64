"""The channel table in HTAN's template, and the Level 4 table as CSV or h5ad."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from htan_kit.datasets._defects import DEFECTS
from htan_kit.datasets._measure import MORPHOLOGY, object_table
from htan_kit.datasets._panel import MARKERS
from htan_kit.datasets._random import STREAM, generator
from htan_kit.io.atomic import replacing

if TYPE_CHECKING:
    import os

    import pandas as pd

    from htan_kit.datasets._panel import Channel
    from htan_kit.datasets._tissue import Tissue

__all__ = ["TEMPLATE", "channel_rows", "write_channels", "write_table"]

#: Columns of HTAN's channel template, in its order.
TEMPLATE: Final = (
    "Channel ID", "Channel Name", "Channel Passed QC", "Cycle Number", "Sub Cycle Number", "Target Name",
    "Antibody Name", "Antibody Role", "RRID identifier", "Fluorophore", "Clone", "Lot", "Vendor", "Catalog Number",
    "Excitation Wavelength", "Emission Wavelength", "Excitation Bandwidth", "Emission Bandwidth",
    "Metal Isotope Element", "Metal Isotope Mass", "Oligo Barcode Upper Strand", "Oligo Barcode Lower Strand",
    "Dilution", "Concentration",
)  # fmt: skip


def channel_rows(tissue: Tissue) -> list[dict[str, str]]:
    """Rows of the channel table, with planted swaps."""
    rows = [dict.fromkeys(TEMPLATE, "") | _row(i, c) for i, c in enumerate(tissue.channels)]
    if "swapped_channel_rows" in tissue.defects:
        names = [row["Channel Name"] for row in rows]
        a, b = (names.index(n) for n in DEFECTS["swapped_channel_rows"].parameters["names"])
        rows[a]["Channel ID"], rows[b]["Channel ID"] = rows[b]["Channel ID"], rows[a]["Channel ID"]
        rows[a], rows[b] = rows[b], rows[a]
    return rows


def _row(index: int, channel: Channel) -> dict[str, str]:
    row = {"Channel ID": f"Channel:0:{index}", "Channel Name": channel.name, "Channel Passed QC": "Yes"}
    if channel.cycle:
        row |= {"Cycle Number": str(channel.cycle), "Sub Cycle Number": "1"}
    if channel.excitation:
        row |= {"Excitation Wavelength": f"{channel.excitation:g}", "Emission Wavelength": f"{channel.emission:g}"}
        row |= {"Excitation Bandwidth": "25", "Emission Bandwidth": "30", "Fluorophore": channel.fluorophore}
    if channel.metal:
        row |= {"Metal Isotope Element": channel.metal[0], "Metal Isotope Mass": str(channel.metal[1])}
    if channel.marker in MARKERS:
        marker = MARKERS[channel.marker]
        row |= {
            "Target Name": marker.target, "Antibody Name": f"Anti-{channel.marker}", "Antibody Role": "Primary",
            "RRID identifier": f"AB_{list(MARKERS).index(channel.marker) + 1:07d}", "Clone": marker.clone,
            "Lot": "SIM-1",
            "Vendor": "Simulated", "Catalog Number": f"SIM-{channel.marker}", "Dilution": "1:200",
        }  # fmt: skip
    elif channel.marker == "DNA":
        row |= {"Target Name": "DNA", "Antibody Role": "Not Applicable"}
    return row


def write_channels(tissue: Tissue, path: str | os.PathLike[str]) -> None:
    """Write the channel table as CSV in the layout of HTAN's template.

    Parameters
    ----------
    tissue
        Whose channels.
    path
        File to make.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit import datasets
    >>> path = Path(tempfile.mkdtemp()) / "channels.csv"
    >>> datasets.write_channels(datasets.simulate("imc", width_px=64, height_px=48), path)
    >>> path.read_text().splitlines()[1][:17]
    'Channel:0:0,Xe131'
    """
    import pandas as pd

    with replacing(path) as temporary:
        pd.DataFrame(channel_rows(tissue), columns=list(TEMPLATE)).to_csv(temporary, index=False, lineterminator="\n")


def write_table(tissue: Tissue, path: str | os.PathLike[str], *, image: str | os.PathLike[str]) -> None:
    """Write the Level 4 table: means of every channel and the shape of every cell, with mcquant's header.

    Parameters
    ----------
    tissue
        Whose cells.
    path
        File to make: ``.csv``, or ``.h5ad`` for an AnnData with the same content.
    image
        The written Level 2 image, whose pixels are measured.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from htan_kit import datasets
    >>> folder = Path(tempfile.mkdtemp())
    >>> tissue = datasets.simulate("imc", width_px=64, height_px=48)
    >>> datasets.write_image(tissue, folder / "a.ome.tiff")
    >>> datasets.write_table(tissue, folder / "a.csv", image=folder / "a.ome.tiff")
    >>> (folder / "a.csv").read_text().split(",")[:3]
    ['CellID', 'Xe131', 'SMA']
    """
    table = _with_defects(tissue, object_table(tissue, image))
    with replacing(path) as temporary:
        if Path(path).suffix == ".h5ad":
            _adata(tissue, table).write_h5ad(temporary, compression="gzip")
        else:
            table.to_csv(temporary, index=False, lineterminator="\n")


def _with_defects(tissue: Tissue, table: pd.DataFrame) -> pd.DataFrame:
    u = generator(tissue.seed, STREAM.DEFECTS, 2).random((2, len(table)))
    if "swapped_table_columns" in tissue.defects:
        a, b = DEFECTS["swapped_table_columns"].parameters["names"]
        table = table.rename(columns={a: b, b: a})
    if "duplicate_table_ids" in tissue.defects:
        doubled = u[0] < DEFECTS["duplicate_table_ids"].parameters["share"]
        doubled[0] = False
        table["CellID"] = np.where(doubled, table["CellID"].shift(fill_value=0), table["CellID"])
    if "missing_table_rows" in tissue.defects:
        table = table[u[1] >= DEFECTS["missing_table_rows"].parameters["share"]].reset_index(drop=True)
    return table


def _adata(tissue: Tissue, table: pd.DataFrame) -> Any:
    import anndata as ad
    import pandas as pd

    markers = [c for c in table.columns if c != "CellID" and c not in MORPHOLOGY]
    obs = table[["CellID", *MORPHOLOGY]].set_axis(table["CellID"].astype(str), axis=0).rename_axis(None)
    var = pd.DataFrame({"channel_name": markers}, index=pd.Index(markers, dtype=object))
    adata = ad.AnnData(table[markers].to_numpy(np.float32), obs=obs, var=var)
    adata.obsm["spatial"] = table[["X_centroid", "Y_centroid"]].to_numpy(np.float64)
    return adata
