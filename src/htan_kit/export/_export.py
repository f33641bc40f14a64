"""One way to write what the kit knows for others: MITI, HTAN of either phase, channel tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from htan_kit._keys import Key
from htan_kit.errors import InputError
from htan_kit.export._channels import write_channels
from htan_kit.export._manifests import check_values, write_manifests
from htan_kit.export._objects import objects_of
from htan_kit.export._record import write_miti
from htan_kit.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

__all__ = ["FORMS", "export"]

FORMS: Final = ("miti", "htan1", "htan2", "channels")


def export(
    path: str | PathLike[str],
    folder: str | PathLike[str],
    *,
    to: str,
    values: Mapping[str, str] | None = None,
    file_format: str = "yaml",
    findings: Findings | None = None,
) -> list[Path]:
    """Write the metadata of every image of an input in the form that others ask for.

    Parameters
    ----------
    path
        An ``.h5ad`` of the kit, the folder of a run, or what :func:`htan_kit.open_cohort` opens.
    folder
        Where to write; it is made when it is not there.
    to
        ``"miti"``: ``<library_id>.yaml``; ``"htan1"``, ``"htan2"``: manifests and Level 4 tables, as
        :func:`htan_kit.export.write_manifests` writes them; ``"channels"``: ``<library_id>_channels.csv``.
    values
        For manifests: what only you can know, such as ``{"HTAN Data File ID": "HTA1_1_9"}``.
    file_format
        Of MITI records: ``"yaml"`` or ``"json"``.
    findings
        Where to collect what is wrong; None shows it as Python warnings where there is no other way.

    Returns
    -------
    The files.

    Raises
    ------
    InputError
        The input cannot be opened, the form is unknown, or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import htan_kit as hk
    >>> from htan_kit.export import export
    >>> [path.name for path in export(hk.datasets.sample(), tempfile.mkdtemp(), to="miti")][:2]
    ['HTA200_1_D1.yaml', 'HTA200_1_D5.yaml']
    """
    if to not in FORMS or file_format not in ("yaml", "json"):
        wrong, known = (to, FORMS) if to not in FORMS else (file_format, ("yaml", "json"))
        raise InputError.of("export.form", "export", f"There is no form {wrong[:80]!r}.", f"Known: {', '.join(known)}.")
    found = Findings() if findings is None else findings
    out = Path(folder)
    phase = {"htan1": 1, "htan2": 2}.get(to)
    if phase is not None:
        check_values(values or {}, phase)
        _make(out)
        return write_manifests(objects_of(path, findings=found), out, phase=phase, values=values, findings=findings)
    paths: list[Path] = []
    for adata in objects_of(path, findings=found, cells=False):
        for library_id in map(str, adata.uns[Key.uns.miti]):
            _make(out)
            if to == "miti":
                paths.append(write_miti(adata, out / f"{library_id}.{file_format}", library_id=library_id))
                continue
            try:
                paths.append(write_channels(adata, out / f"{library_id}_channels.csv", library_id=library_id))
            except InputError as problem:
                found.extend(problem.findings)
    return paths


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError.of("export.file", folder, f"It cannot be written: {problem.strerror}.") from problem
