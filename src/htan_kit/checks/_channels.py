"""HTAN's requirements on channel metadata: a CSV beside the image that says what its header says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.checks._requirement import broken, some
from htan_kit.findings import Finding, Findings

if TYPE_CHECKING:
    import pandas as pd

    from htan_kit.checks._files import Files

__all__ = ["check_channels"]

_CONTRADICTIONS: Final = {
    "channels.count": "it lists more channels than the image has",
    "channels.swapped": "ids and names contradict each other",
    "channels.row-without-plane": "some of its rows are in no channel of the image",
    "channels.plane-without-row": "some channels of the image are not in it",
}
"""What reconciling reports where the table does not describe the image."""


def check_channels(files: Files) -> Findings:
    """Check that a Level 2 image has its channel metadata, and that they are those of its header.

    Parameters
    ----------
    files
        The opened files of a sample; only one with HTAN records is under these rules.

    Returns
    -------
    Findings ``htan2.channels.csv``, ``htan2.channels.match-header`` (MUST) and ``htan2.l2.channel-names`` (SHOULD).
    What differs, channel by channel, is in the findings ``channels.*`` of :func:`htan_kit.channels.reconcile`.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy, channel metadata.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._channels import check_channels
    >>> from htan_kit.checks._files import open_files
    >>> len(check_channels(open_files(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])))
    0
    """
    sample, image, phase = files.sample, files.image, files.phase
    if phase is None or image is None or image.is_rgb:
        return Findings()
    found = Findings()
    if sample.channels is None:
        message = "No channel metadata belong to the image."
        hint = "Put the channel table beside it as CSV, and name it (phase 1) or its panel (phase 2) in the manifest."
        return Findings([broken("htan2.channels.csv", image.path.name, message, hint, phase=phase)])
    name = sample.channels.name
    if sample.channels.suffix.lower() != ".csv":
        message = f"The channel metadata are a {sample.channels.suffix.lstrip('.') or 'nameless'} file, not a CSV."
        found.append(broken("htan2.channels.csv", name, message, "Save the table as CSV.", phase=phase))
    wrong = [_CONTRADICTIONS[rule] for rule in dict.fromkeys(f.rule for f in files.findings) if rule in _CONTRADICTIONS]
    if wrong:
        message = f"The channel table does not match the header of {image.path.name}: {'; '.join(wrong)}."
        hint = "The findings channels.* say which."
        found.append(broken("htan2.channels.match-header", name, message, hint, phase=phase))
    if files.channel_frame is not None:
        found.extend(_names(files.channel_frame, name, phase))
    return found


def _names(frame: pd.DataFrame, subject: str, phase: int | None) -> list[Finding]:
    columns = (frame[name].tolist() for name in ("matched_by", "image_name", "channel_name"))
    differ = [
        f"{image!r} in the header, {table!r} in the table"
        for how, image, table in zip(*columns, strict=True)
        if how in ("id", "order") and isinstance(image, str) and image != table
    ]
    if not differ:
        return []
    message = f"Names of {len(differ)} channels differ: {some(differ)}."
    return [broken("htan2.l2.channel-names", subject, message, "Use the same names in both.", phase=phase)]
