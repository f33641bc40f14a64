"""Level 3: a segmentation mask, an image whose values are the labels of objects; 0 is background."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from htan_kit.errors import InputError
from htan_kit.findings import Findings, report
from htan_kit.io._labels import labels_of
from htan_kit.io._mask_file import classes_in, open_mask_file
from htan_kit.io._paths import located
from htan_kit.io._whole_file import whole_file
from htan_kit.io.image import BLOCK_BYTES, Image, Window
from htan_kit.io.outlines import is_outlines, open_outlines, read_found

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import pandas as pd

__all__ = ["Mask", "object_classes", "read_mask"]


@dataclass(frozen=True)
class Mask:
    """A Level 3 mask on disk. Labels are decoded, or drawn, by :meth:`read` and :meth:`blocks`.

    Made by :func:`read_mask`.
    """

    image: Image
    notes: pd.DataFrame | None = field(default=None, compare=False, repr=False)
    """What a file of outlines says of each object (index ``label``): ``object_id``, ``name``, ``classification``."""

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

    @property
    def object_ids(self) -> pd.Series | None:
        """Ids of the objects in their program, index ``label``; None where labels are all there is."""
        return None if self.notes is None or "object_id" not in self.notes else self.notes["object_id"]

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
            A value is fractional, negative, not finite or beyond 2^53: this is no label mask.

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

        return labels_of(values, self.path).astype(np.int64, copy=False)

    def __repr__(self) -> str:
        return f"<Mask {self.path.name}: {self.shape[0]} x {self.shape[1]} px, {self.dtype}>"


def read_mask(
    path: str | os.PathLike[str],
    *,
    object_class: str | int | None = None,
    shape: tuple[int, int] | None = None,
    z: int | None = None,
    findings: Findings | None = None,
) -> Mask:
    """Open a Level 3 mask: labels in an image of any format, or outlines that are drawn as labels.

    Parameters
    ----------
    path
        An image of whole numbers; GeoJSON (as QuPath exports it), or a table of corners (CSV of an id, x and y).
    object_class
        Which objects, where the file holds several: the name of a channel or class (``"nucleus"`` finds ``nuclear``
        and ``nuclei`` too), or the 0-based index of a channel. None where there is one.
    shape
        (height, width) of the image that outlines belong to; None for as far as they reach. Images have their own.
    z
        Which plane (0-based) of a stack; None where there is one.
    findings
        Where to collect what is odd but usable; None shows it as Python warnings.

    Returns
    -------
    The lazy mask. Outlines are in px from the upper left corner of the image; a pixel belongs to the first object of
    the file that its centre lies in, labels are ids that are whole numbers, else the places of the objects from 1 on.

    Raises
    ------
    InputError
        The file cannot be read; it is a colour picture, a probability map, a stack of planes, or was compressed with
        loss; it holds several classes of objects and none is chosen; it holds points.

    References
    ----------
    HTAN Manual, Imaging Level 3: integer labels, one channel an object type. HTAN phase 1, Imaging Segmentation Data
    Type: Mask, Outline, Polygon, Probability Map, Point. RFC 7946 (GeoJSON).

    Examples
    --------
    >>> import htan_kit as hk
    >>> hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff").dtype
    dtype('uint32')
    """
    place = located(path)
    if not is_outlines(place):
        return Mask(open_mask_file(place, object_class, z, findings))
    found = Findings()
    name = None if object_class is None else str(object_class)
    outlines = whole_file(open_outlines)(place, shape=shape, object_class=name, findings=found)
    for finding in found:
        report(findings, finding)
    return Mask(outlines.image(place, found), outlines.notes)


def object_classes(path: str | os.PathLike[str]) -> list[str]:
    """Name the classes of objects of a mask file that holds several; pixels are not read.

    Parameters
    ----------
    path
        As for :func:`read_mask`.

    Returns
    -------
    What ``object_class`` may be; empty where there is no choice, or the file cannot be read.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.io.mask import object_classes
    >>> object_classes(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff")
    []
    """
    place = located(path)
    try:
        return list(whole_file(read_found)(place).shapes) if is_outlines(place) else classes_in(place)
    except InputError:
        return []
