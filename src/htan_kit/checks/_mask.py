"""HTAN's requirements on Level 3 masks, as far as their headers tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.checks._requirement import broken, some
from htan_kit.findings import Findings
from htan_kit.io.outlines import is_outlines

if TYPE_CHECKING:
    from htan_kit.checks._files import Files

__all__ = ["check_masks"]


def check_masks(files: Files) -> Findings:
    """Check the masks of a sample.

    Parameters
    ----------
    files
        The opened files of the sample.

    Returns
    -------
    Findings ``htan2.l3.tiff`` (MUST be a TIFF), ``htan2.l3.labels`` (SHOULD be whole numbers of one channel) and
    ``htan2.l3.object-types`` (MAY have an object type a channel).

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy, Imaging Level 3.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> from htan_kit.checks._mask import check_masks
    >>> len(check_masks(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])))
    0
    """
    found, phase = Findings(), files.phase
    no_tiff = {f.subject for f in files.findings if f.rule == "image.tiff"}
    for name, path in files.sample.masks.items():
        mask = files.masks.get(name)
        if mask is None:
            if phase is not None and (str(path) in no_tiff or is_outlines(path)):
                message = "The mask is neither an OME-TIFF nor a TIFF."
                found.append(broken("htan2.l3.tiff", path.name, message, "Write it as OME-TIFF.", phase=phase))
            continue
        if mask.is_rgb:
            message = "The mask is a colour picture: three values a pixel, no labels."
            hint = "Export the labels, not an overlay."
            found.append(broken("htan2.l3.labels", path.name, message, hint, phase=phase))
        elif mask.dtype.kind not in "ui":
            message = f"Labels are stored as {mask.dtype}, not as whole numbers."
            hint = "Write them as uint16 or uint32; --pixels tells whether a value is fractional."
            found.append(broken("htan2.l3.labels", path.name, message, hint, phase=phase))
        if mask.n_channels > 1:
            names = some(text or "unnamed" for text in mask.channel_names)
            message = f"The mask has {mask.n_channels} channels ({names}), one an object type; HTAN allows it."
            hint = "Choose one by its name: --mask NAME."
            found.append(broken("htan2.l3.object-types", path.name, message, hint, phase=phase))
    return found
