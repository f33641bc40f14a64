"""Every record of a sample, held against the model it claims to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.checks._files import Shared
from htan_kit.checks._miti import check_miti_file
from htan_kit.findings import Findings
from htan_kit.models import validate_record

if TYPE_CHECKING:
    from htan_kit.cohort import Sample
    from htan_kit.io.manifest import Record

__all__ = ["check_metadata"]


def check_metadata(sample: Sample, *, shared: Shared | None = None) -> Findings:
    """Validate the HTAN records of a sample, row by row, and its MITI record.

    Parameters
    ----------
    sample
        The sample; without records there is nothing to say.
    shared
        What has been judged for other samples: a record that several samples have in common (participant,
        biospecimen, panel) is judged once.

    Returns
    -------
    Findings ``<model>.<component>.<attribute>.<what>``, with the severity the model itself has.

    References
    ----------
    ncihtan/data-models (phase 1), ncihtan/htan2-data-model (phase 2), miti-consortium/MITI.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.checks._metadata import check_metadata
    >>> len(check_metadata(hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"]).errors)
    0
    """
    unit, found = sample.unit, Findings()
    seen = (shared or Shared()).records
    for record in () if unit is None else (*unit.ancestors, *unit.files, *unit.channels):
        if id(record) not in seen:
            seen.add(id(record))
            found.extend(_judged(record))
    if sample.miti is not None:
        found.extend(check_miti_file(sample.miti))
    return found


def _judged(record: Record) -> Findings:
    return validate_record(f"htan{record.phase}", record.component, record.attributes, subject=record.source)
