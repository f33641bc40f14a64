from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from htan_kit.lineage._rings import rings

GRAPHS = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 9), max_size=4), max_size=8)


@given(GRAPHS)
def test_as_networkx_finds_them(parents: dict[int, list[int]]) -> None:
    graph = networkx.DiGraph([(child, parent) for child, found in parents.items() for parent in found])
    graph.add_nodes_from(parents)
    strong = list(networkx.strongly_connected_components(graph))
    expected = {frozenset(part) for part in strong if len(part) > 1 or any(graph.has_edge(n, n) for n in part)}
    found = rings(parents)
    assert {frozenset(n for n in found if found[n] == number) for number in found.values()} == expected


def test_a_long_line_needs_no_recursion() -> None:
    line = {n: [n + 1] for n in range(50_000)}
    assert rings(line) == {}
    assert len(rings({**line, 50_000: [0]})) == 50_001
