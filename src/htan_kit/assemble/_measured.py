"""What the pixels of a sample say, measured when it is first asked for and not again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from htan_kit.assemble._kept import kept
from htan_kit.assemble._question import EVERYTHING, Question, cycles_of
from htan_kit.errors import InputError
from htan_kit.findings import Findings
from htan_kit.pixels import channel_statistics, sampled_means, thumbnail
from htan_kit.pixels._picture import Picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from htan_kit.io.image import Image
    from htan_kit.io.mask import Mask
    from htan_kit.pixels import Measurement

__all__ = ["Measured"]


@dataclass(frozen=True)
class Measured:
    """The pixels of a sample.

    In a run everything is measured in one pass and kept in the sample's folder (``cache``). Elsewhere a sample with a
    table needs only its mask; one without is measured as ``question`` says.

    Parameters
    ----------
    image, mask, nuclei
        The files; None for what is not there.
    question
        What is asked of a sample without a table.
    has_table
        Whether Level 4 is there.
    frame
        One row a channel.
    pixel_size_um
        Side of a pixel in µm, None when unknown.
    findings
        Where to put what is odd.
    cache
        Where measurements are kept, None for nowhere.
    progress
        As for :func:`htan_kit.pixels.measure`.
    object_class
        Which objects of the mask's file these are, where it holds several.
    """

    image: Image | None
    mask: Mask | None
    nuclei: Mask | None
    question: Question
    has_table: bool
    frame: pd.DataFrame
    pixel_size_um: float | None
    findings: Findings
    cache: Path | None = None
    progress: Callable[[str, float], None] | None = None
    object_class: str = ""

    @cached_property
    def found(self) -> Measurement:
        """The one pass."""
        if self.cache is not None:
            files = {"image": self.image, "mask": self.mask}
            paths = {role: file.path for role, file in files.items() if file is not None}
            found = kept(self.cache, self._asked(), paths, self._everything, findings=self.findings)
            self.findings.extend(found.findings)
            return found
        whole = self.image is not None and not self.has_table
        return self.question.ask(
            self.image if whole else None, self.mask, nuclei=self.nuclei, frame=self.frame,
            pixel_size_um=self.pixel_size_um, like=None if whole else self.image, progress=self.progress,
            findings=self.findings,
        )  # fmt: skip

    def _everything(self) -> Measurement:
        return EVERYTHING.ask(
            self.image, self.mask, frame=self.frame, pixel_size_um=self.pixel_size_um, progress=self.progress,
            findings=Findings(),
        )  # fmt: skip

    def _asked(self) -> dict[str, object]:
        chosen = {"cycles": list(cycles_of(self.frame)), "object_class": self.object_class}
        return EVERYTHING.to_dict() | chosen

    @cached_property
    def objects(self) -> pd.DataFrame | None:
        """The objects of the mask: label, area, place, box; None without a mask."""
        return None if self.mask is None else self.found.objects

    @cached_property
    def channels(self) -> pd.DataFrame | None:
        """One row a channel, as :func:`htan_kit.pixels.channel_statistics` gives it; None without an image."""
        if self.image is None:
            return None
        if self.cache is not None and self.found.channels is not None:
            return self.found.channels
        return channel_statistics(self.image)

    def means(self, labels: np.ndarray) -> np.ndarray:
        """Give the means of some objects.

        Parameters
        ----------
        labels
            int64 (objects,), sorted; all in the mask.

        Returns
        -------
        float64 (objects, channels).

        Raises
        ------
        InputError
            There is no image or no mask, or a tile cannot be decoded.
        """
        if self.image is None or self.mask is None or self.objects is None:
            raise InputError.of("measure.nothing", "measure", "There is no image, or no mask.", "Give both.")
        if self.found.mean is not None:
            return np.asarray(self.found.mean[np.searchsorted(self.found.labels, labels)])
        return sampled_means(self.image, self.mask, self.objects, labels)

    @cached_property
    def picture(self) -> Picture | None:
        """The image made small, and the labels on it; None without an image."""
        if self.image is None:
            return None
        px = self.question.picture_px
        have = self.found.picture if self.mask is not None or self.cache is not None else None
        if have is not None and have.pixels is not None:
            return have
        pixels, scale = thumbnail(self.image, px)
        return Picture(pixels, None if have is None else have.labels, scale)
