"""Machines of a work centre as busy stretches of its open-time axis, and where one more operation fits.

Positions are open seconds from the axis' origin. Neighbouring stretches are merged, so a search steps over
blocks of work, not over operations.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field


@dataclass(slots=True)
class Machine:
    """Busy stretches `[starts[i], ends[i])`, disjoint, in order, never touching."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def latest(self, end: int, length: int, floor: int) -> int | None:
        """The latest start of a free stretch of `length` that is over by `end`; None where that is before `floor`."""
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


@dataclass(slots=True)
class Load:
    """The machines of one work centre."""

    machines: list[Machine]

    @classmethod
    def empty(cls, machines: int) -> Load:
        """So many idle machines."""
        return cls([Machine() for _ in range(machines)])

    def latest(self, end: int, length: int, floor: int) -> tuple[int, int] | None:
        """(start, machine index) of the latest place, or None."""
        best: tuple[int, int] | None = None
        for index, machine in enumerate(self.machines):
            start = machine.latest(end, length, floor)
            if start is not None and (best is None or start > best[0]):
                best = start, index
        return best

    def earliest(self, begin: int, length: int) -> tuple[int, int]:
        """(start, machine index) of the earliest place."""
        return min((machine.earliest(begin, length), index) for index, machine in enumerate(self.machines))

    def copy(self) -> Load:
        """An independent copy."""
        return Load([machine.copy() for machine in self.machines])
