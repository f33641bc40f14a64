"""What a notebook begins with: the results of a sample, or of a run, computed first where they are missing."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.batch._notebooks import notebooks_folder, read_notebook
from htan_kit.batch._open import read_run
from htan_kit.batch._plan import Settings, sample_task
from htan_kit.batch._pool import run_tasks
from htan_kit.batch._results import BEFORE, Results
from htan_kit.batch._run import run
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from os import PathLike

    from htan_kit.batch._open import Run

__all__ = ["open_results", "open_run"]


def open_results(
    input: str | PathLike[str] = "",  # noqa: A002 - the parameter's name in every notebook
    sample: str = "",
    out: str | PathLike[str] = "",
    *,
    notebook: str = "",
    mask: str = "",
    pixel_size_um: float = 0.0,
) -> Results:
    """Open what a notebook works on; what it needs and is not there yet is computed by the notebooks before it.

    Parameters
    ----------
    input
        What :func:`htan_kit.open_cohort` opens; empty: the example data.
    sample
        The library id; empty: the first.
    out
        The run's folder; empty: a temporary one, which goes when this Python ends.
    notebook
        The notebook's own name, such as ``"3_report"``.
    mask
        Which mask, where an image has several.
    pixel_size_um
        For images that do not say; 0: none given.

    Returns
    -------
    The results.

    Raises
    ------
    InputError
        The input cannot be opened, there is no such sample, or an earlier notebook stopped.

    Examples
    --------
    >>> import htan_kit as hk
    >>> hk.open_results(sample="HTA200_1_D1", notebook="1_qc").verdict
    'not assessed'
    """
    from htan_kit.cohort import open_cohort

    source, folder = _source(input), _folder(out)
    cohort = open_cohort(source, mask=mask, pixel_size_um=pixel_size_um or None)
    chosen = cohort[sample] if sample else cohort.samples[0]
    # What is measured of its pixels is kept with its results: notebooks and figures decode them once.
    results = Results(replace(chosen, cache=folder / chosen.library_id / "measure"), folder, notebook)
    if notebook == "3_report" and not (results.folder / "sample.h5ad").exists():
        _catch_up(results, source, mask, pixel_size_um)
    return results


def _catch_up(results: Results, source: Path, mask: str, pixel_size_um: float) -> None:
    """Run the notebooks before the report on this sample only."""
    earlier = [read_notebook(notebooks_folder() / f"{name}.ipynb") for name in ("1_qc", "2_spatial")]
    settings = Settings(str(source), results.out, mask=mask, pixel_size_um=pixel_size_um or None)
    record = run_tasks([sample_task(results.sample, earlier, settings)])[results.library_id]
    if record.status != "ok":
        message = f"{record.notebook or 'An earlier notebook'} stopped: {record.error}"
        raise InputError.of("run.earlier", results.library_id, message, f"See {results.folder}.")


def open_run(folder: str | PathLike[str] = "", *, input: str | PathLike[str] | None = None) -> Run:  # noqa: A002
    """Open the folder of a run.

    Parameters
    ----------
    folder
        What was given as ``out``.
    input
        Where this is given, a run that is not there yet is made by the notebooks about single samples over this
        input (empty: the example data; an empty ``folder`` is then a temporary one).

    Returns
    -------
    The run.

    Raises
    ------
    InputError
        The folder holds no run (and no ``input`` was given), or the input cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> from htan_kit.batch import open_run
    >>> try:
    ...     open_run(tempfile.mkdtemp())
    ... except ValueError as problem:
    ...     print(str(problem).partition(": ")[2])
    No run here (there is no run.json). Make one: htan-kit run INPUT --out DIR.
    """
    if input is None:
        return read_run(Path(folder))
    out = _folder(folder)
    if not (out / "run.json").exists():
        run(_source(input), out, notebooks=[notebooks_folder() / f"{name}.ipynb" for name in BEFORE], jobs=2)
    return read_run(out)


def _source(given: str | PathLike[str]) -> Path:
    from htan_kit.datasets import sample

    return Path(given).resolve() if str(given) else sample()


def _folder(given: str | PathLike[str]) -> Path:
    if str(given):
        return Path(given).resolve()
    folder = Path(tempfile.mkdtemp(prefix="htan-kit-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # a kernel ends with it, too
    return folder
