"""The AnnData objects behind what a user names: files of the kit, a run's folder, or a cohort to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from htan_kit._keys import Key
from htan_kit.assemble import describe, read
from htan_kit.cohort import open_cohort
from htan_kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from anndata import AnnData

    from htan_kit.findings import Findings

__all__ = ["objects_of"]

_OF_A_RUN: Final = ("sample.h5ad", "qc.h5ad")  # the later notebook's first


def objects_of(path: str | PathLike[str], *, findings: Findings, cells: bool = True) -> Iterator[AnnData]:
    """Give the AnnData of each image, one after another.

    Parameters
    ----------
    path
        An ``.h5ad`` that the kit wrote, the folder of a run, or what :func:`htan_kit.open_cohort` opens.
    findings
        Where to collect what keeps a sample from being read; the others go on.
    cells
        Whether the cells are asked for; without, of a cohort only headers are read.

    Yields
    ------
    AnnData with ``uns["miti"]``.

    Raises
    ------
    InputError
        The path cannot be opened at all.
    """
    target = Path(path)
    stored = [target] if target.suffix.lower() == ".h5ad" and target.is_file() else _of_a_run(target)
    if stored:
        opened = [adata for file in stored if (adata := _stored(file, findings)) is not None]
        if opened or len(stored) > 1 or target.is_dir():
            yield from opened
            return
    cohort = open_cohort(target)
    findings.extend(cohort.findings)
    for sample in cohort.samples:
        try:
            yield read(sample) if cells else describe(sample, findings=findings)
        except InputError as problem:
            findings.extend(problem.findings)


def _of_a_run(folder: Path) -> list[Path]:
    if not (folder / "run.json").is_file():
        return []
    found = [next((s / name for name in _OF_A_RUN if (s / name).is_file()), None) for s in sorted(folder.iterdir())]
    return [path for path in found if path is not None]


def _stored(path: Path, findings: Findings) -> AnnData | None:
    """Read a file of the kit; None for one of others, which is a table to read as a sample."""
    import anndata

    try:
        adata = anndata.read_h5ad(path)
    except (OSError, ValueError, KeyError) as problem:
        reason = type(problem).__name__
        findings.extend(InputError.of("export.h5ad", path, f"It cannot be read as h5ad ({reason}).").findings)
        return None
    return adata if Key.uns.miti in adata.uns else None
