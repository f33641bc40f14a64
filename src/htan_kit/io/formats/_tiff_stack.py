"""The images of a TIFF file as tifffile groups its pages: where each page lies, not its pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tifffile import TiffFile, TiffPageSeries

__all__ = ["Place", "Stack", "StoredLevel", "stack_of_pages", "stacks_of"]

_UNNAMED = {"scn"}  # what these call an image may say whose it is
_MOST = 10_000
_SCN_NUMBER = re.compile(r"\b(?:c|z|r|sizeC|sizeZ|ifd)\s*=\s*[\"'](\d+)")
_HINT = "Write the image again, as OME-TIFF."


class Place(NamedTuple):
    """A directory: which of the image's files it lies in, and at which byte."""

    file: int
    directory: int


class StoredLevel(NamedTuple):
    """A level of the pyramid: its size in px and its pages, None for those in a file that is not there."""

    height: int
    width: int
    pages: tuple[Place | None, ...]


@dataclass(frozen=True)
class Stack:
    """One image of a file.

    Parameters
    ----------
    name
        What it is called, ``""`` where it has no name.
    kind
        tifffile's word for how its pages are described.
    axes, shape
        Of all its pages together, without axes of length 1; those of a page come last.
    page
        tifffile's first page, for its tags.
    levels
        Full resolution first.
    number
        Which of tifffile's series it is.
    """

    name: str
    kind: str
    axes: str
    shape: tuple[int, ...]
    page: Any
    levels: tuple[StoredLevel, ...]
    number: int = 0


def stacks_of(tiff: TiffFile, files: list[Path]) -> list[Stack]:
    """Group the pages of a file into images.

    Parameters
    ----------
    tiff
        The open file, checked.
    files
        Holds the file; those that its OME-XML names are added.

    Returns
    -------
    The images in file order.

    Raises
    ------
    InputError
        It holds no image, its tiles overlap, or what describes it is not safe to read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io._tiff import open_tiff
    >>> from htan_kit.io.formats._tiff_stack import stacks_of
    >>> path = hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"
    >>> with open_tiff(path) as tiff:
    ...     stack = stacks_of(tiff, [path])[0]
    >>> stack.axes, len(stack.levels[0].pages) == stack.shape[0]
    ('CYX', True)
    """
    path, index = files[0], {tiff.filehandle.name: 0}
    _refuse(tiff, path)

    def place(page: Any) -> Place | None:
        if page is None:
            return None
        name = page.parent.filehandle.name
        if name not in index:
            index[name] = len(files)
            files.append(path.parent / name)
        return Place(index[name], int(page.offset))

    def level(series: TiffPageSeries) -> StoredLevel:
        sizes = dict(zip(series.axes, series.shape, strict=True))
        return StoredLevel(sizes.get("Y", 0), sizes.get("X", 0), tuple(place(page) for page in series.pages))

    found = []
    for number, series in enumerate(tiff.series):
        axes, shape = _squeezed(series.axes, series.shape)
        name = "" if series.kind in _UNNAMED else series.name
        levels = [level(each) for each in series.levels]
        whole = tuple(each for each in levels if None not in each.pages or each is levels[0])
        found.append(Stack(name, series.kind, axes, shape, series.keyframe, whole, number))
    if not found:
        raise InputError.of("image.truncated", path, "The TIFF file holds no image.", _HINT)
    return _together(found)


def stack_of_pages(tiff: TiffFile, name: str, kind: str, levels: Sequence[Sequence[int]]) -> Stack:
    """Make an image of pages that are its channels; raises InputError where they differ in size or type.

    Parameters
    ----------
    tiff
        The open file.
    name, kind
        Of the image.
    levels
        Page numbers (0-based) of each level, in the order of the channels.

    Returns
    -------
    The image.
    """
    found = []
    for numbers in levels:
        pages: list[Any] = [tiff.pages.get(number) for number in numbers]
        if len({(page.shape, page.dtype) for page in pages}) > 1:
            message = "The pages of its channels differ in size or type."
            raise InputError.of("image.axes", tiff.filehandle.path, message, "Export the image again.")
        places = tuple(Place(0, int(page.offset)) for page in pages)
        found.append(StoredLevel(int(pages[0].imagelength), int(pages[0].imagewidth), places))
    first: Any = tiff.pages.get(levels[0][0])
    axes, shape = _squeezed("C" + first.axes, (len(levels[0]), *first.shape))
    return Stack(name, kind, axes, shape, first, tuple(found))


def _squeezed(axes: str, shape: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    kept = [(a, int(n)) for a, n in zip(axes, shape, strict=True) if n != 1 or a in "YX"]
    return "".join(a for a, _ in kept), tuple(n for _, n in kept)


def _refuse(tiff: TiffFile, path: Path) -> None:
    """Raise where tifffile's own reading would go wrong: it expands entities, and makes lists of any length."""
    text = tiff.pages.first.description if tiff.pages else ""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        message = "The description in the TIFF has a DOCTYPE or entities; these are not resolved, for safety."
        raise InputError.of("image.tiff", path, message, _HINT)
    if tiff.is_scn and any(len(number) > 5 or int(number) > _MOST for number in _SCN_NUMBER.findall(text)):
        raise InputError.of("image.tiff", path, f"The description promises more than {_MOST:,} planes.", _HINT)
    if tiff.is_bif:
        message = "This is a Ventana BIF file, whose tiles overlap and have to be stitched by the vendor's rules."
        raise InputError.of("image.tiff", path, message, "Convert it to OME-TIFF (bioformats2raw and raw2ometiff).")


def _together(stacks: list[Stack]) -> list[Stack]:
    """Take planes that were written one by one, without a word what they are, as one image."""
    first = stacks[0]
    alike = [s for s in stacks if s.kind == "shaped" and not s.name and _form(s) == _form(first) and len(s.levels) == 1]
    if len(alike) < 2 or first not in alike or first.axes not in ("YX", "YXS"):
        return stacks
    pages = tuple(page for s in alike for page in s.levels[0].pages)
    level = first.levels[0]._replace(pages=pages)
    one = replace(first, axes="I" + first.axes, shape=(len(alike), *first.shape), levels=(level,))
    return [one, *(s for s in stacks if s not in alike)]


def _form(stack: Stack) -> tuple[object, ...]:
    return stack.axes, stack.shape, stack.page.dtype, int(stack.page.photometric)
