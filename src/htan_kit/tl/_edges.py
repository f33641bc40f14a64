"""Counting which types are neighbours, and how often they would be if the types were dealt at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

__all__ = ["count_pairs", "expected_pairs", "permuted_pairs", "two_sided_p"]

_CHUNK = 2_000_000


def count_pairs(
    rows: NDArray[np.int64], columns: NDArray[np.int64], codes: NDArray[np.int64], n_types: int
) -> NDArray[np.int64]:
    """Count the directed edges from each type to each type, shape (n_types, n_types)."""
    total = np.zeros(n_types * n_types, dtype=np.int64)
    for start in range(0, len(rows), _CHUNK):  # bounds the temporary arrays on a slide of a million cells
        part = slice(start, start + _CHUNK)
        total += np.bincount(codes[rows[part]] * n_types + codes[columns[part]], minlength=n_types * n_types)
    return total.reshape(n_types, n_types)


def expected_pairs(graph: csr_matrix, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the mean of :func:`count_pairs` over all ways of dealing the types to the cells, graph fixed.

    Each directed edge joins two different cells, which have the types a and b with probability n_a n_b / (n (n-1)),
    or n_a (n_a - 1) / (n (n-1)) when a is b.
    """
    n = counts.sum()
    if n < 2:
        return np.zeros((len(counts), len(counts)))
    pairs = np.outer(counts, counts).astype(float)
    pairs[np.diag_indices(len(counts))] = counts * (counts - 1.0)
    return pairs * (graph.nnz / (float(n) * (n - 1)))


def permuted_pairs(
    graph: csr_matrix, codes: NDArray[np.int64], n_types: int, *, n_perms: int, seed: int | Sequence[int]
) -> NDArray[np.int64]:
    """Count pairs under ``n_perms`` random dealings of the types, shape (n_perms, n_types, n_types).

    Each permutation has a random stream of its own, so that no division of the work changes the numbers.
    """
    edges = graph.tocoo()
    rows, columns = edges.row.astype(np.int64), edges.col.astype(np.int64)
    symmetric = (graph != graph.T).nnz == 0
    if symmetric:  # half the edges say it all
        rows, columns = rows[upper := rows < columns], columns[upper]
    streams = np.random.SeedSequence(seed).spawn(n_perms)
    result = np.empty((n_perms, n_types, n_types), dtype=np.int64)
    for i, stream in enumerate(streams):
        counted = count_pairs(rows, columns, np.random.default_rng(stream).permutation(codes), n_types)
        result[i] = counted + counted.T if symmetric else counted
    return result


def two_sided_p(observed: NDArray[np.int64], permuted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the permutation p: (1 + extreme) / (1 + permutations) of the smaller tail, doubled, at most 1.

    References
    ----------
    Phipson & Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39, doi 10.2202/1544-6115.1585.
    """
    above = 1 + (permuted >= observed).sum(axis=0)
    below = 1 + (permuted <= observed).sum(axis=0)
    return np.minimum(1.0, 2 * np.minimum(above, below) / (1 + len(permuted)))
