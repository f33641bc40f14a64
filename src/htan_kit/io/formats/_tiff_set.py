"""Which TIFF to open for a path, and the OME-XML that describes it: both may be another file's, in a set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from htan_kit.errors import InputError
from htan_kit.io._paths import is_file, is_remote
from htan_kit.io._tiff import check_companions, open_tiff
from htan_kit.io.ome import parse_xml, read_ome_xml

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree.ElementTree import Element  # a type; parsing is defusedxml's

    from htan_kit.io.ome import OmeHeader

__all__ = ["Entry", "entry_of"]

_DOCUMENTS = {".ome", ".xml"}
_MAX_XML = 64 * 2**20
_TOGETHER = "Put all files of the image beside each other."
_SHOWN = 5
_UUID = re.compile(r"<(?:\w+:)?UUID\b[^<>]*?(?:/>|>[^<]*</(?:\w+:)?UUID\s*>)")
"""The element in TiffData that names another file."""


class Entry(NamedTuple):
    """The TIFF to open, its OME header, and the document that tifffile is to believe instead of the file's own."""

    path: Path
    ome: OmeHeader | None
    xml: str | None


def entry_of(path: Path) -> Entry:
    """Find where to begin: at a TIFF, at the document of a set, or at any member of the set.

    Parameters
    ----------
    path
        A TIFF file, or an OME-XML document (``.companion.ome``).

    Returns
    -------
    What to open.

    Raises
    ------
    InputError
        A file of the set is missing or lies elsewhere, or the OME-XML cannot be read.

    References
    ----------
    OME-TIFF specification, "Multi-file OME-TIFF filesets" and "BinaryOnly".

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io.formats._tiff_set import entry_of
    >>> entry = entry_of(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")
    >>> entry.ome.channels[0].name, entry.xml
    ('DNA_1', None)
    """
    if path.suffix.lower() in _DOCUMENTS and is_file(path):
        return _of_document(path, _text(path))
    own = _description(path)
    if not own:
        return Entry(path, None, None)
    elsewhere = _elsewhere(own, path)
    if elsewhere is None:
        return _of_member(path, own)
    if is_remote(path) or not elsewhere or {"/", "\\"} & set(elsewhere) or elsewhere == "..":
        message = f"The OME-XML only points to {elsewhere[:200]!r}, which describes the image."
        raise InputError.of("image.ome-xml", path, message, _TOGETHER)
    document = path.parent / elsewhere
    if not is_file(document):
        message = f"The OME-XML only points to {elsewhere[:200]!r}, which describes the image and is not here."
        raise InputError.of("image.ome-xml", path, message, _TOGETHER)
    if document.resolve().parent not in {path.parent.resolve(), path.resolve().parent}:
        message = f"Its OME-XML names {elsewhere[:100]!r}, a link to a file outside the folder; that is not followed."
        raise InputError.of("image.ome-xml", path, message, _TOGETHER)
    if document.suffix.lower() in _DOCUMENTS:
        return _of_document(document, _text(document))
    return _of_member(document, _description(document))


def _of_member(path: Path, text: str) -> Entry:
    """Begin at a TIFF that has the whole document."""
    ome = read_ome_xml(text, path)
    if len(ome.filenames) == 1:  # all pixels are in one file: this one, whatever it was called when it was written
        return Entry(path, ome, _UUID.sub("", text))
    _check_members(path, ome)
    return Entry(path, ome, None)


def _of_document(path: Path, text: str) -> Entry:
    """Begin at a document: open the first TIFF that it names."""
    ome = read_ome_xml(text, path)
    if not ome.filenames:
        message = "This OME-XML names no file that holds the pixels."
        raise InputError.of("image.ome-xml", path, message, "Name the TIFF file.")
    _check_members(path, ome)
    first = path.parent / ome.filenames[0]
    return Entry(first, ome, _UUID.sub("", text) if len(ome.filenames) == 1 else text)


def _check_members(path: Path, ome: OmeHeader) -> None:
    if is_remote(path):
        check_companions(path, ome.filenames)
        return
    missing = [name for name in ome.filenames if name != path.name and not is_file(path.parent / name)]
    if missing:
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        names = ", ".join(name[:100] for name in missing[:_SHOWN])
        message = f"{len(missing)} of the {len(ome.filenames)} files that hold the image are not here: {names}{more}."
        raise InputError.of("image.truncated", path, message, _TOGETHER)
    check_companions(path, ome.filenames)


def _description(path: Path) -> str:
    """Read the OME-XML of a TIFF, empty where it has none."""
    with open_tiff(path) as tiff:
        text = tiff.pages.first.description if tiff.pages else ""
    return text if text and "<OME" in text[:4096] and text.rstrip().endswith("OME>") else ""


def _elsewhere(text: str, path: Path) -> str | None:
    """Tell which file describes the image, where this one does not."""
    if "BinaryOnly" not in text:
        return None
    root = parse_xml(text, path)
    found = next((e for e in root if _tag(e) == "BinaryOnly"), None)
    return None if found is None or any(_tag(e) == "Image" for e in root) else found.get("MetadataFile", "")


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_XML + 1)
    except OSError as problem:
        message = f"It cannot be read: {problem.strerror}."
        raise InputError.of("file.exists", path, message, "Check the path.") from None
    if raw[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        message = "This is a TIFF file with the name of a document."
        raise InputError.of("image.ome-xml", path, message, "Give it the ending .ome.tif.")
    return raw.decode("utf-8-sig", errors="replace")
