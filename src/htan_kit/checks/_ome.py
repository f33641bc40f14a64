"""Whether the OME-XML of an image is valid: the OME model, release 2016-06, judges."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # a type; parsing is defusedxml's

__all__ = ["problems_of"]

_RELEASE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_SHOWN = 5
_MAX_DEPTH = 50  # the deepest element of the model is the tenth
_MAX_LENGTH = 2**19  # of what is held against the model, kit default: a header of 500 channels has a few thousand
_FREE = {"Name", "FileName", "Description", "Creator", "Fluor", "Model", "Manufacturer", "SerialNumber", "LotNumber"}
"""Attributes and elements that hold any text."""


def problems_of(xml: str) -> tuple[list[str], str]:
    """Hold an OME-XML document against the OME model.

    Parameters
    ----------
    xml
        The document, well-formed and without DOCTYPE (what :func:`htan_kit.io.ome.read_ome_xml` accepts).

    Returns
    -------
    problems
        What is wrong, without the document's own values; empty when nothing is.
    unchecked
        Why the document was not checked (another release than 2016-06, too large), ``""`` where it was.

    Notes
    -----
    Parts that differ only in numbers and names, such as the planes of one image, are held against the model once, and
    so are documents: a thousand headers of one microscope cost little more than one. Whether references lead to an
    element is not looked at.

    References
    ----------
    OME model 2016-06, docs.openmicroscopy.org/ome-model; ome-types, which holds it as Python classes.

    Examples
    --------
    >>> from htan_kit.checks._ome import problems_of
    >>> xml = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"/></OME>'
    >>> problems_of(xml)
    (['Image: Pixels is missing'], '')
    """
    from defusedxml.ElementTree import fromstring

    root = fromstring(xml.encode(), forbid_dtd=True)
    space = str(root.tag).rpartition("}")[0].lstrip("{")
    if space != _RELEASE:
        release = re.search(r"Schemas/OME/([\w-]{1,20})$", space)
        return [], f"it is of release {release[1]}, not 2016-06" if release else "it names no release"
    pattern = _pattern(root, 0)
    if len(pattern) > _MAX_LENGTH:
        return [], f"it has more than {_MAX_LENGTH:,} characters of parts that differ"
    return list(_judged(pattern)), ""


def _pattern(element: Element, depth: int) -> str:
    """Write an element with what the model does not judge evened out, and siblings that have become equal once."""
    tag = str(element.tag).removeprefix(f"{{{_RELEASE}}}")
    if tag.startswith("{") or depth > _MAX_DEPTH:
        return ""  # of another name space, or inside of what the model cannot know
    attributes = "".join(
        f" {name}={quoteattr('x' if name in _FREE else _value(text))}"
        for name, text in element.items()
        if not name.startswith("{")
    )
    if tag == "XMLAnnotation":
        return f"<{tag}{attributes}><Value/></{tag}>"  # what is in it is free by the model
    text = (element.text or "").strip()
    parts = dict.fromkeys(_pattern(child, depth + 1) for child in element)
    inside = "".join(parts) + ("x" if text and tag in _FREE else escape(_value(text)))
    space = "" if depth else f' xmlns="{_RELEASE}"'
    return f"<{tag}{space}{attributes}>{inside}</{tag}>"


def _value(text: str) -> str:
    """Keep what the model can judge: of a number its kind and sign, of an id, a UUID and a date the form."""
    if re.match(r"\d{4}-\d\d|urn:uuid:", text):
        return re.sub(r"\d", "1", re.sub(r"(?<=uuid:)[\da-fA-F-]+", lambda m: re.sub(r"\w", "1", m[0]), text))[:200]
    if re.match(r"\w+:", text):
        return re.sub(r"\d+", "1", text)[:200]
    try:
        number = float(text)
    except ValueError:
        return text[:200]
    if text.strip().lstrip("+-").isdecimal():
        return "0" if number == 0 else "1" if number > 0 else "-1"
    if not isfinite(number):
        return text
    return "0.0" if number == 0 else "-1.5" if number < 0 else "0.5" if number <= 1 else "1.5"


@lru_cache(maxsize=256)
def _judged(pattern: str) -> tuple[str, ...]:
    import warnings

    from ome_types import from_xml

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            from_xml(pattern)
        except Exception as problem:  # noqa: BLE001 - parser and model raise their own kinds
            return tuple(_readable(problem))
    ids = [re.search(r"invalid (\w+?)ID '", str(w.message)) for w in said]
    return tuple(dict.fromkeys(f"{found[1]}: the ID has not the form the model asks for" for found in ids if found))


def _readable(problem: Exception) -> list[str]:
    """Say what is wrong without repeating a value: it may be a name or a date."""
    from pydantic import ValidationError

    if isinstance(problem, ValidationError):
        wrong = [(_camel(str(each["loc"][-1] if each["loc"] else "")), each) for each in problem.errors()]
        lines = [
            f"{problem.title}: {name} is missing"
            if each["type"] == "missing"
            else f"{problem.title}: {name}: {_bounded(each['msg'])}"
            for name, each in wrong
        ]
        return lines[:_SHOWN] + ([f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else [])
    unknown = re.search(r"Unknown property (?:\{[^}]*\})?(\w+):(?:\{[^}]*\})?(\w+)", str(problem))
    if unknown:
        return [f"{unknown[1][:60]}: the model has no {unknown[2][:60]} here"]
    return [f"the model cannot read it ({type(problem).__name__})"]


def _camel(name: str) -> str:
    return {"id": "ID", "ifd": "IFD", "uuid": "UUID"}.get(name, "".join(part.capitalize() for part in name.split("_")))


def _bounded(text: str) -> str:
    return text[0].lower() + text[1:160] + ("..." if len(text) > 160 else "") if text else ""
