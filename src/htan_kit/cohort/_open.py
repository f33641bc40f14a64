"""Recognise what a path holds and put its samples together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from htan_kit.cohort import _flat, _htan, _mcmicro, _sheet, _steinbock
from htan_kit.cohort._cohort import Cohort
from htan_kit.cohort._files import base_name, is_image, is_one
from htan_kit.cohort._leftover import files_of, unreadable, unused
from htan_kit.cohort._sample import Sample, stem_of, unique_ids
from htan_kit.errors import InputError
from htan_kit.findings import Findings, error
from htan_kit.io._level1 import is_level1, level1_pixels, refuse_level1
from htan_kit.io._object_class import choose_class
from htan_kit.io._paths import exists, is_file, is_inside, is_remote, located
from htan_kit.io.cell_table import is_cell_table
from htan_kit.lineage import is_mask
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path


__all__ = ["open_cohort"]

_KINDS = {
    "HTAN manifests": _htan,
    "sample sheet": _sheet,
    "steinbock": _steinbock,
    "MCMICRO": _mcmicro,
    "folder": _flat,
}
"""Layouts in the order they are tried: the one that says most comes first."""

_CELL = ("cell", "cells", "whole cell", "cellmask", "cell mask")  # HTAN and MCMICRO names of the default object class


def open_cohort(
    path: str | os.PathLike[str],
    *,
    mask: str = "",
    pixel_size_um: float | None = None,
    samples: Sequence[str] = (),
) -> Cohort:
    """Open HTAN manifests, a sample sheet, a steinbock or MCMICRO folder, a folder of one image's files, or one file.

    Parameters
    ----------
    path
        A folder; a sample sheet (CSV with ``sample,image,channels,mask,table,pixel_size_um``); an HTAN manifest; one
        image; one Level 4 table. On a server (an address) only an image or a table: what files there name is not
        fetched.
    mask
        Which mask to use where an image has several; ``cell`` is taken unasked where there is one. Where no mask has
        the name: which channel or class of objects, of a mask file that holds several.
    pixel_size_um
        Pixel size in µm of every image; it wins over headers and sheets.
    samples
        Only these library ids.

    Returns
    -------
    The cohort. No pixels are read.

    Raises
    ------
    InputError
        Nothing is recognised, there is only Level 1, no sample has the mask, an image has several masks and none is
        named, a library id is not known, or the pixel size is not positive.

    Examples
    --------
    >>> import htan_kit as hk
    >>> hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"].levels
    (2, 3, 4)
    """
    root = located(path)
    if not is_remote(root) and not exists(root):
        raise InputError.of("cohort.path", root, "There is no such file or folder.", "Check the path.")
    if pixel_size_um is not None and not is_pixel_size(pixel_size_um):
        message = f"A pixel size of {pixel_size_um!r} µm is not possible."
        raise InputError.of("cohort.pixel-size", root, message, "Give micrometres per pixel, such as 0.65.")
    findings = Findings()
    if is_remote(root):
        return _on_a_server(root, pixel_size_um)
    if root.is_file():
        refuse_level1(root)
    kind = next((name for name, layout in _KINDS.items() if layout.matches(root)), None)
    if kind is None:
        kinds = "HTAN manifests, a sample sheet, a steinbock or MCMICRO folder, one image, or one Level 4 table"
        hint = f"Expected: {kinds}. A sample sheet works for every other layout."
        nothing = error("cohort.recognised", root, "Nothing here is recognised.", hint)
        raw = sum(is_level1(file) for file in root.iterdir()) if root.is_dir() else 0
        if raw:
            message = f"The folder has {raw} {'file' if raw == 1 else 'files'} as the microscope wrote them (Level 1)."
            nothing = level1_pixels(root, message)
        raise InputError(nothing, *unreadable(root, below=True))
    found = _KINDS[kind].read(root, findings)
    if not found:
        raise InputError(
            *findings or [error("cohort.empty", root, f"{kind}: there is no sample.", "Check the folder.")]
        )
    findings.extend(_left(root, kind, found))
    ids = unique_ids(sample.name for sample in found)
    named = [
        replace(sample, library_id=library_id, miti=_miti_record(root, sample))
        for sample, library_id in zip(found, ids, strict=True)
    ]
    cohort = Cohort(root, kind, named, findings)
    chosen = [cohort[library_id] for library_id in samples] or cohort.samples
    chosen = _with_mask(root, chosen, mask)
    if pixel_size_um is not None:
        chosen = [replace(sample, pixel_size_um=float(pixel_size_um)) for sample in chosen]
    return Cohort(root, kind, chosen, findings)


def _on_a_server(path: Path, pixel_size_um: float | None) -> Cohort:
    """Open one image or table; sheets and manifests are not, for they would say what is fetched."""
    refuse_level1(path)
    name = stem_of(path)
    sample = Sample(unique_ids([name])[0], name, path.parent, pixel_size_um=pixel_size_um)
    if is_image(path):
        return Cohort(path, "one file", [replace(sample, image=path)], Findings())
    if not is_file(path):
        raise InputError.of("cohort.path", path, "There is no such file.", "Check the address.")
    if is_cell_table(path):
        return Cohort(path, "one file", [replace(sample, table=(path,))], Findings())
    hint = "Download the folder, and open the copy."
    raise InputError.of("cohort.recognised", path, "Of a server, one image or one Level 4 table is opened.", hint)


def _miti_record(root: Path, sample: Sample) -> Path | None:
    """Find the MITI record of a sample: ``miti/`` and its name, or its image's."""
    folder = root if root.is_dir() else root.parent
    names = [sample.name, stem_of(sample.image) if sample.image else ""]
    safe = [name for name in names if re.fullmatch(r"[A-Za-z0-9._-]+", name)]
    paths = [folder / "miti" / f"{name}{suffix}" for name in safe for suffix in (".json", ".yaml", ".yml")]
    return next((path for path in paths if is_file(path) and is_inside(path, folder)), None)


def _left(root: Path, kind: str, samples: Sequence[Sample]) -> Findings:
    """Say what of an opened folder is not used."""
    if is_one(root):
        return Findings()
    used = files_of(samples)
    found = unreadable(root, below=kind == "HTAN manifests", used=used)
    if kind == "HTAN manifests":
        return found + unused(root, sorted({path.parent for path in used}), used, but=_only_listed(samples))
    if kind == "MCMICRO":
        return found + unused(root, _mcmicro.folders(root), used, by_products=_mcmicro.BY_PRODUCTS)
    return found + unused(root, [root], used) if kind == "folder" else found


def _only_listed(samples: Sequence[Sample]) -> set[str]:
    """Name the files whose records are read and whose pixels are not: Level 1, and Level 3 that is no mask."""
    units = [sample.unit for sample in samples if sample.unit is not None]
    raw = [record for unit in units for record in unit.ancestors if record.level == "1"]
    other = [record for unit in units for record in unit.level3 if not is_mask(record)]
    return {base_name(record.filename) for record in (*raw, *other)}


def _with_mask(root: Path, samples: list[Sample], mask: str) -> list[Sample]:
    choices = dict.fromkeys(name for sample in samples for name in sample.masks)
    if mask and mask not in choices and (inside := [_inside(sample, mask) for sample in samples]) != samples:
        return inside
    if mask and mask not in choices:
        what = f"the masks are: {', '.join(choices)}" if choices else "there are no masks"
        raise InputError.of("cohort.mask", root, f"No image has a mask named {mask!r}; {what}.", "Name one of them.")
    return [_select(root, sample, mask) for sample in samples]


def _select(root: Path, sample: Sample, mask: str) -> Sample:
    if mask in sample.masks:
        name = mask
    elif mask:
        message = f"There is no mask {mask!r} for this image; it has: {', '.join(sample.masks) or 'none'}."
        sample.findings.append(error("cohort.mask", sample.name, message, "The sample is read without a mask."))
        name = ""
    elif len(sample.masks) <= 1:
        name = next(iter(sample.masks), "")
    else:
        cells = [name for name in sample.masks if name.lower().replace("_", " ") in _CELL]
        if len(cells) != 1:
            message = f"{sample.name} has several masks: {', '.join(sample.masks)}."
            raise InputError.of("cohort.mask", root, message, "Name one with mask= or --mask NAME.")
        name = cells[0]
    return replace(sample, mask_name=name, table=_tables_of(sample, name))


def _inside(sample: Sample, mask: str) -> Sample:
    """Choose the mask file that holds such objects among several classes: one a channel, or one a class of outlines."""
    from htan_kit.io.mask import object_classes

    names = [name for name, path in sample.masks.items() if choose_class(object_classes(path), mask)]
    if len(names) != 1:
        return sample
    return replace(sample, mask_name=names[0], object_class=mask, table=_tables_of(sample, names[0]))


def _tables_of(sample: Sample, mask: str) -> tuple[Path, ...]:
    """Keep the tables that were made from the chosen mask."""
    by_mask = sample.tables_by_mask
    return by_mask.get(mask, by_mask.get("", ()))
