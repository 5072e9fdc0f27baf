"""What is done on the floor: work orders that were released, as the floor sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from knowledge.instants import Instant
from knowledge.quantities import Units


@dataclass(slots=True)
class Operation:
    """A step at a work centre. `start` is when the society plans it, if it does."""

    step: str
    centre: str
    start: Instant
    reported: bool


@dataclass(slots=True)
class Job:
    """A work order on the floor. `good` pieces are left of `quantity`; operations before `at` are over."""

    number: str
    item: str
    serial: int
    """It is the so-manieth of its item."""
    quantity: Units
    good: Units
    components: tuple[tuple[str, Units], ...]
    operations: list[Operation]
    start: Instant
    due: Instant
    arrived: Instant
    picked: bool = False
    working: bool = False
    at: int = 0
    queued: Instant = 0
    """Since when it waits at the work centre where it is."""

    @property
    def operation(self) -> Operation:
        """The one to be done next, or now."""
        return self.operations[self.at]


Key: TypeAlias = tuple[Instant, Instant, str]
DispatchRule: TypeAlias = Callable[[Job], Key]
"""By what the jobs that wait at a work centre are ordered; the least goes first."""


def as_scheduled(job: Job) -> Key:
    """As the society plans the operations."""
    return job.operation.start, job.due, job.number


def first_come(job: Job) -> Key:
    """First come, first served: as they came to the work centre."""
    return job.queued, job.arrived, job.number


def earliest_due(job: Job) -> Key:
    """The work order that is due first."""
    return job.due, job.arrived, job.number
