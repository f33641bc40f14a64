"""Tables over all samples of a run, written sample by sample."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from htan_kit.batch._cells import write_cohort
from htan_kit.batch._open import METRICS, read_run
from htan_kit.io.atomic import replacing
from htan_kit.report._json import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


__all__ = ["gather", "metric_rows"]

_NAMES = ("item", "marker", "channel", "channel_name", "check", "name", "metric")


def gather(folder: Path) -> None:
    """Write ``cohort_metrics.csv``, ``cohort_statistics.csv`` and ``cohort.h5ad`` of a run from its samples' files.

    Parameters
    ----------
    folder
        The run's folder. What is newer than all samples' results is kept as it is.
    """
    samples = [folder / name for name in read_run(folder).samples]
    made = [folder / name for name in ("cohort_metrics.csv", "cohort_statistics.csv")]
    cells = [path for s in samples if (path := s / "sample.h5ad").exists()]
    if cells:
        made.append(folder / "cohort.h5ad")
    newest = max((path.stat().st_mtime_ns for s in samples for path in s.glob("*.*") if path.is_file()), default=0)
    if all(path.exists() and path.stat().st_mtime_ns > newest for path in made) and not _listed(
        folder, samples, made[0]
    ):
        return
    with replacing(made[0]) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(METRICS)
        for sample in samples:
            writer.writerows(metric_rows(sample.name, read_json(sample / "qc.json")))
    _join_csv([sample / "statistics.csv" for sample in samples], made[1])
    if cells:
        with replacing(made[2]) as temporary:
            write_cohort(cells, temporary)
    else:
        (folder / "cohort.h5ad").unlink(missing_ok=True)


def _listed(folder: Path, samples: Sequence[Path], metrics: Path) -> bool:
    """Tell whether the table holds other samples than the run."""
    with metrics.open(encoding="utf-8", newline="") as stream:
        there = {row["library_id"] for row in csv.DictReader(stream)}
    return there != {sample.name for sample in samples if (folder / sample.name / "qc.json").exists()}


def metric_rows(library_id: str, qc: dict[str, Any]) -> Iterator[tuple[str, str, str, str, float]]:
    """Give the numbers of a ``qc.json`` one by one.

    Parameters
    ----------
    library_id
        The sample.
    qc
        The content of its ``qc.json``.

    Yields
    ------
    library_id, table, item (the row's name), metric (the column), value.

    Examples
    --------
    >>> from htan_kit.batch._gather import metric_rows
    >>> list(metric_rows("A", {"tables": {"channels": [{"marker": "CD3", "mean": 2.0, "role": "marker"}]}}))
    [('A', 'channels', 'CD3', 'mean', 2.0)]
    """
    for key in ("n_cells", "n_markers"):
        if key in qc:
            yield library_id, "sample", "", key, float(qc[key])
    for table, rows in qc.get("tables", {}).items():
        for row in rows:
            name = next((str(row[key]) for key in _NAMES if row.get(key) is not None), "")
            for metric, value in row.items():
                if isinstance(value, (int, float)) and metric not in _NAMES:
                    yield library_id, table, name, metric, float(value)


def _join_csv(paths: Sequence[Path], target: Path) -> None:
    """Write the rows of several tables under one header, without holding them."""
    present = [path for path in paths if path.exists()]
    columns: dict[str, None] = {}
    for path in present:
        with path.open(encoding="utf-8", newline="") as stream:
            columns.update(dict.fromkeys(next(csv.reader(stream), [])))
    with replacing(target) as temporary, temporary.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(columns) or ["library_id"])
        writer.writeheader()
        for path in present:
            with path.open(encoding="utf-8", newline="") as stream:
                writer.writerows(csv.DictReader(stream))
