"""One way to ask whether files keep the rules and belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.checks._adata import check_adata
from htan_kit.checks._brightfield import check_brightfield
from htan_kit.checks._channels import check_channels
from htan_kit.checks._files import Shared, open_files
from htan_kit.checks._identifying import check_identifying
from htan_kit.checks._image import check_image
from htan_kit.checks._mask import check_masks
from htan_kit.checks._metadata import check_metadata
from htan_kit.checks._pixels import check_pixels
from htan_kit.checks._record import check_records
from htan_kit.checks._table import check_tables
from htan_kit.cohort import Cohort, Sample, open_cohort
from htan_kit.findings import Findings, error

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from anndata import AnnData

__all__ = ["check", "check_each"]


def check(
    target: Cohort | Sample | AnnData | str | os.PathLike[str], *, pixels: bool = False, mask: str = ""
) -> Findings:
    """Check files against HTAN's rules, their records against the models, and all of them against each other.

    Parameters
    ----------
    target
        A cohort, a sample, an AnnData that :func:`htan_kit.read` made (what was found then, and the metadata it
        carries now), or a path that :func:`htan_kit.open_cohort` opens.
    pixels
        Whether to go over masks and tables too: are the rows of the table the objects of the mask? Without, headers
        are read, manifests, and the ids of tables up to 32 MB.
    mask
        Where the target is a path: which mask to use where an image has several.

    Returns
    -------
    All findings; a file that cannot be read is one of them. :func:`htan_kit.checks.rules` lists the rules.

    Raises
    ------
    InputError
        The path cannot be opened as a cohort at all.

    References
    ----------
    HTAN Manual, data submission, multiplex microscopy.

    Examples
    --------
    >>> import htan_kit as hk
    >>> findings = hk.check(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"])
    >>> len(findings.errors)
    0
    """
    if not isinstance(target, Cohort | Sample) and hasattr(target, "uns"):
        return check_adata(target)
    each = check_each(target, pixels=pixels, mask=mask)
    return Findings(finding for _, found in each for finding in found)


def check_each(
    target: Cohort | Sample | str | os.PathLike[str], *, pixels: bool = False, mask: str = ""
) -> Iterator[tuple[str, Findings]]:
    """Check sample by sample, so that the first answer does not wait for the last.

    Parameters
    ----------
    target
        A cohort, a sample, or a path that :func:`htan_kit.open_cohort` opens.
    pixels
        Whether to go over masks and tables too.
    mask
        Where the target is a path: which mask to use where an image has several.

    Yields
    ------
    The library id and what was found; first, with the id ``""``, what concerns the cohort as a whole.

    Raises
    ------
    InputError
        The path cannot be opened as a cohort at all.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks import check_each
    >>> [library_id for library_id, findings in check_each(hk.datasets.sample())][:2]
    ['', 'HTA200_1_D1']
    """
    if isinstance(target, Sample):
        yield target.library_id, _sample(target, Shared(), pixels=pixels)
        return
    cohort = target if isinstance(target, Cohort) else open_cohort(target, mask=mask)
    yield "", Findings(cohort.findings)
    shared = Shared()
    for sample in cohort.samples:
        yield sample.library_id, _sample(sample, shared, pixels=pixels)


def _sample(sample: Sample, shared: Shared, *, pixels: bool) -> Findings:
    if not sample.levels:
        nothing = error("sample.files", sample.name, "The sample has neither image, mask nor table.", "Give one.")
        return sample.findings + Findings([nothing]) + check_metadata(sample, shared=shared)
    files = open_files(sample, shared=shared)
    found = Findings(files.findings)
    if files.image is not None:
        found.extend(check_image(files.image, phase=files.phase))
    for part in (check_channels, check_masks, check_tables, check_brightfield, check_records, check_identifying):
        found.extend(part(files))
    found.extend(check_metadata(sample, shared=shared))
    if pixels:
        found.extend(check_pixels(files))
    return found
