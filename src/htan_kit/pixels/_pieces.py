"""Whether what a mask holds hangs together, decided over the whole mask in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from htan_kit.io.mask import Mask

__all__ = ["in_pieces"]


def in_pieces(mask: Mask) -> bool:
    """Tell whether the pixels that are not background form more than one piece (4-connected).

    Blocks are labelled one by one; what touches along their borders is joined, so that an object cut by a border is
    one piece. Only pieces that touch a border are kept: two that touch none settle it.

    Parameters
    ----------
    mask
        The opened mask.

    Returns
    -------
    True for several pieces, as in a binary mask of many cells.

    Examples
    --------
    >>> import htan_kit as hk
    >>> from htan_kit.pixels._pieces import in_pieces
    >>> in_pieces(hk.read_mask(hk.datasets.sample() / "level3" / "HTA200_1_D2.ome.tiff"))
    True
    """
    parents: list[int] = [0]  # of each piece that touches a border; 0 is background
    joined = closed = 0
    above = np.zeros(mask.shape[1], np.int64)  # the last row of what was seen, column by column
    beside = np.zeros(0, np.int64)  # the last column of the block to the left
    for (_, _, x0, x1), labels in mask.blocks():
        pieces, n = ndimage.label(labels > 0)
        edges = np.concatenate([pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]])
        open_pieces = np.unique(edges[edges > 0])
        closed += n - len(open_pieces)
        if closed > 1:
            return True
        names = np.zeros(n + 1, np.int64)
        names[open_pieces] = np.arange(len(parents), len(parents) + len(open_pieces))
        parents.extend(names[open_pieces].tolist())
        joined += _join(parents, names[pieces[0]], above[x0:x1])
        if x0 > 0:
            joined += _join(parents, names[pieces[:, 0]], beside)
        above[x0:x1], beside = names[pieces[-1]], names[pieces[:, -1]]
    return closed + len(parents) - 1 - joined > 1


def _join(parents: list[int], here: np.ndarray, there: np.ndarray) -> int:
    """Join the pieces that meet along a border; give the number of pieces there are fewer."""
    both = (here > 0) & (there > 0)
    fewer = 0
    for pair in np.unique(np.stack([here[both], there[both]], axis=1), axis=0).tolist():
        a, b = (_root(parents, piece) for piece in pair)
        if a != b:
            parents[max(a, b)] = min(a, b)
            fewer += 1
    return fewer


def _root(parents: list[int], piece: int) -> int:
    while parents[piece] != piece:
        parents[piece] = parents[parents[piece]]
        piece = parents[piece]
    return piece
