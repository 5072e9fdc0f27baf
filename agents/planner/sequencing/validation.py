"""Whether a problem makes sense, each rule as a sentence about what breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from agents.planner.sequencing.problem import Alternative, Job, Problem


def faults(problem: Problem) -> list[str]:
    """Every fault of a problem, a sentence each."""
    return [
        *_work_centres(problem),
        *_jobs(problem),
        *_order_of_jobs(problem),
        *_setups(problem),
        *_fixed(problem),
        *_incumbent(problem),
    ]


def _work_centres(problem: Problem) -> Iterator[str]:
    seen: set[str] = set()
    for centre in problem.work_centres:
        if centre.name in seen:
            yield f"work centre {centre.name} is there twice"
        seen.add(centre.name)
        if centre.machines < 1:
            yield f"work centre {centre.name} has no machine"
        if centre.open is not None and not centre.open:
            yield f"work centre {centre.name} is never open"
        end = None
        for begin, until in centre.open or ():
            if until <= begin or (end is not None and begin < end):
                yield f"the open intervals of work centre {centre.name} are empty, overlap or are out of order"
                break
            end = until


def _jobs(problem: Problem) -> Iterator[str]:
    centres = {centre.name for centre in problem.work_centres}
    names = {job.name for job in problem.jobs}
    if len(names) < len(problem.jobs):
        yield "a job is there twice"
    for job in problem.jobs:
        if not job.operations:
            yield f"job {job.name} has no operation"
        if job.weight < 0:
            yield f"the weight of job {job.name} is negative"
        if job.release < 0:
            yield f"job {job.name} is released before minute 0"
        for other in sorted(set(job.after) - names):
            yield f"job {job.name} waits for {other}, which there is not"
        for step, ways in enumerate(job.operations):
            yield from _alternatives(job, step, ways, centres)


def _alternatives(job: Job, step: int, ways: tuple[Alternative, ...], centres: set[str]) -> Iterator[str]:
    where = f"operation {step} of job {job.name}"
    if not ways:
        yield f"{where} can be done nowhere"
    if len({way.work_centre for way in ways}) < len(ways):
        yield f"{where} has two alternatives on one work centre"
    for way in ways:
        if way.work_centre not in centres:
            yield f"{where} is on work centre {way.work_centre}, which there is not"
        if not 0 <= way.setup < way.minutes:
            yield f"{where} takes no time beside its set-up, or its set-up is negative"


def _order_of_jobs(problem: Problem) -> Iterator[str]:
    try:
        TopologicalSorter({job.name: job.after for job in problem.jobs}).prepare()
    except CycleError as error:
        yield f"jobs wait for each other: {', '.join(error.args[1])}"


def _setups(problem: Problem) -> Iterator[str]:
    centres = {centre.name for centre in problem.work_centres}
    for (centre, before, after), minutes in problem.setups.items():
        if centre not in centres:
            yield f"there is a set-up on work centre {centre}, which there is not"
        if minutes < 0:
            yield f"the set-up from {before} to {after} on work centre {centre} is negative"


def _fixed(problem: Problem) -> Iterator[str]:
    machines = {centre.name: centre.machines for centre in problem.work_centres}
    ends: dict[tuple[str, int], int] = {}
    for fixed in sorted(problem.fixed, key=lambda f: (f.start, f.end)):
        place = (fixed.work_centre, fixed.machine)
        if not 0 <= fixed.machine < machines.get(fixed.work_centre, 0):
            yield f"fixed work is on machine {fixed.machine} of {fixed.work_centre}, which there is not"
        elif fixed.end <= fixed.start:
            yield f"fixed work on {fixed.work_centre} ends no later than it starts"
        elif fixed.start < ends.get(place, fixed.start):
            yield f"fixed work overlaps on machine {fixed.machine} of {fixed.work_centre}"
        ends[place] = max(fixed.end, ends.get(place, fixed.end))


def _incumbent(problem: Problem) -> Iterator[str]:
    if problem.incumbent is not None and min(problem.incumbent.per_minute, problem.incumbent.per_operation) < 0:
        yield "the price of a change is negative"
