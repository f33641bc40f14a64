"""How the pixels of a TIFF lie: which axis is the channel, what a stored chunk is, and does the OME-XML agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.findings import Findings, info, warning
from htan_kit.io._directories import sparse_pieces
from htan_kit.io._tiff import check_companions

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile

    from htan_kit.io.ome import OmeHeader

__all__ = ["OME_TYPES", "Layout", "layout_of"]

_PAGES = "QI"  # tifffile's names for an axis that the file does not explain: its pages
_COLOURS = {2, 6}  # TIFF PhotometricInterpretation RGB, YCbCr
OME_TYPES = {
    "uint8": "uint8", "uint16": "uint16", "uint32": "uint32", "int8": "int8", "int16": "int16", "int32": "int32",
    "float": "float32", "double": "float64",
}  # fmt: skip
_MAX_FRAMES = 100_000_000  # tifffile lists a frame for each page-sized piece of the size the OME-XML gives


@dataclass(frozen=True, slots=True)
class Layout:
    """Axes of the stored array, its chunk (height, width) in px, how it is stored, and its series in the file."""

    axes: str
    is_rgb: bool
    n_channels: int
    dtype: str
    chunk: tuple[int, int]
    tiled: bool
    compression: str
    series: int = 0


def layout_of(
    tiff: TiffFile, ome: OmeHeader | None, path: Path, findings: Findings
) -> tuple[Layout, list[tuple[int, int, float]]]:
    """Find the layout of an open TIFF and the sizes of its pyramid levels.

    Parameters
    ----------
    tiff
        The open file.
    ome
        Its OME header, None when it has none.
    path
        Its name, for messages.
    findings
        Where to put what is odd.

    Returns
    -------
    The layout, and (height, width, downsample) of each level.

    Raises
    ------
    InputError
        The OME-XML contradicts the pixels, or the axes cannot be read as one plane a channel.

    Examples
    --------
    >>> import tempfile, numpy, tifffile
    >>> from pathlib import Path
    >>> from htan_kit.findings import Findings
    >>> from htan_kit.io._layout import layout_of
    >>> path = Path(tempfile.mkdtemp()) / "a.tif"
    >>> tifffile.imwrite(path, numpy.zeros((2, 8, 9), "uint8"), photometric="minisblack")
    >>> with tifffile.TiffFile(path) as tiff:
    ...     layout, levels = layout_of(tiff, None, path, Findings())
    >>> layout.n_channels, levels
    (2, [(8, 9, 1.0)])
    """
    if ome is not None:
        check_companions(path, ome.filenames)
        _check_header(tiff, ome, path, findings)
    hint = "Export one plane a channel (a projection or one z plane)."
    try:
        series = tiff.series[0]
        axes, shape, page = series.axes, series.shape, series.keyframe
        sizes = [(level.shape[level.axes.index("Y")], level.shape[level.axes.index("X")]) for level in series.levels]
        missing = sum(page is None for page in series.pages)
    except Exception as problem:  # noqa: BLE001 - a damaged file fails in any of a dozen ways
        message = f"The TIFF or its OME-XML is damaged ({type(problem).__name__}: {str(problem)[:200]})."
        raise InputError.of("image.truncated", path, message, "Write the image again.") from None
    if missing:
        message = f"{missing} of the planes are in no file here: the OME-XML says they lie in other files."
        raise InputError.of("image.truncated", path, message, "Put all files of the image beside each other.")
    if series.kind == "imagej" and {"Z", "T"} & set(axes) and "C" not in axes:
        hint = "ImageJ calls the stack z or t: write it with a channel axis."
    stacked = {axis: n for axis, n in zip(axes, shape, strict=True) if axis not in "CYXS" + _PAGES and n > 1}
    if stacked:
        found = ", ".join(f"{n} along {axis}" for axis, n in stacked.items())
        raise InputError.of("image.axes", path, f"One plane a channel is expected, found axes {axes} ({found}).", hint)
    is_rgb = "S" in axes and int(page.photometric) in _COLOURS and page.samplesperpixel >= 3
    channel_axes = [a for a in axes if a in "C" + _PAGES or (a == "S" and not is_rgb)]
    n_channels = shape[axes.index(channel_axes[0])] if channel_axes else 1
    if len(channel_axes) > 1 or (is_rgb and n_channels > 1) or not {"Y", "X"} <= set(axes):
        raise InputError.of("image.axes", path, f"Axes {axes} {shape} are not channels of one image.", hint)
    if channel_axes and channel_axes[0] in _PAGES:
        message = f"The file does not say what its {n_channels} pages are; they are taken as channels in page order."
        findings.append(warning("image.axes", path, message, "Write an OME-TIFF with channel names."))
    if len(tiff.series) > 1:
        message = f"The file holds {len(tiff.series)} images; the first is read."
        findings.append(info("image.series", path, message, "Level 2 is one file a scene.", "HTAN Manual, Level 2"))
    strip = (min(page.rowsperstrip, page.imagelength), page.imagewidth)
    chunk = (page.tilelength, page.tilewidth) if page.is_tiled else strip
    layout = Layout(axes, is_rgb, n_channels, series.dtype.str, chunk, page.is_tiled, _name(page.compression))
    if series.dtype.kind not in "buif" or min(*chunk, *(side for size in sizes for side in size)) < 1:
        message = f"Pixels of type {series.dtype} in pieces of {chunk[0]} x {chunk[1]} px cannot be read."
        raise InputError.of("image.axes", path, message, "Write the image again.")
    sparse_pieces(series, path, findings)
    return layout, [(h, w, _downsample(sizes[0], (h, w))) for h, w in sizes]


def _downsample(full: tuple[int, int], small: tuple[int, int]) -> float:
    """Tell the factor meant: sizes are rounded, so 301 px over 151 px is 2 and not 1.99."""
    meant = round(max(full) / max(small))
    fits = all(n // meant <= m <= -(-n // meant) for n, m in zip(full, small, strict=True)) if meant else False
    return float(meant) if fits else max(full) / max(small)


def _name(compression: Any) -> str:  # an enum, or the bare number of a scheme tifffile does not know
    return str(getattr(compression, "name", compression)).lower()


def _check_header(tiff: TiffFile, ome: OmeHeader, path: Path, findings: Findings) -> None:
    page = tiff.pages.first
    written = {axis: ome.size(axis) for axis in "XYCZT"}
    n_pages = len(tiff.pages)
    samples = page.samplesperpixel if page.samplesperpixel > 1 else 1
    problems = [
        f"Size{axis} {written[axis]}, the pixels {real}"
        for axis, real in (("X", page.imagewidth), ("Y", page.imagelength))
        if written[axis] is not None and written[axis] != real
    ]
    planes = (written["C"] or 1) * (written["Z"] or 1) * (written["T"] or 1)
    if not ome.filenames or len(ome.filenames) == 1:
        stored = n_pages * samples
        # Pyramids of before SubIFDs keep their levels as pages or as further images: more pages is no contradiction.
        if stored < planes:
            problems.append(f"{planes} planes (SizeC x SizeZ x SizeT), the file {stored}")
    if ome.most_pixels > _MAX_FRAMES:  # else no page can be too small
        areas = [getattr(page, "imagewidth", 0) * getattr(page, "imagelength", 0) for page in tiff.pages]
        smallest = min(area for area in areas if area) if any(areas) else 1
        if ome.most_pixels > _MAX_FRAMES * smallest:
            problems.append(f"an image of {ome.most_pixels:,} values, in pages as small as {smallest:,} px")
    if problems:
        message = f"The OME-XML contradicts the pixels: it says {'; '.join(problems)}."
        hint = "The header belongs to another file: write the image again, or correct its header."
        raise InputError.of("image.ome-contradicts-pixels", path, message, hint)
    pixel_type = ome.pixels.get("Type", "")
    if OME_TYPES.get(pixel_type, str(page.dtype)) != str(page.dtype):
        message = f"The OME-XML says pixels are {pixel_type!r}, they are {page.dtype}; the pixels are believed."
        findings.append(warning("image.pixel-type", path, message, "Correct the header."))
