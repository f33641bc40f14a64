"""HTAN's requirements on brightfield images: colour is three samples of one channel, and the image is Level 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.checks._requirement import broken
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from htan_kit.checks._files import Files
    from htan_kit.io.manifest import Record

__all__ = ["check_brightfield"]

_COLOURS: Final = ["red", "green", "blue"]
_STAINING: Final = ("STAINING_METHOD", "IMAGING_ASSAY_TYPE", "Imaging Assay Type")
_BRIGHTFIELD: Final = {"h&e", "he", "hematoxylin and eosin", "haematoxylin and eosin", "hematoxylin and eosin staining"}


def check_brightfield(files: Files) -> Findings:
    """Check how brightfield images are stored.

    Parameters
    ----------
    files
        The opened files of a sample.

    Returns
    -------
    Findings ``htan2.dp.rgb`` (SHOULD be three samples a pixel, RGB or YCbCr), ``htan2.dp.three-channels`` (SHOULD NOT
    be three channels), ``htan2.dp.level2`` (MUST be registered as Level 2). Brightfield is what the records call
    DigitalPathology or H&E, and any image whose channels are named red, green and blue.

    References
    ----------
    HTAN Manual, data submission, digital pathology.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._brightfield import check_brightfield
    >>> from htan_kit.checks._files import open_files
    >>> len(check_brightfield(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D5"])))
    0
    """
    found, phase, image, unit = Findings(), files.phase, files.image, files.sample.unit
    if image is not None and not image.is_rgb:
        named = [str(name).strip().lower() for name in image.channel_names] == _COLOURS
        said = _says_brightfield(unit.level2 if unit else None) or (files.sample.assay or "").casefold() in _BRIGHTFIELD
        if named or (said and image.n_channels == 3):
            message = "Red, green and blue are three channels; brightfield should be one channel of three samples."
            hint = "Write SamplesPerPixel=3, photometric RGB or YCbCr."
            found.append(broken("htan2.dp.three-channels", image.path.name, message, hint, phase=phase))
        elif said:
            message = f"A brightfield image is stored as {image.n_channels} channels of one sample, not in colour."
            hint = "Write SamplesPerPixel=3, photometric RGB or YCbCr."
            found.append(broken("htan2.dp.rgb", image.path.name, message, hint, phase=phase))
    for record in () if unit is None else (*unit.level3, *unit.level4):
        name = record.filename.replace("\\", "/").rpartition("/")[2]
        picture = next((mask for mask in files.masks.values() if mask.path.name == name), None)
        if picture is not None and picture.is_rgb and _says_brightfield(record):
            message = f"A brightfield image is registered as Level {record.level}."
            hint = "Register it as Imaging Level 2 (phase 2: DigitalPathology)."
            found.append(broken("htan2.dp.level2", record.source, message, hint, phase=phase))
    return found


def _says_brightfield(record: Record | None) -> bool:
    if record is None:
        return False
    said = (record.attributes.get(name, "").strip().casefold() for name in _STAINING)
    return record.component == "DigitalPathology" or any(text in _BRIGHTFIELD for text in said)
