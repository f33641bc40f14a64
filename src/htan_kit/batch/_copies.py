"""Copies of the kit's notebooks, for users to open or to change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.batch._notebooks import notebooks_folder
from htan_kit.errors import InputError
from htan_kit.findings import error
from htan_kit.io.atomic import replacing

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["copy_notebooks"]


def copy_notebooks(folder: str | PathLike[str], *, force: bool = False) -> list[Path]:
    """Copy the kit's notebooks to a folder of yours, to open or to change.

    Parameters
    ----------
    folder
        Where to; it is made.
    force
        Replace files that are there already.

    Returns
    -------
    The copies.

    Raises
    ------
    InputError
        A file is there already, with other content, or the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from htan_kit.batch import copy_notebooks
    >>> [path.name for path in copy_notebooks(tempfile.mkdtemp())]
    ['1_qc.ipynb', '2_spatial.ipynb', '3_report.ipynb', '4_cohort.ipynb']
    """
    target = Path(folder)
    pairs = [(source, target / source.name) for source in sorted(notebooks_folder().glob("*.ipynb"))]
    try:
        taken = [copy for source, copy in pairs if copy.exists() and copy.read_bytes() != source.read_bytes()]
        if taken and not force:
            raise InputError(
                *(error("notebooks.exists", p, "It is there already, and differs.", "--force.") for p in taken)
            )
        target.mkdir(parents=True, exist_ok=True)
        for source, copy in pairs:
            with replacing(copy) as temporary:
                shutil.copyfile(source, temporary)
    except OSError as problem:
        raise InputError.of("notebooks.folder", target, f"It cannot be written: {problem.strerror}.") from problem
    return [copy for _, copy in pairs]
