"""Where private information lies in a TIFF file: tags of every directory, tiles' comments, bytes left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htan_kit.io._ifds import TiffMap, map_tiff
from htan_kit.io._markers import JPEG, JPEG_2000, strip_markers
from htan_kit.io._private import Private, is_slide_label
from htan_kit.io._private_text import private_in_bytes, private_in_text, private_in_xml_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from htan_kit.io._ifds import Directory, Entry

__all__ = ["private_in_tiff", "slide_label_pages", "tag_name"]

_DESCRIPTION, _SUBFILE, _PAGE_NAME, _COMPRESSION, _JPEG_TABLES = 270, 254, 285, 259, 347
_TEXT, _BYTES = 2, {1, 6, 7}
_STRUCTURE = {273, 279, 288, 289, 320, 324, 325, 330, 532, 34675}  # numbers however they are stored; a colour profile
_APERIO_LABEL = re.compile(r"[\r\n ](?:label|macro)\b")
_QPI_TYPE = re.compile(r"<ImageType>\s*([A-Za-z]{1,40})\s*</ImageType>")
_HEAD_BYTES = 2**16  # of a tile: where JPEG keeps its comments
_LEFT_BYTES = 16 * 2**20
_MAX_PIECES = 5_000_000
_MACRO = 8  # bit of NewSubfileType that Aperio sets for the macro picture


def tag_name(code: int) -> str:
    """Give the name of a TIFF tag, ``tag 65000`` where it has none.

    Examples
    --------
    >>> from htan_kit.io._private_tiff import tag_name
    >>> tag_name(306), tag_name(65001)
    ('DateTime', 'tag 65001')
    """
    from tifffile import TIFF

    return str(TIFF.TAGS.get(code, f"tag {code}"))


def private_in_tiff(path: Path) -> Iterator[Private]:
    """Find private information in a TIFF file; pixels are not decoded.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    Kind and place of each: tags of every directory (SubIFDs, EXIF and GPS too), OME-XML and other descriptions,
    pictures of the slide's label, comments of the first tile of each directory, and text in bytes that belong to
    nothing (what editors of headers leave behind; at most 16 MiB of them are looked at).

    Raises
    ------
    InputError
        The file is missing, no TIFF, or damaged.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._private_tiff import private_in_tiff
    >>> list(private_in_tiff(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"))
    []
    """
    with map_tiff(path) as tiff:
        for number, why in slide_label_pages(tiff).items():
            yield Private("label image", f"page {number + 1} ({why})")
        for page in tiff.pages:
            for directory in page.all():
                if directory.place.endswith("GPS") and directory.entries:
                    yield Private("place on earth", directory.place)
                for entry in directory.entries:
                    if entry.kind == _TEXT or entry.kind in _BYTES:
                        yield from _in_entry(tiff, directory, entry)
                yield from _in_first_piece(tiff, directory)
        for start, end in _left_over(tiff):
            tiff.handle.seek(start)
            yield from private_in_bytes(tiff.handle.read(end - start), "bytes that belong to nothing")


def _in_entry(tiff: TiffMap, directory: Directory, entry: Entry) -> Iterator[Private]:
    if entry.code in _STRUCTURE:
        return
    name = tag_name(entry.code)
    place = f"{directory.place}, {name}"
    if entry.code == _JPEG_TABLES:
        for comment in strip_markers(tiff.raw(entry), 7).removed:
            yield from private_in_bytes(comment, place)
    elif entry.kind == _TEXT:
        text = tiff.text(entry)
        if text.lstrip("\ufeff \r\n\t").startswith("<"):
            called = "OME-XML" if "<OME" in text[:4096] else "XML"
            yield from private_in_xml_text(text, directory.place, f"{called} of {name}")
        elif entry.code == _DESCRIPTION:
            yield from private_in_text(text, place)
        elif text.strip("\0 :0"):  # an empty date is written as blanks or zeros
            yield from private_in_text(text, place, name)
    else:
        yield from private_in_bytes(tiff.raw(entry), place, name)


def _in_first_piece(tiff: TiffMap, directory: Directory) -> Iterator[Private]:
    compression = tiff.whole_numbers(directory[_COMPRESSION])
    if not len(compression) or int(compression[0]) not in JPEG | JPEG_2000:
        return
    offsets, counts = tiff.pieces(directory)
    if not len(counts):
        return
    tiff.handle.seek(int(offsets[0]))
    head = tiff.handle.read(min(int(counts[0]), _HEAD_BYTES))
    for comment in strip_markers(head, int(compression[0])).removed:
        yield from private_in_bytes(comment, f"{directory.place}, inside its first tile")


def slide_label_pages(tiff: TiffMap) -> dict[int, str]:
    """Find the pages that show the slide's label, by what vendors write of them.

    Parameters
    ----------
    tiff
        The directories.

    Returns
    -------
    0-based page: why (``Aperio``, ``QPTIFF``, ``named so``). Pictures that only the OME-XML names are not among them.

    References
    ----------
    Aperio's label and macro have NewSubfileType 1 and 9 and ``label``, ``macro`` in their description; Akoya's QPTIFF
    has ``ImageType`` Label, Overview.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._ifds import map_tiff
    >>> from htan_kit.io._private_tiff import slide_label_pages
    >>> with map_tiff(hk.datasets.sample() / "level2" / "HTA200_1_D5.ome.tiff") as tiff:
    ...     slide_label_pages(tiff)
    {}
    """
    found = {}
    aperio = bool(tiff.pages) and tiff.text(tiff.pages[0][_DESCRIPTION], 100).startswith("Aperio")
    for number, page in enumerate(tiff.pages):
        text = tiff.text(page[_DESCRIPTION], 2**16)
        kinds = tiff.whole_numbers(page[_SUBFILE])
        kind = int(kinds[0]) if len(kinds) else 0
        qpi = _QPI_TYPE.search(text)
        tiled = page[324] is not None
        if aperio and number and not tiled and (kind in (1, 9) or _APERIO_LABEL.search(text)):
            found[number] = "Aperio"
        elif qpi and qpi[1].lower() in {"label", "overview", "macro"}:
            found[number] = "QPTIFF"
        elif is_slide_label(text) or is_slide_label(tiff.text(page[_PAGE_NAME], 200)) or (number and kind & _MACRO):
            found[number] = "named so"
    return found


def _left_over(tiff: TiffMap) -> Iterator[tuple[int, int]]:
    """Give the stretches of the file that no directory speaks of, longer than a few bytes."""
    import numpy as np

    starts, ends = [np.zeros(1, np.uint64)], [np.full(1, 16 if tiff.is_big else 8, np.uint64)]
    tag, extra, inline = (20, 16, 8) if tiff.is_big else (12, 6, 4)
    n_pieces = 0
    for page in tiff.pages:
        for directory in page.all():
            own = [(directory.offset, directory.offset + extra + tag * len(directory.entries))]
            own += [(e.offset, e.offset + e.n_bytes) for e in directory.entries if e.n_bytes > inline]
            offsets, counts = tiff.pieces(directory)
            n_pieces += len(counts)
            if n_pieces > _MAX_PIECES:
                return
            starts += [np.array([start for start, _ in own], np.uint64), offsets[: len(counts)]]
            ends += [np.array([end for _, end in own], np.uint64), offsets[: len(counts)] + counts]
    start, end = np.concatenate(starts), np.concatenate(ends)
    order = np.argsort(start)
    start, end = start[order], np.maximum.accumulate(end[order])
    after = np.append(start[1:], np.uint64(tiff.size))
    left = _LEFT_BYTES
    for gap in ((after > end) & (after - end > 8)).nonzero()[0]:
        length = int(after[gap]) - int(end[gap])
        if left > 0:
            yield int(end[gap]), int(end[gap]) + min(length, left)
            left -= length
