"""Finds the cycles of a directed graph, for bills of material that contain themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

MOST_CYCLES = 100
"""So many cycles are told at once; a tangle can have more of them than anybody would read."""

Graph = Mapping[str, Sequence[str]]


def cycles(graph: Graph) -> list[list[str]]:
    """Cycles as closed paths (`[A, B, A]`), each once, such that every edge that lies on a cycle lies on one of these.

    Each begins with the first edge, in the order of the graph, that none before has; the rest of it is a shortest way
    back. At most `MOST_CYCLES`.
    """
    found: list[list[str]] = []
    covered: set[tuple[str, str]] = set()
    component = _components(graph)
    for parent, children in graph.items():
        for child in children:
            if len(found) == MOST_CYCLES:
                return found
            if component[parent] == component[child] and (parent, child) not in covered:
                path = [parent, *_way(graph, component, child, parent)]
                covered.update(pairwise(path))
                found.append(path)
    return found


def _way(graph: Graph, component: Mapping[str, int], begin: str, end: str) -> list[str]:
    """A shortest path between two nodes of one strongly connected component."""
    came: dict[str, str | None] = {begin: None}
    front = [begin]
    while end not in came:
        reached: list[str] = []
        for node in front:
            for child in graph.get(node, ()):
                if component[child] == component[end] and child not in came:
                    came[child] = node
                    reached.append(child)
        front = reached
    path: list[str] = []
    node_or_none: str | None = end
    while node_or_none is not None:
        path.append(node_or_none)
        node_or_none = came[node_or_none]
    return path[::-1]


def _components(graph: Graph) -> dict[str, int]:
    """The strongly connected component of each node, by Kosaraju's two passes, without recursion."""
    backwards: dict[str, list[str]] = {node: [] for node in graph}
    for parent, children in graph.items():
        for child in children:
            backwards.setdefault(child, []).append(parent)
    component: dict[str, int] = {}
    for number, root in enumerate(reversed(list(_finished(graph, backwards)))):
        stack = [] if root in component else [root]
        while stack:
            node = stack.pop()
            if node not in component:
                component[node] = number
                stack.extend(backwards[node])
    return component


def _finished(graph: Graph, nodes: Iterable[str]) -> Iterator[str]:
    """The nodes in the order in which a depth-first search leaves them."""
    seen: set[str] = set()
    for root in nodes:
        stack = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                yield node
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in reversed(graph.get(node, ())))
