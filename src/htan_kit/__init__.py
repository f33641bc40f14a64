"""Multiplexed tissue imaging, Levels 2 to 4, as one AnnData with its metadata.

>>> import htan_kit as hk
>>> cohort = hk.open_cohort(hk.datasets.sample())
>>> adata = hk.read(cohort["HTA200_1_D1"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from htan_kit import datasets, models, pl, qc, report, tl
    from htan_kit.assemble import concat, measure, miti, quantify, read
    from htan_kit.batch import open_results, open_run, run
    from htan_kit.checks import check
    from htan_kit.cohort import Cohort, Sample, open_cohort
    from htan_kit.errors import InputError
    from htan_kit.export import to_spatialdata
    from htan_kit.findings import Finding, Findings
    from htan_kit.io import read_channels, read_image, read_manifest, read_mask, read_table

_PUBLIC = {
    "Cohort": "htan_kit.cohort",
    "Finding": "htan_kit.findings",
    "Findings": "htan_kit.findings",
    "InputError": "htan_kit.errors",
    "Sample": "htan_kit.cohort",
    "check": "htan_kit.checks",
    "concat": "htan_kit.assemble",
    "measure": "htan_kit.assemble",
    "miti": "htan_kit.assemble",
    "open_cohort": "htan_kit.cohort",
    "open_results": "htan_kit.batch",
    "open_run": "htan_kit.batch",
    "quantify": "htan_kit.assemble",
    "read": "htan_kit.assemble",
    "read_channels": "htan_kit.io",
    "read_image": "htan_kit.io",
    "read_manifest": "htan_kit.io",
    "read_mask": "htan_kit.io",
    "read_table": "htan_kit.io",
    "run": "htan_kit.batch",
    "to_spatialdata": "htan_kit.export",
}
_ROOMS = ("datasets", "models", "pl", "qc", "report", "tl")

__all__ = [  # noqa: PLE0604, RUF100 - a test holds it against the two above
    "Cohort", "Finding", "Findings", "InputError", "Sample", "check", "concat", "datasets", "measure", "miti",
    "models", "open_cohort", "open_results", "open_run", "pl", "qc", "quantify", "read", "read_channels", "read_image",
    "read_manifest", "read_mask", "read_table", "report", "run", "tl", "to_spatialdata",
]  # fmt: skip


def __getattr__(name: str) -> Any:  # a public object of any kind
    if name in _ROOMS:
        return import_module(f"htan_kit.{name}")
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
        globals()[name] = value  # the next access does not come here
        return value
    msg = f"module 'htan_kit' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
