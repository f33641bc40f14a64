"""Opening an image as a mask: which channel, and whether it can hold labels at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError
from htan_kit.findings import Findings, report, warning
from htan_kit.io._labels import is_picture, labels_of, probability_map
from htan_kit.io._object_class import choose_class
from htan_kit.io._one_channel import one_channel
from htan_kit.io.formats import _zarr
from htan_kit.io.formats._zarr_node import label_names
from htan_kit.io.formats._zarr_tree import open_tree
from htan_kit.io.image import Image, read_image

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

__all__ = ["classes_in", "open_mask_file"]

_OF_AN_IMAGE: Final = {"image.ome-xml", "image.axes"}  # rules on Level 2 files that a plain TIFF mask need not keep
_LOSSY: Final = {
    "jpeg", "ojpeg", "jpeg_99", "alt_jpeg", "jpeg_lossy", "jpeg_2000_lossy", "aperio_jp2000_ycbc",
    "aperio_jp2000_rgb", "jpegxr_ndpi",
}  # fmt: skip
_PERHAPS_LOSSY: Final = {"jpeg2000", "jpegxr", "jpegxl", "jpegxl_dng", "webp", "webp_deprecated", "lerc", "jetraw"}
_SOURCE: Final = "HTAN Manual, Level 3"
_CHOOSE: Final = 'Choose one: read_mask(path, object_class="..."), --mask NAME.'
_SAMPLE_SIDE: Final = 512
_ENOUGH: Final = 0.1  # share of a sample that is no background, to judge all by it
_SAMPLE_BYTES: Final = 32 * 2**20  # a stored piece that is larger is not decoded to have a look at it


def open_mask_file(path: Path, object_class: str | int | None, z: int | None, findings: Findings | None) -> Image:
    """Open an image as a mask, and look at some of its pixels.

    Parameters
    ----------
    path
        The file.
    object_class
        Name or 0-based index of the channel; None where there is one.
    z
        0-based plane of a stack.
    findings
        Where to collect what is odd but usable.

    Returns
    -------
    An image of one channel.

    Raises
    ------
    InputError
        It holds no labels, or no channel is chosen of several.
    """
    found = Findings()
    try:
        path, object_class = _label_image(path, object_class)
        image = read_image(path, z=z, findings=found)
    except InputError as problem:
        raise _as_mask(problem) from problem
    for finding in found:
        if finding.rule not in _OF_AN_IMAGE:
            report(findings, finding)
    if image.is_rgb:
        message = "The mask is a colour picture, not labels."
        raise InputError.of("mask.labels", image.path, message, "Export labels, not an overlay.", _SOURCE)
    image = _one_class(image, object_class)
    _check_compression(image, findings)
    if image.dtype.kind == "f":
        message = f"Labels are stored as {image.dtype}; they are read as whole numbers."
        report(findings, warning("mask.float", image.path, message, "Write them as uint16 or uint32.", _SOURCE))
    _look(image)
    return image


def classes_in(path: Path) -> list[str]:
    """Name the classes of objects that an image holds, as far as its header says.

    Parameters
    ----------
    path
        The file or folder.

    Returns
    -------
    Names of its channels where there are several, or of the label images in it.

    Raises
    ------
    InputError
        It cannot be read.
    """
    if _zarr.matches(path) and (inside := label_names(path)):
        return [name.rpartition("/")[2] for name in inside]
    image = read_image(path, findings=Findings())
    return [name for name in image.channel_names if name] if image.n_channels > 1 and not image.is_rgb else []


def _as_mask(problem: InputError) -> InputError:
    hint = "A mask is one plane: choose one with z= where it is a stack, or export one plane a class of objects."
    found = problem.findings
    return InputError(*(replace(f, rule="mask.stack", hint=hint) if f.rule == "image.axes" else f for f in found))


def _label_image(path: Path, wanted: str | int | None) -> tuple[Path, str | int | None]:
    """Step into an OME-Zarr folder with label images beside its pixels; what was chosen by it is not asked again."""
    inside = label_names(path) if _zarr.matches(path) else []
    if not inside:
        return path, wanted
    names = [name.rpartition("/")[2] for name in inside]
    places = choose_class(names, wanted) if isinstance(wanted, str) else [0] if len(names) == 1 else []
    if len(places) == 1:
        return open_tree(path).place(inside[places[0]]), None
    listed = ", ".join(name[:60] for name in names[:20])
    what = "" if wanted is None else f"; none is {str(wanted)[:60]!r}"
    message = f"The folder has {len(names)} label images: {listed}{what}."
    raise InputError.of("mask.object-class", path, message, _CHOOSE, _SOURCE)


def _one_class(image: Image, wanted: str | int | None) -> Image:
    n, names = image.n_channels, image.channel_names
    if n == 1 and wanted is None:
        return image
    if isinstance(wanted, str) and not wanted.strip().isdecimal():
        places = choose_class(names, wanted)
        if n == 1 and names[0] is None:
            places = [0]  # the file does not say of what it is the mask
    else:
        places = [] if wanted is None or not 0 <= int(wanted) < n else [int(wanted)]
    if len(places) == 1:
        return image if n == 1 else one_channel(image, places[0])
    listed = ", ".join(f"{i} {name[:60]!r}" if name else str(i) for i, name in enumerate(names[:20]))
    listed += ", ..." if n > 20 else ""
    what = "" if wanted is None else f"; {'several are' if places else 'none is'} {str(wanted)[:60]!r}"
    message = f"The mask has {n} {'channel' if n == 1 else 'channels'}, one an object type ({listed}){what}."
    raise InputError.of("mask.object-class", image.path, message, _CHOOSE, _SOURCE)


def _check_compression(image: Image, findings: Findings | None) -> None:
    name, hint = image.compression.casefold(), "Export it again without loss: deflate, LZW or zstd."
    if name in _LOSSY and image.dtype.itemsize == 1:
        message = f"The mask was compressed with loss ({name[:40]}): along every border labels became other labels."
        raise InputError.of("mask.lossy", image.path, message, hint, _SOURCE)
    if name in _LOSSY | _PERHAPS_LOSSY:
        message = f"The mask's compression ({name[:40]}) may lose information; labels must be kept exactly."
        report(findings, warning("mask.lossy", image.path, message, hint, _SOURCE))


def _look(image: Image) -> None:
    """Refuse a picture or a probability map before it is taken for a million objects."""
    piece = image.tile_shape[0] * image.tile_shape[1] * image.dtype.itemsize
    if piece > _SAMPLE_BYTES or image.dtype.kind == "b":
        return
    for y, x in ((0.5, 0.5), (0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)):
        labels = _sample(image, y, x)
        if labels is None:
            return
        if is_picture(labels):
            message = "Values change from pixel to pixel: it is a picture or a probability map, not labels of objects."
            raise probability_map(image.path, message)
        if (labels != 0).mean() > _ENOUGH:
            return


def _sample(image: Image, y: float, x: float) -> np.ndarray | None:
    """Read about 512 x 512 px; None where they cannot be decoded, which is said when the mask is used."""
    (rows, columns), side = image.tile_shape, _SAMPLE_SIDE
    top = int(image.height * y) // rows * rows
    left = int(image.width * x) // columns * columns
    try:
        values = image.read([0], (top, top + side, left, left + side))[0]
    except InputError:
        return None
    return labels_of(values, image.path)
