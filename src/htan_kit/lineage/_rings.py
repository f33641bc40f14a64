"""Things that descend from themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["rings"]


def rings(parents: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Find what descends from itself, in time that grows with the number of links only.

    Parameters
    ----------
    parents
        Each thing's parents; a parent that has no entry has none.

    Returns
    -------
    The number of its ring for each thing that is in one.

    References
    ----------
    Tarjan, Depth-first search and linear graph algorithms, SIAM J. Comput. 1972; without recursion.

    Examples
    --------
    >>> from htan_kit.lineage._rings import rings
    >>> rings({1: [2], 2: [1], 3: [1], 4: [4]})
    {2: 0, 1: 0, 4: 1}
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_: dict[int, None] = {}
    found: dict[int, int] = {}
    number = 0
    for start in parents:
        if start in order:
            continue
        way: list[tuple[int, Iterator[int]]] = []
        _enter(start, parents, way, order, low, open_)
        while way:
            node, rest = way[-1]
            parent = next(rest, None)
            if parent is not None:
                if parent not in order:
                    _enter(parent, parents, way, order, low, open_)
                elif parent in open_:
                    low[node] = min(low[node], order[parent])
                continue
            way.pop()
            if way:
                low[way[-1][0]] = min(low[way[-1][0]], low[node])
            if low[node] == order[node]:
                ring = _close(node, open_)
                if len(ring) > 1 or node in parents.get(node, ()):
                    found.update(dict.fromkeys(ring, number))
                    number += 1
    return found


def _enter(
    node: int,
    parents: Mapping[int, Sequence[int]],
    way: list[tuple[int, Iterator[int]]],
    order: dict[int, int],
    low: dict[int, int],
    open_: dict[int, None],
) -> None:
    order[node] = low[node] = len(order)
    open_[node] = None
    way.append((node, iter(parents.get(node, ()))))


def _close(node: int, open_: dict[int, None]) -> list[int]:
    """Take from what is open all that was opened since a node."""
    ring = []
    while True:
        last, _ = open_.popitem()
        ring.append(last)
        if last == node:
            return ring
