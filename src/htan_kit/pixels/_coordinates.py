"""How the coordinates of a table relate to the objects of a mask: which simple mistake explains them best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from htan_kit.pixels._labels_at import labels_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from htan_kit.io.mask import Mask

__all__ = ["Explanation", "explain_coordinates", "explain_ids"]

CLOSE_PX: Final = 1.0
_MARGIN: Final = 0.02  # a simpler explanation is preferred unless another explains this much more
_MIN_CELLS: Final = 10  # below it, a constant offset explains anything
_SAMPLED: Final = 2000
_LOOKED_UP: Final = 500
_FACTORS: Final = (2.0, 4.0, 8.0, 16.0, 32.0)
_TURNS: Final = {
    "": lambda xy, _: xy,
    "x and y are swapped": lambda xy, _: xy[:, ::-1],
    "y is flipped (counted from the bottom)": lambda xy, shape: xy * [1, -1] + [0, shape[0] - 1],
    "x is flipped (counted from the right)": lambda xy, shape: xy * [-1, 1] + [shape[1] - 1, 0],
    "the image is turned by 180°": lambda xy, shape: [shape[1] - 1, shape[0] - 1] - xy,
    "the image is turned by 90° clockwise": lambda xy, shape: xy[:, ::-1] * [1, -1] + [0, shape[0] - 1],
    "the image is turned by 90° counter-clockwise": lambda xy, shape: xy[:, ::-1] * [-1, 1] + [shape[1] - 1, 0],
    "the image is transposed and turned": lambda xy, shape: [shape[1] - 1, shape[0] - 1] - xy[:, ::-1],
}


class Explanation(NamedTuple):
    """What explains the coordinates best.

    Parameters
    ----------
    share
        Of centroids that lie where they should as the table has them (0 to 1).
    what
        The mistakes in words, joined by " and "; empty where none explains more.
    explained
        Share that lies where it should once the mistakes are undone.
    n
        Objects that were looked at.
    shift_px
        Median difference of the table's centroids from the mask's (x, y), as the table has them; NaN where it is not
        known which object is meant.
    """

    share: float
    what: str
    explained: float
    n: int
    shift_px: tuple[float, float]


class _Hypothesis(NamedTuple):
    what: tuple[str, ...]
    xy: np.ndarray
    tolerance: float


def explain_coordinates(
    xy: np.ndarray,
    own: np.ndarray,
    shape: tuple[int, int],
    *,
    pixel_size_um: float | None = None,
    downsamples: Sequence[float] = (),
    seed: int = 0,
) -> Explanation:
    """Find the simple mistake that explains best why centroids of a table are not those of the mask.

    Parameters
    ----------
    xy
        float (objects, 2): x, y as the table has them.
    own
        float (objects, 2): x, y of the same objects in the mask, in px.
    shape
        (height, width) of the mask in px.
    pixel_size_um
        Side of a pixel in µm, None when unknown.
    downsamples
        Of the image's pyramid levels; 2, 4, 8, 16 and 32 are tried where there are none.
    seed
        Of the draw, where there are more than 2000 objects.

    Returns
    -------
    The explanation. Tried are: x and y swapped, axes flipped and turned, µm instead of px, another pyramid level, each
    with and without a constant offset (the table or the mask was cropped). A centroid lies right within 1 px, of the
    level that is meant.

    Examples
    --------
    >>> import numpy as np
    >>> from htan_kit.pixels import explain_coordinates
    >>> own = np.random.default_rng(0).random((50, 2)) * [90, 60]
    >>> found = explain_coordinates(own[:, ::-1] * 0.5, own, (60, 90), pixel_size_um=0.5)
    >>> found.share, found.what, found.explained
    (0.0, 'x and y are swapped and they are in µm', 1.0)
    """
    finite = np.flatnonzero(np.isfinite(xy).all(axis=1) & np.isfinite(own).all(axis=1))
    if not len(finite):
        return Explanation(float("nan"), "", float("nan"), 0, (float("nan"), float("nan")))
    drawn = np.random.default_rng(seed).permutation(finite)[:_SAMPLED]
    told, meant = xy[drawn], own[drawn]
    residual = told - meant
    share = float((np.hypot(*residual.T) <= CLOSE_PX).mean())
    dx, dy = (float(value) for value in np.median(residual, axis=0))
    best: tuple[float, tuple[str, ...]] = (share, ())
    for guess in _hypotheses(told, shape, pixel_size_um, downsamples):
        difference = guess.xy - meant
        explained = float((np.hypot(*difference.T) <= guess.tolerance).mean())
        if explained > best[0] + _MARGIN:
            best = (explained, guess.what)
        if len(drawn) < _MIN_CELLS:
            continue
        offset = np.median(difference, axis=0)
        explained = float((np.hypot(*(difference - offset).T) <= guess.tolerance).mean())
        if explained > best[0] + _MARGIN:
            best = (explained, (*guess.what, _offset_words(offset)))
    return Explanation(share, " and ".join(best[1]), best[0], len(drawn), (dx, dy))


def _hypotheses(
    xy: np.ndarray, shape: tuple[int, int], pixel_size_um: float | None, downsamples: Sequence[float]
) -> Iterator[_Hypothesis]:
    """Undo each mistake, the simple ones first."""
    scaled = [_Hypothesis((), xy, CLOSE_PX)]
    if pixel_size_um is not None and abs(pixel_size_um - 1) > 1e-6:
        scaled.append(_Hypothesis(("they are in µm",), xy / pixel_size_um, CLOSE_PX))
    for factor in sorted({f for f in downsamples if f > 1} or _FACTORS):
        words = f"they are pixels of a level {factor:g} times smaller"
        scaled.append(_Hypothesis((words,), (xy + 0.5) * factor - 0.5, CLOSE_PX * factor))
        words = f"they are pixels of an image {factor:g} times larger"
        scaled.append(_Hypothesis((words,), (xy + 0.5) / factor - 0.5, CLOSE_PX))
    turned = [
        _Hypothesis((*((turn,) if turn else ()), *scale.what), undo(scale.xy, shape), scale.tolerance)
        for turn, undo in _TURNS.items()
        for scale in scaled
    ]
    yield from sorted(turned, key=lambda guess: len(guess.what))  # stable: turns before scales


def _offset_words(offset: np.ndarray) -> str:
    dx, dy = (float(value) for value in offset)
    if abs(dx - 1) < 0.2 and abs(dy - 1) < 0.2:
        return "they are counted from 1"
    return f"they are off by {dx:.1f}, {dy:.1f} px (x, y)"


def explain_ids(
    ids: np.ndarray,
    xy: np.ndarray,
    mask: Mask,
    *,
    pixel_size_um: float | None = None,
    downsamples: Sequence[float] = (),
    seed: int = 0,
) -> tuple[Explanation, str]:
    """Find how a table whose ids do not tell its objects lies over a mask: by what its centroids hit.

    Parameters
    ----------
    ids
        int (objects,): the table's ids.
    xy
        float (objects, 2): x, y as the table has them.
    mask
        The mask.
    pixel_size_um, downsamples, seed
        As for :func:`explain_coordinates`; 500 objects are drawn.

    Returns
    -------
    The explanation, where a centroid lies right when it hits an object of its own; and how the ids of the table
    relate to the labels that are hit, in words: empty for not at all.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels import explain_ids
    >>> folder = hk.datasets.sample()
    >>> table = hk.read_table(folder / "level4" / "HTA200_1_D4.csv")
    >>> mask = hk.read_mask(folder / "level3" / "HTA200_1_D2.ome.tiff")
    >>> explain_ids(table.ids - 1, table.xy_px, mask)[1]
    'ids of the table are labels minus 1'
    """
    finite = np.flatnonzero(np.isfinite(xy).all(axis=1))
    drawn = np.random.default_rng(seed).permutation(finite)[:_LOOKED_UP]
    nowhere = (float("nan"), float("nan"))
    if not len(drawn):
        return Explanation(float("nan"), "", float("nan"), 0, nowhere), ""
    guesses = [*_hypotheses(xy[drawn], mask.shape, pixel_size_um, downsamples)]
    hit = labels_at(mask, np.concatenate([guess.xy for guess in guesses])).reshape(len(guesses), len(drawn))
    shares = [len(np.setdiff1d(labels, [0])) / len(drawn) for labels in hit]
    best = 0
    for number, share in enumerate(shares):
        if share > shares[best] + _MARGIN:
            best = number
    found = Explanation(shares[0], " and ".join(guesses[best].what), shares[best], len(drawn), nowhere)
    return found, _relation(ids[drawn], hit[best])


def _relation(ids: np.ndarray, labels: np.ndarray) -> str:
    on_object = labels > 0
    if on_object.sum() < _MIN_CELLS:
        return ""
    differences, counts = np.unique(labels[on_object] - ids[on_object], return_counts=True)
    common = int(differences[counts.argmax()])
    if not common or counts.max() < 0.9 * on_object.sum():
        return ""
    return f"ids of the table are labels {'minus' if common > 0 else 'plus'} {abs(common):,}"
