"""Notebooks over the samples of a cohort: plan, run in processes, resume, record."""

from __future__ import annotations

from htan_kit.batch._copies import copy_notebooks
from htan_kit.batch._notebooks import Notebook, find_notebooks, notebooks_folder
from htan_kit.batch._open import Run
from htan_kit.batch._opening import open_results, open_run
from htan_kit.batch._parameters import Parameter
from htan_kit.batch._record import NotebookRecord, SampleRecord
from htan_kit.batch._results import Results
from htan_kit.batch._run import run
from htan_kit.batch._values import read_parameters

__all__ = [
    "Notebook",
    "NotebookRecord",
    "Parameter",
    "Results",
    "Run",
    "SampleRecord",
    "copy_notebooks",
    "find_notebooks",
    "notebooks_folder",
    "open_results",
    "open_run",
    "read_parameters",
    "run",
]
