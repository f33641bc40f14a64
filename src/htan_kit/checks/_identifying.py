"""What identifies a person, as the requirement of HTAN it breaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from htan_kit.checks._deidentification import check_deidentification
from htan_kit.checks._requirement import SOURCE, broken
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from htan_kit.checks._files import Files
    from htan_kit.findings import Finding

__all__ = ["check_identifying"]

_DATES: Final = "deid.dates"
_PEOPLE: Final = ("deid.names", "deid.e-mail")


def check_identifying(files: Files) -> Findings:
    """Look for dates, names and their like in every file of a sample.

    Parameters
    ----------
    files
        The opened files of the sample.

    Returns
    -------
    What :func:`check_deidentification` finds. With HTAN records, findings on an image or a mask bear the id of the
    requirement they break: ``htan2.l2.no-dates``, ``htan2.l2.no-experimenter``, ``htan2.l2.de-identified``,
    ``htan2.l3.de-identified``; ``htan2.l2.no-acquisition-date`` and ``htan2.l2.no-annotation-dates`` say which dates.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy: de-identification.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._files import open_files
    >>> from htan_kit.checks._identifying import check_identifying
    >>> sample = hk.open_cohort(hk.datasets.sample())["HTA200_2_D1"]
    >>> [finding.rule for finding in check_identifying(open_files(sample))]
    ['htan2.l2.no-dates', 'htan2.l2.no-acquisition-date']
    """
    phase, sample, found = files.phase, files.sample, Findings()
    image = [] if sample.image is None else [sample.image]
    if phase is None:
        return _found([*image, *sample.masks.values(), *sample.table], None)
    for finding in _found(image, phase):
        found.extend(_of_image(finding, phase))
    for finding in _found(sample.masks.values(), phase):
        found.append(replace(finding, rule="htan2.l3.de-identified", source=SOURCE))
    return found + _found(sample.table, phase)


def _found(paths: Iterable[Path], phase: int | None) -> Findings:
    """Look into files; one that cannot be read has been reported where it was opened."""
    found = check_deidentification(*dict.fromkeys(paths), phase=phase)
    return Findings(finding for finding in found if finding.rule.startswith("deid."))


def _of_image(finding: Finding, phase: int) -> Iterable[Finding]:
    """Give a finding the id of its requirement; the places in its message say which."""
    places, subject = finding.message, finding.subject
    if finding.rule == _DATES:
        yield replace(finding, rule="htan2.l2.no-dates", source=SOURCE)
        if "AcquisitionDate" in places:
            message = "The OME-XML has an AcquisitionDate."
            yield broken("htan2.l2.no-acquisition-date", subject, message, finding.hint, phase=phase)
        if "StructuredAnnotations" in places:
            message = "The StructuredAnnotations of the OME-XML hold a date."
            yield broken("htan2.l2.no-annotation-dates", subject, message, finding.hint, phase=phase)
    elif finding.rule in _PEOPLE and "Experimenter" in places:
        yield replace(finding, rule="htan2.l2.no-experimenter", source=SOURCE)
    else:
        yield replace(finding, rule="htan2.l2.de-identified", source=SOURCE)
