"""OME-XML without people, dates, serial numbers and free text: what is known to be harmless is kept, all else is not.

A list of what may stay is safe against what nobody thought of; a list of what must go is not.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring  # to write; parsing is defusedxml's

from htan_kit.io._private import is_slide_label, private_kinds, without_private
from htan_kit.io._private_text import local_name

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Planes", "clean_ome", "planes_of"]

_NAMESPACE = re.compile(r"http://www\.openmicroscopy\.org/(?:XMLschemas|Schemas)/[\w./-]{3,60}")
_VALUE = re.compile(r"[\w.+\-/µμÅ°%:()<>* ]{0,64}")  # numbers, units and the words of the OME schema
_ID = re.compile(r"[A-Za-z]{1,40}(?::\d{1,9}){1,4}")
_MAX_TEXT = 1000

_MAKER = "ID Manufacturer Model"
_WAVES = "Power PowerUnit Type LaserMedium Wavelength WavelengthUnit FrequencyMultiplication PockelCell Pulse Tuneable"
_KEPT = {  # element: its attributes that may stay
    "OME": "",
    "Instrument": "ID",
    "Microscope": f"{_MAKER} Type",
    "Objective": f"{_MAKER} Correction Immersion LensNA NominalMagnification CalibratedMagnification Iris "
    "WorkingDistance WorkingDistanceUnit",
    "Detector": f"{_MAKER} Type Gain Voltage VoltageUnit Offset Zoom AmplificationGain",
    "LightSource": f"{_MAKER} {_WAVES}",
    "Laser": f"{_MAKER} {_WAVES}",
    "Arc": f"{_MAKER} {_WAVES}",
    "Filament": f"{_MAKER} {_WAVES}",
    "LightEmittingDiode": f"{_MAKER} {_WAVES}",
    "GenericExcitationSource": f"{_MAKER} {_WAVES}",
    "FilterSet": _MAKER,
    "Filter": f"{_MAKER} Type FilterWheel",
    "Dichroic": _MAKER,
    "TransmittanceRange": "CutIn CutInUnit CutOut CutOutUnit CutInTolerance CutInToleranceUnit CutOutTolerance "
    "CutOutToleranceUnit Transmittance",
    "ExcitationFilterRef": "ID",
    "EmissionFilterRef": "ID",
    "DichroicRef": "ID",
    "FilterSetRef": "ID",
    "InstrumentRef": "ID",
    "ObjectiveRef": "ID",
    "ObjectiveSettings": "ID CorrectionCollar Medium RefractiveIndex",
    "DetectorSettings": "ID Gain Voltage VoltageUnit Offset Zoom ReadOutRate ReadOutRateUnit Binning Integration",
    "LightSourceSettings": "ID Attenuation Wavelength WavelengthUnit",
    "LightPath": "",
    "ImagingEnvironment": "Temperature TemperatureUnit AirPressure AirPressureUnit Humidity CO2Percent",
    "Image": "ID",
    "Pixels": "ID DimensionOrder Type PixelType SizeX SizeY SizeZ SizeC SizeT PhysicalSizeX PhysicalSizeXUnit "
    "PhysicalSizeY PhysicalSizeYUnit PhysicalSizeZ PhysicalSizeZUnit TimeIncrement TimeIncrementUnit BigEndian "
    "SignificantBits Interleaved",
    "Channel": "ID Name SamplesPerPixel IlluminationType PinholeSize PinholeSizeUnit AcquisitionMode ContrastMethod "
    "ExcitationWavelength ExcitationWavelengthUnit EmissionWavelength EmissionWavelengthUnit Fluor NDFilter "
    "PockelCellSetting Color",
    "LogicalChannel": "ID Name SamplesPerPixel IlluminationType Mode ContrastMethod ExWave EmWave Fluor "
    "PhotometricInterpretation",
    "ChannelComponent": "Index Pixels ColorDomain",
    "Plane": "TheC TheZ TheT ExposureTime ExposureTimeUnit PositionX PositionXUnit PositionY PositionYUnit PositionZ "
    "PositionZUnit",
    "Correction": "", "Immersion": "", "LensNA": "", "NominalMagnification": "", "CalibratedMagnification": "",
    "WorkingDistance": "",
}  # fmt: skip
_KEPT_ATTRIBUTES = {element: frozenset(attributes.split()) for element, attributes in _KEPT.items()}
_WITH_TEXT = {
    "Correction", "Immersion", "LensNA", "NominalMagnification", "CalibratedMagnification", "WorkingDistance",
}  # fmt: skip
_FREE = {
    "Name",
    "Fluor",
    "Manufacturer",
    "Model",
    "FilterWheel",
}  # any words; dates and addresses are taken out of them
_POSITION = ("FirstC", "FirstZ", "FirstT")


@dataclass(frozen=True, slots=True)
class Planes:
    """One ``TiffData``: which pages of which file (``""`` for the file itself) are planes from this index on."""

    filename: str
    first: int
    count: int | None  # None: as many as there are
    position: tuple[tuple[str, str], ...]


def planes_of(root: Element) -> list[tuple[Element, list[Planes], bool]]:
    """List the images of a document and the pages of their planes.

    Parameters
    ----------
    root
        The document.

    Returns
    -------
    For each ``Image`` with pixels in TIFF pages: the element, its planes, and whether it is a picture of the slide's
    label (never the first image).

    References
    ----------
    OME-TIFF specification, TiffData: IFD defaults to 0, PlaneCount to 1 where IFD is given, else to all pages.

    Examples
    --------
    >>> from htan_kit.export._clean_ome import planes_of
    >>> from htan_kit.io._private_text import parse_xml
    >>> xml = "<OME><Image Name='a'><Pixels><TiffData IFD='3'/></Pixels></Image></OME>"
    >>> [(planes[0].first, planes[0].count, label) for _, planes, label in planes_of(parse_xml(xml, "x"))]
    [(3, 1, False)]
    """
    found: list[tuple[Element, list[Planes], bool]] = []
    for image in (element for element in root if local_name(element.tag) == "Image"):
        planes = [
            _planes(data, root.get("UUID", ""))
            for pixels in image
            if local_name(pixels.tag) == "Pixels"
            for data in pixels
            if local_name(data.tag) == "TiffData"
        ]
        if planes:
            found.append((image, planes, bool(found) and is_slide_label(image.get("Name", ""))))
    return found


def _planes(data: Element, own: str) -> Planes:
    uuid = next((child for child in data if local_name(child.tag) == "UUID"), None)
    name = "" if uuid is None or (own and (uuid.text or "").strip() == own) else uuid.get("FileName", "")
    first = _number(data.get("IFD")) or 0
    count = _number(data.get("PlaneCount", data.get("NumPlanes")))
    if count is None and "IFD" in data.attrib:
        count = 1
    position = tuple((key, str(_number(data.get(key)))) for key in _POSITION if _number(data.get(key)) is not None)
    return Planes(name, first, count or None, position)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 10 else None


def clean_ome(root: Element, keep: Callable[[Element], bool], pages: Callable[[Element], list[Planes]]) -> bytes:
    """Write a document anew with only what is known to be harmless.

    Parameters
    ----------
    root
        The document.
    keep
        Whether an ``Image`` stays.
    pages
        Where the planes of an ``Image`` are in the new file.

    Returns
    -------
    The document in UTF-8. Images, pixels, channels, instruments and their settings stay, without free text but for
    the names of channels, dyes and makers, of which dates, addresses and paths are taken out; ids that are more than
    a kind and numbers are numbered anew.

    References
    ----------
    OME model 2016-06 and its earlier releases.

    Examples
    --------
    >>> from htan_kit.export._clean_ome import clean_ome
    >>> from htan_kit.io._private_text import parse_xml
    >>> xml = "<OME><Image Name='Ada'><AcquisitionDate>2021-03-05</AcquisitionDate><Pixels SizeX='4'/></Image></OME>"
    >>> clean_ome(parse_xml(xml, "x"), lambda image: True, lambda image: []).decode().partition("?>")[2].strip()
    '<OME><Image><Pixels SizeX="4" /></Image></OME>'
    """
    writer = _Writer(root, keep, pages)
    namespace = str(root.tag).rpartition("}")[0].lstrip("{")
    new = Element("OME", {"xmlns": namespace} if _NAMESPACE.fullmatch(namespace) else {})
    writer.children(root, new)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(new, encoding="unicode").encode()


class _Writer:
    def __init__(
        self, root: Element, keep: Callable[[Element], bool], pages: Callable[[Element], list[Planes]]
    ) -> None:
        self._keep, self._pages = keep, pages
        self._ids: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for element in root.iter():
            tag, own = local_name(element.tag), element.get("ID")
            if own is None or tag not in _KEPT_ATTRIBUTES or tag.endswith(("Ref", "Settings")):
                continue
            if _ID.fullmatch(own):
                self._ids.setdefault(own, own)
        for element in root.iter():
            tag, own = local_name(element.tag), element.get("ID")
            if own is None or own in self._ids or tag not in _KEPT_ATTRIBUTES or tag.endswith(("Ref", "Settings")):
                continue
            while (new := f"{tag}:{counts[tag]}") in self._ids.values():
                counts[tag] += 1
            self._ids[own] = new

    def children(self, old: Element, new: Element) -> None:
        for child in old:
            tag = local_name(child.tag)
            if tag == "TiffData" or tag not in _KEPT_ATTRIBUTES or (tag == "Image" and not self._keep(child)):
                continue
            if tag.endswith(("Ref", "Settings")) and child.get("ID") not in self._ids:
                continue
            copy = SubElement(new, tag, self._attributes(tag, child))
            if tag in _WITH_TEXT and _is_harmless(child.text or ""):
                copy.text = (child.text or "").strip()
            self.children(child, copy)
            if tag == "Pixels":
                self._tiff_data(old, copy)

    def _tiff_data(self, image: Element, pixels: Element) -> None:
        # The schema wants TiffData between the channels and the planes.
        planes = [child for child in pixels if child.tag == "Plane"]
        for plane in planes:
            pixels.remove(plane)
        for block in self._pages(image):
            position = dict(block.position)
            SubElement(pixels, "TiffData", {"IFD": str(block.first), **position, "PlaneCount": str(block.count)})
        pixels.extend(planes)

    def _attributes(self, tag: str, element: Element) -> dict[str, str]:
        kept = {}
        for name, value in element.attrib.items():
            if name not in _KEPT_ATTRIBUTES[tag]:
                continue
            if name == "ID":
                if value in self._ids:
                    kept[name] = self._ids[value]
            elif name in _FREE:
                text = without_private(value)[:_MAX_TEXT]
                if text and not private_kinds(text, name):
                    kept[name] = text
            elif _is_harmless(value):
                kept[name] = value
        return kept


def _is_harmless(value: str) -> bool:
    return _VALUE.fullmatch(value.strip()) is not None and not private_kinds(value)
