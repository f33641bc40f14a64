"""One way to ask whether files keep the rules and belong together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit._keys import Key
from htan_kit.assemble._sources import open_sources
from htan_kit.checks._image import check_image
from htan_kit.checks._record import check_record
from htan_kit.cohort import Cohort, Sample, open_cohort
from htan_kit.errors import InputError
from htan_kit.findings import Findings

if TYPE_CHECKING:
    import os

    from anndata import AnnData

__all__ = ["check"]


def check(target: Cohort | Sample | AnnData | str | os.PathLike[str]) -> Findings:
    """Check files against HTAN's rules and against each other.

    Parameters
    ----------
    target
        A cohort, a sample, an AnnData that :func:`htan_kit.read` made (what was found then), or a path that
        :func:`htan_kit.open_cohort` opens.

    Returns
    -------
    All findings; a file that cannot be read is one of them.

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
    if isinstance(target, Sample):
        return _sample(target)
    if isinstance(target, Cohort):
        found = Findings(target.findings)
        for sample in target.samples:
            found.extend(_sample(sample))
        return found
    if hasattr(target, "uns"):
        blocks = target.uns.get(Key.uns.kit, {}).values()
        return Findings(finding for block in blocks for finding in Findings.from_json(block["findings"]))
    return check(open_cohort(Path(target)))


def _sample(sample: Sample) -> Findings:
    found = Findings(sample.findings)
    try:
        sources = open_sources(sample)
    except InputError as problem:
        found.extend(problem.findings)
        return found
    found.extend(sources.findings)
    if sources.image is not None:
        found.extend(check_image(sources.image, htan=sample.unit is not None))
        if sample.unit is not None and sample.unit.level2 is not None:
            found.extend(check_record(sample.unit.level2, sources.image))
    return found
