"""A run: the notebooks over the samples of a cohort, and the pages about them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from htan_kit.batch._folder import begin, check_out, close, collect
from htan_kit.batch._notebooks import find_notebooks
from htan_kit.batch._open import Run, read_run
from htan_kit.batch._plan import Settings, Task, cohort_task, sample_task
from htan_kit.batch._pool import run_tasks
from htan_kit.batch._record import NotebookRecord, SampleRecord
from htan_kit.batch._stamp import digest_files, digest_value
from htan_kit.batch._values import fit
from htan_kit.errors import InputError
from htan_kit.io._paths import is_remote, located

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from htan_kit.batch._notebooks import Notebook
    from htan_kit.cohort import Cohort, Sample

__all__ = ["run"]

_ASKED_BY_NAME = ("input", "sample", "out")
_TABLES = {".csv", ".tsv", ".txt", ".json"}


def run(
    cohort: Cohort | str | PathLike[str],
    out: str | PathLike[str],
    *,
    notebooks: str | PathLike[str] | Iterable[str | PathLike[str]] | None = None,
    parameters: Mapping[str, Any] | None = None,
    jobs: int = 1,
    samples: Sequence[str] = (),
    mask: str = "",
    pixel_size_um: float | None = None,
    timeout: float = 0.0,
    force: bool = False,
    dry_run: bool = False,
    progress: Callable[[dict[str, Any]], None] | None = None,
) -> Run:
    """Run notebooks over every sample of a cohort and write pages about each sample and about all of them.

    Parameters
    ----------
    cohort
        A cohort, or what :func:`htan_kit.open_cohort` opens.
    out
        The folder of the run; nothing is written elsewhere.
    notebooks
        A folder or files; None: the kit's own.
    parameters
        Parameter → value for all notebooks that have it; or notebook → such a mapping.
    jobs
        How many samples at a time; each gets its share of the cores.
    samples
        Only these.
    mask
        Which mask, where an image has several.
    pixel_size_um
        For images that do not say.
    timeout
        Seconds for one notebook; 0: none.
    force
        Repeat what is up to date, and take over a folder that holds the run of another input.
    dry_run
        Only settle what would run; writes nothing.
    progress
        Is told what happens: dicts with ``event`` (planned, started, finished, reused, skipped), ``library_id``,
        ``notebook``, ``status``, ``seconds``, ``error``.

    Returns
    -------
    The run, as :func:`htan_kit.open_run` gives it.

    Raises
    ------
    InputError
        The input cannot be opened, a parameter is unknown or of the wrong type, a notebook cannot be used, or ``out``
        cannot be written: before anything starts. A sample that fails does not raise; it is in the run.

    Notes
    -----
    A sample's notebooks run in order in a process of their own (their kernels are this Python). When one fails, its
    executed part is kept and rendered, the sample's later notebooks are skipped, and the other samples go on. A
    notebook whose source, parameters, inputs and kit are those of last time is not run again.

    Examples
    --------
    >>> import tempfile
    >>> import htan_kit as hk
    >>> plan = hk.run(hk.datasets.sample(), tempfile.mkdtemp(), dry_run=True)
    >>> len(plan.samples)
    4
    """
    chosen = find_notebooks(notebooks)
    values = _checked(parameters or {}, chosen)
    opened, mask, pixel_size_um = _settled(cohort, mask, pixel_size_um, samples)
    settings = Settings(str(opened.root), Path(out).resolve(), values, mask, pixel_size_um, timeout, force)
    per_sample = [notebook for notebook in chosen if notebook.scope == "sample"]
    digest = cache(lambda path: digest_files([path]))  # samples share manifests: each is hashed once
    shared = {name: digest_value([digest(p) for p in _manifests(s, opened.root)]) for name, s in opened.items()}
    tasks = [sample_task(s, per_sample, settings, manifests=shared[name]) for name, s in opened.items()]
    about_all = cohort_task([n for n in chosen if n.scope == "cohort"], settings, tasks)
    check_out(settings)
    if dry_run:
        return _planned(settings.out, tasks, about_all)
    if progress:
        plan = [(task.library_id, [step.notebook for step in task.steps]) for task in [*tasks, about_all]]
        progress({"event": "planned", "tasks": plan})
    begin(settings, tasks, jobs)
    try:
        collect(tasks, run_tasks(tasks, jobs=max(1, jobs), progress=progress))
        record = run_tasks([about_all], jobs=1, progress=progress)[""]
        if record.error.startswith("WorkerDied"):
            close(settings.out, "failed", record.error)
    except KeyboardInterrupt:
        collect(tasks, {})
        close(settings.out, "interrupted", "The run was interrupted.")
        raise
    return read_run(settings.out)


def _checked(parameters: Mapping[str, Any], notebooks: Sequence[Notebook]) -> dict[str, dict[str, Any]]:
    """Leave out input, sample and out: the run gives those itself."""
    known = {n.name: [p for p in n.parameters if p.name not in _ASKED_BY_NAME] for n in notebooks}
    return fit(parameters, known)


def _settled(
    cohort: Cohort | str | PathLike[str], mask: str, pixel_size_um: float | None, samples: Sequence[str]
) -> tuple[Cohort, str, float | None]:
    """Open the input as each notebook will; a cohort that was opened with options keeps them."""
    from htan_kit.cohort import Cohort, open_cohort

    path = cohort.root if isinstance(cohort, Cohort) else located(cohort)
    if is_remote(path):
        hint = "Download it, and run the copy; check, info and quantify read from servers."
        raise InputError.of("run.input", path, "A run reads its input many times, and not from a server.", hint)
    if isinstance(cohort, Cohort):
        samples = samples or list(cohort)
        if not mask and any(len(sample.masks) > 1 for sample in cohort.samples):
            mask = next((sample.mask_name for sample in cohort.samples if sample.mask_name), "")
        sizes = {sample.pixel_size_um for sample in cohort.samples}
        if pixel_size_um is None and len(sizes) == 1:
            pixel_size_um = sizes.pop()
    opened = open_cohort(path.resolve(), mask=mask, pixel_size_um=pixel_size_um, samples=samples)
    return opened, mask, pixel_size_um


def _manifests(sample: Sample, root: Path) -> tuple[Path, ...]:
    """List the files that say what a sample is: the manifests of its records, else the sheet, or a folder's tables."""
    if sample.unit is not None:
        records = (*sample.unit.files, *sample.unit.channels, *sample.unit.ancestors)
        return tuple(sorted({record.manifest for record in records if record.manifest is not None}))
    if root.is_file():
        return (root,)
    return tuple(sorted(path for path in root.iterdir() if path.suffix.lower() in _TABLES and path.is_file()))


def _planned(out: Path, tasks: Sequence[Task], about_all: Task) -> Run:
    def waiting(task: Task) -> SampleRecord:
        notebooks = tuple(NotebookRecord(s.notebook, title=s.title, parameters=s.parameters) for s in task.steps)
        return SampleRecord(task.library_id, "planned", task.input, notebooks=notebooks)

    return Run(out, {task.library_id: waiting(task) for task in tasks}, waiting(about_all))
