"""Machines of a work centre as busy stretches of its open-time axis, and where one more operation fits.

Positions are open seconds from the axis' origin. Neighbouring stretches are merged, so a search steps over
blocks of work, not over operations.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Way:
    """One alternative of an operation: where, and for how many seconds of open time.

    `changeover` is the length after work of another group, where the work centre's set-up table has a row for it.
    """

    work_centre: str
    seconds: int
    group: str = ""
    changeover: Mapping[str, int] = field(default_factory=dict)

    def after(self, group: str | None) -> int:
        """The length after work of a group; None where nothing came before."""
        return self.seconds if group is None else self.changeover.get(group, self.seconds)

    @property
    def longest(self) -> int:
        """The length after the worst work there is."""
        return max([self.seconds, *self.changeover.values()])


@dataclass(slots=True)
class Machine:
    """Busy stretches `[starts[i], ends[i])`, disjoint, in order, never touching."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    @property
    def stretches(self) -> list[tuple[int, int]]:
        """(start, end) of all that is busy."""
        return list(zip(self.starts, self.ends, strict=True))

    def latest(self, end: int, length: int, floor: int) -> int | None:
        """The latest start of a free stretch of `length` that is over by `end`; None where that is before `floor`.

        What takes no time is in nobody's way, and nobody in its.
        """
        if not length:
            return end if end >= floor else None
        index = bisect_left(self.starts, end) - 1
        if index >= 0 and self.ends[index] > end:
            end = self.starts[index]
            index -= 1
        while end - length >= floor:
            if index < 0 or self.ends[index] <= end - length:
                return end - length
            end = self.starts[index]
            index -= 1
        return None

    def earliest(self, begin: int, length: int) -> int:
        """The earliest start, not before `begin`, of a free stretch of `length`."""
        index = bisect_right(self.ends, begin)
        while index < len(self.starts) and self.starts[index] < begin + length:
            begin = self.ends[index]
            index += 1
        return begin

    def take(self, start: int, length: int) -> None:
        """Mark a stretch busy. Overlap with what is busy already is merged (firm work may be overbooked)."""
        if length <= 0:
            return
        end = start + length
        low = bisect_left(self.ends, start)
        high = bisect_right(self.starts, end)
        if low < high:
            start = min(start, self.starts[low])
            end = max(end, self.ends[high - 1])
        self.starts[low:high] = [start]
        self.ends[low:high] = [end]

    def copy(self) -> Machine:
        """An independent copy."""
        return Machine(self.starts.copy(), self.ends.copy())


class Stretch(NamedTuple):
    """Work on a machine with changeovers: where it stands, and what it is. What is `fixed` begins just there; what was
    placed in a `turn` above 0 is one of a sequence; the set-up of what is `settled` may not become longer."""

    start: int
    end: int
    way: Way
    turn: int = 0
    fixed: bool = False
    settled: bool = False


@dataclass(slots=True)
class ChangeoverMachine:
    """A machine whose set-ups depend on what was on it before: stretches in order, never overlapping.

    A stretch reserves room for the longest changeover, as far as there is room; what it really needs is known once
    everything stands (`tight`). What comes before it may take of that room all but the changeover from it.
    """

    stretches: list[Stretch] = field(default_factory=list)

    def latest(
        self, end: int, way: Way, floor: int, turn: int = 0, follows: Collection[str] = ()
    ) -> tuple[int, int] | None:
        """(start, length) of the latest place that is over by `end`; None where that is before `floor`.

        In a turn above 0 it is before what stands here in such a turn: neighbours in a sequence are neighbours. Where
        the groups are known of the work that it may follow, only the longest set-up after these is reserved.
        """
        index = bisect_left(self.stretches, end, key=lambda s: s.start)
        if turn > 0:
            index = next((n for n in range(index) if self.stretches[n].turn > 0), index)
        while end >= floor:
            before = self.stretches[index - 1] if index else None
            right = end if index == len(self.stretches) else min(end, self._room_before(index, way))
            left = max(floor, before.end) if before else floor
            least = way.after(before.way.group if before else None)
            if right - least >= left:
                room = max(least, *map(way.after, follows)) if follows else way.longest
                start = max(left, right - room)
                return start, right - start
            if before is None:
                return None
            index -= 1
        return None

    def _room_before(self, index: int, way: Way) -> int:
        """Where work of a group has to end so that the changeover to the stretch at `index` fits."""
        following = self.stretches[index]
        room = following.end - following.way.after(way.group)
        if following.settled and room < following.start:
            return -1
        return min(following.start, room) if following.fixed else room

    def settle(self, end: int) -> int:
        """Reserve for the stretch that ends there only the set-up after what stands before it now; where it begins."""
        index = next(n for n, other in enumerate(self.stretches) if other.end == end and other.start < end)
        stretch, before = self.stretches[index], self.stretches[index - 1] if index else None
        start = max(stretch.start, end - stretch.way.after(before.way.group if before else None))
        self.stretches[index] = stretch._replace(start=start, settled=True)
        return start

    def earliest(self, begin: int, way: Way) -> tuple[int, int]:
        """(start, length) of the earliest place not before `begin`."""
        index = bisect_right(self.stretches, begin, key=lambda s: s.end)
        while True:
            before = self.stretches[index - 1] if index else None
            start = max(begin, before.end) if before else begin
            length = way.after(before.way.group if before else None)
            if index == len(self.stretches) or start + length <= self._room_before(index, way):
                return start, length
            index += 1

    def tight(self) -> dict[int, list[tuple[Way, int]]]:
        """By their ends, the stretches, each with where it really begins, given what stands before it.

        Several may end at one time: what needs no set-up may take no time.
        """
        begins: dict[int, list[tuple[Way, int]]] = {}
        before = None
        for stretch in self.stretches:
            length = stretch.way.after(before.way.group if before else None)
            begins.setdefault(stretch.end, []).append((stretch.way, max(stretch.start, stretch.end - length)))
            before = stretch
        return begins

    def take(
        self, start: int, length: int, way: Way, turn: int = 0, *, fixed: bool = False, settled: bool = False
    ) -> None:
        """Put work on the machine; what follows gives it the room that it needs no more."""
        end = start + length
        index = bisect_left(self.stretches, (end, start), key=lambda s: (s.end, s.start))
        if index < len(self.stretches) and not self.stretches[index].fixed:
            following = self.stretches[index]
            self.stretches[index] = following._replace(start=max(following.start, end))
        self.stretches.insert(index, Stretch(start, end, way, turn, fixed, settled))

    def copy(self) -> ChangeoverMachine:
        """An independent copy."""
        return ChangeoverMachine(self.stretches.copy())


@dataclass(slots=True)
class Load:
    """The machines of one work centre: all of them with changeovers, or none."""

    machines: list[Machine]
    changeovers: list[ChangeoverMachine] = field(default_factory=list)

    @classmethod
    def empty(cls, machines: int, changeovers: bool = False) -> Load:
        """So many idle machines."""
        if changeovers:
            return cls([], [ChangeoverMachine() for _ in range(machines)])
        return cls([Machine() for _ in range(machines)])

    def latest(
        self, end: int, way: Way, floor: int, turn: int = 0, follows: Collection[str] = ()
    ) -> tuple[int, int, int] | None:
        """(start, machine index, length) of the latest place, or None.

        A turn above 0 says which of several machines with changeovers it is, by its remainder, if there is a place.
        """
        best: tuple[int, int, int] | None = None
        for index, machine in enumerate(self.machines):
            start = machine.latest(end, way.seconds, floor)
            if start is not None and (best is None or start > best[0]):
                best = start, index, way.seconds
        for index, changing in enumerate(self.changeovers):
            place = changing.latest(end, way, floor, turn, follows)
            if place is not None and (best is None or place[0] > best[0]):
                best = place[0], index, place[1]
            if place is not None and turn > 0 and index == turn % len(self.changeovers):
                return place[0], index, place[1]
        return best

    def earliest(self, begin: int, way: Way) -> tuple[int, int, int]:
        """(start, machine index, length) of the place that is over the earliest."""
        if self.changeovers:
            places = [(machine.earliest(begin, way), index) for index, machine in enumerate(self.changeovers)]
            (start, length), index = min(places, key=lambda p: (sum(p[0]), p[1]))
            return start, index, length
        start, index = min((machine.earliest(begin, way.seconds), i) for i, machine in enumerate(self.machines))
        return start, index, way.seconds

    def take(
        self,
        start: int,
        machine: int,
        length: int,
        way: Way,
        turn: int = 0,
        *,
        fixed: bool = False,
        settled: bool = False,
    ) -> None:
        """Put work on a machine (the last one there is, where the plant has fewer now). `fixed` work does not move."""
        if self.changeovers:
            self.changeovers[min(machine, len(self.changeovers) - 1)].take(
                start, length, way, turn, fixed=fixed, settled=settled
            )
        else:
            self.machines[min(machine, len(self.machines) - 1)].take(start, length)

    def copy(self) -> Load:
        """An independent copy."""
        return Load([machine.copy() for machine in self.machines], [m.copy() for m in self.changeovers])
