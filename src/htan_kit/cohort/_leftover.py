"""What lies in a folder and is not used: nobody should find out by its absence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from htan_kit.cohort._files import images_in, is_text, other_tables, outlines_in, tables_below, text_tables
from htan_kit.errors import InputError
from htan_kit.findings import Findings, warning
from htan_kit.io._delimited import sniff_header
from htan_kit.io._paths import exists, is_inside
from htan_kit.io.cell_table import is_cell_table

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from pathlib import Path

    from htan_kit.cohort._sample import Sample

__all__ = ["files_of", "unreadable", "unused"]

_SOME = 5


def files_of(samples: Iterable[Sample]) -> set[Path]:
    """Collect every file of some samples, links followed; masks and tables that are not chosen are theirs too."""
    files: set[Path] = set()
    for sample in samples:
        tables = (path for paths in sample.tables_by_mask.values() for path in paths)
        named = (sample.image, sample.channels, sample.miti, *sample.masks.values(), *sample.table, *tables)
        files.update(path.resolve() for path in named if path is not None and exists(path))
    return files


def unreadable(root: Path, *, below: bool, used: set[Path] | None = None) -> Findings:
    """Say which text tables of a folder cannot be read: one of them may be the manifest or the sheet.

    Parameters
    ----------
    root
        The folder, or the file itself.
    below
        Whether to look into the folders right in it too.
    used
        Files that are opened anyway, and say for themselves what is wrong.

    Returns
    -------
    A warning a file, ``cohort.file-unreadable``, with what is wrong; ``cohort.outside`` for links out of the folder.
    """
    found = Findings()
    folder = root if root.is_dir() else root.parent
    paths = ([root] if is_text(root) else []) if root.is_file() else tables_below(root) if below else text_tables(root)
    for path in paths:
        if path.resolve() in (used or ()):
            continue
        if below and root.is_dir() and not is_inside(path, folder):
            message = f"{path.name} is a link that leads out of {folder.name}; it is not taken for a manifest."
            found.append(warning("cohort.outside", path, message, "Copy the file into the folder."))
            continue
        try:
            sniff_header(path)
        except InputError as problem:
            for finding in problem.findings:
                message = f"{path.name} is left out, whatever it is: {finding.message}"
                found.append(warning("cohort.file-unreadable", path, message, finding.hint or "Save it as CSV again."))
    return found


def unused(
    root: Path,
    folders: Iterable[Path],
    used: set[Path],
    *,
    by_products: tuple[str, ...] = (),
    but: Container[str] = (),
) -> Findings:
    """Say which images, masks and tables belong to no sample.

    Parameters
    ----------
    root
        What was opened.
    folders
        Where to look, not below them.
    used
        The files of the samples.
    by_products
        Parts of names of files that no sample is meant to have.
    but
        Names of files that something else was said about.

    Returns
    -------
    One warning, ``cohort.files-unused``, with at most five names; nothing when all are used.
    """
    left = []
    for folder in dict.fromkeys(folders):
        if not folder.is_dir():
            continue
        tables = [*text_tables(folder), *other_tables(folder)]
        paths = [*images_in(folder), *outlines_in(folder), *tables]
        rest = [path for path in paths if path.resolve() not in used]
        left += [path for path in rest if path not in tables or is_cell_table(path)]
    left = [
        path for path in left if path.name not in but and not any(word in path.stem.lower() for word in by_products)
    ]
    if not left:
        return Findings()
    names = ", ".join(path.name[:100] for path in left[:_SOME]) + (", ..." if len(left) > _SOME else "")
    what = "1 file belongs" if len(left) == 1 else f"{len(left)} files belong"
    message = f"{what} to no sample and {'is' if len(left) == 1 else 'are'} not used: {names}."
    hint = "Name the files after their image, or say in a sample sheet which file is what."
    return Findings([warning("cohort.files-unused", root, message, hint)])
