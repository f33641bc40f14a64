"""The channel table as it should have been: HTAN's template, one row a plane, in the order and names of the image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from htan_kit.channels._labels import is_generic
from htan_kit.channels._planes import texts

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["proposed"]

# Columns of HTAN's phase 1 template (Imaging Level 3 Channels) -> MITI's key.
TEMPLATE: Final = {
    "Channel ID": "channel_id", "Channel Name": "channel_name", "Channel Passed QC": "passed_qc",
    "Cycle Number": "cycle_number", "Sub Cycle Number": "sub_cycle_number", "Target Name": "target_name",
    "Antibody Name": "antibody_name", "Antibody Role": "antibody_role", "RRID identifier": "rrid_identifier",
    "Fluorophore": "fluorophore", "Clone": "clone", "Lot": "lot", "Vendor": "vendor",
    "Catalog Number": "catalog_number", "Excitation Wavelength": "excitation_wavelength",
    "Emission Wavelength": "emission_wavelength", "Excitation Bandwidth": "excitation_bandwidth",
    "Emission Bandwidth": "emission_bandwidth", "Metal Isotope Element": "metal_isotope_element",
    "Metal Isotope Mass": "metal_isotope_mass", "Oligo Barcode Upper Strand": "oligo_barcode_upper_strand",
    "Oligo Barcode Lower Strand": "oligo_barcode_lower_strand", "Dilution": "dilution",
    "Concentration": "concentration", "Channel QC Failure Comment": "qc_details",
}  # fmt: skip
_PASSED: Final = {"True": "Yes", "False": "No - Channel Failed QC"}
_ROLES: Final = {
    "primary": "Primary", "secondary": "Secondary", "control": "Secondary", "neither-dye/stain": "Neither-Dye/Stain",
}  # fmt: skip
_DYES: Final = {"nuclear", "stain", "autofluorescence", "blank", "element"}
_OME = re.compile(r"Channel:\d+:\d+")


def proposed(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the channel table that the image and the table at hand together imply.

    Parameters
    ----------
    frame
        What :func:`htan_kit.channels.reconcile` gave.

    Returns
    -------
    Text under the column names of HTAN's channel metadata template, one row a plane in the order of planes, ``""``
    where nothing is known. ``Channel ID`` is OME's (``Channel:0:<plane>`` where the header has none), ``Channel Name``
    the header's where it has one that is not a mere count, so that table and header agree; QC and antibody role in
    the model's own words. Nothing is written to disk; who writes it should escape cells that begin like formulas.

    References
    ----------
    HTAN phase 1 model, Imaging Level 3 Channels; HTAN Manual: channel metadata MUST match the OME-TIFF header.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit.channels import proposed, reconcile
    >>> from htan_kit.io.image import ImageChannel
    >>> table = pd.DataFrame({"channel_id": ["1", "2"], "channel_name": ["CD8a", "DAPI"]})
    >>> table["channel_index"] = pd.array([0, 1], dtype="Int64")
    >>> planes = [ImageChannel(0, "Channel:0:0", "DAPI"), ImageChannel(1, "Channel:0:1", "CD8")]
    >>> from htan_kit.findings import Findings
    >>> frame = reconcile(table, planes, None, subject="c.csv", findings=Findings())
    >>> proposed(frame)[["Channel ID", "Channel Name", "Target Name"]].to_dict("split")["data"]
    [['Channel:0:0', 'DAPI', ''], ['Channel:0:1', 'CD8', 'CD8a']]
    """
    import pandas as pd

    columns = {header: [text or "" for text in texts(frame, name)] for header, name in TEMPLATE.items()}
    index = [row if plane is None else int(plane) for row, plane in enumerate(_integers(frame))]
    ids, names = columns["Channel ID"], columns["Channel Name"]
    # An id of the table's that its name went against is wrong; one that agreed, or the header's own, is not.
    agreed = [how not in ("name", "order") for how in texts(frame, "matched_by")]
    columns["Channel ID"] = [
        text if _OME.fullmatch(text) and (good or text.endswith(f":{i}")) else f"Channel:0:{i}"
        for text, good, i in zip(ids, agreed, index, strict=True)
    ]
    header = texts(frame, "image_name")
    columns["Channel Name"] = [
        title if title and not is_generic(title) else name or f"Channel {i}"
        for title, name, i in zip(header, names, index, strict=True)
    ]
    told = zip(columns["Target Name"], names, columns["Channel Name"], strict=True)
    columns["Target Name"] = [target or (name if name != title else "") for target, name, title in told]
    columns["Channel Passed QC"] = [_PASSED.get(str(value), "") for value in _values(frame, "passed_qc")]
    columns["Antibody Role"] = [
        _ROLES.get(said.strip().casefold(), "") or ("Neither-Dye/Stain" if role in _DYES else "")
        for said, role in zip(columns["Antibody Role"], texts(frame, "role"), strict=True)
    ]
    for name in ("Excitation Wavelength", "Emission Wavelength", "Excitation Bandwidth", "Emission Bandwidth"):
        columns[name] = [text.removesuffix(".0") for text in columns[name]]
    columns["RRID identifier"] = [
        re.sub(r"^RRID\s*:\s*", "", text, flags=re.IGNORECASE) for text in columns["RRID identifier"]
    ]
    return pd.DataFrame(columns, dtype=object)


def _integers(frame: pd.DataFrame) -> list[Any]:
    return [None if text in (None, "<NA>") else float(str(text)) for text in texts(frame, "channel_index")]


def _values(frame: pd.DataFrame, name: str) -> list[Any]:
    return frame[name].tolist() if name in frame else [None] * len(frame)
