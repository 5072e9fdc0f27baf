"""What a schedule costs."""

from __future__ import annotations

from typing import NamedTuple

from agents.planner.sequencing.problem import Objective, Problem
from agents.planner.sequencing.schedule import Schedule


class Cost(NamedTuple):
    """Minutes by which deadlines are missed, then the objective; the lower tuple is the better schedule."""

    missed: int
    objective: int


def cost(problem: Problem, schedule: Schedule) -> Cost:
    """What a schedule costs by the problem's objective, change included."""
    ends = schedule.ends()
    missed = sum(max(0, ends[job.name] - job.deadline) for job in problem.jobs if job.deadline is not None)
    if problem.objective is Objective.MAKESPAN:
        value = max(ends.values(), default=0)
    else:
        value = sum(job.weight * max(0, ends[job.name] - job.due) for job in problem.jobs if job.due is not None)
    return Cost(missed, value + _change(problem, schedule))


def missed_deadlines(problem: Problem, schedule: Schedule) -> tuple[str, ...]:
    """The jobs that end after their deadlines."""
    ends = schedule.ends()
    return tuple(job.name for job in problem.jobs if job.deadline is not None and ends[job.name] > job.deadline)


def _change(problem: Problem, schedule: Schedule) -> int:
    incumbent = problem.incumbent
    if incumbent is None:
        return 0
    before = {(p.job, p.step): p for p in incumbent.schedule.placements}
    total = 0
    for place in schedule.placements:
        old = before.get((place.job, place.step))
        if old is None:
            continue
        moved = abs(place.start - old.start)
        total += incumbent.per_minute * moved
        total += incumbent.per_operation * (moved > 0 or place.work_centre != old.work_centre)
    return total
