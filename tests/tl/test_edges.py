from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from htan_kit.tl._edges import count_pairs, expected_pairs, permuted_pairs, two_sided_p


def graph_of(n: int, edges: list[tuple[int, int]]) -> csr_matrix:
    rows, columns = np.array([*edges, *[(b, a) for a, b in edges]]).T
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))


PATH = graph_of(4, [(0, 1), (1, 2), (2, 3)])
CODES = np.array([0, 0, 1, 1])


def test_counts_on_a_path_by_hand() -> None:
    # a-a-b-b: one edge inside a, one between, one inside b; an edge inside a type counts in both directions.
    edges = PATH.tocoo()
    counted = count_pairs(edges.row.astype(np.int64), edges.col.astype(np.int64), CODES, 2)
    assert counted.tolist() == [[2, 1], [1, 2]]


@pytest.mark.parametrize("codes", [[0, 0, 1, 1, 2], [0, 1, 1, 1, 1], [0, 0, 0, 0, 0]])
def test_expected_is_the_mean_over_all_dealings(codes: list[int]) -> None:
    graph = graph_of(5, [(0, 1), (1, 2), (2, 3), (1, 3), (0, 4)])
    edges = graph.tocoo()
    rows, columns = edges.row.astype(np.int64), edges.col.astype(np.int64)
    everything = [count_pairs(rows, columns, np.array(deal), 3) for deal in itertools.permutations(codes)]
    np.testing.assert_allclose(expected_pairs(graph, np.bincount(codes, minlength=3)), np.mean(everything, axis=0))


def test_permutations_keep_totals_and_approach_the_expectation() -> None:
    rng = np.random.default_rng(0)
    n = 60
    edges = [(i, j) for i in range(n) for j in range(i) if rng.random() < 0.1]
    graph, codes = graph_of(n, edges), rng.integers(0, 3, n)
    permuted = permuted_pairs(graph, codes, 3, n_perms=4000, seed=1)
    assert np.all(permuted.sum(axis=(1, 2)) == graph.nnz)
    assert np.all(permuted == permuted.transpose(0, 2, 1))
    expected = expected_pairs(graph, np.bincount(codes))
    error = permuted.std(axis=0) / np.sqrt(4000)
    assert np.all(np.abs(permuted.mean(axis=0) - expected) < 5 * error + 1e-9)


def test_directed_graph_is_counted_as_it_is() -> None:
    graph = csr_matrix(np.array([[0, 1, 1], [0, 0, 0], [0, 0, 0]]))
    permuted = permuted_pairs(graph, np.array([0, 1, 1]), 2, n_perms=50, seed=0)
    assert np.all(permuted.sum(axis=(1, 2)) == 2)
    assert not np.all(permuted == permuted.transpose(0, 2, 1))


def test_first_permutations_do_not_depend_on_how_many_there_are() -> None:
    few = permuted_pairs(PATH, CODES, 2, n_perms=5, seed=7)
    many = permuted_pairs(PATH, CODES, 2, n_perms=50, seed=7)
    np.testing.assert_array_equal(few, many[:5])


def test_two_sided_p_by_hand() -> None:
    permuted = np.array([[[1]], [[2]], [[3]], [[4]]])
    assert two_sided_p(np.array([[5]]), permuted).item() == pytest.approx(2 * 1 / 5)
    assert two_sided_p(np.array([[4]]), permuted).item() == pytest.approx(2 * 2 / 5)
    assert two_sided_p(np.array([[2]]), permuted).item() == 1.0
    assert two_sided_p(np.array([[0]]), permuted).item() == pytest.approx(2 * 1 / 5)
