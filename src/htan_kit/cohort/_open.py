"""Recognise what a path holds and put its samples together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from htan_kit.cohort import _flat, _htan, _mcmicro, _sheet, _steinbock
from htan_kit.cohort._cohort import Cohort
from htan_kit.cohort._sample import unique_ids
from htan_kit.errors import InputError
from htan_kit.findings import Findings, error
from htan_kit.units import is_pixel_size

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from htan_kit.cohort._sample import Sample

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
        image; one Level 4 table.
    mask
        Which mask to use where an image has several; ``cell`` is taken unasked where there is one.
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
        Nothing is recognised, no sample has the mask, an image has several masks and none is named, a library id is
        not known, or the pixel size is not positive.

    Examples
    --------
    >>> import htan_kit as hk
    >>> hk.open_cohort(hk.datasets.sample())["HTA200_1_D1"].levels
    (2, 3, 4)
    """
    root = Path(path)
    if not root.exists():
        raise InputError.of("cohort.path", root, "There is no such file or folder.", "Check the path.")
    if pixel_size_um is not None and not is_pixel_size(pixel_size_um):
        message = f"A pixel size of {pixel_size_um!r} µm is not possible."
        raise InputError.of("cohort.pixel-size", root, message, "Give micrometres per pixel, such as 0.65.")
    findings = Findings()
    kind = next((name for name, layout in _KINDS.items() if layout.matches(root)), None)
    if kind is None:
        kinds = "HTAN manifests, a sample sheet, a steinbock or MCMICRO folder, one image, or one Level 4 table"
        hint = f"Expected: {kinds}. A sample sheet works for every other layout."
        raise InputError.of("cohort.recognised", root, "Nothing here is recognised.", hint)
    found = _KINDS[kind].read(root, findings)
    if not found:
        raise InputError(
            *findings or [error("cohort.empty", root, f"{kind}: there is no sample.", "Check the folder.")]
        )
    ids = unique_ids(sample.name for sample in found)
    named = [replace(sample, library_id=library_id) for sample, library_id in zip(found, ids, strict=True)]
    cohort = Cohort(root, kind, named, findings)
    chosen = [cohort[library_id] for library_id in samples] or cohort.samples
    chosen = _with_mask(root, chosen, mask)
    if pixel_size_um is not None:
        chosen = [replace(sample, pixel_size_um=float(pixel_size_um)) for sample in chosen]
    return Cohort(root, kind, chosen, findings)


def _with_mask(root: Path, samples: list[Sample], mask: str) -> list[Sample]:
    choices = dict.fromkeys(name for sample in samples for name in sample.masks)
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


def _tables_of(sample: Sample, mask: str) -> tuple[Path, ...]:
    """Keep the tables that were made from the chosen mask."""
    by_mask = sample.tables_by_mask
    return by_mask.get(mask, by_mask.get("", ()))
