"""A MITI record under machine keys, completed from HTAN manifests and the image's header."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.models import convert, match, typed
from htan_kit.models import miti_sections as model_sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from htan_kit.io.image import Image
    from htan_kit.io.manifest import Record

__all__ = ["LISTS", "Section", "from_header", "from_record", "sections_of"]

Section = dict[str, Any]
LISTS = ("processed_data", "cell", "cell_state")
"""Sections that a record may have several of, by data file id."""

_HEADER_ATTRIBUTES = {"BigEndian": "pixels_big_endian"}  # the one attribute that MITI does not call as OME does


def sections_of(record: Mapping[str, Any], data_file_id: str = "") -> dict[str, Any]:
    """Put a record under section names and machine keys, with MITI's types.

    Parameters
    ----------
    record
        Sections by name in any spelling; each a dict, or a list of dicts.
    data_file_id
        The image; of several dicts in a section that has only one, the one with this id is taken.

    Returns
    -------
    Section -> attributes; for :data:`LISTS` data file id -> attributes; ``channel`` a list of dicts.
    """
    model = model_sections()
    out: dict[str, Any] = {}
    for written, content in record.items():
        name = match(model, written)
        entries = [_typed(model[name], entry) for entry in _entries(content)] if name else []
        entries = [entry for entry in entries if entry]
        if name is None or not entries:
            continue
        if name == "channel":
            out[name] = entries
        elif name in LISTS:
            out[name] = {}
            for number, entry in enumerate(entries, start=1):
                out[name].setdefault(str(entry.get("data_file_id") or entry.get("filename") or number), entry)
        else:
            out[name] = next((e for e in entries if e.get("data_file_id") == data_file_id), entries[0])
    return out


def _entries(content: object) -> list[dict[str, Any]]:
    if isinstance(content, list):
        return [entry for entry in content if isinstance(entry, dict)]
    if not isinstance(content, dict):
        return []
    if content and all(isinstance(value, dict) for value in content.values()):  # by data file id
        return [{"data_file_id": name, **value} for name, value in content.items()]
    return [content]


def _typed(model: Mapping[str, Any], entry: Mapping[str, Any]) -> Section:
    out: Section = {}
    for written, value in entry.items():
        if value is None or value == "":
            continue
        name = match(model, written) or written
        plain = _plain(value)
        out.setdefault(name, typed(plain, model[name]["type"]) if name in model else plain)
    return out


def _plain(value: object) -> object:
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return "; ".join(str(each) for each in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def from_record(section: str, records: Iterable[Record]) -> Section:
    """Fill a section from HTAN records, the first that says something; by the crosswalk, in MITI's words and units."""
    out: Section = {}
    for record in records:
        try:
            said = convert(
                record.attributes, source=(f"htan{record.phase}", record.component), target=("miti", section)
            )
        except InputError:  # a component that the models do not have
            continue
        out = said.values | out
    return out


def from_header(image: Image) -> Section:
    """Say what the image's header says, in MITI's section for it."""
    model = model_sections()["ome_tiff_header"]
    out: Section = {}
    if image.ome is not None:
        for attribute, text in image.ome.pixels.items():
            name = _HEADER_ATTRIBUTES.get(attribute) or match(model, attribute)
            if name and text:
                out[name] = typed(text, model[name]["type"])
        if image.ome.image_id:
            out["image_id"] = image.ome.image_id
    else:
        out |= {"size_x": image.width, "size_y": image.height, "size_c": image.n_channels, "type": str(image.dtype)}
        out |= {"size_z": 1, "size_t": 1}
        if image.pixel_size_um is not None:
            out |= {"physical_size_x": image.pixel_size_um, "physical_size_y": image.pixel_size_um}
    for axis in "xyz":
        if f"physical_size_{axis}" in out:
            out.setdefault(f"physical_size_{axis}unit", "µm")  # OME's default
    names = [name for name in image.channel_names if name]
    if names:
        out["channel_name"] = "; ".join(names)
    return out
