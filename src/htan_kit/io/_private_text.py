"""Where private information lies in XML, in free text and in blocks of bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.io._private import Private, is_slide_label, pairs_in, private_kinds
from htan_kit.io.ome import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element  # a type; parsing is defusedxml's

__all__ = [
    "local_name", "parse_xml", "private_in_bytes", "private_in_text", "private_in_xml", "private_in_xml_text",
    "shown",
]  # fmt: skip

_PAIRS = re.compile(
    r"<([A-Za-z][\w:.-]{0,60})[^<>]{0,200}>([^<>]{1,300})</"  # XML inside a text
    r"|([A-Za-z][\w:.-]{0,60})=\"([^\"]{1,300})\""
    r"|\"([A-Za-z][\w .-]{0,60})\"\s?:\s?\"([^\"]{1,300})\""  # JSON
)
_COMMENT = re.compile(r"<!--(.{0,10000}?)-->|<\?(?!xml )(.{0,10000}?)\?>", re.DOTALL)
_RUN = re.compile(rb"[\t\r\n\x20-\x7e\xc2-\xf4\x80-\xbf]{6,}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0){6,}|(?:\0[\x20-\x7e]){6,}")
_NAME_ATTRIBUTES = {"Name", "ImageName"}
_MAX_TEXT = 64 * 2**20
_MAX_RUNS = 20_000


def local_name(tag: object) -> str:
    """Give an XML name without its namespace.

    Examples
    --------
    >>> from htan_kit.io._private_text import local_name
    >>> local_name("{http://www.openmicroscopy.org/Schemas/OME/2016-06}Image")
    'Image'
    """
    return str(tag).rpartition("}")[2]


def shown(name: str) -> str:
    """Write a name that a file gives to something, unless it is private itself.

    Examples
    --------
    >>> from htan_kit.io._private_text import shown
    >>> shown("ScanScope ID"), shown("run of 2021-03-05")
    ('ScanScope ID', '(a private name)')
    """
    return "(a private name)" if private_kinds(name) else name[:80]


def private_in_xml(root: Element, place: str) -> Iterator[Private]:
    """Find private information in a document.

    Parameters
    ----------
    root
        The document, parsed.
    place
        Where it comes from, in words.

    Yields
    ------
    Kind and place (``page 1, OME-XML: OME/Image/AcquisitionDate``), once for each value.

    Examples
    --------
    >>> from htan_kit.io._private_text import parse_xml, private_in_xml
    >>> root = parse_xml("<OME><Experimenter FirstName='Ada'/></OME>", "x")
    >>> [p.place for p in private_in_xml(root, "header")]
    ['header: OME/Experimenter@FirstName']
    """
    stack: list[tuple[Element, str, str]] = [(root, shown(local_name(root.tag)), "")]
    images = 0
    while stack:
        element, path, key = stack.pop()
        name = local_name(element.tag)
        for kind in sorted(private_kinds(name)):
            yield Private(kind, f"{place}: {path}")
        for attribute, value in element.attrib.items():
            own = local_name(attribute)
            for kind in sorted(private_kinds(value, own) | private_kinds(own)):
                yield Private(kind, f"{place}: {path}@{shown(own)}")
        if element.text and element.text.strip():
            yield from private_in_text(element.text, f"{place}: {path}", key or name)
        if name == "Image":
            images += 1
            if any(is_slide_label(element.get(own, "")) for own in _NAME_ATTRIBUTES):
                yield Private("label image", f"{place}: {path} {images}")
        called = next((child.text or "" for child in element if local_name(child.tag) in {"Key", "K"}), "")
        below = [
            (child, f"{path}/{shown(local_name(child.tag))}", called if local_name(child.tag) in {"Value", "V"} else "")
            for child in element
        ]
        stack.extend(reversed(below))


def private_in_text(text: str, place: str, key: str = "") -> Iterator[Private]:
    """Find private information in a text of any form: keys and values, JSON, XML, prose.

    Parameters
    ----------
    text
        The text; beyond 64 MiB it is not looked at.
    place
        Where it comes from, in words.
    key
        What the text is called.

    Yields
    ------
    Kind and place, once for each kind and key.

    Examples
    --------
    >>> from htan_kit.io._private_text import private_in_text
    >>> [p.place for p in private_in_text("Aperio|User = ada|Date = 12/29/09", "page 1, ImageDescription")]
    ['page 1, ImageDescription: User', 'page 1, ImageDescription: Date']
    """
    text = text[:_MAX_TEXT]
    pairs = [(key, text)] if key and len(text) < 80 else []
    pairs += [(own or key, value) for own, value in pairs_in(text)]
    if "<" in text or '"' in text:
        pairs += [(m[1] or m[3] or m[5], m[2] or m[4] or m[6]) for m in _PAIRS.finditer(text)]
    seen: set[Private] = set()
    for own, value in pairs:
        for kind in sorted(private_kinds(value, own) | private_kinds(own)):
            found = Private(kind, f"{place}: {shown(own)}" if own and own != key else place)
            if found not in seen:
                seen.add(found)
                yield found


def private_in_bytes(raw: bytes, place: str, key: str = "") -> Iterator[Private]:
    r"""Find private information in a block of bytes of unknown form: the runs of letters in it are looked at.

    Parameters
    ----------
    raw
        The bytes; text may be ASCII, UTF-8, or UTF-16 of either order.
    place
        Where they come from, in words.
    key
        What the block is called.

    Yields
    ------
    Kind and place, once for each kind and key.

    Examples
    --------
    >>> from htan_kit.io._private_text import private_in_bytes
    >>> block = b"\x00\x01" + "Acquired 2021-03-05".encode("utf-16-le") + b"\xff"
    >>> [p.kind for p in private_in_bytes(block, "page 1, tag 65000")]
    ['date']
    """
    seen: set[Private] = set()
    runs = [match[0].decode("utf-8", "replace") for match in _RUN.finditer(raw)]
    runs += [match[0].replace(b"\0", b"").decode("ascii") for match in _WIDE.finditer(raw)]
    for run in runs[:_MAX_RUNS]:
        for found in private_in_text(run, place, key):
            if found not in seen:
                seen.add(found)
                yield found


def private_in_xml_text(text: str, place: str, called: str) -> Iterator[Private]:
    """Find private information in a text that should be XML; one that is none is looked at as text.

    Parameters
    ----------
    text
        The text.
    place
        Where it comes from, in words.
    called
        What to call the document, such as ``OME-XML``.

    Yields
    ------
    Kind and place.

    Examples
    --------
    >>> from htan_kit.io._private_text import private_in_xml_text
    >>> [p.kind for p in private_in_xml_text("<a date='2021-03-05'", "page 1", "XML")]
    ['date']
    """
    try:
        root = parse_xml(text, place)
    except InputError:
        yield from private_in_text(text, f"{place}, {called}")
        return
    for comment in _COMMENT.finditer(text):
        yield from private_in_text(comment[1] or comment[2] or "", f"{place}, {called}: a comment")
    yield from private_in_xml(root, f"{place}, {called}")
