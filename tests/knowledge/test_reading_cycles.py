"""Cycles are told as paths, each once, and every edge of every cycle is on one that is told."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from knowledge.reading.cycles import MOST_CYCLES, Graph, cycles

NODES = "ABCDEF"
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), unique=True, max_size=4))


def reachable(graph: Graph, begin: str) -> set[str]:
    """What lies one or more edges behind a node."""
    found: set[str] = set()
    stack = [begin]
    while stack:
        for child in set(graph.get(stack.pop(), ())) - found:
            found.add(child)
            stack.append(child)
    return found


def test_a_cycle_begins_with_the_first_edge_of_the_graph() -> None:
    assert cycles({"A": ["B"], "B": ["C", "D"], "C": ["B"], "D": []}) == [["B", "C", "B"]]


def test_what_contains_itself_is_a_cycle() -> None:
    assert cycles({"A": ["A"]}) == [["A", "A"]]


def test_two_cycles_that_share_an_edge_are_two() -> None:
    assert cycles({"A": ["B", "C"], "B": ["D"], "C": ["D"], "D": ["A"]}) == [["A", "B", "D", "A"], ["A", "C", "D", "A"]]


def test_no_cycle_is_no_cycle() -> None:
    assert cycles({"A": ["B", "C"], "B": ["C"]}) == []


@given(GRAPHS)
def test_exactly_the_edges_on_cycles_are_on_those_told(graph: Graph) -> None:
    told = cycles(graph)
    edges = {(parent, child) for parent, children in graph.items() for child in children}
    assert {edge for path in told for edge in pairwise(path)} == {
        (parent, child) for parent, child in edges if parent == child or parent in reachable(graph, child)
    }
    assert all(path[0] == path[-1] and len(set(path)) == len(path) - 1 for path in told)
    assert len({frozenset(pairwise(path)) for path in told}) == len(told)


def test_a_cycle_of_many_thousands_is_found_without_recursion() -> None:
    count = 20_000
    (path,) = cycles({str(n): [str((n + 1) % count)] for n in range(count)})
    assert len(path) == count + 1


def test_a_tangle_is_told_up_to_a_limit() -> None:
    names = [str(n) for n in range(40)]
    assert len(cycles({name: [other for other in names if other != name] for name in names})) == MOST_CYCLES
