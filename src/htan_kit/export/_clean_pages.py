"""Which pages of which files make the clean copy, and what is written about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.export._clean_ome import Planes, clean_ome, planes_of
from htan_kit.export._clean_text import clean_description
from htan_kit.export._clean_tiff import Page
from htan_kit.io._ifds import map_tiff
from htan_kit.io._paths import is_file
from htan_kit.io._private_text import local_name, parse_xml
from htan_kit.io._private_tiff import slide_label_pages
from htan_kit.io._tiff import check_companions, check_whole, open_tiff

if TYPE_CHECKING:
    from collections.abc import Container
    from contextlib import ExitStack
    from pathlib import Path
    from xml.etree.ElementTree import Element  # a type; parsing is defusedxml's

    from tifffile import TiffFile

    from htan_kit.io._ifds import Directory, TiffMap

__all__ = ["Plan", "Sizes", "read_pages", "sizes_of"]

_DESCRIPTION, _WIDTH, _HEIGHT = 270, 256, 257
_QPI = b"PerkinElmer-QPI"  # by this Software readers know the format
_VENDORS = {
    "ndpi": "Hamamatsu NDPI", "scn": "Leica SCN", "bif": "Ventana BIF", "philips": "Philips", "lsm": "Zeiss LSM",
    "stk": "MetaMorph STK", "fluoview": "Olympus FluoView", "mdgel": "MD Gel", "sis": "Olympus SIS",
    "indica": "Indica Labs", "mmstack": "Micro-Manager", "micromanager": "Micro-Manager", "ndtiff": "NDTiff",
    "scanimage": "ScanImage", "avs": "Argos AVS", "eer": "Thermo EER", "nih": "NIH Image",
}  # fmt: skip
_MAX_XML = 64 * 2**20
_TO_OME = "Convert it to OME-TIFF first (bioformats2raw and raw2ometiff), and clean that."

Sizes = list[tuple[str, int, tuple[int, ...]]]
"""Of each image: type of its pixels, how many values, and how many in each level."""


@dataclass(frozen=True)
class Plan:
    """The pages of the copy, in order; what is dropped, in words; the sizes its images must have, where known.

    ``header`` is the OME-XML document that the pages are described in, where it is a file of its own.
    """

    pages: list[Page]
    dropped: tuple[str, ...]
    sizes: Sizes | None
    header: Path | None = None


def read_pages(image: Path, stack: ExitStack) -> Plan:
    """Plan the clean copy of an image.

    Parameters
    ----------
    image
        A TIFF file, or an OME-XML document that names its TIFF files.
    stack
        Closes the opened files.

    Returns
    -------
    The plan; no pixel was read.

    Raises
    ------
    InputError
        The image cannot be read, or is of a format that cannot be cleaned.
    """
    if is_file(image) and image.suffix.lower() in {".ome", ".xml"}:
        return _of_document(image, stack)
    with open_tiff(image) as tiff:
        check_whole(tiff, image)
        vendor = next((name for flag, name in _VENDORS.items() if getattr(tiff, f"is_{flag}", False)), None)
    if vendor:
        message = f"This is a {vendor} file: its pages have no meaning without the vendor's own tags."
        raise InputError.of("clean.format", image, message, _TO_OME)
    source = stack.enter_context(map_tiff(image))
    text = source.text(source.pages[0][_DESCRIPTION])
    return _of_ome(text, source, stack) if "<OME" in text[:4096] else _of_plain(source)


def sizes_of(path: Path, without: Container[int | str] = ()) -> Sizes:
    """Measure the images of a TIFF file as tifffile sees them.

    Parameters
    ----------
    path
        The file.
    without
        Numbers or names of images to leave out.

    Returns
    -------
    Type, size and sizes of the levels of each image.
    """
    with open_tiff(path) as tiff:
        return [
            (str(series.dtype), int(series.size), tuple(int(level.size) for level in series.levels))
            for number, series in enumerate(tiff.series)
            if number not in without and series.name not in without
        ]


def _of_plain(source: TiffMap) -> Plan:
    labels = slide_label_pages(source)
    with open_tiff(source.path) as tiff:
        tails = _tails(tiff)
    pages = []
    for number, directory in enumerate(source.pages):
        if number not in labels:
            text = source.text(directory[_DESCRIPTION])
            page = _page(source, directory, clean_description(text))
            page.software = _QPI if "<PerkinElmer-QPI" in text[:500] else None
            page.tail = tails.get(number, 0)
            pages.append(page)
    if not pages:
        raise InputError.of("clean.label", source.path, "The file holds nothing but pictures of a slide's label.")
    dropped = tuple(f"page {number + 1}, a picture of the slide's label ({why})" for number, why in labels.items())
    by_name = set(labels.values()) <= {"Aperio", "QPTIFF"}  # tifffile knows what these are called
    return Plan(pages, dropped, sizes_of(source.path, {"Label", "Macro"} if labels else ()) if by_name else None)


def _tails(tiff: TiffFile) -> dict[int, int]:
    """Find the planes that follow a page without directories of their own, as bytes."""
    tails = {}
    for series in tiff.series:
        page: Any = series.pages[0]
        if series.kind in {"imagej", "shaped"} and len(series.pages) == 1 and series.is_truncated:
            tails[int(page.index)] = int(series.nbytes) - int(page.nbytes)
    return tails


def _page(source: TiffMap, directory: Directory, description: bytes | None = None) -> Page:
    levels = [_page(source, level) for level in directory.levels]
    return Page(source, directory, description, levels=levels)


def _of_ome(text: str, source: TiffMap, stack: ExitStack) -> Plan:
    root = parse_xml(text, source.path)
    only = next((child for child in root if local_name(child.tag) == "BinaryOnly"), None)
    if only is not None:
        name = only.get("MetadataFile", "")
        companion = source.path.parent / name
        if not name or "/" in name or "\\" in name or not is_file(companion):
            message = "Its metadata are in another file, which is not beside it."
            raise InputError.of(
                "clean.companion", source.path, message, "Put the files of one image beside each other."
            )
        check_companions(source.path, (name,)) if companion.suffix.lower() not in {".ome", ".xml"} else None
        return _of_document(companion, stack)
    images = planes_of(root)
    names = {block.filename for _, blocks, _ in images for block in blocks} - {"", source.path.name}
    if len(names) == 1 and not (source.path.parent / next(iter(names))).exists():
        names = set()  # the file was renamed
    if names:
        plan = _merged(root, source.path, stack)
        return Plan(plan.pages, plan.dropped, sizes_of(source.path, _dropped(images)))
    return _of_one(root, source)


def _dropped(images: list[tuple[Element, list[Planes], bool]]) -> set[int | str]:
    return {number for number, (_, _, label) in enumerate(images) if label}


def _of_one(root: Element, source: TiffMap) -> Plan:
    images = planes_of(root)
    n = len(source.pages)
    runs = {id(image): [_run(block, image, n, source.path) for block in blocks] for image, blocks, _ in images}
    named = {
        label: {
            i
            for image, _, is_label in images
            if is_label is label
            for start, end in runs[id(image)]
            for i in range(start, end)
        }
        for label in (False, True)
    }
    labels = slide_label_pages(source)
    kept = [i for i in range(n) if i in named[False] or (i not in named[True] and not images)]
    sides = {_sides(source, source.pages[i]) for i in kept}
    if images:
        others = [i for i in range(n) if i not in named[False] | named[True]]
        levels = {i for i in others if i not in labels and _is_level(_sides(source, source.pages[i]), sides)}
        kept = sorted({*kept, *levels})
    place = {old: new for new, old in enumerate(kept)}
    dropped = [f"page {i + 1}, {_why(i, named[True], labels)}" for i in range(n) if i not in place]
    if not kept:
        raise InputError.of("clean.label", source.path, "The file holds nothing but pictures of a slide's label.")

    def moved(image: Element) -> list[Planes]:
        blocks = next((blocks for other, blocks, _ in images if other is image), [])
        pairs = zip(blocks, runs.get(id(image), []), strict=True)
        return [Planes("", place[start], end - start, block.position) for block, (start, end) in pairs]

    gone = {id(image) for image, _, label in images if label}
    pages = [_page(source, source.pages[i]) for i in kept]
    pages[0].description = clean_ome(root, lambda image: id(image) not in gone, moved)
    return Plan(pages, tuple(dropped), sizes_of(source.path, _dropped(images)) if images else None)


def _why(page: int, labels: set[int], others: dict[int, str]) -> str:
    if page in labels or page in others:
        return "a picture of the slide's label"
    return "which the OME-XML does not name and which is no smaller copy of one it names"


def _run(block: Planes, image: Element, n_pages: int, path: Path) -> tuple[int, int]:
    """Give the pages of a block: the first, and the one after the last."""
    pixels = next(child for child in image if local_name(child.tag) == "Pixels")
    planes = 1
    for axis in "CZT":
        text = pixels.get(f"Size{axis}", "1")
        planes *= int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else 1
    end = block.first + (block.count or min(planes, n_pages - block.first))
    if not block.first < end <= n_pages:
        message = f"The OME-XML names pages up to {end}, the file has {n_pages}."
        hint = "The header belongs to another file: write the image again."
        raise InputError.of("image.ome-contradicts-pixels", path, message, hint)
    return block.first, end


def _sides(source: TiffMap, directory: Directory) -> tuple[int, int]:
    sides = [source.whole_numbers(directory[code]) for code in (_HEIGHT, _WIDTH)]
    return tuple(int(side[0]) if len(side) else 0 for side in sides)  # type: ignore[return-value]


def _is_level(small: tuple[int, int], full: set[tuple[int, int]]) -> bool:
    """Tell whether a page can be a smaller copy of another: the same shape but for rounding."""
    (height, width) = small
    return any(0 < height <= h and 0 < width <= w and abs(height * w - width * h) <= 1.5 * max(h, w) for h, w in full)


def _of_document(path: Path, stack: ExitStack) -> Plan:
    with path.open("rb") as file:
        text = file.read(_MAX_XML + 1).decode("utf-8-sig", "replace")
    return replace(_merged(parse_xml(text, path), path, stack), header=path)


def _merged(root: Element, path: Path, stack: ExitStack) -> Plan:
    """Plan one file from the planes of several."""
    images = planes_of(root)
    names = tuple(dict.fromkeys(block.filename or path.name for _, blocks, _ in images for block in blocks))
    wrong = [name for name in names if "/" in name or "\\" in name or not is_file(path.parent / name)]
    if wrong or not names:
        message = f"{len(wrong)} of the {len(names)} files that hold its planes are not beside it."
        raise InputError.of("image.truncated", path, message, "Put all files of the image beside each other.")
    check_companions(path, names)
    sources = {name: stack.enter_context(map_tiff(path.parent / name)) for name in names}
    if len({source.order for source in sources.values()}) > 1:
        message = "Its files have different byte orders; they cannot be joined without changing pixels."
        raise InputError.of("clean.format", path, message, _TO_OME)
    pages: list[Page] = []
    moved: dict[int, list[Planes]] = {}
    for image, blocks, label in images:
        for block in blocks if not label else ():
            source = sources[block.filename or path.name]
            start, end = _run(block, image, len(source.pages), source.path)
            moved.setdefault(id(image), []).append(Planes("", len(pages), end - start, block.position))
            pages += [_page(source, source.pages[i]) for i in range(start, end)]
    dropped = tuple("an image of the slide's label" for _, _, label in images if label)
    header = clean_ome(root, lambda image: id(image) in moved, lambda image: moved.get(id(image), []))
    pages[0].description = header
    return Plan(pages, dropped, None)
