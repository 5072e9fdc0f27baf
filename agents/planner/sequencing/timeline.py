"""When work on one machine starts and ends: open time, fixed work and set-ups, in plain Python."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from agents.planner.sequencing.problem import Alternative, FixedOperation, Problem, Setups, WorkCentre


@dataclass(slots=True)
class OpenTime:
    """Open minutes of a work centre; `closed` are the gaps between its intervals, the time before the first one too."""

    intervals: tuple[tuple[int, int], ...] | None
    _starts: list[int] = field(init=False)
    _ends: list[int] = field(init=False)
    _before: list[int] = field(init=False)

    def __post_init__(self) -> None:
        intervals = self.intervals or ()
        self._starts = [start for start, _ in intervals]
        self._ends = [end for _, end in intervals]
        self._before = list(accumulate((end - start for start, end in intervals), initial=0))

    def opening(self, time: int) -> int:
        """The first open minute from a time on."""
        if not self._ends or time >= self._ends[-1]:
            return time
        return max(time, self._starts[bisect_right(self._ends, time)])

    def worked(self, time: int) -> int:
        """Open minutes before a time, counted from the first opening (from 0 where it never closes)."""
        if not self._ends:
            return time
        if time >= self._ends[-1]:
            return self._before[-1] + time - self._ends[-1]
        index = bisect_right(self._ends, time)
        return self._before[index] + max(0, time - self._starts[index])

    def after(self, minutes: int) -> int:
        """The first time with so many open minutes before it."""
        if not self._ends:
            return minutes
        if minutes > self._before[-1]:
            return self._ends[-1] + minutes - self._before[-1]
        index = max(0, bisect_left(self._before, minutes) - 1)
        return self._starts[index] + minutes - self._before[index]

    def end(self, start: int, minutes: int) -> int:
        """When work of so many open minutes ends that starts at an open time."""
        return self.after(self.worked(start) + minutes)


@dataclass(slots=True)
class Machine:
    """One machine that takes operations in the order in which they come."""

    centre: WorkCentre
    number: int
    setups: Setups
    fixed: list[FixedOperation]
    free: int = -(1 << 60)
    group: str | None = None
    _open: OpenTime = field(init=False)
    _ends: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._open = OpenTime(self.centre.open)
        self.fixed = sorted(self.fixed, key=lambda f: f.start)
        self._ends = [block.end for block in self.fixed]

    def fit(self, way: Alternative, ready: int) -> tuple[int, int]:
        """Start and end of an operation after all that was taken, `ready` at the earliest."""
        start, group = max(ready, self.free), self.group
        over = bisect_right(self._ends, start)
        if over > 0 and self._ends[over - 1] > self.free:
            group = self.fixed[over - 1].group
        for index in range(over, len(self.fixed) + 1):
            start = self._open.opening(start)
            end = self._open.end(start, minutes_after(self.setups, way, group))
            if index == len(self.fixed) or end <= self.fixed[index].start:
                break
            start, group = max(start, self._ends[index]), self.fixed[index].group
        return start, end

    def take(self, way: Alternative, end: int) -> None:
        """Keep that an operation was placed that ends then."""
        self.free, self.group = end, way.group

    def next_free(self, time: int) -> int:
        """The first open time from then on at which it does nothing that is fixed."""
        start = self._open.opening(max(time, self.free))
        for index in range(bisect_right(self._ends, start), len(self.fixed)):
            if self.fixed[index].start > start:
                break
            start = self._open.opening(max(start, self._ends[index]))
        return start


def machines_of(problem: Problem) -> dict[tuple[str, int], Machine]:
    """Every machine of a problem, before it has taken anything."""
    fixed: dict[tuple[str, int], list[FixedOperation]] = {}
    for block in problem.fixed:
        fixed.setdefault((block.work_centre, block.machine), []).append(block)
    return {
        (centre.name, number): Machine(centre, number, problem.setups, fixed.get((centre.name, number), []))
        for centre in problem.work_centres
        for number in range(centre.machines)
    }


def minutes_after(setups: Setups, way: Alternative, before: str | None) -> int:
    """How long an operation takes on a machine that did work of a group before (None: of no group, or nothing)."""
    if before is None or way.group is None:
        return way.minutes
    return way.minutes - way.setup + setups.get((way.work_centre, before, way.group), way.setup)
