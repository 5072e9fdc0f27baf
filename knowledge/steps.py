"""Dated changes of a quantity, in a tree that answers questions about their running sum in logarithmic time.

A tree of wide nodes (a B+ tree). Each branch knows of every child the sum of its changes and the lowest running sum
within it, so that a question looks at one path of nodes, and at each of them does a few passes over short lists in C.
Measured against a tree of pointers to single changes this is several times faster, and smaller.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from operator import add
from typing import TypeAlias

from knowledge.instants import Instant
from knowledge.quantities import Units

MOST = 64
"""How many children or changes a node has at most. Measured: from 48 to 96 the times differ by a fifth."""


@dataclass(slots=True)
class _Leaf:
    """Changes in order of time."""

    firsts: list[Instant]
    totals: list[Units]

    @property
    def lowest(self) -> Units:
        """The lowest running sum after one of the changes."""
        return min(accumulate(self.totals))

    def cut(self) -> _Leaf:
        """Split off the second half."""
        half = len(self.firsts) // 2
        right = _Leaf(self.firsts[half:], self.totals[half:])
        del self.firsts[half:], self.totals[half:]
        return right


@dataclass(slots=True)
class _Branch:
    """Children in order of time: the first time, the sum and the lowest running sum of each."""

    firsts: list[Instant]
    totals: list[Units]
    lows: list[Units]
    children: list[_Node]

    @property
    def lowest(self) -> Units:
        """The lowest running sum after one of the changes below."""
        lowest: Units = min(map(add, accumulate(self.totals, initial=0), self.lows))
        return lowest

    def cut(self) -> _Branch:
        """Split off the second half."""
        half = len(self.firsts) // 2
        right = _Branch(self.firsts[half:], self.totals[half:], self.lows[half:], self.children[half:])
        del self.firsts[half:], self.totals[half:], self.lows[half:], self.children[half:]
        return right

    def refresh(self, index: int) -> None:
        """Note how a child is now."""
        child = self.children[index]
        self.firsts[index], self.totals[index] = child.firsts[0], sum(child.totals)
        self.lows[index] = child.lowest

    def insert(self, index: int, child: _Node) -> None:
        """Take a child."""
        self.firsts.insert(index, child.firsts[0])
        self.totals.insert(index, sum(child.totals))
        self.lows.insert(index, child.lowest)
        self.children.insert(index, child)

    def drop(self, index: int) -> None:
        """Let go of a child."""
        del self.firsts[index], self.totals[index], self.lows[index], self.children[index]


_Node: TypeAlias = _Leaf | _Branch


def _branch(children: list[_Node]) -> _Branch:
    return _Branch(
        [child.firsts[0] for child in children],
        [sum(child.totals) for child in children],
        [child.lowest for child in children],
        children,
    )


@dataclass(slots=True)
class Steps:
    """Net changes by time, no two at one time and none of them 0. Begins empty."""

    _root: _Node = field(default_factory=lambda: _Leaf([], []))
    _size: int = 0
    _leaves: int = 1

    @classmethod
    def of(cls, changes: Iterable[tuple[Instant, Units]]) -> Steps:
        """The steps of many changes at once, in any order."""
        sums: dict[Instant, Units] = {}
        for time, units in changes:
            sums[time] = sums.get(time, 0) + units
        steps = cls()
        steps._build(sorted(change for change in sums.items() if change[1]))
        return steps

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[tuple[Instant, Units]]:
        """(time, change), in order of time."""
        stack: list[_Node] = [self._root]
        while stack:
            node = stack.pop()
            if isinstance(node, _Leaf):
                yield from zip(node.firsts, node.totals, strict=True)
            else:
                stack.extend(reversed(node.children))

    def add(self, time: Instant, units: Units) -> None:
        """Change the quantity from a time on by so much, besides what changes it then already."""
        node, path = self._root, []
        while isinstance(node, _Branch):
            index = bisect_right(node.firsts, time) - 1
            if index < 0:
                index = 0
            path.append((node, index))
            node = node.children[index]
        times, totals = node.firsts, node.totals
        place = bisect_left(times, time)
        if place < len(times) and times[place] == time:
            totals[place] += units
            if not totals[place]:
                del times[place], totals[place]
                self._size -= 1
        elif units:
            times.insert(place, time)
            totals.insert(place, units)
            self._size += 1
        self._settle(node, path, units)

    def _settle(self, node: _Node, path: list[tuple[_Branch, int]], units: Units) -> None:
        """Bring the branches above a changed leaf up to date: split what is too full, drop what is empty."""
        for branch, index in reversed(path):
            if not node.firsts:
                branch.drop(index)
                self._leaves -= isinstance(node, _Leaf)
            elif len(node.firsts) > MOST:
                self._leaves += isinstance(node, _Leaf)
                branch.insert(index + 1, node.cut())
                branch.refresh(index)
            else:
                branch.firsts[index] = node.firsts[0]
                branch.totals[index] += units
                branch.lows[index] = node.lowest
            node = branch
        if len(node.firsts) > MOST:
            self._leaves += isinstance(node, _Leaf)
            self._root = _branch([node, node.cut()])
        elif not node.firsts or (self._size * 8 < self._leaves * MOST and self._leaves > 2):
            self._build(list(self))

    def _build(self, changes: list[tuple[Instant, Units]]) -> None:
        """Make the tree anew, its nodes three quarters full."""
        self._size = len(changes)
        width = MOST * 3 // 4
        nodes: list[_Node] = [
            _Leaf([time for time, _ in changes[i : i + width]], [units for _, units in changes[i : i + width]])
            for i in range(0, len(changes), width)
        ]
        self._leaves = max(1, len(nodes))
        while len(nodes) > 1:
            nodes = [_branch(nodes[i : i + width]) for i in range(0, len(nodes), width)]
        self._root = nodes[0] if nodes else _Leaf([], [])

    def until(self, time: Instant) -> Units:
        """The sum of all changes up to a time, that instant included."""
        node, total = self._root, 0
        while isinstance(node, _Branch):
            index = bisect_right(node.firsts, time) - 1
            if index < 0:
                return total
            total += sum(node.totals[:index])
            node = node.children[index]
        return total + sum(node.totals[: bisect_right(node.firsts, time)])

    def lowest_from(self, time: Instant) -> Units:
        """The lowest running sum at a time or later."""
        found: list[Units] = []
        node, before = self._root, 0
        while isinstance(node, _Branch):
            index = bisect_right(node.firsts, time) - 1
            if index < 0:  # nothing changes until the first step of all
                return min(before, before + node.lowest, *found)
            before += sum(node.totals[:index])
            if index + 1 < len(node.firsts):
                sums = accumulate(node.totals[index + 1 :], initial=before + node.totals[index])
                found.append(min(map(add, sums, node.lows[index + 1 :])))
            node = node.children[index]
        place = bisect_right(node.firsts, time)
        here = min(accumulate(node.totals[place:], initial=before + sum(node.totals[:place])))
        found.append(here)
        return min(found)

    def last_below(self, units: Units) -> Instant | None:
        """The last time at which a running sum below so much begins; None where there is none."""
        node, after = self._root, sum(self._root.totals)
        while isinstance(node, _Branch):
            for index in range(len(node.firsts) - 1, -1, -1):
                before = after - node.totals[index]
                if before + node.lows[index] < units:
                    break
                after = before
            else:
                return None
            node = node.children[index]
        for time, change in zip(reversed(node.firsts), reversed(node.totals), strict=True):
            if after < units:
                return time
            after -= change
        return None

    def first_below(self, units: Units, time: Instant) -> tuple[Instant, Units] | None:
        """(time, running sum) of the first change later than a time that makes the running sum less than so much."""
        return _first_below(self._root, 0, units, time)

    def next(self, time: Instant) -> Instant | None:
        """The first time later than a given one at which anything changes."""
        node, following = self._root, None
        while isinstance(node, _Branch):
            index = bisect_right(node.firsts, time)
            if index < len(node.firsts):
                following = node.firsts[index]
            node = node.children[max(0, index - 1)]
        place = bisect_right(node.firsts, time)
        return node.firsts[place] if place < len(node.firsts) else following


def _first_below(node: _Node, before: Units, units: Units, time: Instant) -> tuple[Instant, Units] | None:
    if isinstance(node, _Leaf):
        for when, change in zip(node.firsts, node.totals, strict=True):
            before += change
            if when > time and before < units:
                return when, before
        return None
    begin = max(0, bisect_right(node.firsts, time) - 1)
    before += sum(node.totals[:begin])
    for index in range(begin, len(node.firsts)):
        if before + node.lows[index] < units:
            found = _first_below(node.children[index], before, units, time)
            if found is not None:
                return found
        before += node.totals[index]
    return None
