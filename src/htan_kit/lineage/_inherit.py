"""What a mask or a table inherits from its image."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from htan_kit.models import components, is_blank, key

if TYPE_CHECKING:
    from htan_kit.io.manifest import Record
    from htan_kit.lineage._unit import Unit

__all__ = ["inherited"]

_CONTEXT = (
    "Imaging Assay Type", "IMAGING_ASSAY_TYPE", "HTAN_PANEL_ID", "CHANNEL_METADATA_ID", "Channel Metadata Filename",
    "HTAN Parent Channel Metadata ID", "HTAN Participant ID",
)  # fmt: skip
"""Of an image, and so of all that was made from it, whether or not the model asks for it there."""

# What a file says of itself only, folded.
_OWN = {
    "component", "filename", "fileformat", "htandatafileid", "htanparentid", "htanparentbiospecimenid",
    "htanparentdatafileid", "comment", "qccomment", "passedqc", "softwareandversion", "commitsha", "deidentified",
    "deidentificationmethodtype", "deidentificationmethoddescription", "deidentificationsoftware", "hasslidelabel",
    "slidelabelredacted", "citationordoi", "license", "parameterfile", "pyramid",
}  # fmt: skip


@cache
def _attributes(component: str, phase: int) -> tuple[str, ...]:
    model = components().get(f"{component}/{phase}")
    return tuple(model["attributes"]) if model else ()


def inherited(unit: Unit, record: Record) -> dict[str, str]:
    """Give the attributes that a mask or table lacks and its image has.

    Parameters
    ----------
    unit
        The unit the record is in.
    record
        A Level 3 or 4 record of it.

    Returns
    -------
    Attribute -> the image's value: assay and channel metadata, and what else describes how the image was taken and the
    record's model asks for. Nothing where the unit has no image; nothing that a file says of itself only (names,
    format, quality, software, licence, de-identification).

    References
    ----------
    HTAN phase 2 asks image attributes of Levels 3 and 4 that only the image can know (ncihtan/htan2-data-model
    v2.0.0); phase 1 has assay and channel metadata at Level 2 only (ncihtan/data-models f77ac86f).

    Examples
    --------
    >>> from htan_kit.io.manifest import Record
    >>> from htan_kit.lineage import Unit, inherited
    >>> image = Record("Imaging Level 2", 1, "2", "HTA7_1_1", attributes={"Imaging Assay Type": "t-CyCIF"})
    >>> mask = Record("Imaging Level 3 Segmentation", 1, "3", "HTA7_1_2", ("HTA7_1_1",))
    >>> inherited(Unit(image, (mask,)), mask)
    {'Imaging Assay Type': 't-CyCIF'}
    """
    image = unit.level2
    if image is None or record is image or record.level not in ("3", "4"):
        return {}
    asked = {key(name) for name in (*_attributes(record.component, record.phase), *_CONTEXT)} - _OWN
    has = {key(name) for name, value in record.attributes.items() if not is_blank(value)}
    return {
        name: value
        for name, value in image.attributes.items()
        if key(name) in asked and key(name) not in has and not is_blank(value)
    }
