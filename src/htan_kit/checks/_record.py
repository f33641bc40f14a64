"""Whether the manifest describes the image that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.findings import Findings, warning

if TYPE_CHECKING:
    from htan_kit.io import Image
    from htan_kit.io.manifest import Record

__all__ = ["check_record"]


def check_record(record: Record, image: Image) -> Findings:
    """Compare a Level 2 record with its image.

    Parameters
    ----------
    record
        The manifest row.
    image
        The opened image.

    Returns
    -------
    Findings where SizeX, SizeY or SizeC of the record are not the image's.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._record import check_record
    >>> sample = hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]
    >>> len(check_record(sample.unit.level2, hk.read_image(sample.image)))
    0
    """
    found = Findings()
    samples = 3 if image.is_rgb else image.n_channels
    for names, real in (
        (("SIZE_X", "SizeX"), {image.width}),
        (("SIZE_Y", "SizeY"), {image.height}),
        (("SIZE_C", "SizeC"), {image.n_channels, samples}),
    ):
        written = next((record.attributes[name] for name in names if name in record.attributes), "")
        if written.strip().isdecimal() and int(written) not in real:
            message = f"{names[0]} is {written}, the image has {max(real)}."
            hint = "Correct the manifest, or the file it names."
            found.append(warning("manifest.size", record.source, message, hint))
    return found
