"""HTAN's requirements on the header of a Level 2 image, and on how its pixels are stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from htan_kit.checks._ome import problems_of
from htan_kit.checks._requirement import SOURCE, broken, some
from htan_kit.findings import Finding, Findings, info

if TYPE_CHECKING:
    from htan_kit.io import Image

__all__ = ["check_image"]

_LARGE_PX: Final = 2048  # below this a viewer needs neither tiles nor a pyramid (kit default)
_BESIDE: Final = re.compile(r"label|macro|thumbnail|overview", re.IGNORECASE)  # pictures of the slide, not scenes
_GENERIC: Final = re.compile(r"(channel|ch|c|image|unnamed)?[\s_:.-]*\d+([\s_:.-]+\d+)*", re.IGNORECASE)


def check_image(image: Image, *, phase: int | None = 2) -> Findings:
    """Check what the header of an image says and how its pixels are stored.

    Parameters
    ----------
    image
        The opened image.
    phase
        HTAN phase of its records; None without records, when HTAN's rules do not bind it: a MUST is a warning then, a
        SHOULD a note.

    Returns
    -------
    Findings ``htan2.l2.*``: OME-TIFF (SHOULD) with valid OME-XML (MUST) of one scene, one field and one file (MUST),
    tiles and a pyramid that ends before it is smaller than a tile (SHOULD), channel names (SHOULD), no
    StructuredAnnotations (SHOULD NOT). Tiles and pyramid of an image below 2048 px are a note. Dates and names are
    :func:`check_deidentification`'s.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy, Imaging Level 2.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._image import check_image
    >>> len(check_image(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")).errors)
    0
    """
    found = Findings([*_stored(image, phase), *_names(image, phase)])
    if image.ome is None:
        if phase is not None:
            message = "There is no OME-XML in the first page of the file."
            hint = "Write an OME-TIFF (bioformats2raw and raw2ometiff, or tifffile)."
            found.append(broken("htan2.l2.ome-tiff", image.path.name, message, hint, phase=phase))
        return found
    found.extend([*_header(image, phase), *_scenes(image, phase)])
    return found


def _stored(image: Image, phase: int | None) -> list[Finding]:
    name, found = image.path.name, []
    if not image.tiled:
        message = "Pixels are stored in strips, not tiles."
        found.append(broken("htan2.l2.tiled", name, message, "Write tiles.", phase=phase))
    if len(image.levels) == 1:
        message = "There is no pyramid."
        found.append(broken("htan2.l2.pyramid", name, message, "Write SubIFD levels.", phase=phase))
    if max(image.height, image.width) <= _LARGE_PX:
        found = [info(f.rule, f.subject, f.message, f.hint, f.source) for f in found]
    rows, columns = image.tile_shape
    smallest = image.levels[-1]
    if len(image.levels) > 1 and image.tiled and smallest.height < rows and smallest.width < columns:
        message = (
            f"The smallest level is {smallest.height} x {smallest.width} px, less than a tile ({rows} x {columns})."
        )
        hint = "Leave out the levels that are smaller than a tile."
        found.append(broken("htan2.l2.smallest-level", name, message, hint, phase=phase))
    return found


def _names(image: Image, phase: int | None) -> list[Finding]:
    if image.is_rgb:
        return []
    missing = sum(channel is None for channel in image.channel_names)
    generic = [name for name in image.channel_names if name and _GENERIC.fullmatch(name.strip())]
    said = []
    if missing:
        said.append(f"{missing} of {image.n_channels} channels have no name in the header.")
    if generic and len(generic) * 2 > image.n_channels:
        said.append(f"{len(generic)} names do not tell the marker: {some(generic)}.")
    rule, hint = "htan2.l2.channel-names", "Write the names of the channel table into Channel/@Name."
    return [broken(rule, image.path.name, " ".join(said), hint, phase=phase)] if said else []


def _header(image: Image, phase: int | None) -> list[Finding]:
    ome, name, found = image.ome, image.path.name, []
    if ome is None:
        return []
    problems, unchecked = problems_of(ome.xml)
    if problems:
        message = f"The OME-XML is not valid: {'; '.join(problems)}."
        found.append(broken("htan2.l2.ome-xml-valid", name, message, "Write the header again.", phase=phase))
    if unchecked:
        message = f"Whether the OME-XML is valid was not checked: {unchecked}."
        found.append(info("htan2.l2.ome-xml-valid", name, message, "Write the header in release 2016-06.", SOURCE))
    if ome.annotations:
        message = "The OME-XML holds StructuredAnnotations."
        hint = "Remove them before submission."
        found.append(broken("htan2.l2.no-annotations", name, message, hint, phase=phase))
    if len(ome.filenames) > 1:
        message = f"The planes of the image lie in {len(ome.filenames)} files: {some(ome.filenames)}."
        hint = "Write all channels, time points and z planes of the image into one file."
        found.append(broken("htan2.l2.one-file", name, message, hint, phase=phase))
    return found


def _scenes(image: Image, phase: int | None) -> list[Finding]:
    """Tell fields (images of one size) and scenes (of other sizes) from levels of a pyramid and slide pictures."""
    if image.ome is None or len(image.ome.sizes) < 2:
        return []
    (first, *others), (_, *names) = image.ome.sizes, image.ome.image_names
    pictures = [size for size, name in zip(others, names, strict=True) if not _BESIDE.search(name)]
    fields = [size for size in pictures if size == first]
    scenes = [size for size in pictures if size != first and not _is_level(first, size)]
    found = []
    if fields:
        message = f"The file holds {len(fields) + 1} images of {first[0]} x {first[1]} px (width x height)."
        hint = "Write every field of view into a file of its own."
        found.append(broken("htan2.l2.one-field", image.path.name, message, hint, phase=phase))
    if scenes:
        message = f"The file holds {len(scenes) + 1} images of different sizes."
        hint = "Write every scene into a file of its own."
        found.append(broken("htan2.l2.one-scene", image.path.name, message, hint, phase=phase))
    return found


def _is_level(full: tuple[int, int], small: tuple[int, int]) -> bool:
    """Tell whether a size can be the other's, made smaller: sides are rounded at every halving."""
    if not all(small) or not all(s < f for s, f in zip(small, full, strict=True)):
        return False
    factor = max(full) / max(small)
    return all(abs(f / factor - s) <= 1.5 for f, s in zip(full, small, strict=True))
