"""Pyramids of before SubIFDs: their levels are further pages, or further images, of the file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from htan_kit.findings import Findings, info
from htan_kit.io.formats._tiff_stack import Place, StoredLevel

if TYPE_CHECKING:
    from pathlib import Path

    from htan_kit.io._ifds import Directory, TiffMap
    from htan_kit.io.formats._tiff_stack import Stack

__all__ = ["with_old_levels"]

_WIDTH, _HEIGHT, _BITS, _SAMPLES = 256, 257, 258, 277


def with_old_levels(stacks: list[Stack], tiff_map: TiffMap | None, path: Path, findings: Findings) -> list[Stack]:
    """Put the levels of an OME-TIFF that stand beside it where they belong.

    An image, or a run of as many pages, is a level where it is a whole number of times smaller in both directions, has
    the same planes, and the same name up to its number.

    Parameters
    ----------
    stacks
        The images of the file.
    tiff_map
        Its directories.
    path
        The file, for messages.
    findings
        Where to say what was taken for a level.

    Returns
    -------
    The images, fewer where some were levels.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io.formats._tiff_levels import with_old_levels
    >>> with_old_levels([], None, Path("a.ome.tif"), Findings())
    []
    """
    if not stacks or stacks[0].kind != "ome":
        return stacks
    found: list[Stack] = []
    for stack in stacks:
        if found and _is_level(found[-1], stack):
            found[-1] = replace(found[-1], levels=(*found[-1].levels, *stack.levels))
        else:
            found.append(stack)
    if len(found) < len(stacks):
        message = f"{len(stacks) - len(found)} of the {len(stacks)} images are smaller copies; taken as pyramid levels."
        findings.append(info("image.series", path, message, "Newer writers keep levels in SubIFDs."))
    if len(found) == 1 and len(found[0].levels) == 1 and tiff_map is not None:
        found[0] = replace(found[0], levels=(found[0].levels[0], *_further_pages(found[0], tiff_map)))
    return found


def _is_level(full: Stack, small: Stack) -> bool:
    return (
        len(small.levels) == 1
        and _planes(full) == _planes(small)
        and full.page.dtype == small.page.dtype
        and _word(full.name) == _word(small.name)
        and _is_smaller(full.levels[-1], small.levels[0])
    )


def _planes(stack: Stack) -> list[tuple[str, int]]:
    return [(axis, 0 if axis in "YX" else n) for axis, n in zip(stack.axes, stack.shape, strict=True)]


def _word(name: str) -> str:
    return re.sub(r"[\W\d_]+", "", name)


def _is_smaller(full: StoredLevel, small: StoredLevel) -> bool:
    factor = round(full.height / small.height) if small.height else 0
    pairs = ((full.height, small.height), (full.width, small.width))
    return factor > 1 and all(abs(whole / factor - part) <= 1 for whole, part in pairs)


def _further_pages(stack: Stack, tiff_map: TiffMap) -> list[StoredLevel]:
    level = stack.levels[0]
    used = {page.directory for page in level.pages if page is not None and page.file == 0}
    first = next((d for d in tiff_map.pages if d.offset in used), None)
    if first is None:
        return []
    rest = [d for d in tiff_map.pages if d.offset not in used]
    n, found = len(level.pages), []

    def form(directory: Directory) -> tuple[int, int]:
        return tiff_map.number(directory, _BITS, 1), tiff_map.number(directory, _SAMPLES, 1)

    for start in range(0, len(rest) - n + 1, n):
        group = rest[start : start + n]
        sizes = {(tiff_map.number(d, _HEIGHT, 0), tiff_map.number(d, _WIDTH, 0)) for d in group}
        small = StoredLevel(*next(iter(sizes)), tuple(Place(0, d.offset) for d in group))
        if len(sizes) > 1 or {form(d) for d in group} != {form(first)} or not _is_smaller(level, small):
            break
        found.append(small)
        level = small
    return found
