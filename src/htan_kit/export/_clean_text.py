"""Descriptions of pages other than OME-XML, written anew with only what viewers need."""

from __future__ import annotations

import json
import re
from xml.etree.ElementTree import Element, SubElement, tostring  # to write; parsing is defusedxml's

from htan_kit.errors import InputError
from htan_kit.io._private import private_kinds, without_private
from htan_kit.io._private_text import local_name, parse_xml

__all__ = ["clean_description"]

_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?")
_IMAGEJ = {
    "images", "channels", "slices", "frames", "hyperstack", "mode", "unit", "yunit", "zunit", "spacing", "loop", "min",
    "max", "order", "origin", "xorigin", "yorigin", "zorigin", "finterval", "fps", "tunit", "vunit", "cf", "c0", "c1",
}  # fmt: skip
_IMAGEJ_VALUE = re.compile(r"[\w.+\\µ-]{0,32}")
_APERIO_FIRST = re.compile(r"Aperio (?:Image|Leica Biosystems GT\d+|DICOM)[\w ]{0,30}v?[\d.]{1,20}")
_APERIO_SIZE = re.compile(r"[\dx, \[\]()>-]{3,80}(?:JPEG|JPEG2000|J2K|LZW)?(?:/[A-Z0-9]{1,8})?(?:[ ;]Q=\d{1,3})?")
_APERIO = {"AppMag", "MPP", "OriginalWidth", "OriginalHeight", "Originalheight", "Filtered", "StripeWidth"}
_QPI = {
    "ImageType", "Name", "Biomarker", "Color", "Objective", "ExposureTime", "SignalUnits", "IsUnmixedComponent",
    "DescriptionVersion",
}  # fmt: skip


def clean_description(text: str) -> bytes | None:
    r"""Write an ImageDescription anew without dates, people, names of files and free text.

    Parameters
    ----------
    text
        The description: ImageJ's, tifffile's JSON, Aperio's, or QPTIFF's XML.

    Returns
    -------
    What viewers need to read the pixels (axes, magnification, µm per pixel); None where nothing is to be kept.

    References
    ----------
    ImageJ ``TiffEncoder``; tifffile's shaped series; Aperio SVS and Akoya QPTIFF as Bio-Formats reads them.

    Examples
    --------
    >>> from htan_kit.export._clean_text import clean_description
    >>> clean_description("ImageJ=1.52s\nimages=3\nchannels=3\ntitle=Ada 2021-03-05")
    b'ImageJ=1.52s\nimages=3\nchannels=3\n'
    >>> clean_description("taken by Ada") is None
    True
    """
    start = text.lstrip()[:100]
    if start.startswith(("ImageJ=", "SCIFIO=")):
        return _imagej(text)
    if start.startswith("{"):
        return _shaped(text)
    if start.startswith("Aperio"):
        return _aperio(text)
    if "<PerkinElmer-QPI" in text[:500]:
        return _qpi(text)
    return None


def _imagej(text: str) -> bytes:
    kept = []
    for number, line in enumerate(text.splitlines()):
        key, _, value = line.partition("=")
        if (not number or key in _IMAGEJ) and _IMAGEJ_VALUE.fullmatch(value) and not private_kinds(value):
            kept.append(f"{key}={value}\n")
    return "".join(kept).encode()


def _shaped(text: str) -> bytes | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    shape = told.get("shape") if isinstance(told, dict) else None
    if not isinstance(shape, list) or not all(isinstance(n, int) for n in shape):
        return None
    kept: dict[str, object] = {"shape": shape}
    axes = told.get("axes")
    if isinstance(axes, str) and re.fullmatch(r"[A-Z]{1,12}", axes):
        kept["axes"] = axes
    if told.get("truncated") is True:
        kept["truncated"] = True
    return json.dumps(kept).encode()


def _aperio(text: str) -> bytes:
    head, *rest = text.split("|")
    first, _, size = head.partition("\n")
    program = _APERIO_FIRST.match(first.strip())
    kept = program[0] if program and not private_kinds(program[0]) else "Aperio Image Library"
    where = _APERIO_SIZE.match(size.strip())  # what stands behind it tells of the scan it was cut from
    kept += " \r\n" + (where[0].strip() if where and not private_kinds(where[0]) else "")
    for pair in rest:
        key, _, value = (part.strip() for part in pair.partition("="))
        if key in _APERIO and _NUMBER.fullmatch(value):
            kept += f"|{key} = {value}"
    return kept.encode()


def _qpi(text: str) -> bytes | None:
    try:
        old = parse_xml(text, "QPTIFF")
    except InputError:
        return None
    new = Element("PerkinElmer-QPI-ImageDescription")
    for child in old:
        tag, value = local_name(child.tag), without_private((child.text or "").strip())[:200]
        if tag in _QPI and value and not len(child) and not private_kinds(value):
            SubElement(new, tag).text = value
    return b'<?xml version="1.0" encoding="utf-8"?>\r\n' + tostring(new, encoding="unicode").encode()
