"""HTAN records of what the kit made of one image, in the words of either phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from htan_kit.export._qc_words import failure_type, passed_word
from htan_kit.models import convert, is_blank, key, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from htan_kit.export._facts import Facts

__all__ = ["CHANNELS", "IMAGE", "TABLE", "channel_records", "image_record", "table_record"]

TABLE: Final = {1: "Imaging Level 4", 2: "MultiplexMicroscopyLevel4"}
CHANNELS: Final = {1: "Imaging Level 3 Channels", 2: "ChannelMetadata"}
IMAGE: Final = {1: "Imaging Level 3 Image"}
"""The components of either phase; phase 2 has none for an image that passed quality control."""

# What says who a file is, and what is counted: never taken over from another file's record.
_OWN: Final = {
    "component", "filename", "fileformat", "htandatafileid", "htanparentid", "htanparentdatafileid",
    "htanparentbiospecimenid", "numberofobjects", "numberoffeatures", "passedqc", "comment", "softwareandversion",
    "commitsha",
}  # fmt: skip
_OBJECTS: Final = {
    "cell": "whole cell", "nucleus": "nucleus", "cytoplasm": "cytoplasm", "membrane": "plasma membrane",
    "plasma_membrane": "plasma membrane", "spot": "spot",
}  # fmt: skip
_PARENTS: Final = ("HTAN_PARENT_ID", "HTAN Parent Biospecimen ID", "HTAN Parent ID")
_NO_ANTIBODY: Final = {"nuclear", "stain", "element", "blank", "autofluorescence"}
_NONE: Final = "Not Applicable"


def table_record(facts: Facts, phase: int, filename: str) -> dict[str, Any]:
    """Write the record of the Level 4 table.

    Parameters
    ----------
    facts
        What is known of the image.
    phase
        1 or 2.
    filename
        Where the table is written.

    Returns
    -------
    Attributes of ``TABLE[phase]``. A table that was read keeps its own record; one that the kit measured names the
    kit, has no identifier yet, and inherits from mask and image. Counts are those of the table as written.
    """
    mask_id, _ = facts.record_of("level3", "mask")
    image_id, _ = facts.image
    table_id, own = facts.record_of("level4", "table")
    row = _inherited(facts, phase, TABLE[phase], roles=(("level2", ""), ("level3", "mask")))
    if table_id:
        row |= _converted(facts, table_id, own, phase, TABLE[phase])
    n_features = max(len(facts.table_columns) - 1, 0)  # without the object's id
    entry = _miti_entry(facts, "cell", "table")
    software = facts.kit if facts.measured else row.get("Software and Version") or entry.get("software_and_version")
    if phase == 1:
        row |= {
            "Component": "ImagingLevel4", "Filename": filename, "File Format": "csv", "HTAN Data File ID": table_id,
            "HTAN Parent Data File ID": mask_id or image_id, "Number of Objects": facts.n_objects,
            "Number of Features": n_features, "Software and Version": software, **_object_class(facts),
        }  # fmt: skip
        row.setdefault("HTAN Parent Channel Metadata ID", facts.panel)
        row.setdefault("Imaging Summary Statistic", "Mean")
        return row
    row |= {
        "FILENAME": filename, "FILE_FORMAT": "csv", "HTAN_DATA_FILE_ID": table_id, "NUMBER_OF_OBJECTS": facts.n_objects,
        "NUMBER_OF_FEATURES": n_features,
        "HTAN_PARENT_ID": row.get("HTAN_PARENT_ID") or ",".join(filter(None, (mask_id, image_id))),
    }  # fmt: skip
    if facts.measured:
        name, _, number = facts.kit.partition(" ")
        row |= {
            "FEATURE_EXTRACTION_WORKFLOW_TYPE": name, "FEATURE_EXTRACTION_WORKFLOW_VERSION": number,
            "FEATURE_EXTRACTION_METHOD": "mean intensity and shape of each object", "MATRIX_TYPE": "Raw Counts",
        }  # fmt: skip
    elif software:
        row.setdefault("FEATURE_EXTRACTION_WORKFLOW_TYPE", software)
    return row


def image_record(facts: Facts) -> dict[str, Any]:
    """Write the record of the image whose channels were judged (phase 1, Imaging Level 3 Image).

    Parameters
    ----------
    facts
        What is known of the image.

    Returns
    -------
    Attributes of ``IMAGE[1]``. It passed when every channel did; what failed is in the comment; where no channel
    was judged, what the Level 2 record says of the image counts; where only some were and none failed, nothing is said.
    """
    image_id, level2 = facts.image
    row = _inherited(facts, 1, IMAGE[1], roles=(("level2", ""),))
    file = facts.record.get("file", {})
    written = str(next((level2[name] for name in ("Filename", "FILENAME") if name in level2), file.get("filename", "")))
    judged = [channel.get("passed_qc") for channel in facts.channels]
    failed = [str(c.get("channel_name", "")) for c in facts.channels if c.get("passed_qc") is False]
    whole = next((level2[name] for name in ("PASSED_QC", "Passed QC") if name in level2), "")
    if not any(each is not None for each in judged):  # nobody judged a channel; somebody may have the image
        judged = [typed(whole, "bool")]
    passed = "No - Channels QC" if failed else "Yes" if judged and all(each is True for each in judged) else ""
    biospecimen = next((str(level2[name]) for name in _PARENTS if level2.get(name)), "")
    row |= {
        "Component": "ImagingLevel3Image",
        "Filename": written if "/" in written or not written else f"level2/{written}",
        "File Format": "OME-TIFF" if ".ome." in written.lower() else file.get("file_format", ""),
        "HTAN Parent Data File ID": image_id,
        "HTAN Parent Biospecimen ID": biospecimen or facts.record.get("biospecimen", {}).get("biospecimen_id", ""),
        "Software and Version": facts.kit,
        "Passed QC": passed,
    }
    row.setdefault("HTAN Parent Channel Metadata ID", facts.panel)
    if failed:
        row["Comment"] = f"Channels that failed: {', '.join(dict.fromkeys(failed))}"
    return row


def channel_records(facts: Facts, phase: int) -> list[dict[str, Any]]:
    """Write the records of the channels, one an antibody.

    Parameters
    ----------
    facts
        What is known of the image.
    phase
        1: with ``Channel Passed QC``, ``Channel QC Failure Type`` and ``Antibody Role`` in the model's words; 2: that
        model has no quality control of channels.

    Returns
    -------
    Attributes of ``CHANNELS[phase]``; none for a colour image, which has no panel.
    """
    if len(facts.channels) == 1 and facts.record.get("ome-tiff-header", {}).get("size_c") == 3:
        return []
    rows = []
    for channel in facts.channels:
        said = {name: value for name, value in channel.items() if name not in ("antibody_role", "role")}
        row = dict(convert(said, source=("miti", "channel"), target=(f"htan{phase}", CHANNELS[phase])).values)
        if phase == 2:  # an empty cell says that there is none; this model has no word for it
            row = {n: v for n, v in row.items() if not is_blank(str(v)) or n in ("CHANNEL_NAME", "TARGET_NAME")}
            row["HTAN_PANEL_ID"] = facts.panel
        else:
            row |= {"HTAN Channel Metadata ID": facts.panel} | _judged(channel) | _antibody(channel, row)
        rows.append(row)
    return rows


def _judged(channel: Mapping[str, Any]) -> dict[str, Any]:
    passed = channel.get("passed_qc")
    details = str(channel.get("qc_details", ""))
    row = {"Channel Passed QC": passed_word(passed if isinstance(passed, bool) else None)}
    if passed is False:
        row |= {"Channel QC Failure Type": failure_type(details), "Channel QC Failure Comment": details}
    return row


def _antibody(channel: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Say what phase 1 demands of every channel: a dye has neither role nor name nor RRID, and that is said."""
    written = str(channel.get("antibody_role", ""))
    words = {key(word): word for word in ("Primary", "Secondary", "Neither-Dye/Stain")}
    named = [channel.get(name) for name in ("antibody_name", "clone", "rrid_identifier")]
    has_antibody = any(value is not None and not is_blank(str(value)) for value in named)
    if key(written) in words:
        role = words[key(written)]
    elif has_antibody:
        role = "Secondary" if channel.get("role") == "secondary" else "Primary"
    else:
        role = "Neither-Dye/Stain" if channel.get("role") in _NO_ANTIBODY or is_blank(written) and written else ""
    added = {"Antibody Role": role}
    if role == "Neither-Dye/Stain":
        added |= {n: row.get(n) or _NONE for n in ("Antibody Name", "RRID identifier")}
        added["Target Name"] = row.get("Target Name") or row.get("Channel Name", "")
    return added


def _object_class(facts: Facts) -> dict[str, str]:
    name = facts.mask_name
    if name in _OBJECTS:
        return {"Imaging Object Class": _OBJECTS[name]}
    entry = _miti_entry(facts, "cell", "table") or _miti_entry(facts, "processed-data", "mask")
    said = str(entry.get("object_classes_included") or entry.get("object_class") or "")
    word = {"cell": "whole cell", "nuclei": "nucleus", "cytoplasm": "cytoplasm", "plasma membrane": said}.get(said)
    if word:
        return {"Imaging Object Class": word}
    other = said if said and said != "other" else name
    if not other or other == "mask":
        return {}
    return {"Imaging Object Class": "Imaging Object Class Other", "Imaging Object Class Description": other}


def _miti_entry(facts: Facts, section: str, role: str) -> Mapping[str, Any]:
    wanted = facts.files.get(role, "")
    entries = facts.record.get(section, [])
    return next((e for e in entries if wanted and str(e.get("filename", "")).endswith(wanted)), {})


def _inherited(facts: Facts, phase: int, component: str, roles: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Collect what the records of parents (the nearest counts most) and the MITI record say of a component."""
    target = (f"htan{phase}", component)
    row = dict(convert(facts.record.get("file", {}), source=("miti", "file"), target=target).values)
    for level, role in roles:
        identifier, attributes = facts.record_of(level, role) if role else facts.image
        if identifier:
            row |= _converted(facts, identifier, attributes, phase, component)
    return {name: value for name, value in row.items() if key(name) not in _OWN or name in ("PASSED_QC", "QC_COMMENT")}


def _converted(
    facts: Facts, identifier: str, attributes: Mapping[str, Any], phase: int, component: str
) -> dict[str, Any]:
    source = facts.source(identifier)
    if source is None:
        return {}
    return dict(convert(attributes, source=source, target=(f"htan{phase}", component)).values)
