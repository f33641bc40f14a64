"""The small HTAN cohort in ``data/sample``: two participants, four images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from htan_kit.datasets._files import write_image, write_mask, write_truth
from htan_kit.datasets._miti import miti_record
from htan_kit.datasets._readme import readme
from htan_kit.datasets._records import Entry, manifest_rows
from htan_kit.datasets._simulate import simulate
from htan_kit.datasets._tables import write_channels, write_table
from htan_kit.errors import InputError
from htan_kit.io.atomic import replacing, write_text

if TYPE_CHECKING:
    import os

    from htan_kit.datasets._tissue import Tissue

__all__ = ["COHORT", "write_cohort", "write_sample"]

_FOLDERS = ("level2", "level3", "level4", "miti", "truth")

#: What the cohort is made of: ids, and what is given to ``simulate``.
COHORT: Final[tuple[tuple[Entry, dict[str, Any]], ...]] = (
    (
        Entry("HTA200_1", "B1", "D1", {"cell": "D2", "nucleus": "D3"}, "D4", "csv", "P1"),
        {"assay": "cycif", "width_px": 672, "height_px": 560},
    ),
    (Entry("HTA200_1", "B2", "D5", {}), {"assay": "he", "width_px": 528, "height_px": 464}),
    (
        Entry("HTA200_2", "B1", "D1", {"cell": "D2"}, "D3", "csv", "P1"),
        {
            "assay": "cycif",
            "width_px": 520,
            "height_px": 432,
            "defects": (
                "out_of_focus", "saturated_channel", "lost_cells", "date_in_header", "swapped_channel_rows",
                "missing_table_rows",
            ),
        },
    ),
    (
        Entry("HTA200_2", "B2", "D4", {"cell": "D5"}, "D6", "h5ad", "P2"),
        {"assay": "imc", "width_px": 500, "height_px": 500},
    ),
)  # fmt: skip


def write_sample(tissue: Tissue, folder: str | os.PathLike[str], *, entry: Entry) -> dict[str, list[dict[str, Any]]]:
    """Write all files of one image and give its manifest rows by component."""
    root = Path(folder)
    for name in _FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    write_image(tissue, root / entry.image_file)
    n_objects = tissue.n_cells
    for object_class in entry.masks:
        write_mask(tissue, root / entry.mask_file(object_class), object_class=object_class)
    if tissue.channels:
        write_channels(tissue, root / entry.channel_file)
    if entry.table:
        write_table(tissue, root / entry.table_file, image=root / entry.image_file)
        write_truth(tissue, root / "truth" / f"{entry.image_id}.csv")
    record = json.dumps(miti_record(entry, tissue), indent=1, ensure_ascii=False)
    write_text(root / "miti" / f"{entry.image_id}.json", record + "\n")
    return manifest_rows(entry, tissue, n_objects=n_objects)


def write_cohort(folder: str | os.PathLike[str], *, seed: int = 0) -> Path:
    """Write a small HTAN cohort; seed 0 gives exactly what the kit ships as ``data/sample``.

    Parameters
    ----------
    folder
        Made if it is not there; files of the same names are replaced.
    seed
        Other seeds give other tissues.

    Returns
    -------
    The folder.

    Raises
    ------
    InputError
        The folder cannot be written.

    Examples
    --------
    >>> from htan_kit import datasets
    >>> folder = datasets.write_cohort("my_cohort", seed=1)  # doctest: +SKIP
    """
    root = Path(folder)
    try:
        _write(root, seed)
    except OSError as problem:
        message = f"It cannot be written: {problem.filename or root}: {problem.strerror}."
        raise InputError.of("simulate.folder", root, message, "Give another folder.") from problem
    return root


def _write(root: Path, seed: int) -> None:
    import pandas as pd

    for name in _FOLDERS:  # all of them first: what cannot be written is told before the tissue is made
        (root / name).mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, Any]]] = {}
    made: list[tuple[Entry, Tissue]] = []
    for k, (entry, arguments) in enumerate(COHORT):
        tissue = simulate(**arguments, seed=seed * len(COHORT) + k)
        for component, new in write_sample(tissue, root, entry=entry).items():
            rows.setdefault(component, []).extend(new)
        made.append((entry, tissue))
    for component, all_rows in rows.items():
        with replacing(root / f"manifest_{component}.csv") as temporary:
            pd.DataFrame(all_rows).to_csv(temporary, index=False, lineterminator="\n")
    write_text(root / "README.md", readme(made))
