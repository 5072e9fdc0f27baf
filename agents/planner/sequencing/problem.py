"""What is to be sequenced: jobs of operations on work centres. Plain data that knows no solver.

Times are integer minutes on one axis, intervals half open. An operation pauses while its work centre is closed, and
nothing else pauses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from agents.planner.sequencing.schedule import Schedule

Minutes: TypeAlias = int
Setups: TypeAlias = Mapping[tuple[str, str, str], Minutes]
"""Set-up minutes by work centre, group before and group after."""


class Objective(StrEnum):
    """What a schedule is judged by; deadlines come before it."""

    MAKESPAN = "makespan"
    WEIGHTED_TARDINESS = "weighted tardiness"


@dataclass(frozen=True, slots=True)
class WorkCentre:
    """Identical machines, numbered from 0. `open` is None for one that never closes.

    After the last open interval it counts as open for ever, so that everything has an end: cover the horizon.
    """

    name: str
    machines: int = 1
    open: tuple[tuple[Minutes, Minutes], ...] | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A way to do an operation: `minutes` include `setup`, the part that a sequence-dependent set-up replaces.

    Between two groups that the problem's set-ups do not name, and after nothing or work without a group, it stands.
    """

    work_centre: str
    minutes: Minutes
    setup: Minutes = 0
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Operations in their order, each with its alternatives, at most one a work centre.

    It starts at `release` or later, and after every job of `after` has ended. Each minute after `due` costs `weight`.
    `deadline` is a promise that was given: a constraint, not a cost.
    """

    name: str
    operations: tuple[tuple[Alternative, ...], ...]
    release: Minutes = 0
    due: Minutes | None = None
    weight: int = 1
    deadline: Minutes | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FixedOperation:
    """Frozen or firm work that occupies a machine, whatever the calendar says."""

    work_centre: str
    machine: int
    start: Minutes
    end: Minutes
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The schedule in force, and what it costs to change it. Jobs may have gone and come since.

    Each of its operations that moves to another start or work centre costs `per_operation`, and `per_minute` for each
    minute between its old start and its new one. Which of the identical machines it is on does not count.
    """

    schedule: Schedule
    per_minute: int = 0
    per_operation: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is to be sequenced. Raises `ProblemError`, naming every fault, where it makes no sense."""

    work_centres: tuple[WorkCentre, ...]
    jobs: tuple[Job, ...]
    setups: Setups = field(default_factory=dict)
    fixed: tuple[FixedOperation, ...] = ()
    objective: Objective = Objective.WEIGHTED_TARDINESS
    incumbent: Incumbent | None = None

    def __post_init__(self) -> None:
        from agents.planner.sequencing.validation import faults  # it needs these classes

        found = faults(self)
        if found:
            raise ProblemError(found)


class ProblemError(ValueError):
    """A problem that makes no sense; `faults` says why, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults
