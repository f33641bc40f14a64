"""The opened files of a sample, checked against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from htan_kit.assemble._identity import cell_ids, check_rows
from htan_kit.assemble._measured import Measured
from htan_kit.assemble._question import MEANS, Question
from htan_kit.channels import reconcile
from htan_kit.errors import InputError
from htan_kit.findings import Findings, info, warning
from htan_kit.io.cell_table import CellTable, read_table
from htan_kit.io.channel_table import read_channels
from htan_kit.io.image import Image, read_image
from htan_kit.io.mask import Mask, read_mask

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd

    from htan_kit.cohort import Sample

__all__ = ["Sources", "open_sources", "other_size", "pixel_size_of"]

T = TypeVar("T")

_GIVE = "Give it: pixel_size_um=, --pixel-size-um or the sheet's column."


@dataclass(frozen=True)
class Sources:
    """What a sample's files hold; None for a level that is not there."""

    sample: Sample
    image: Image | None
    mask: Mask | None
    table: CellTable | None
    ids: np.ndarray | None  # int64, the label of each row of the table
    ids_are_labels: bool  # False: row numbers, which say nothing of the mask
    channel_frame: pd.DataFrame  # one row a channel, reconciled
    pixel_size_um: float | None
    measured: Measured
    findings: Findings

    @property
    def objects(self) -> pd.DataFrame | None:
        """The objects of the mask, measured when they are first asked for; None without a mask."""
        return self.measured.objects


def open_sources(
    sample: Sample,
    question: Question = MEANS,
    *,
    image: Image | None = None,
    mask: Mask | None = None,
    nuclei: Mask | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Sources:
    """Open the files of a sample and hold them against each other.

    Parameters
    ----------
    sample
        The sample.
    question
        What to measure where there is no table.
    image, mask
        The sample's, where they are open already.
    nuclei
        A second mask.
    progress
        As for :func:`htan_kit.pixels.measure`.

    Returns
    -------
    The opened files. Pixels are gone over when they are needed: the mask at once where there is a table, since its rows
    are held against the objects; in a run everything in one pass.

    Raises
    ------
    InputError
        The sample has no files, one of them cannot be read, or the mask has another size than the image; all such
        problems at once.
    """
    findings = Findings(sample.findings)
    problems = Findings()
    if image is None and sample.image is not None:
        path = sample.image
        image = _try(problems, lambda: read_image(path, findings=findings))
    if mask is None and sample.mask is not None:
        path, size_px = sample.mask, (image.height, image.width) if image is not None else None
        chosen = sample.object_class or None
        mask = _try(problems, lambda: read_mask(path, object_class=chosen, shape=size_px, findings=findings))
    channel_table = _try(problems, lambda: _channels(sample, findings))
    table = _try(problems, lambda: _table(sample, findings))
    for other in (mask, nuclei):
        if image is not None and other is not None and other.shape != (image.height, image.width):
            problems.extend(other_size(image, other).findings)
    if not len(problems) and image is None and mask is None and table is None:
        raise InputError.of("sample.files", sample.name, "The sample has neither image, mask nor table.", "Give one.")
    features = list(table.markers) if table is not None else None
    channel_frame = _try(
        problems,
        lambda: reconcile(
            channel_table,
            list(image.channels) if image is not None else None,
            features,
            subject=sample.channels.name if sample.channels else sample.name,
            findings=findings,
        ),
    )
    if len(problems) or channel_frame is None:
        raise InputError(*problems)
    size = pixel_size_of(sample, image, mask, findings)
    table = table.placed(size) if table is not None else None
    measured = Measured(
        image, mask, nuclei, question, table is not None, channel_frame, size, findings, sample.cache, progress,
        sample.object_class,
    )  # fmt: skip
    ids, are_labels = cell_ids(table, mask, findings) if table is not None else (None, True)
    if ids is not None and are_labels and table is not None and mask is not None and measured.objects is not None:
        levels = [level.downsample for level in image.levels] if image is not None else []
        findings.extend(check_rows(ids, table, mask, measured.objects, pixel_size_um=size, downsamples=levels))
    return Sources(sample, image, mask, table, ids, are_labels, channel_frame, size, measured, findings)


def _try(problems: Findings, action: Callable[[], T]) -> T | None:
    """Run one step; what is wrong with it is collected, so that the user hears of all steps at once."""
    try:
        return action()
    except InputError as problem:
        problems.extend(problem.findings)
        return None


def _channels(sample: Sample, findings: Findings) -> pd.DataFrame | None:
    return read_channels(sample.channels, panel=sample.panel, findings=findings) if sample.channels else None


def _table(sample: Sample, findings: Findings) -> CellTable | None:
    return read_table(sample.table, image=sample.table_image, findings=findings) if sample.table else None


def other_size(image: Image, mask: Mask) -> InputError:
    """Make the error of a mask that has another size than the image.

    Parameters
    ----------
    image
        The image.
    mask
        The mask.

    Returns
    -------
    The error; its hint names the pyramid level that has the mask's size.
    """
    message = f"The mask is {mask.shape[0]} x {mask.shape[1]} px, the image {image.height} x {image.width} px."
    same = next((i for i, level in enumerate(image.levels) if (level.height, level.width) == mask.shape), None)
    hint = "Give the mask that was made from this image."
    if same is not None:
        hint = f"It has the size of pyramid level {same}: enlarge it to full resolution (nearest neighbour)."
    return InputError.of("mask.size", mask.path, message, hint)


def pixel_size_of(sample: Sample, image: Image | None, mask: Mask | None, findings: Findings) -> float | None:
    """Choose the pixel size of a sample: given, else the image's, else the mask's, else the manifest's.

    Parameters
    ----------
    sample
        The sample.
    image, mask
        Its opened files.
    findings
        Where to say which was taken, and what disagrees.

    Returns
    -------
    The side of a pixel in µm, None when nobody says.
    """
    given, subject = sample.pixel_size_um, (sample.image or sample.mask or sample.name)
    header = image.pixel_size_um if image is not None else None
    recorded = _recorded(sample)
    if given is not None:
        if header is not None and not math.isclose(given, header, rel_tol=0.01):
            message = f"{given:g} µm per pixel was given, the header says {header:g}; the given one is used."
            findings.append(warning("image.pixel-size-disagrees", subject, message, "Check which is right."))
        return given
    if header is not None:
        if recorded is not None and not math.isclose(recorded, header, rel_tol=0.01):
            message = f"The header says {header:g} µm per pixel, the manifest {recorded:g}; the header is used."
            findings.append(warning("image.pixel-size-disagrees", subject, message, "Correct the wrong one."))
        return header
    if mask is not None and mask.pixel_size_um is not None:
        message = f"The pixel size, {mask.pixel_size_um:g} µm, is the mask's; the image gives none."
        findings.append(info("image.pixel-size", subject, message, "Write it into the image's header."))
        return mask.pixel_size_um
    if recorded is not None:
        message = f"The pixel size, {recorded:g} µm, is the manifest's; the image gives none that can be used."
        findings.append(info("image.pixel-size", subject, message, "Write it into the image's header."))
        return recorded
    message = "The pixel size is not known: nothing can be said in µm."
    findings.append(warning("image.pixel-size-unknown", subject, message, _GIVE))
    return None


def _recorded(sample: Sample) -> float | None:
    record = sample.unit.level2 if sample.unit is not None else None
    if record is None:
        return None
    for name in ("PHYSICAL_SIZE_X", "PhysicalSizeX"):
        try:
            size = float(record.attributes.get(name, ""))
        except ValueError:
            continue
        if 0 < size <= 10:
            return size
    return None
