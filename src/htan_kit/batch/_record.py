"""The run.json of a sample and of a run: what ran, with what, and how it ended."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from htan_kit.io.atomic import write_text
from htan_kit.report._json import read_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "NotebookRecord", "SampleRecord", "from_dict", "now", "read_record", "read_verdict", "update_json",
    "write_record",
]  # fmt: skip

RECORD = "run.json"


@dataclass(frozen=True, slots=True)
class NotebookRecord:
    """What became of one notebook.

    Parameters
    ----------
    notebook
        Its name.
    status
        ``ok``, ``failed``, ``skipped`` (one before it failed) or ``waiting``.
    title
        Its heading.
    error
        Why it stopped, or was skipped.
    parameters
        What it was given.
    stamp
        Digests of notebook, parameters, inputs and kit.
    files
        What it wrote, in the sample's folder.
    started, ended
        UTC, ISO 8601.
    seconds
        How long it took.
    """

    notebook: str
    status: str = "waiting"
    title: str = ""
    error: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    stamp: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    started: str = ""
    ended: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """What became of one sample, or (with an empty ``library_id``) of the notebooks about all samples.

    Parameters
    ----------
    library_id
        Its name.
    status
        ``ok``, ``failed``, ``interrupted`` or ``waiting``.
    input
        Where it came from.
    verdict
        The worst verdict of ``qc.json``; empty when there is none.
    error
        Why it did not run.
    notebook
        The notebook that stopped.
    notebooks
        One record each.
    versions
        Python and packages.
    """

    library_id: str
    status: str = "waiting"
    input: str = ""
    verdict: str = ""
    error: str = ""
    notebook: str = ""
    notebooks: tuple[NotebookRecord, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long its notebooks took together."""
        return sum(record.seconds for record in self.notebooks)

    def of(self, notebook: str) -> NotebookRecord:
        """Give the record of one notebook; an empty one when it has none."""
        return next((r for r in self.notebooks if r.notebook == notebook), NotebookRecord(notebook))

    def with_notebook(self, record: NotebookRecord) -> SampleRecord:
        """Replace (or add) the record of one notebook."""
        others = {r.notebook: r for r in self.notebooks}
        return replace(self, notebooks=tuple({**others, record.notebook: record}.values()))


def now() -> str:
    """Give the time as run.json writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_verdict(folder: Path) -> str:
    """Give the verdict that ``qc.json`` of a sample's folder holds."""
    return str(read_json(folder / "qc.json").get("verdict", ""))


def from_dict(content: dict[str, Any]) -> SampleRecord:
    """Make a record of what :func:`write_record` wrote; keys that another version added are left out."""
    fields = SampleRecord.__dataclass_fields__
    inner = NotebookRecord.__dataclass_fields__
    notebooks = tuple(
        NotebookRecord(**{k: v for k, v in n.items() if k in inner}) for n in content.get("notebooks", ())
    )
    known = {k: v for k, v in content.items() if k in fields}
    return SampleRecord(**{"library_id": "", **known, "notebooks": notebooks})


def read_record(folder: Path) -> SampleRecord:
    """Read the record of a sample's folder; an empty one when it has none."""
    return from_dict(read_json(folder / RECORD))


def write_record(folder: Path, record: SampleRecord) -> None:
    """Write the record of a folder; what else its run.json holds stays."""
    update_json(folder / RECORD, asdict(record))


def update_json(path: Path, values: dict[str, Any]) -> None:
    """Set keys of a JSON object in a file; the other keys stay."""
    write_text(path, json.dumps({**read_json(path), **values}, ensure_ascii=False, indent=1))
