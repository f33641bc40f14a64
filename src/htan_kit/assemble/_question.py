"""What is asked of the pixels of a sample."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from htan_kit.errors import InputError
from htan_kit.io.mask import Mask, read_mask
from htan_kit.pixels import measure
from htan_kit.pixels._picture import plan_picture

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    import pandas as pd

    from htan_kit.findings import Findings
    from htan_kit.io.image import Image
    from htan_kit.pixels import Measurement

__all__ = ["EVERYTHING", "MEANS", "Question", "cycles_of", "open_masks"]


@dataclass(frozen=True, slots=True)
class Question:
    """What to measure; :func:`htan_kit.pixels.measure` says what each of these means.

    ``picture_px`` is the longest side of the small picture, 0 for none; ``cycles`` asks for the comparison of nuclear
    channels, which the channel table names.
    """

    spread: bool = False
    channels: bool = False
    focus: bool = False
    tissue: bool = False
    cycles: bool = False
    quantiles: tuple[float, ...] = ()
    ring_um: float = 0.0
    skip_bad_tiles: bool = False
    picture_px: int = 0

    def ring_px(self, pixel_size_um: float | None) -> float:
        """Give the width of the ring in px.

        Parameters
        ----------
        pixel_size_um
            Side of a pixel in µm, None when unknown.

        Raises
        ------
        InputError
            There is a ring, and the pixel size is not known.
        """
        if not self.ring_um:
            return 0.0
        if not math.isfinite(self.ring_um) or self.ring_um < 0:
            message = f"A ring of {self.ring_um:g} µm cannot be measured."
            raise InputError.of("measure.ring", "ring_um", message, "Give a width in µm, such as 2.")
        if pixel_size_um is None:
            message = f"A ring of {self.ring_um:g} µm needs the pixel size, which is not known."
            raise InputError.of("measure.ring", "ring_um", message, "Give pixel_size_um= (--pixel-size-um).")
        return self.ring_um / pixel_size_um

    def ask(
        self,
        image: Image | None,
        mask: Mask | None,
        *,
        nuclei: Mask | None = None,
        frame: pd.DataFrame | None = None,
        pixel_size_um: float | None = None,
        like: Image | None = None,
        workers: int | None = None,
        progress: Callable[[str, float], None] | None = None,
        findings: Findings | None = None,
    ) -> Measurement:
        """Measure.

        Parameters
        ----------
        image, mask, nuclei
            The files; None for what is not there.
        frame
            One row a channel, for the cycles; None where that is not known.
        pixel_size_um
            Side of a pixel in µm, for the ring.
        like
            The image whose picture the labels are to lie on, where only places and areas of objects are asked for.
        workers, progress, findings
            As for :func:`htan_kit.pixels.measure`.
        """
        shown = image or like
        plan = None
        if shown is not None and self.picture_px:
            plan = plan_picture(shown, self.picture_px, pyramid=not self.skip_bad_tiles)
        asked = {name: getattr(self, name) for name in ("spread", "channels", "focus", "tissue", "skip_bad_tiles")}
        return measure(
            image, mask, **asked, shapes=like is None, stains=True, nuclei=nuclei,
            ring_px=self.ring_px(pixel_size_um), quantiles=self.quantiles,
            cycles=cycles_of(frame) if self.cycles and image is not None else (), picture=plan,
            workers=workers, progress=progress, findings=findings,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Give what JSON can hold."""
        return asdict(self)


MEANS = Question(picture_px=1024)
"""Means and shapes: what a Level 4 table holds."""

EVERYTHING = Question(spread=True, channels=True, focus=True, tissue=True, cycles=True, picture_px=1024)
"""What a run measures once, for quality control and Level 4."""


def cycles_of(frame: pd.DataFrame | None) -> tuple[int, ...]:
    """Find the nuclear channels that show the same nuclei: the first of each cycle.

    Parameters
    ----------
    frame
        One row a channel: ``role``, ``channel_index`` and, where it is known, ``cycle_number``.

    Returns
    -------
    Their indices in the order of the planes; nothing where there are less than two.

    Examples
    --------
    >>> import pandas as pd
    >>> from htan_kit.assemble._question import cycles_of
    >>> roles = ["nuclear", "marker", "nuclear", "nuclear"]
    >>> cycles_of(pd.DataFrame({"role": roles, "channel_index": range(4), "cycle_number": [1, 1, 2, 2]}))
    (0, 2)
    """
    if frame is None or "role" not in frame:
        return ()
    nuclear = frame[(frame["role"] == "nuclear") & frame["channel_index"].notna()]
    if "cycle_number" in nuclear:
        nuclear = nuclear[nuclear["cycle_number"].isna() | ~nuclear["cycle_number"].duplicated()]
    found = tuple(dict.fromkeys(int(index) for index in nuclear["channel_index"]))
    return found if len(found) > 1 else ()


def open_masks(
    image: Image | None,
    mask: str | os.PathLike[str] | Mask | None,
    nucleus: str | os.PathLike[str] | Mask | None,
    findings: Findings,
) -> tuple[Mask | None, Mask | None]:
    """Open a mask and that of its nuclei, those that are not open yet.

    Parameters
    ----------
    image
        The image they belong to, whose size outlines need; None where there is none.
    mask, nucleus
        Files or masks.
    findings
        Where to collect what is odd.
    """
    size = None if image is None else (image.height, image.width)
    cells, nuclei = (
        file if isinstance(file, Mask) or file is None else read_mask(file, shape=size, findings=findings)
        for file in (mask, nucleus)
    )
    return cells, nuclei
