"""The machines of a work centre as stretches of work on its open time, and where one more operation fits the earliest.

Positions are open seconds. Work stands as late as keeps its date, so that it can make room by moving up; how far, its
owner's floor says.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

Owner = tuple[str, str]
"""A work order and a step of it."""


class Stretch(NamedTuple):
    """Work on a machine. What has no owner does not move."""

    start: int
    end: int
    owner: Owner | None = None


@dataclass(slots=True)
class Lane:
    """One machine: stretches in order of their starts."""

    stretches: list[Stretch] = field(default_factory=list)

    def earliest(self, begin: int, length: int) -> int:
        """The earliest start, not before `begin`, of a free stretch of `length`."""
        index = max(0, bisect_right(self.stretches, begin, key=lambda s: s.start) - 1)
        while index < len(self.stretches) and self.stretches[index].start < begin + length:
            begin = max(begin, self.stretches[index].end)
            index += 1
        return begin

    def made_room(self, start: int, length: int, floor: Callable[[Owner], int]) -> list[Stretch] | None:
        """The stretches with `length` free from `start` on, what stood there moved up; None where it cannot."""
        last = bisect_left(self.stretches, start + length, key=lambda s: s.start)
        limit, moved, index = start, [], last - 1
        while index >= 0 and self.stretches[index].end > limit:
            stretch = self.stretches[index]
            begin = limit - (stretch.end - stretch.start)
            if stretch.owner is None or begin < floor(stretch.owner):
                return None
            moved.append(Stretch(begin, limit, stretch.owner))
            limit, index = begin, index - 1
        return [*self.stretches[: index + 1], *reversed(moved), *self.stretches[last:]]

    def take(self, start: int, length: int) -> None:
        """Put work there that does not move any more."""
        index = bisect_left(self.stretches, start, key=lambda s: s.start)
        self.stretches.insert(index, Stretch(start, start + length))

    def copy(self) -> Lane:
        """An independent copy."""
        return Lane(self.stretches.copy())


def lanes(machines: int, busy: Iterable[tuple[int, Stretch]]) -> list[Lane]:
    """So many machines with (machine from 1, stretch) on them. Of two that overlap the later one is cut."""
    found = [Lane() for _ in range(machines)]
    for machine, stretch in sorted(busy, key=lambda entry: (entry[0], entry[1][:2])):
        there = found[min(machine, machines) - 1].stretches
        start = max(stretch.start, there[-1].end) if there else stretch.start
        if stretch.end > start:
            there.append(stretch._replace(start=start))
    return found


def placed(among: list[Lane], begin: int, length: int, floor: Callable[[Owner], int], grain: int) -> int:
    """Put work on the machine where it can be the earliest, others making room for it; its start, to a `grain`."""
    start, lane = min(((each.earliest(begin, length), each) for each in among), key=lambda found: found[0])
    room: list[Stretch] | None = None
    for each in among:
        low, high = begin, start
        while start - begin >= grain and low < high:
            middle = low if low == begin and high == start else (low + high) // 2
            made = each.made_room(middle, length, floor)
            if made is not None:
                start, lane, room, high = middle, each, made, middle
            elif high - middle <= grain:
                break
            else:
                low = middle + 1 if low == middle else middle
    if room is not None:
        lane.stretches = room
    lane.take(start, length)
    return start
