"""How the pixels of a TIFF lie: which stored plane is which channel, and does the OME-XML agree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile

    from htan_kit.io._ifds import TiffMap
    from htan_kit.io._store import Choice
    from htan_kit.io.formats._tiff_stack import Stack
    from htan_kit.io.ome import OmeHeader

__all__ = ["OME_TYPES", "Layout", "Stored", "check_header", "downsample", "layout_of"]

_PAGES = "QI"  # tifffile's names for an axis that the file does not explain: its pages
_RGB, _YCBCR = 2, 6  # TIFF 6.0, PhotometricInterpretation
_OTHER_COLOURS = {5: "CMYK", 8: "CIE L*a*b*", 9: "ICC L*a*b*", 10: "ITU L*a*b*", 32803: "a colour filter array"}
_JPEG = {6, 7, 34892, 33007}  # these decode YCbCr to RGB
OME_TYPES = {
    "uint8": "uint8", "uint16": "uint16", "uint32": "uint32", "int8": "int8", "int16": "int16", "int32": "int32",
    "float": "float32", "double": "float64",
}  # fmt: skip
_MAX_FRAMES = 100_000_000  # tifffile lists a frame for each page-sized piece of the size the OME-XML gives
_TOP_LEFT = 1
_MOST_SAMPLES = 4096
_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274
_HINT = "Export one plane a channel (a projection or one z plane)."


class Stored(NamedTuple):
    """A stored plane: the page of a level it is in, its number among the planes of that page, and its channels."""

    page: int
    number: int
    channels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which stored planes are the image's channels; ``unexplained`` says that the file does not tell what they are."""

    is_rgb: bool
    n_channels: int
    planes: tuple[Stored, ...]
    unexplained: bool


def layout_of(stack: Stack, choice: Choice, path: Path) -> Layout:
    """Find the channels of an image.

    Parameters
    ----------
    stack
        The image.
    choice
        Which z and t plane is meant.
    path
        Its name, for messages.

    Returns
    -------
    The layout.

    Raises
    ------
    InputError
        It is a stack of which no plane was chosen, its axes cannot be read as one plane a channel, its rows or columns
        run the other way, or its colours are not RGB.

    Examples
    --------
    >>> import tempfile, numpy, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.io._layout import layout_of
    >>> from htan_kit.io._store import Choice
    >>> from htan_kit.io.formats._tiff_stack import stacks_of
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, numpy.zeros((2, 8, 9), "uint8"), photometric="minisblack", metadata={"axes": "CYX"})
    >>> with tifffile.TiffFile(path) as tiff:
    ...     layout_of(stacks_of(tiff, [path])[0], Choice(), path).planes
    (Stored(page=0, number=0, channels=(0,)), Stored(page=1, number=0, channels=(1,)))
    """
    page = stack.page
    _check_page(page, path)
    own = [(axis, int(n)) for axis, n in zip(page.axes, page.shape, strict=True) if n != 1 or axis in "YX"]
    first = len(stack.axes) - len(own)
    before = dict(zip(stack.axes[:first], stack.shape[:first], strict=True))
    inside = list(zip(stack.axes[first:], stack.shape[first:], strict=True))
    fits = (
        first >= 0
        and {b for b, _ in own} <= set("YXS")
        and all(n == m and a in ("SC" if b == "S" else b) for (a, n), (b, m) in zip(inside, own, strict=True))
    )
    if not fits or len(before) != first or "S" in before:
        message = f"Axes {stack.axes} {stack.shape} are not channels of one image (a page is {page.axes} {page.shape})."
        raise InputError.of("image.axes", path, message, _HINT)
    for axis, wanted in (("Z", choice.z), ("T", choice.t)):
        if wanted and axis not in before:
            message = f"There is no plane {axis.lower()}={wanted}: the image has one plane along {axis}."
            raise InputError.of("image.axes", path, message, f"Leave out {axis.lower()}=.")
    at = {axis: _chosen(axis, n, choice, path, stack) for axis, n in before.items() if axis not in "C" + _PAGES}
    along = [axis for axis in before if axis in "C" + _PAGES]
    n_samples = dict(own).get("S", 1)
    is_rgb = n_samples in (3, 4) and int(page.photometric) in (_RGB, _YCBCR)
    n_channels = before[along[0]] if along else 1
    if len(along) > 1 or (n_samples > 1 and n_channels > 1):
        message = f"Axes {stack.axes} {stack.shape} are not channels of one image."
        raise InputError.of("image.axes", path, message, _HINT)
    places = [_ravel({**at, **dict.fromkeys(along, c)}, before) for c in range(n_channels)]
    n_pages = len(stack.levels[0].pages)
    run = math.prod(before.values()) != n_pages
    if run and n_pages != 1:
        message = f"Axes {stack.axes} {stack.shape} are in {n_pages} pages, which do not fit them."
        raise InputError.of("image.axes", path, message, "Write the image again.")
    planes: list[Stored] = []
    kept = min(n_samples, 3) if is_rgb else n_samples
    for c, place in enumerate(places):  # one directory may stand for all planes: they follow each other
        directory, number = (0, place) if run else (place, 0)
        if n_samples == 1:
            planes.append(Stored(directory, number, (c,)))
        elif int(page.planarconfig) == 2:
            planes += [Stored(directory, number * n_samples + s, (s,)) for s in range(kept)]
        else:
            planes.append(Stored(directory, number, tuple(range(kept))))
    total = 1 if is_rgb else n_channels * n_samples
    return Layout(is_rgb, total, tuple(planes), bool(along) and along[0] in _PAGES)


def _ravel(at: dict[str, int], sizes: dict[str, int]) -> int:
    place = 0
    for axis, n in sizes.items():
        place = place * n + at.get(axis, 0)
    return place


def _chosen(axis: str, n: int, choice: Choice, path: Path, stack: Stack) -> int:
    """Tell which plane of a stack was asked for; raises InputError where none was, or there is none such."""
    wanted = {"Z": choice.z, "T": choice.t}.get(axis)
    if wanted is None:
        hint = f"{_HINT[:-1]}, or choose: hk.read_image(path, {axis.lower()}=0)." if axis in "ZT" else _HINT
        if stack.kind == "imagej" and axis in "ZT" and "C" not in stack.axes:
            hint += " ImageJ calls the stack z or t; if they are channels, write it with a channel axis."
        message = f"One plane a channel is expected, found axes {stack.axes} ({n} along {axis})."
        raise InputError.of("image.axes", path, message, hint)
    if not 0 <= wanted < n:
        message = f"There is no plane {axis.lower()}={wanted}; there are {n}, 0 to {n - 1}."
        raise InputError.of("image.axes", path, message, "Choose one of them.")
    return wanted


def _check_page(page: Any, path: Path) -> None:
    if page.dtype is None or page.dtype.kind not in "buif":
        raise InputError.of(
            "image.axes", path, f"Pixels of type {page.dtype} cannot be read.", "Write the image again."
        )
    if page.samplesperpixel > _MOST_SAMPLES:
        message = f"A page claims {page.samplesperpixel:,} values a pixel; {_MOST_SAMPLES:,} is the most."
        raise InputError.of("image.axes", path, message, "Write the image again, one plane a channel.")
    orientation = page.tags.valueof(_ORIENTATION, _TOP_LEFT)
    if orientation != _TOP_LEFT:
        message = f"Its rows or columns are stored turned or mirrored (TIFF Orientation {str(orientation)[:20]})."
        hint = "Tools disagree on what that means: save the image upright, with Orientation 1, and its mask likewise."
        raise InputError.of("image.orientation", path, message, hint)
    photometric = int(page.photometric)
    raw_ycbcr = photometric == _YCBCR and int(page.compression) not in _JPEG and page.samplesperpixel > 1
    colours = "YCbCr without JPEG" if raw_ycbcr else _OTHER_COLOURS.get(photometric)
    if colours and page.samplesperpixel > 1:
        raise InputError.of("image.axes", path, f"Its colours are {colours}, not RGB.", "Save it as RGB.")


def downsample(full: tuple[int, int], small: tuple[int, int]) -> float:
    """Tell the factor meant: sizes are rounded, so 301 px over 151 px is 2 and not 1.99.

    Parameters
    ----------
    full, small
        Height and width in px of level 0 and of the level.

    Returns
    -------
    How many level-0 pixels a pixel spans.

    Examples
    --------
    >>> from htan_kit.io._layout import downsample
    >>> downsample((301, 400), (151, 200))
    2.0
    """
    meant = round(max(full) / max(small))
    fits = all(n // meant <= m <= -(-n // meant) for n, m in zip(full, small, strict=True)) if meant else False
    return float(meant) if fits else max(full) / max(small)


def check_header(tiff: TiffFile, tiff_map: TiffMap | None, ome: OmeHeader, path: Path, findings: Findings) -> None:
    """Raise InputError where the OME-XML contradicts the pages, before tifffile believes it.

    Parameters
    ----------
    tiff, tiff_map
        The open file and its directories.
    ome
        What its OME-XML says of the first image.
    path
        Its name, for messages.
    findings
        Where to say that the type of the pixels is another.

    Raises
    ------
    InputError
        Sizes or the number of planes are not those of the pages.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io._layout import check_header
    >>> from htan_kit.io._tiff import check_whole, open_tiff
    >>> path = hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff"
    >>> with open_tiff(path) as tiff:
    ...     check_header(tiff, check_whole(tiff, path), hk.read_image(path).ome, path, Findings())
    """
    page = tiff.pages.first
    written = {axis: ome.size(axis) for axis in "XYCZT"}
    samples = page.samplesperpixel if page.samplesperpixel > 1 else 1
    problems = [
        f"Size{axis} {written[axis]}, the pixels {real}"
        for axis, real in (("X", page.imagewidth), ("Y", page.imagelength))
        if written[axis] is not None and written[axis] != real
    ]
    planes = (written["C"] or 1) * (written["Z"] or 1) * (written["T"] or 1)
    if len(ome.filenames) < 2:
        stored = len(tiff.pages) * samples
        # Pyramids of before SubIFDs keep their levels as pages or as further images: more pages is no contradiction.
        if stored < planes:
            problems.append(f"{planes} planes (SizeC x SizeZ x SizeT), the file {stored}")
    if ome.most_pixels > _MAX_FRAMES:  # else no page can be too small
        areas = [m.number(d, _WIDTH, 1) * m.number(d, _HEIGHT, 1) for m in (tiff_map,) if m for d in m.pages]
        smallest = max(min(areas, default=1), 1)
        if ome.most_pixels > _MAX_FRAMES * smallest:
            problems.append(f"an image of {ome.most_pixels:,} values, in pages as small as {smallest:,} px")
    if problems:
        message = f"The OME-XML contradicts the pixels: it says {'; '.join(problems)}."
        hint = "The header belongs to another file: write the image again, or correct its header."
        raise InputError.of("image.ome-contradicts-pixels", path, message, hint)
    pixel_type = ome.pixels.get("Type", "")
    if OME_TYPES.get(pixel_type, str(page.dtype)) != str(page.dtype):
        message = f"The OME-XML says pixels are {pixel_type[:40]!r}, they are {page.dtype}; the pixels are believed."
        findings.append(warning("image.pixel-type", path, message, "Correct the header."))
