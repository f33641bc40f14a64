"""Level 3: a segmentation mask, an image whose values are the labels of objects; 0 is background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, report
from htan_kit.io.image import BLOCK_BYTES, Image, Window, read_image

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np

__all__ = ["Mask", "read_mask"]

_OF_AN_IMAGE = {"image.ome-xml", "image.axes"}  # rules on Level 2 files that a plain TIFF mask need not keep


@dataclass(frozen=True)
class Mask:
    """A Level 3 mask on disk. Labels are decoded by :meth:`read` and :meth:`blocks`.

    Made by :func:`read_mask`.
    """

    image: Image

    @property
    def path(self) -> Path:
        """The file."""
        return self.image.path

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in px."""
        return self.image.height, self.image.width

    @property
    def dtype(self) -> np.dtype:
        """Type the labels are stored in."""
        return self.image.dtype

    @property
    def pixel_size_um(self) -> float | None:
        """Side of a pixel in µm, None when the header does not say."""
        return self.image.pixel_size_um

    def read(self, window: Window | None = None) -> np.ndarray:
        """Read labels.

        Parameters
        ----------
        window
            y0, y1, x0, x1 in px; None for all.

        Returns
        -------
        (height, width) int64 labels.

        Raises
        ------
        InputError
            A value is fractional, negative or not finite: this is no label mask.

        Examples
        --------
        >>> import htan_kit as hk
        >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
        >>> mask.read((0, 8, 0, 8)).shape
        (8, 8)
        """
        return self._labels(self.image.read([0], window)[0])

    def blocks(self, *, max_bytes: int = BLOCK_BYTES // 4) -> Iterator[tuple[Window, np.ndarray]]:
        """Go over all labels in bounded memory.

        Parameters
        ----------
        max_bytes
            Stored labels held at a time (int64 needs up to eight times as much).

        Yields
        ------
        The window (y0, y1, x0, x1) and its (height, width) int64 labels.

        Examples
        --------
        >>> import htan_kit as hk
        >>> mask = hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
        >>> sum(labels.size for window, labels in mask.blocks()) == mask.shape[0] * mask.shape[1]
        True
        """
        for window, _, pixels in self.image.blocks(max_bytes=max_bytes):
            yield window, self._labels(pixels[0])

    def _labels(self, values: np.ndarray) -> np.ndarray:
        import numpy as np

        hint = "A Level 3 mask holds one whole number per object, 0 for background; is this a probability map?"
        if values.dtype.kind == "f":
            wrong = ~np.isfinite(values) | (values != np.floor(values)) | (np.abs(values) > 2**53)
            if wrong.any():
                message = f"The mask holds values that are no labels, such as {values[wrong][0]:g}."
                raise InputError.of("mask.labels", self.path, message, hint, "HTAN Manual, Level 3")
        if values.dtype.kind in "fi" and values.size and values.min() < 0:
            message = f"The mask holds negative values, such as {values.min():g}."
            raise InputError.of("mask.labels", self.path, message, hint, "HTAN Manual, Level 3")
        if values.dtype.kind == "u" and values.size and values.max() > 2**53:
            message = f"The mask holds the label {values.max()}; labels beyond 2^53 are not kept by other tools."
            raise InputError.of("mask.labels", self.path, message, hint, "HTAN Manual, Level 3")
        return values.astype(np.int64)

    def __repr__(self) -> str:
        return f"<Mask {self.path.name}: {self.shape[0]} x {self.shape[1]} px, {self.dtype}>"


def read_mask(path: str | os.PathLike[str], *, findings: Findings | None = None) -> Mask:
    """Open a Level 3 mask.

    Parameters
    ----------
    path
        A TIFF or OME-TIFF of one channel of whole numbers.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    The lazy mask.

    Raises
    ------
    InputError
        The file cannot be read as an image, is RGB, or has several channels.

    References
    ----------
    HTAN Manual, Imaging Level 3: integer labels, one channel an object type.

    Examples
    --------
    >>> import htan_kit as hk
    >>> hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff").dtype
    dtype('uint32')
    """
    found = Findings()
    image = read_image(path, findings=found)
    for finding in found:
        if finding.rule not in _OF_AN_IMAGE:
            report(findings, finding)
    hint = "Save each object type as a mask of its own."
    if image.is_rgb:
        message = "The mask is a colour picture, not labels."
        raise InputError.of("mask.labels", image.path, message, "Export labels, not an overlay.")
    if image.n_channels > 1:
        names = ", ".join(name or "?" for name in image.channel_names)
        message = f"The mask has {image.n_channels} channels ({names}); one is expected."
        raise InputError.of("mask.channels", image.path, message, hint, "HTAN Manual, Level 3")
    if image.dtype.kind not in "buif":
        raise InputError.of("mask.labels", image.path, f"Values of type {image.dtype} are no labels.", hint)
    return Mask(image)
