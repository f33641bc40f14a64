"""What a run will do, settled before anything starts: which notebooks for which samples, with which parameters."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from htan_kit.batch._notebooks import Notebook
    from htan_kit.cohort import Sample

__all__ = ["Step", "Task", "cohort_task", "sample_files", "sample_task"]


@dataclass(frozen=True, slots=True)
class Step:
    """One notebook with its parameters.

    Parameters
    ----------
    notebook
        Its name.
    path
        The file.
    title
        Its heading.
    sha256
        Digest of its source.
    parameters
        What it is given.
    """

    notebook: str
    path: str
    title: str
    sha256: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """The steps of one sample, in order; they cross to the worker as JSON.

    Parameters
    ----------
    library_id
        The sample; empty for the notebooks about all samples.
    folder
        Where its results go.
    input
        What the run was given.
    steps
        The notebooks.
    inputs
        Files whose change makes a repetition necessary.
    manifests
        Digest of the files that this sample shares with others: hashed once a run, not once a sample.
    timeout
        Seconds for each notebook; 0: none.
    force
        Repeat what is up to date.
    """

    library_id: str
    folder: str
    input: str
    steps: tuple[Step, ...]
    inputs: tuple[str, ...] = ()
    manifests: str = ""
    timeout: float = 0.0
    force: bool = False

    def to_json(self) -> str:
        """Give one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Task:
        """Read what :meth:`to_json` wrote."""
        content = json.loads(text)
        return cls(
            **{**content, "steps": tuple(Step(**s) for s in content["steps"]), "inputs": tuple(content["inputs"])}
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What all tasks of a run share.

    Parameters
    ----------
    input
        What the run was given, absolute.
    out
        The run's folder.
    values
        Notebook → parameter → value, checked.
    mask
        The mask's name.
    pixel_size_um
        The pixel size the user gave.
    timeout
        Seconds for each notebook.
    force
        Repeat what is up to date.
    """

    input: str
    out: Path
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mask: str = ""
    pixel_size_um: float | None = None
    timeout: float = 0.0
    force: bool = False

    def step(self, notebook: Notebook, sample: str) -> Step:
        """Give a notebook its parameters for one sample."""
        given: dict[str, Any] = {"input": self.input, "sample": sample, "out": str(self.out)}
        options = {"mask": self.mask, "pixel_size_um": float(self.pixel_size_um or 0.0)}
        names = {p.name for p in notebook.parameters}
        given.update({name: value for name, value in options.items() if name in names})
        given.update(self.values.get(notebook.name, {}))
        return Step(notebook.name, str(notebook.path), notebook.title, notebook.sha256, given)


def sample_files(sample: Sample) -> list[Path]:
    """List the files of a sample, and the folders of those that are folders (zarr)."""
    mentioned = [sample.image, sample.channels, sample.mask, *sample.table, sample.miti]
    return [path for path in mentioned if path is not None]


def sample_task(sample: Sample, notebooks: Iterable[Notebook], settings: Settings, *, manifests: str = "") -> Task:
    """Plan one sample.

    Parameters
    ----------
    sample
        The sample.
    notebooks
        Those with scope ``"sample"``.
    settings
        What the run shares.
    manifests
        Digest of the files that say what the sample is (manifests, the sample sheet).
    """
    steps = tuple(settings.step(notebook, sample.library_id) for notebook in notebooks)
    # A parameter that names a file (gates, rules) is an input like the others.
    given = {v for s in steps for k, v in s.parameters.items() if k not in {"input", "out"} and isinstance(v, str)}
    extra = [Path(text) for text in sorted(given - {""}) if Path(text).is_file()]
    inputs = tuple(str(path) for path in [*sample_files(sample), *extra])
    folder = str(settings.out / sample.library_id)
    return Task(sample.library_id, folder, settings.input, steps, inputs, manifests, settings.timeout, settings.force)


def cohort_task(notebooks: Iterable[Notebook], settings: Settings, tasks: Iterable[Task]) -> Task:
    """Plan what happens once, after the samples: tables over all of them and the notebooks about all of them."""
    steps = tuple(settings.step(notebook, "") for notebook in notebooks)
    inputs = tuple(str(Path(task.folder) / "run.json") for task in tasks)
    return Task("", str(settings.out), settings.input, steps, inputs, "", settings.timeout, settings.force)
