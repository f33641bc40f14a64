"""A finished run, read from its folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from htan_kit.batch._record import SampleRecord, from_dict, read_record
from htan_kit.errors import InputError
from htan_kit.report._json import read_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

__all__ = ["METRICS", "Run", "read_run", "read_table"]

METRICS = ("library_id", "table", "item", "metric", "value")


@dataclass(frozen=True)
class Run:
    """What a run left in its folder.

    Parameters
    ----------
    folder
        The run's folder.
    samples
        ``library_id`` → what became of it, in the order of the cohort.
    cohort
        What became of the notebooks about all samples.

    Examples
    --------
    >>> from pathlib import Path
    >>> from htan_kit.batch import Run
    >>> Run(Path("results"), {}).exit_code
    0
    """

    folder: Path
    samples: dict[str, SampleRecord]
    cohort: SampleRecord = SampleRecord("", "ok")

    @property
    def index(self) -> Path:
        """The page of the run."""
        return self.folder / "index.html"

    @property
    def failed(self) -> list[str]:
        """The samples that did not run to their end."""
        return [library_id for library_id, record in self.samples.items() if record.status != "ok"]

    @property
    def exit_code(self) -> int:
        """0: all ran; 1: a sample (or the cohort's notebook) did not; 3: all ran and a verdict is fail."""
        if self.cohort.status == "planned":
            return 0
        if self.failed or self.cohort.status != "ok":
            return 1
        return 3 if any(record.verdict == "fail" for record in self.samples.values()) else 0

    @property
    def metrics(self) -> pd.DataFrame:
        """The long table of all metrics (``cohort_metrics.csv``)."""
        return read_table(self.folder / "cohort_metrics.csv", METRICS)

    @property
    def statistics(self) -> pd.DataFrame:
        """The long table of all spatial statistics (``cohort_statistics.csv``)."""
        from htan_kit.tl._statistics import COLUMNS

        return read_table(self.folder / "cohort_statistics.csv", COLUMNS)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a sample: library_id, status, verdict, n_cells, seconds, error, page."""
        import pandas as pd

        rows = [
            {
                "library_id": library_id,
                "status": record.status,
                "verdict": record.verdict or "not assessed",
                "n_cells": self.qc(library_id).get("n_cells"),
                "seconds": round(record.seconds, 1),
                "error": record.error,
                "page": f"{library_id}/{record.notebooks[-1].notebook}.html" if record.notebooks else "",
            }
            for library_id, record in self.samples.items()
        ]
        columns = ["library_id", "status", "verdict", "n_cells", "seconds", "error", "page"]
        return pd.DataFrame(rows, columns=columns).astype({"n_cells": "Int64"})

    def qc(self, library_id: str) -> dict[str, Any]:
        """Give the numbers and verdicts of one sample (its ``qc.json``); empty when it has none."""
        return read_json(self.folder / library_id / "qc.json")

    def _repr_html_(self) -> str:
        line = f"{len(self.samples)} samples, {len(self.failed)} did not run"
        return f"<p>{escape(line)}: <code>{escape(str(self.index))}</code></p>{self.to_frame().to_html(na_rep='')}"


def read_table(path: Path, columns: Iterable[str]) -> pd.DataFrame:
    """Read a CSV file; these columns are there even when the file is not."""
    import pandas as pd

    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    return table.reindex(columns=list(dict.fromkeys([*columns, *table])))


def read_run(folder: Path) -> Run:
    """Read a run from its folder; an InputError says that there is none."""
    content = read_json(folder / "run.json")
    if "samples" not in content:
        hint = "Make one: htan-kit run INPUT --out DIR."
        raise InputError.of("run.folder", folder, "No run here (there is no run.json).", hint)
    samples = {str(name): read_record(folder / str(name)) for name in content["samples"]}
    return Run(folder, samples, from_dict({**content, "library_id": ""}))
