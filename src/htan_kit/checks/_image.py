"""HTAN's rules on the header of a Level 2 image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import Findings, error, info, warning

if TYPE_CHECKING:
    from htan_kit.io import Image

__all__ = ["check_image"]

_SOURCE = "HTAN Manual, multiplex microscopy, Level 2"
_LARGE_PX = 2048  # below this a viewer needs neither tiles nor a pyramid (kit default)


def check_image(image: Image, *, htan: bool = True) -> Findings:
    """Check what the header of an image says and how its pixels are stored.

    Parameters
    ----------
    image
        The opened image.
    htan
        Whether it comes with HTAN records; other files break no rule of HTAN, so that a date is only a warning.

    Returns
    -------
    Findings: dates (MUST NOT), StructuredAnnotations (SHOULD NOT), tiles and pyramid (SHOULD), channel names
    (SHOULD), brightfield stored as three channels (SHOULD be samples).

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._image import check_image
    >>> len(check_image(hk.read_image(hk.datasets.sample() / "level2" / "HTA200_1_D1.ome.tiff")).errors)
    0
    """
    name, found = image.path.name, Findings()
    if image.dates:
        message = f"The header holds a date ({image.dates[0]}); HTAN forbids dates in files."
        make = error if htan else warning
        found.append(make("htan2.l2.no-dates", name, message, "Remove it before submission.", _SOURCE))
    if image.ome is not None and image.ome.annotations:
        message = "The OME-XML holds StructuredAnnotations."
        found.append(warning("htan2.l2.no-annotations", name, message, "Remove them before submission.", _SOURCE))
    large = max(image.height, image.width) > _LARGE_PX
    make = warning if large else info
    if not image.tiled:
        found.append(make("htan2.l2.tiled", name, "Pixels are stored in strips, not tiles.", "Write tiles.", _SOURCE))
    if len(image.levels) == 1:
        found.append(make("htan2.l2.pyramid", name, "There is no pyramid.", "Write SubIFD levels.", _SOURCE))
    unnamed = sum(channel is None for channel in image.channel_names)
    if unnamed and not image.is_rgb:
        message = f"{unnamed} of {image.n_channels} channels have no name in the header."
        found.append(warning("htan2.l2.channel-names", name, message, "Write Channel/@Name.", _SOURCE))
    if [str(c).lower() for c in image.channel_names] == ["red", "green", "blue"]:
        message = "Red, green and blue are three channels; brightfield should be one channel of three samples."
        found.append(warning("htan2.l2.brightfield", name, message, "Write SamplesPerPixel=3.", _SOURCE))
    return found
