"""The OME-XML of an image, read leniently and safely: what it says, not whether it is valid."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._directories import MAX_PAGES

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # a type; parsing is defusedxml's

__all__ = ["OmeChannel", "OmeHeader", "parse_xml", "read_ome_xml"]

MAX_BYTES = 64 * 2**20  # a header of 500 channels with all its annotations has about 1 MB
_PLANES = {"IFD", "FirstC", "FirstZ", "FirstT", "PlaneCount", "NumPlanes"}  # attributes of TiffData


@dataclass(frozen=True, slots=True)
class OmeChannel:
    """One ``Channel`` element, as written."""

    id: str | None
    name: str | None
    samples: int = 1
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OmeHeader:
    """What the OME-XML says of an image; numbers that are not numbers are None.

    Parameters
    ----------
    image_id, image_name
        Attributes of ``Image``.
    pixels
        Attributes of ``Pixels`` as written (``SizeX``, ``PhysicalSizeX``, ``Type``, ...).
    channels
        The channels in the order of the document.
    n_images
        How many ``Image`` elements there are.
    annotations
        Whether there are ``StructuredAnnotations``.
    creator
        ``OME/@Creator``.
    filenames
        Files the pixels are spread over (``UUID/@FileName``).
    most_pixels
        Pixels of the largest image, all its planes together.
    sizes
        (SizeX, SizeY) of every ``Image`` that has pixels, in px.
    image_names
        Their names, ``""`` for none.
    xml
        The document itself.
    """

    image_id: str | None
    image_name: str | None
    pixels: dict[str, str]
    channels: tuple[OmeChannel, ...]
    n_images: int
    annotations: bool
    creator: str | None
    filenames: tuple[str, ...]
    most_pixels: int = 0
    sizes: tuple[tuple[int, int], ...] = ()
    image_names: tuple[str, ...] = ()
    xml: str = field(default="", repr=False, compare=False)

    def size(self, axis: str) -> int | None:
        """Give ``SizeX`` and its like as an integer, None when absent or not a number."""
        text = self.pixels.get(f"Size{axis}", "")
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 19 else None


def read_ome_xml(text: str, subject: object, *, image: int = 0) -> OmeHeader:
    """Read an OME-XML document.

    Parameters
    ----------
    text
        The document.
    subject
        The file it comes from, for messages.
    image
        Which of the images that have ``Pixels`` is meant, counted from 0.

    Returns
    -------
    What it says. Namespaces of every OME release (2008 to 2016) are accepted.

    Raises
    ------
    InputError
        The text is not well-formed XML, has a DOCTYPE or entities, is larger than 64 MiB, has no ``Pixels``, names
        files outside its folder, or promises more planes than a file can have.

    Examples
    --------
    >>> from htan_kit.io.ome import read_ome_xml
    >>> xml = '<OME><Image ID="Image:0"><Pixels SizeX="4" SizeY="3"><Channel Name="DNA"/></Pixels></Image></OME>'
    >>> header = read_ome_xml(xml, "x.ome.tif")
    >>> header.size("X"), header.channels[0].name
    (4, 'DNA')
    """
    root = parse_xml(text, subject)
    _check_counts(root, subject)
    images = [element for element in root if _tag(element) == "Image"]
    filled = [(i, p) for i in images if (p := _child(i, "Pixels")) is not None]
    if image >= len(filled):
        elsewhere = _child(root, "BinaryOnly")
        if elsewhere is not None:  # one file of a set, as OME's multi-file sets have them
            written = elsewhere.get("MetadataFile", "")[:200]
            message = f"The OME-XML only points to {written!r}, which describes the image."
            hint = "Merge the set: htan-kit clean THAT_FILE ONE.ome.tiff."
            raise InputError.of("image.ome-xml", subject, message, hint)
        hint = "Write the image again with an OME-TIFF writer."
        raise InputError.of("image.ome-xml", subject, "The OME-XML holds no Image with Pixels.", hint)
    meant, pixels = filled[image]
    filenames = tuple(dict.fromkeys(name for e in root.iter() if _tag(e) == "UUID" and (name := e.get("FileName"))))
    for name in filenames:
        if "/" in name or "\\" in name or name == "..":
            hint = "Put the files of one image beside each other and name them without a folder."
            message = f"The OME-XML points outside its folder: {name[:200]!r}."
            raise InputError.of("image.ome-xml", subject, message, hint)
    return OmeHeader(
        image_id=meant.get("ID"),
        image_name=meant.get("Name"),
        pixels=dict(pixels.attrib),
        channels=_channels(meant, pixels),
        n_images=len(images),
        annotations=any(_tag(e) == "StructuredAnnotations" for e in root),
        creator=root.get("Creator"),
        filenames=filenames,
        most_pixels=max(_pixels(e) for e in root.iter() if _tag(e) == "Pixels"),
        sizes=tuple((max(_count(p.get("SizeX")), 0), max(_count(p.get("SizeY")), 0)) for _, p in filled),
        image_names=tuple(i.get("Name") or "" for i, _ in filled),
        xml=text,
    )


def parse_xml(text: str, subject: object) -> Element:
    """Parse XML that nobody vouches for: no DOCTYPE, no entities, 64 MiB at most."""
    from xml.etree.ElementTree import ParseError  # the exception's type

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    hint = "Write the image again with an OME-TIFF writer."
    if len(text) > MAX_BYTES:
        raise InputError.of(
            "image.ome-xml", subject, f"The OME-XML has {len(text):,} characters; 64 MiB is the limit.", hint
        )
    try:
        return fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException:
        message = "The OME-XML has a DOCTYPE or entities; these are not resolved, for safety."
        raise InputError.of("image.ome-xml", subject, message, hint) from None
    except (ParseError, ValueError) as problem:
        raise InputError.of("image.ome-xml", subject, f"The OME-XML is not well-formed: {problem}.", hint) from None


def _check_counts(root: Element, subject: object) -> None:
    """Raise where a number of planes or labels is beyond any file: tifffile makes a list of that length."""
    for element in root.iter():
        tag, numbers = _tag(element), {}
        if tag == "Pixels":
            numbers = {f"Size{axis}": element.get(f"Size{axis}") for axis in "CZT"}
            numbers["planes"] = str(math.prod(_count(text) for text in numbers.values()))
            planes = [e for e in element if _tag(e) == "TiffData"]
            numbers["planes listed"] = str(sum(_count(e.get("PlaneCount", e.get("NumPlanes"))) for e in planes))
        elif tag == "TiffData":
            numbers = {name: text for name, text in element.items() if name in _PLANES}
        elif tag == "Channel":
            numbers = {"SamplesPerPixel": element.get("SamplesPerPixel")}
        elif tag.startswith("ModuloAlong"):
            numbers = {f"labels of {tag}": str(_labels(element))}
        wrong = next((name for name, text in numbers.items() if not 0 <= _count(text) <= MAX_PAGES), None)
        if wrong is not None:
            written = "a number that is none" if _count(numbers[wrong]) < 0 else f"more than {MAX_PAGES:,}"
            message = f"The OME-XML promises too much: {wrong} is {written} ({str(numbers[wrong])[:40]!r})."
            raise InputError.of("image.ome-xml", subject, message, "Write the image again with an OME-TIFF writer.")


def _count(text: str | None) -> int:
    """Read a number as tifffile does (blanks, underscores); one that is absent is 1, no whole number -1."""
    try:
        return int(text) if text is not None and len(text) <= 40 else 1 if text is None else -1
    except ValueError:
        return -1


def _pixels(pixels: Element) -> int:
    return math.prod(_count(pixels.get(f"Size{axis}")) for axis in "XYCZT")


def _labels(along: Element) -> float:
    """Count the labels of a modulo annotation: from Start to End in Steps."""
    if along.get("Start") is None:
        return 0
    try:
        start, end, step = (float(along.get(name, "1")) for name in ("Start", "End", "Step"))
        return math.ceil((end - start) / step) + 1
    except (ValueError, ZeroDivisionError, OverflowError):
        return -1


def _channels(image: Element, pixels: Element) -> tuple[OmeChannel, ...]:
    # Before 2011 a LogicalChannel beside Pixels carried the name.
    elements = [e for e in pixels if _tag(e) == "Channel"] or [e for e in image if _tag(e) == "LogicalChannel"]
    return tuple(
        OmeChannel(
            id=e.get("ID"),
            name=(e.get("Name") or "").strip() or None,
            samples=_integer(e.get("SamplesPerPixel"), 1),
            attributes=dict(e.attrib),
        )
        for e in elements
    )


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and text.isascii() and len(text) < 6 else default


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _child(element: Element, tag: str) -> Element | None:
    return next((e for e in element if _tag(e) == tag), None)
