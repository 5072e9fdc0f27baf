"""Machines whose planned operations can change one at a time: where each stands, and whom a change concerns.

Operations have an order of precedence, in which `regenerate` places them: by level, by turn, then the one that has to
end last first. Each stands at the latest place that those before it leave. So what changes for an operation depends
only on those before it, and when one has moved, those after it are concerned that stand in its new place, or that would
have taken its old one: only these are looked at again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from agents.planner.capacity import Machine
from agents.planner.routing import Operation
from agents.planner.undo import UndoLog
from knowledge.calendars import OpenTime
from knowledge.instants import MINUTE, Instant
from knowledge.supply import OperationSlot

Rank: TypeAlias = tuple[str, Instant, int, int, str, int]
"""Who comes first of those that have to end at one time: by item and need, then by lot."""

Precedence: TypeAlias = tuple[int, int, Instant, Rank, int]
"""(level, turn of the order, when it has to end negated, rank of the order, step negated): the smaller goes first."""


@dataclass(eq=False, slots=True)
class PlacedOperation:
    """An operation of a planned order and where it stands. `position` and `stop` are on the axis of its work centre."""

    operation: Operation
    step: int
    order: object
    end: Instant = 0
    key: Precedence = (0, 0, 0, ("", 0, 0, 0, "", 0), 0)
    machine: Timeline | None = None
    position: int = 0
    stop: int = 0
    start: Instant = 0
    finish: Instant = 0
    waits: bool = False
    """Whether it is to be looked at again."""
    queue: int = -1
    """The queue it is in at the work centres where it could stand; below 0 they do not know of it."""

    @property
    def slot(self) -> OperationSlot:
        """Where it stands, as it is told."""
        assert self.machine is not None
        minutes = (self.stop - self.position) // MINUTE
        centre, number = self.machine.work_centre, self.machine.number
        return OperationSlot(self.operation.step, centre, number, self.start, self.finish, minutes)


@dataclass(eq=False, slots=True)
class Timeline:
    """One machine: planned operations by position, and what is busy with firm work. Machines are numbered from 1."""

    work_centre: str
    number: int
    starts: list[int] = field(default_factory=list)
    operations: list[PlacedOperation] = field(default_factory=list)
    firm: Machine = field(default_factory=Machine)
    longest: int = 0
    """No operation that ever stood here took longer."""

    def latest(self, end: int, length: int, floor: int, key: Precedence) -> int | None:
        """The latest start of a stretch that those before `key` leave free, over by `end`; None if before `floor`."""
        if not length:
            return end if end >= floor else None
        starts, operations, longest = self.starts, self.operations, self.longest
        busy, ends = self.firm.starts, self.firm.ends
        begin, index, firm = end - length, bisect_left(starts, end) - 1, bisect_left(busy, end) - 1
        while begin >= floor:
            while index >= 0:
                other = operations[index]
                if other.stop > begin:
                    if other.key < key:
                        begin = starts[index] - length
                        if begin < floor:
                            return None
                elif starts[index] + longest <= begin:
                    break
                index -= 1
            end = begin + length
            while firm >= 0 and busy[firm] >= end:
                firm -= 1
            if firm < 0 or ends[firm] <= begin:
                return begin
            begin = busy[firm] - length
            index = bisect_left(starts, begin + length) - 1
        return None

    def take(self, operation: PlacedOperation, log: UndoLog) -> Iterator[PlacedOperation]:
        """Put an operation here; those after it that stand in its place."""
        position, stop = operation.position, operation.stop
        longest = stop - position
        if longest > self.longest:
            self.longest = longest
        index = bisect_right(self.starts, position)
        log.insert_both(self.starts, self.operations, index, position, operation)
        following = index + 1
        while following < len(self.starts) and self.starts[following] < stop:
            yield self.operations[following]
            following += 1
        limit = position - self.longest
        while index and self.starts[index - 1] > limit:
            index -= 1
            if self.operations[index].stop > position:
                yield self.operations[index]

    def leave(self, operation: PlacedOperation, log: UndoLog) -> None:
        """Take an operation away."""
        index = bisect_left(self.starts, operation.position)
        while self.operations[index] is not operation:
            index += 1
        log.pop_both(self.starts, self.operations, index)

    def overlapping(self, begin: int, end: int) -> Iterator[PlacedOperation]:
        """Planned operations that stand between two positions."""
        index = bisect_left(self.starts, begin - self.longest)
        while index < len(self.starts) and self.starts[index] < end:
            if self.operations[index].stop > begin:
                yield self.operations[index]
            index += 1

    def busy(self) -> Machine:
        """Everything here as busy stretches."""
        machine = self.firm.copy()
        for operation in self.operations:
            machine.take(operation.position, operation.stop - operation.position)
        return machine


@dataclass(eq=False, slots=True)
class Queue:
    """Operations in order of the time by which they have to end."""

    ends: list[Instant] = field(default_factory=list)
    operations: list[PlacedOperation] = field(default_factory=list)

    def enter(self, operation: PlacedOperation, log: UndoLog) -> None:
        """Put an operation in."""
        index = bisect_left(self.ends, operation.end)
        log.insert_both(self.ends, self.operations, index, operation.end, operation)

    def quit(self, operation: PlacedOperation, log: UndoLog) -> None:
        """Take an operation out."""
        index = bisect_left(self.ends, operation.end)
        while self.operations[index] is not operation:
            index += 1
        log.pop_both(self.ends, self.operations, index)


@dataclass(eq=False, slots=True)
class Centre:
    """One work centre: its machines, and the operations that can be done there, by how long they stand before the time
    when they have to end."""

    axis: OpenTime
    machines: list[Timeline]
    queues: list[Queue] = field(default_factory=list)
    """The operations of each number stand less than 2¹¹ seconds before that time, less than 2¹³, 2¹⁵, …"""

    @property
    def queue(self) -> Iterator[PlacedOperation]:
        """All operations that stand somewhere, and could stand here."""
        return (operation for queue in self.queues for operation in queue.operations)

    def enter(self, operation: PlacedOperation, number: int, log: UndoLog) -> None:
        """Note an operation that stands somewhere, and could stand here, in the queue of a number."""
        while number >= len(self.queues):
            self.queues.append(Queue())
        self.queues[number].enter(operation, log)

    def quit(self, operation: PlacedOperation, log: UndoLog) -> None:
        """Forget an operation."""
        self.queues[operation.queue].quit(operation, log)

    def after(self, key: Precedence, start: Instant, finish: Instant) -> list[PlacedOperation]:
        """Operations after a key that would have stood between two times had that been free, and do not wait yet."""
        found: list[PlacedOperation] = []
        reach = finish + (1 << _SHORT)
        for queue in self.queues:
            ends = queue.ends
            low, high = bisect_right(ends, start), bisect_left(ends, reach)
            if low < high:
                some = queue.operations[low:high]
                found += [each for each in some if each.start < finish and not each.waits and each.key > key]
            reach = finish + (reach - finish << 2)
        return found


_SHORT = 11


def queue_of(wait: int) -> int:
    """The number of the queue of operations that stand so many seconds before they have to end."""
    return max(0, wait.bit_length() - _SHORT + 1) // 2
