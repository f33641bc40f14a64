"""What may be a label: a whole number from 0 on, the same all over an object. Everything else is refused and named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from htan_kit.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

__all__ = ["is_picture", "labels_of", "probability_map"]

_SOURCE: Final = "HTAN Manual, Level 3"
_LARGEST: Final = 2**53  # what every program keeps, those that read numbers as floats too
_PAIRS: Final = 1000  # neighbours to judge by
_HINT: Final = "A Level 3 mask holds one whole number per object, 0 for background."
_SEGMENT: Final = (
    "Labels of single objects are needed: segment it first (s3segmenter, CellProfiler's IdentifyPrimaryObjects, or "
    "skimage.segmentation.watershed) and give the instance mask."
)


def labels_of(values: np.ndarray, path: Path) -> np.ndarray:
    """Take stored values for labels; the one place that decides what is one.

    Parameters
    ----------
    values
        Any part of a mask, as stored.
    path
        The file, for messages.

    Returns
    -------
    The same numbers as uint8, uint16, uint32 or int64; not copied where they are unsigned already.

    Raises
    ------
    InputError
        ``mask.probability`` (fractions from 0 to 1), ``mask.labels`` (other fractions, NaN), ``mask.negative``,
        ``mask.label-too-large``.

    Examples
    --------
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from htan_kit.io._labels import labels_of
    >>> labels_of(np.array([[0.0, 7.0]], np.float32), Path("m.tif"))
    array([[0, 7]])
    """
    import numpy as np

    kind, size = values.dtype.kind, values.dtype.itemsize
    if kind == "b":
        return values.view(np.uint8)
    if kind not in "uif":
        raise InputError.of("mask.labels", path, f"Values of type {values.dtype} are no labels.", _HINT, _SOURCE)
    if kind == "u" and size <= 4 or not values.size:
        return values if kind == "u" and size <= 4 else values.astype(np.int64)
    if kind == "f":
        _check_whole(values, path)
    low, high = values.min(), values.max()
    if low < 0:
        message = f"The mask holds negative values, such as {low:g}."
        hint = "If they mark background or lines between objects, write it again with these set to 0."
        raise InputError.of("mask.negative", path, message, hint, _SOURCE)
    exact = 2 ** (np.finfo(values.dtype).nmant + 1) - 1 if kind == "f" else _LARGEST
    if high > exact:
        if kind == "f":
            message = f"The mask holds the label {high:.0f} as {values.dtype}, which is exact only up to {exact}."
        else:
            message = f"The mask holds the label {high}; labels beyond 2^53 are not kept by other tools."
        raise InputError.of("mask.label-too-large", path, message, "Number the objects from 1 on.", _SOURCE)
    if kind == "i" and size <= 4:
        return values.view(f"u{size}")
    return values.astype(np.int64)


def _check_whole(values: np.ndarray, path: Path) -> None:
    import numpy as np

    wrong = ~np.isfinite(values) | (values != np.floor(values))
    if not wrong.any():
        return
    some = values[wrong][0]
    if np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1:
        raise probability_map(path, f"The mask holds fractions from 0 to 1, such as {some:g}: it is a probability map.")
    message = f"The mask holds values that are no labels, such as {some:g}."
    raise InputError.of("mask.labels", path, message, _HINT, _SOURCE)


def probability_map(path: Path, message: str) -> InputError:
    """Make the error for a mask that says how likely a pixel is an object, not which.

    Parameters
    ----------
    path
        The file.
    message
        How it shows.

    Returns
    -------
    The error, rule ``mask.probability``; its hint says which tools make labels of it.
    """
    return InputError.of("mask.probability", path, message, _SEGMENT, _SOURCE)


def is_picture(labels: np.ndarray) -> bool:
    """Tell whether values change from pixel to pixel, as in a probability map or a microscope's image.

    Neighbours that are no background often differ, and most patches of one value are of one or two pixels. Objects of
    a mask are larger, rings of one pixel's width and touching cells too; seeds of one pixel touch no others.

    Parameters
    ----------
    labels
        (height, width) whole numbers, a piece of a mask.

    Returns
    -------
    False too where there is too little to judge by.

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.io._labels import is_picture
    >>> rng = np.random.default_rng(0)
    >>> objects = np.kron(rng.permutation(99 * 99).reshape(99, 99), np.ones((3, 3), int))  # of 3 x 3 px
    >>> is_picture(rng.poisson(50, (99, 99))), is_picture(objects)
    (True, False)
    """
    import numpy as np

    left, right = labels[:, :-1], labels[:, 1:]
    both = (left != 0) & (right != 0)
    n = np.count_nonzero(both)
    if n < _PAIRS or np.count_nonzero(both & (left != right)) < 0.25 * n:
        return False
    from skimage.measure import label  # half a second, which a mask of objects need not wait for

    sizes = np.bincount(label(labels, background=0, connectivity=2).reshape(-1))[1:]
    return bool(np.median(sizes) <= 2)
